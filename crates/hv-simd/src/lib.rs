//! Exact kernels over 2,048-bit hypervectors, chosen for the CPU at run time.
//!
//! Every function here gives the same bits on every backend, and the same as
//! [`hv_core::reference`](mod@hv_core::reference). No threads: those are one layer up, in `hv-parallel`.
//!
//! ```
//! use hv_simd::{HV16, simd_bundle, simd_find_top_k, simd_similarity};
//!
//! let memory: Vec<HV16> = (0..1_000).map(HV16::random).collect();
//! let cue = simd_bundle(&[memory[7], memory[8], memory[9]]).unwrap();   // similar to all three
//! let mut found: Vec<usize> = simd_find_top_k(&cue, &memory, 3).into_iter().map(|(index, _)| index).collect();
//! found.sort();
//! assert_eq!(found, [7, 8, 9]);
//! assert!(simd_similarity(&cue, &memory[7]) > 0.7);
//! ```
//!
//! # Backends
//!
//! [`Backend`] lists them; the best that the CPU has is taken at the first call. The environment variable
//! `HV_BACKEND` (`scalar`, `sse2`, `avx2`, `avx512`, `neon`, `simd128`) forces one. A name that is unknown, or that this CPU does not
//! support, is an error and never a silent fallback: [`init`] returns it; without that call the first use of a
//! kernel panics with the same text.
//!
//! `--cfg hv_portable` builds as if for a CPU that no other backend is for.
//!
//! WebAssembly has no way to ask for features at run time: `RUSTFLAGS="-C target-feature=+simd128"` builds the kernels of
//! [`Backend::Simd128`], and any other build those of [`Backend::Scalar`].
//!
//! # Features
//!
//! - `std` (on by default): all backends, the variable `HV_BACKEND`, and [`Accumulator::norm`]. Without it
//!   there is [`Backend::Scalar`] alone, which the compiler makes of the instructions that the build enables, and nothing is
//!   read from the environment.
//! - `alloc` (part of `std`): whatever returns or keeps a list, such as [`simd_find_top_k`], [`TopK`] and [`Accumulator`].
//! - `serde`: `Serialize` and `Deserialize` for [`HV16`], [`Accumulator`] and [`TopK`].
//! - `bytemuck`: zero-copy casts between `[HV16]` and bytes. They are there without it too, since the kernels use them.

#![no_std]
// Where there are no lanes but words, much of what serves others is not used.
#![cfg_attr(
    not(any(
        all(target_arch = "x86_64", feature = "std", not(hv_portable)),
        all(target_arch = "aarch64", target_endian = "little", feature = "std", not(hv_portable)),
        all(target_arch = "wasm32", target_feature = "simd128", feature = "std", not(hv_portable))
    )),
    allow(dead_code, unused_imports, unused_macros)
)]

#[cfg(feature = "alloc")]
extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

#[cfg(feature = "alloc")]
mod accumulator;
#[cfg(feature = "alloc")]
mod accumulator_bytes;
mod active;
mod arch;
mod backend;
mod bound;
mod bundle;
#[cfg(feature = "alloc")]
mod by_ones;
#[cfg(feature = "alloc")]
mod decode_error;
mod figures;
mod functions;
mod kernels;
mod lanes;
#[cfg(feature = "std")]
mod limits;
mod plan;
mod planes;
mod prefix;
mod prefix_scan;
mod report;
mod scan;
#[cfg(all(feature = "serde", feature = "alloc"))]
mod serde_impl;
mod similarity;
#[cfg(feature = "alloc")]
mod tanimoto;
#[cfg(feature = "alloc")]
mod tanimoto_scan;
mod tanimoto_score;
#[cfg(feature = "alloc")]
mod tanimoto_top_k;
#[cfg(feature = "alloc")]
mod top_k;
#[cfg(feature = "alloc")]
mod top_k_bytes;
#[doc(hidden)]
pub mod workspace_internals;

#[cfg(feature = "alloc")]
pub use accumulator::Accumulator;
pub use active::{active_backend, init};
pub use backend::{Backend, BackendError};
pub use bound::Bound;
#[cfg(feature = "alloc")]
pub use decode_error::DecodeError;
pub use functions::{
    simd_batch_find_most_similar_into, simd_bind, simd_bind_into, simd_bind_pairs_into, simd_bundle,
    simd_distances_into, simd_find_most_similar, simd_hamming, simd_permute, simd_similarities_into, simd_similarity,
    simd_tanimoto,
};
#[cfg(feature = "alloc")]
pub use functions::{simd_batch_find_top_k, simd_find_top_k};
pub use hv_core::{self, HV16, LengthError};
pub use similarity::{max_distance, similarity_of_distance};
#[cfg(feature = "alloc")]
pub use tanimoto::{simd_find_top_k_tanimoto, simd_find_within_tanimoto};
pub use tanimoto_score::tanimoto;
#[cfg(feature = "alloc")]
pub use top_k::TopK;
