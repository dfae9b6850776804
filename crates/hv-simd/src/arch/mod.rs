//! The kernels, one folder a backend, and the one step from detection to a table.
//!
//! In a backend's file every function carries the same `#[target_feature]`, so that they call each other, and
//! coerce to the table's plain `fn` pointers, without unsafe code. What remains is the call of each `table`, in
//! `tables`, after detection.

#[macro_use]
mod bit_sliced;
#[cfg(all(target_arch = "x86_64", not(hv_portable)))]
#[macro_use]
mod transposed;
#[macro_use]
mod words;
mod scalar;
pub(crate) mod tables;

#[cfg(all(target_arch = "x86_64", not(hv_portable)))]
pub(crate) mod avx2;
#[cfg(all(target_arch = "x86_64", not(hv_portable)))]
mod avx512;
#[cfg(all(target_arch = "x86_64", not(hv_portable)))]
pub(crate) mod sse2;
