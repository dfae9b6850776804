//! What chance alone gives: how unusual a similarity is, and how much a bundle can hold.
//!
//! Two unrelated vectors differ in each of the 2,048 bits with probability 1/2, independently. So their distance has the
//! binomial distribution B(2048, 1/2), and everything here is computed from that distribution itself, without a normal
//! approximation, in `f64` to about 12 digits. The same on every machine: sums are in a fixed order, and the logarithms
//! are those of `libm`.

mod binomial;

use self::binomial::Binomial;

/// Bits of a vector.
const BITS: u32 = 2048;

/// How many standard deviations a distance lies above or below what chance gives: `(1024 - distance) / sqrt(512)`. Positive
/// where the vectors are alike.
///
/// Distances are at most 2,048; a larger one counts as 2,048.
///
/// ```
/// use hv_encode::statistics::z_score;
///
/// assert_eq!(z_score(1024), 0.0);
/// assert!((z_score(800) - 9.9).abs() < 0.01);
/// ```
#[must_use]
pub fn z_score(distance: u16) -> f64 {
    (1024.0 - f64::from(distance.min(BITS as u16))) / libm::sqrt(512.0)
}

/// The probability that two unrelated vectors are at this distance or nearer. Cost: some microseconds.
///
/// ```
/// use hv_encode::statistics::p_value;
///
/// assert!((p_value(1024) - 0.5088).abs() < 1e-4);
/// assert!(p_value(800) < 1e-22);
/// assert_eq!(p_value(2048), 1.0);
/// ```
#[must_use]
pub fn p_value(distance: u16) -> f64 {
    Binomial::new(BITS, 0.5).at_most(u32::from(distance).min(BITS))
}

/// The expected distance of the nearest of `n` unrelated vectors. 2,048 where there is none. Cost: a tenth of a
/// millisecond.
///
/// ```
/// use hv_encode::statistics::expected_nearest;
///
/// assert!((expected_nearest(1) - 1024.0).abs() < 1e-6);
/// assert!((expected_nearest(1_000_000) - 914.0).abs() < 1.0);
/// ```
#[must_use]
pub fn expected_nearest(n: u64) -> f64 {
    // The mean of a number that is at least 0 is the sum of the probabilities that it is larger than 0, 1, 2, ...
    Binomial::new(BITS, 0.5)
        .cumulative()
        .iter()
        .take(BITS as usize)
        .map(|&within| 1.0 - any_within(within, n as f64))
        .sum()
}

/// The largest distance at which at most `rate` of searches over `comparisons` unrelated vectors find anything: what is
/// this near stands out. `None` if not even a distance of 0 does, since `comparisons` is too large or `rate` too small.
///
/// `rate` is a probability, from 0 to 1. Cost: a tenth of a millisecond.
///
/// ```
/// use hv_encode::statistics::max_distance_for;
///
/// // One false alarm in a thousand questions to a memory of a million vectors.
/// assert_eq!(max_distance_for(0.001, 1_000_000), Some(887));
/// assert_eq!(max_distance_for(1.0, 1), Some(2048));
/// assert_eq!(max_distance_for(0.0, 1), None);
/// ```
///
/// # Panics
///
/// If `rate` is not a number from 0 to 1.
#[must_use]
pub fn max_distance_for(rate: f64, comparisons: u64) -> Option<u16> {
    assert!((0.0..=1.0).contains(&rate), "the rate of false alarms is {rate}; it must be from 0 to 1");
    if comparisons > 0 && rate == 0.0 {
        // Any distance can come by chance, though the probability may be too small for a number.
        return None;
    }
    let cumulative = Binomial::new(BITS, 0.5).cumulative();
    let alarms = |within: f64| any_within(within, comparisons as f64);
    cumulative.partition_point(|&within| alarms(within) <= rate).checked_sub(1).map(|distance| distance as u16)
}

