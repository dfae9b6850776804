//! What this CPU could do at best: the loops that benchmarks hold the kernels against.
//!
//! It lives here because it needs the lanes and the CPU features, and nothing that computes a result calls it. Two bounds:
//!
//! - [`Limits::xor_popcount`]: the differing bits of a query and some vectors, as one total. That is a distance
//!   without its horizontal reduction, its comparison and its result, so no exact kernel of the same backend that
//!   counts the bits of each pair can beat the best form by more than noise, given vectors that lie in L1. The kernels
//!   for many queries do not count them, and go below.
//! - [`Limits::read`]: the OR of all lines of some memory. A scan reads each line once too, so none can be faster
//!   over vectors that lie beyond the caches. Which variant is best depends on the CPU's prefetchers, so there are a
//!   few, and the best one counts.

#[cfg(all(target_arch = "x86_64", feature = "std", not(hv_portable)))]
mod avx2;
#[cfg(all(target_arch = "x86_64", feature = "std", not(hv_portable)))]
mod avx512;
pub(crate) mod loops;
#[cfg(all(target_arch = "aarch64", target_endian = "little", feature = "std", not(hv_portable)))]
mod neon;
mod scalar;
mod select;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128", feature = "std", not(hv_portable)))]
mod simd128;
#[cfg(all(target_arch = "x86_64", feature = "std", not(hv_portable)))]
mod sse2;
#[cfg(test)]
mod tests;
