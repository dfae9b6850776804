//! The first quarter of a vector.

use hv_core::HV16;

/// The first cache line of a vector: its bits 0 to 511.
///
/// A memory that keeps a copy of these in a plane of their own reads a quarter of the bytes to dismiss a vector:
/// one that differs in more bits than the bound allows already here cannot match.
///
/// ```
/// use hv_simd::{HV16, workspace_internals::Line};
///
/// let v = HV16::random(1);
/// assert_eq!(Line::of(&v).0, v.0[..64]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "bytemuck", derive(bytemuck::Pod, bytemuck::Zeroable))]
#[repr(C, align(64))]
pub struct Line(pub [u8; 64]);

impl Line {
    /// The number of bits: 512.
    pub const DIM: usize = 512;

    /// The first line of a vector.
    #[must_use]
    pub fn of(v: &HV16) -> Self {
        Self(core::array::from_fn(|i| v.0[i]))
    }
}