/// The expected similarity of a bundle of `n` unrelated vectors with one of them: `1/2 + C(2 h, h) / 2^(2 h + 1)`, where `h`
/// is `n / 2` rounded down.
///
/// A bit of the member decides the majority only where the other `n - 1` bits are balanced; elsewhere it agrees with the
/// bundle by chance. A tie, which even numbers have, is decided like a coin that is tossed for each bit. For large `n` the
/// similarity comes near `1/2 + 1 / sqrt(2 pi n)`. With 0 vectors there is no member, and the answer is 1/2.
///
/// ```
/// use hv_encode::statistics::bundle_similarity;
///
/// assert_eq!([1, 2, 3, 4, 5].map(bundle_similarity), [1.0, 0.75, 0.75, 0.6875, 0.6875]);
/// assert!((bundle_similarity(1_000_001) - 0.5004).abs() < 1e-5);
/// ```
#[must_use]
pub fn bundle_similarity(n: u64) -> f64 {
    if n == 0 { 0.5 } else { 0.5 + central(n / 2) / 2.0 }
}

/// The probability that of `2 h` tossed coins half show heads: `C(2 h, h) / 4^h`.
fn central(h: u64) -> f64 {
    if h <= 1_000 {
        return (1..=h).map(|i| (2 * i - 1) as f64 / (2 * i) as f64).product();
    }
    // Stirling's series; the first term that is left out is below 1e-15.
    let h = h as f64;
    (1.0 - 1.0 / (8.0 * h) + 1.0 / (128.0 * h * h) + 5.0 / (1024.0 * h * h * h)) / libm::sqrt(std::f64::consts::PI * h)
}

/// The probability that the member of a bundle of `members` vectors is not the nearest of `items` vectors to the bundle, where
/// the other `items - 1` are unrelated to it. A tie counts as half an error.
///
/// This is the error of a clean-up after a bundle was unbound, or of a look-up in a record of role-filler pairs. It takes
/// the bits of a bundle as independent, which they are. 0 with one item. Cost: a tenth of a millisecond.
///
/// ```
/// use hv_encode::statistics::clean_up_error;
///
/// assert!(clean_up_error(15, 1_000) < 1e-8);
/// assert!(clean_up_error(151, 1_000) > 0.1);
/// ```
#[must_use]
pub fn clean_up_error(members: u64, items: u64) -> f64 {
    let others = items.saturating_sub(1) as f64;
    let unrelated = Binomial::new(BITS, 0.5).cumulative();
    let member = Binomial::new(BITS, 1.0 - bundle_similarity(members));
    let wrong = |distance: u32| {
        let at = distance as usize;
        let nearer = if at == 0 { 0.0 } else { unrelated[at - 1] };
        member.at(distance) * (any_within(unrelated[at], others) + any_within(nearer, others)) / 2.0
    };
    (0..=BITS).map(wrong).sum::<f64>().min(1.0)
}

/// The most members that a bundle may have, so that the [clean-up](clean_up_error) of one of them against `items` vectors
/// fails with at most the probability `error`. 0 if even a bundle of one fails more often.
///
/// Cost: some milliseconds.
///
/// ```
/// use hv_encode::statistics::capacity;
///
/// assert_eq!(capacity(1_000, 0.01), 39);
/// assert!(capacity(1_000_000, 0.01) < capacity(1_000, 0.01));
/// ```
///
/// # Panics
///
/// If `error` is not a number from 0 to 1.
#[must_use]
pub fn capacity(items: u64, error: f64) -> u64 {
    assert!((0.0..=1.0).contains(&error), "the error is {error}; it must be from 0 to 1");
    let fails = |members: u64| clean_up_error(members, items) > error;
    // A bundle of this many is no nearer to a member than chance.
    const MOST: u64 = 1 << 32;
    let mut beyond = 1;
    while beyond < MOST && !fails(beyond) {
        beyond *= 2;
    }
    if !fails(beyond) {
        return u64::MAX;
    }
    let mut within = beyond / 2;
    while beyond - within > 1 {
        let middle = within + (beyond - within) / 2;
        if fails(middle) { beyond = middle } else { within = middle }
    }
    within
}

/// The probability that any of `n` independent distances is within one that each is within with probability `within`.
fn any_within(within: f64, n: f64) -> f64 {
    if n == 0.0 { 0.0 } else { -libm::expm1(n * libm::log1p(-within.min(1.0))) }
}

#[cfg(test)]
mod tests;
