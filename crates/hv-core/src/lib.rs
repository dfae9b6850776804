//! The 2,048-bit binary hypervector [`HV16`] and what its operations mean.
//!
//! This crate is the bottom of hv: the type, its bits, and `reference`, the specification of every operation in its most
//! obvious form. It knows nothing of threads, CPU features or storage, contains no unsafe code, and runs without the
//! standard library. Speed lives one layer up, in `hv-simd`; that is why there is deliberately no `similarity` method
//! here, since it would silently be the slow one.
//!
//! ```
//! use hv_core::HV16;
//!
//! let (role, filler) = (HV16::random(1), HV16::random(2));
//! let bound = role ^ filler;              // bind: unlike both of its parts
//! assert_eq!(bound ^ role, filler);       // and its own inverse
//! assert_eq!(filler.permute(3).permute(-3), filler);
//! ```
//!
//! # Features
//!
//! - `alloc` (default): the `reference` module, which returns vectors.
//! - `serde`: `Serialize` and `Deserialize`, as 256 bytes.
//! - `bytemuck`: `Pod`, so that `bytemuck::cast_slice` turns `[HV16]` into bytes and back without a copy. Bytes
//!   that are not 64-byte aligned cannot be viewed as `[HV16]` (`bytemuck::try_cast_slice` says so); copy those,
//!   for which no feature is needed, with
//!   `bytes.chunks(HV16::BYTES).map(HV16::try_from).collect::<Result<Vec<_>, _>>()`, where bytes that are left over are
//!   an error.

#![no_std]
#![forbid(unsafe_code)]

#[cfg(feature = "alloc")]
extern crate alloc;

mod error;
mod hv16;
#[cfg(feature = "alloc")]
pub mod reference;
#[cfg(feature = "serde")]
mod serde_impl;

pub use error::LengthError;
pub use hv16::HV16;
pub use rand_core;
