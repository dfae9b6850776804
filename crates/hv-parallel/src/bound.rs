//! Exclusive limits on a distance.

use hv_simd::HV16;

/// More than any distance.
pub(crate) const NO_LIMIT: u16 = 2049;

/// The bound of a scan for all within a distance.
pub(crate) fn bound_of(max_distance: u16) -> u16 {
    max_distance.min(HV16::DIM as u16) + 1
}
