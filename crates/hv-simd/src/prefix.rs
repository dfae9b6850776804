//! The prefix of a vector: its first quarter.

use hv_core::HV16;

/// The first cache line of a vector: its bits 0 to 511.
///
/// A memory that keeps a copy of these in a plane of their own reads a quarter of the bytes to reject a vector:
/// one that differs in more bits than the bound allows already here cannot match.
///
/// ```
/// use hv_simd::{HV16, workspace_internals::Prefix};
///
/// let v = HV16::random(1);
/// assert_eq!(Prefix::of(&v).0, v.0[..64]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C, align(64))]
pub struct Prefix(pub [u8; 64]);

impl Prefix {
    /// The number of bits: 512.
    pub const DIM: usize = 512;

    /// The prefix of a vector.
    #[must_use]
    pub fn of(v: &HV16) -> Self {
        Self(core::array::from_fn(|i| v.0[i]))
    }
}
