//! Which kernels this CPU can run, and which one the user asked for.

#[cfg(feature = "alloc")]
use alloc::{borrow::ToOwned, format, string::String, vec::Vec};
use core::fmt;
#[cfg(feature = "alloc")]
use core::str::FromStr;

/// A set of kernels for one level of CPU features.
///
/// ```
/// use hv_simd::Backend;
///
/// let here: Vec<&str> = Backend::ALL.iter().filter(|backend| backend.is_supported()).map(|backend| backend.name()).collect();
/// assert_eq!((here[0], here.last()), ("scalar", Some(&Backend::best().name())));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Backend {
    /// Plain Rust on 64-bit words; every CPU.
    Scalar,
    /// 128-bit lanes; every x86-64 CPU.
    Sse2,
    /// 256-bit lanes and POPCNT; needs AVX2 and POPCNT (Intel from 2013, AMD from 2015).
    Avx2,
    /// 512-bit lanes with a population count of their own; needs AVX-512 F, BW, VL and VPOPCNTDQ (Intel from Ice
    /// Lake, AMD from Zen 4). A CPU that lacks any of the four takes [`Backend::Avx2`].
    Avx512,
    /// 128-bit lanes with a population count of bytes; every 64-bit Arm CPU.
    Neon,
    /// 128-bit lanes of WebAssembly; of builds with the target feature `simd128`.
    Simd128,
}

impl Backend {
    /// All backends. Of two that one CPU can run, the slower comes first.
    pub const ALL: &'static [Self] = &[Self::Scalar, Self::Sse2, Self::Avx2, Self::Avx512, Self::Neon, Self::Simd128];

    /// The name that `HV_BACKEND` takes.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Scalar => "scalar",
            Self::Sse2 => "sse2",
            Self::Avx2 => "avx2",
            Self::Avx512 => "avx512",
            Self::Neon => "neon",
            Self::Simd128 => "simd128",
        }
    }

    /// Whether this CPU, and this build, can run the backend. Tests every feature that its code uses.
    #[must_use]
    pub fn is_supported(self) -> bool {
        match self {
            Self::Scalar => true,
            #[cfg(all(target_arch = "x86_64", feature = "std", not(hv_portable)))]
            Self::Sse2 => true, // part of x86-64
            #[cfg(all(target_arch = "x86_64", feature = "std", not(hv_portable)))]
            Self::Avx2 => std::arch::is_x86_feature_detected!("avx2") && std::arch::is_x86_feature_detected!("popcnt"),
            #[cfg(all(target_arch = "x86_64", feature = "std", not(hv_portable)))]
            Self::Avx512 => {
                Self::Avx2.is_supported()
                    && std::arch::is_x86_feature_detected!("avx512f")
                    && std::arch::is_x86_feature_detected!("avx512bw")
                    && std::arch::is_x86_feature_detected!("avx512vl")
                    && std::arch::is_x86_feature_detected!("avx512vpopcntdq")
            }
            #[cfg(all(target_arch = "aarch64", target_endian = "little", feature = "std", not(hv_portable)))]
            Self::Neon => std::arch::is_aarch64_feature_detected!("neon"),
            // A module that has the instructions is refused as a whole where they are not supported.
            #[cfg(all(target_arch = "wasm32", target_feature = "simd128", feature = "std", not(hv_portable)))]
            Self::Simd128 => true,
            #[allow(unreachable_patterns)]
            _ => false,
        }
    }

    /// The fastest backend that this CPU supports.
    #[must_use]
    pub fn best() -> Self {
        Self::ALL.iter().copied().rev().find(|backend| backend.is_supported()).unwrap_or(Self::Scalar)
    }
}

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// ```
/// use hv_simd::Backend;
///
/// assert_eq!("avx2".parse(), Ok(Backend::Avx2));
/// assert!("AVX3".parse::<Backend>().is_err());
/// ```
#[cfg(feature = "alloc")]
impl FromStr for Backend {
    type Err = BackendError;

    fn from_str(name: &str) -> Result<Self, BackendError> {
        Self::ALL
            .iter()
            .copied()
            .find(|backend| backend.name() == name)
            .ok_or_else(|| BackendError::Unknown { name: name.to_owned() })
    }
}

/// A backend that was asked for by name and cannot be had.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BackendError {
    /// No backend has this name.
    #[cfg(feature = "alloc")]
    #[error("there is no backend {name:?}: the names are {}", names("and"))]
    Unknown {
        /// What was asked for.
        name: String,
    },
    /// `HV_BACKEND` has a value that is the name of no backend.
    #[cfg(feature = "std")]
    #[error("there is no backend {name:?}: HV_BACKEND may be {}, or unset", names("or"))]
    UnknownInEnvironment {
        /// The value.
        name: String,
    },
    /// The backend exists, but this CPU or build lacks it.
    #[error("this CPU or build does not support {backend}: HV_BACKEND may be {best}, the best here, or unset")]
    Unsupported {
        /// What was asked for.
        backend: Backend,
        /// The fastest that would work here.
        best: Backend,
    },
}

/// The names of all backends, as a list in a sentence.
#[cfg(feature = "alloc")]
fn names(before_last: &str) -> String {
    let names: Vec<&str> = Backend::ALL.iter().map(|backend| backend.name()).collect();
    let [others @ .., last] = &names[..] else { unreachable!("there is always the scalar backend") };
    format!("{} {before_last} {last}", others.join(", "))
}
