//! The Tanimoto score as an exact fraction, and as a number that ranks it.
//!
//! With `ones` the ones of both vectors together and `d` their distance, the score is `(ones - d) / (ones + d)`. It falls
//! as `d / ones` grows, so that fraction is what is ranked. `ones` is at most 4,096: two fractions that differ do so by at
//! least `2^-24`, and so `d * 2^25 / ones`, rounded down, ranks them exactly.

use hv_core::HV16;

use crate::bound::Bound;

/// The shift that makes a fraction a rank.
const SHIFT: u32 = 25;

/// The highest rank there is, of a score of 0.
pub(crate) const WORST: u32 = 1 << SHIFT;

/// The Tanimoto score of vectors at a distance, which together have `ones` ones: `(ones - distance) / (ones + distance)`
/// as the nearest `f64`, 1 for two vectors without a one. Different fractions are different numbers.
///
/// No two vectors have a distance above `ones`, for which the score would be negative.
///
/// ```
/// assert_eq!(hv_simd::tanimoto(2, 10), 8.0 / 12.0);
/// assert_eq!(hv_simd::tanimoto(0, 0), 1.0);
/// ```
#[must_use]
pub fn tanimoto(distance: u16, ones: u16) -> f64 {
    if ones == 0 && distance == 0 {
        return 1.0;
    }
    (f64::from(ones) - f64::from(distance)) / (f64::from(ones) + f64::from(distance))
}

/// The rank of a score: 0 is the best, equal fractions have equal ranks, and worse ones higher ranks.
#[must_use]
pub fn rank(distance: u16, ones: u16) -> u32 {
    // A distance is at most the ones, so a rank is at most `WORST`.
    (u64::from(distance) << SHIFT).checked_div(u64::from(ones)).unwrap_or(0) as u32
}

/// Admits the distances whose rank is at most `rank`, of vectors which together have `ones` ones.
pub(crate) fn bound_of_rank(rank: u32, ones: u16) -> Bound {
    let limit = (u64::from(rank) + 1) * u64::from(ones);
    Bound::within((limit.saturating_sub(1) >> SHIFT) as u16)
}

/// Admits the distances whose score is at least `threshold`, of vectors which together have `ones` ones.
pub(crate) fn bound_of_threshold(threshold: f64, ones: u16) -> Bound {
    if threshold <= 0.0 {
        return Bound::NONE;
    }
    if threshold > 1.0 {
        return Bound::NOTHING;
    }
    // Right to within one, by the rounding of three operations.
    let about = f64::from(ones) * (1.0 - threshold) / (1.0 + threshold);
    let mut distance = (about as u16).saturating_add(1).min(ones.min(HV16::DIM as u16));
    // A distance of 0 has a score of 1.
    while tanimoto(distance, ones) < threshold {
        distance -= 1;
    }
    Bound::within(distance)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every fraction of some sums against every other of theirs, by products of integers.
    #[test]
    fn ranks_compare_as_the_fractions_do() {
        for (s, t) in [(4_096, 4_095), (4_096, 2_048), (4_095, 4_094), (97, 4_096), (12, 18), (1, 2)] {
            for d in 0..=(s.min(2_048)) {
                let near = u32::from(d) * u32::from(t) / u32::from(s);
                for e in near.saturating_sub(2)..=(near + 2).min(u32::from(t)) {
                    let fractions = (u32::from(d) * u32::from(t)).cmp(&(e * u32::from(s)));
                    assert_eq!(rank(d, s).cmp(&rank(e as u16, t)), fractions, "{d}/{s}, {e}/{t}");
                    let scores = tanimoto(e as u16, t).total_cmp(&tanimoto(d, s));
                    assert_eq!(scores, fractions, "{d}/{s}, {e}/{t}");
                }
            }
        }
        assert_eq!((rank(0, 0), rank(0, 4_096), rank(2_048, 2_048)), (0, 0, WORST));
        assert_eq!(rank(2_048, 4_096), WORST / 2);
    }

    #[test]
    fn bounds_admit_what_is_at_least_as_good() {
        for s in [0, 1, 2, 3, 7, 30, 99, 2_047, 2_048, 2_049, 4_095, 4_096] {
            for (d, t) in [(0, 5), (1, 3), (2, 6), (1, 2), (511, 2_050), (2_048, 2_048)] {
                let (by_rank, by_score) = (bound_of_rank(rank(d, t), s), bound_of_threshold(tanimoto(d, t), s));
                for e in 0..=s.min(2_048) {
                    let good = u32::from(e) * u32::from(t) <= u32::from(d) * u32::from(s);
                    assert_eq!(by_rank.admits(e), good, "{e}/{s}, {d}/{t}");
                    assert_eq!(by_score.admits(e), good, "{e}/{s}, {d}/{t}");
                }
            }
            assert_eq!(bound_of_threshold(1.0f64.next_up(), s), Bound::NOTHING);
            assert_eq!(bound_of_threshold(1.0f64.next_down(), s), Bound::within(0));
            assert_eq!(bound_of_threshold(-3.0, s), Bound::NONE);
        }
    }
}
