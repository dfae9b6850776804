//! The kernels, and the one step from detection to a table.
//!
//! An algorithm is a function over any lanes ([`lane`]), in a file of its name. Each backend has a folder: `lanes` is what
//! its instructions do, `counting` the distances of few queries, which differ most from one to the other, and `table` the
//! ways in. These are wrappers that enable the instructions (`entries`); what they call is inlined into them. Wrappers of a
//! backend call each other, and coerce to the table's plain `fn` pointers, without unsafe code. What remains is the call
//! of each `table`, in `tables`, after detection, and what a value of the lanes' type proves.

mod bit_sliced;
#[cfg(any(
    all(target_arch = "aarch64", target_endian = "little", feature = "std", not(hv_portable)),
    all(target_arch = "wasm32", target_feature = "simd128", feature = "std", not(hv_portable))
))]
mod counting;
#[macro_use]
mod entries;
#[macro_use]
pub(crate) mod lane;
#[cfg(feature = "std")]
mod reads;
pub(crate) mod scalar;
pub(crate) mod tables;
#[cfg(all(feature = "std", target_endian = "little"))]
mod transposed;
mod words;

#[cfg(all(target_arch = "x86_64", feature = "std", not(hv_portable)))]
pub(crate) mod avx2;
#[cfg(all(target_arch = "x86_64", feature = "std", not(hv_portable)))]
pub(crate) mod avx512;
#[cfg(all(target_arch = "aarch64", target_endian = "little", feature = "std", not(hv_portable)))]
pub(crate) mod neon;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128", feature = "std", not(hv_portable)))]
pub(crate) mod simd128;
#[cfg(all(target_arch = "x86_64", feature = "std", not(hv_portable)))]
pub(crate) mod sse2;
#[cfg(test)]
mod tests;
