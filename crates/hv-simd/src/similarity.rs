//! Distances as similarities, and back.

use hv_core::HV16;

/// The similarity of vectors at a Hamming distance of 0 to 2,048: `1 - distance / 2048`, exact in `f32`.
///
/// ```
/// assert_eq!(hv_simd::similarity_of_distance(512), 0.75);
/// ```
#[must_use]
pub fn similarity_of_distance(distance: u16) -> f32 {
    1.0 - f32::from(distance) / HV16::DIM as f32
}

/// The largest distance whose similarity is at least `threshold`, or `None` where none is (a threshold over 1).
///
/// ```
/// assert_eq!(hv_simd::max_distance(0.75), Some(512));
/// assert_eq!(hv_simd::max_distance(-1.0), Some(2048));
/// assert_eq!(hv_simd::max_distance(1.1), None);
/// ```
///
/// # Panics
///
/// If `threshold` is NaN.
#[must_use]
pub fn max_distance(threshold: f32) -> Option<u16> {
    assert!(!threshold.is_nan(), "the similarity threshold is NaN; it must be a number, usually from 0 to 1");
    // The least number of equal bits. In f64 the product is exact: 24 significant bits times a power of two.
    let equal = f64::from(threshold) * HV16::DIM as f64;
    let whole = equal as u16;
    let equal_bits = whole.saturating_add(u16::from(f64::from(whole) < equal));
    (HV16::DIM as u16).checked_sub(equal_bits)
}
