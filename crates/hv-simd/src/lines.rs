//! The first quarter of a vector, and the scan over a plane of them that lets a search skip most vectors.

use hv_core::HV16;

use crate::Kernels;

/// The first cache line of a vector: its bits 0 to 511.
///
/// A memory that keeps a copy of these in a plane of their own reads a quarter of the bytes to dismiss a vector:
/// one that differs in more bits than the bound allows already here cannot match.
///
/// ```
/// use hv_simd::{HV16, Line};
///
/// let v = HV16::random(1);
/// assert_eq!(Line::of(&v).0, v.0[..64]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "bytemuck", derive(bytemuck::Pod, bytemuck::Zeroable))]
#[repr(C, align(64))]
pub struct Line(pub [u8; 64]);

/// More than any distance of lines.
const NO_BOUND: u16 = 513;

impl Line {
    /// The number of bits: 512.
    pub const DIM: usize = 512;

    /// The first line of a vector.
    #[must_use]
    pub fn of(v: &HV16) -> Self {
        Self(std::array::from_fn(|i| v.0[i]))
    }
}

/// Receives a line nearer than the bound, as `(index, distance)` with a distance of 0 to 512, and returns the bound
/// from then on. It never rises: a higher one leaves it as it is.
pub type LineReport<'a> = &'a mut dyn FnMut(usize, u16) -> u16;

impl Kernels {
    /// Reports each line of `plane` whose distance to `query` is below `bound`, in ascending order of the index.
    ///
    /// The lines are numbered from `first`. A bound of 0 reports nothing, one of 513 or more everything. Returns the last
    /// bound.
    ///
    /// Cost: a quarter of the reads of [`scan`](Self::scan), and one call of `report` for each line reported.
    pub fn scan_lines(&self, query: &Line, plane: &[Line], first: usize, bound: u16, report: LineReport<'_>) -> u16 {
        // The kernels compare signed numbers.
        let mut bound = bound.min(NO_BOUND);
        (self.scan_lines)(query, plane, first, &mut bound, report);
        bound
    }
}

/// Reports the lines of one block that are below the bound. Cold, beside the comparison that calls it.
#[cold]
#[inline(never)]
pub(crate) fn report_lines_below(distances: &[u16], first: usize, bound: &mut u16, report: LineReport<'_>) {
    for (i, &distance) in distances.iter().enumerate() {
        if distance < *bound {
            *bound = report(first + i, distance).min(*bound);
        }
    }
}
