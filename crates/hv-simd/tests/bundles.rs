//! Bundles and accumulators on every backend against the reference and against counters one by one.

mod common;

use common::{all_kernels, random, tied};
use hv_simd::hv_core::reference;
use hv_simd::{Accumulator, HV16};
use proptest::prelude::*;

/// Counters one by one, in integers too wide to overflow: the obvious form of [`Accumulator`].
struct Counters {
    counts: Vec<i128>,
    n: i128,
}

impl Counters {
    fn new(weighted: &[(HV16, u64)]) -> Self {
        let count = |i| weighted.iter().map(|(v, weight)| i128::from(v.bit(i)) * i128::from(*weight)).sum();
        Self { counts: (0..HV16::DIM).map(count).collect(), n: weighted.iter().map(|(_, w)| i128::from(*w)).sum() }
    }

    fn majority(&self) -> HV16 {
        let mut out = HV16::ZERO;
        for i in 0..HV16::DIM {
            let left = |by| self.counts[(i + HV16::DIM - by) % HV16::DIM];
            let tie = (left(1) & 1 == 1) != (2 * left(2) > self.n);
            out.set_bit(i, 2 * self.counts[i] > self.n || 2 * self.counts[i] == self.n && tie);
        }
        out
    }

    fn dot(&self, v: &HV16) -> i128 {
        let signed = |i: usize| (2 * self.counts[i] - self.n) * if v.bit(i) { 1 } else { -1 };
        (0..HV16::DIM).map(signed).sum()
    }

    fn norm(&self) -> f64 {
        self.counts.iter().map(|c| ((2 * c - self.n) as f64).powi(2)).sum::<f64>().sqrt()
    }

    fn assert_equal(&self, accumulator: &Accumulator, probes: &[HV16]) {
        assert_eq!(i128::from(accumulator.len()), self.n);
        assert_eq!(accumulator.is_empty(), self.n == 0);
        assert_eq!(accumulator.majority(), (self.n > 0).then(|| self.majority()), "{accumulator:?}");
        for i in (0..HV16::DIM).step_by(41) {
            assert_eq!(i128::from(accumulator.count(i)), self.counts[i]);
        }
        for probe in probes {
            let expected = self.dot(probe).clamp(i64::MIN.into(), i64::MAX.into());
            assert_eq!(i128::from(accumulator.dot(probe)), expected, "{accumulator:?}");
        }
        let (norm, expected) = (accumulator.norm(), self.norm());
        assert!((norm - expected).abs() <= 1e-12 * expected, "{norm} is not {expected}");
    }
}

#[test]
fn bundles_of_1_to_300() {
    let vectors = random(300, 1);
    for kernels in all_kernels() {
        assert_eq!(kernels.bundle(&[]), None);
    }
    // The reference is slow, so every size to 40, then the sides of the powers of two and a few more.
    for n in (1..=40).chain([63, 64, 65, 101, 127, 128, 129, 200, 255, 256, 257, 300]) {
        let expected = reference::bundle(&vectors[300 - n..]);
        for kernels in all_kernels() {
            assert_eq!(kernels.bundle(&vectors[300 - n..]), expected, "{}, n = {n}", kernels.backend());
        }
    }
}

/// All sizes from 1 to 300 against the counters, which grow one by one.
#[test]
fn bundles_of_every_size_agree_with_counters() {
    let vectors = tied(300, 2);
    let mut counters = Counters::new(&[]);
    for n in 1..=300 {
        counters.n += 1;
        for (i, count) in counters.counts.iter_mut().enumerate() {
            *count += i128::from(vectors[n - 1].bit(i));
        }
        let expected = counters.majority();
        for kernels in all_kernels() {
            assert_eq!(kernels.bundle(&vectors[..n]), Some(expected), "{}, n = {n}", kernels.backend());
        }
    }
}

/// On both sides of where registers are full, once and twice, and of where counters move from the stack to the heap.
#[test]
fn bundles_of_thousands() {
    let vectors = tied(4_097, 7);
    for n in (1_000..=1_050).chain(2_044..2_050).chain(4_094..=4_097) {
        let weighted: Vec<_> = vectors[..n].iter().map(|&v| (v, 1)).collect();
        let expected = Counters::new(&weighted).majority();
        for kernels in all_kernels() {
            assert_eq!(kernels.bundle(&vectors[..n]), Some(expected), "{}, n = {n}", kernels.backend());
        }
    }
}

#[test]
#[should_panic(expected = "bits 0 to 2047")]
fn a_counter_2048_panics() {
    let _ = Accumulator::new().count(2048);
}

/// Counters of 8 or 16 bits would overflow here.
#[test]
fn bundles_of_70_000_equal_vectors() {
    let v = HV16::random(3);
    let many = vec![v; 70_000];
    for kernels in all_kernels() {
        assert_eq!(kernels.bundle(&many), Some(v), "{}", kernels.backend());
        let mut accumulator = kernels.accumulator();
        accumulator.add_many(&many);
        Counters::new(&[(v, 70_000)]).assert_equal(&accumulator, &[v, !v]);
        accumulator.add_many(&vec![!v; 70_000]);
        Counters::new(&[(v, 70_000), (!v, 70_000)]).assert_equal(&accumulator, &[v]);
    }
}

#[test]
fn accumulators_count_to_two_to_the_63() {
    let [a, b, c] = [4, 5, 6].map(HV16::random);
    for kernels in all_kernels() {
        // Doubling by merge: n = 2^32 - 1 becomes (2^32 - 1) 2^31, which leaves 2^31 to the limit.
        let mut accumulator = kernels.accumulator();
        accumulator.add_weighted(&a, u32::MAX - 7);
        accumulator.add_weighted(&b, 7);
        for _ in 0..31 {
            accumulator.merge(&accumulator.clone());
        }
        accumulator.add_weighted(&c, 1 << 31);
        assert_eq!(accumulator.len(), 1 << 63);
        let weights = [u64::from(u32::MAX - 7) << 31, 7 << 31, 1 << 31];
        Counters::new(&[(a, weights[0]), (b, weights[1]), (c, weights[2])]).assert_equal(&accumulator, &[a, b, c, !a]);
        let one_more = std::panic::catch_unwind(|| accumulator.clone().add(&a)).unwrap_err();
        let text = one_more.downcast::<String>().unwrap();
        assert!(text.contains("at most 2^63") && text.contains("9223372036854775808"), "{text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn accumulators_agree_with_counters(
        seed: u64,
        weights in prop::collection::vec(prop_oneof![Just(0), 1..4u32, any::<u32>(), Just(u32::MAX)], 0..12),
        cut in 0..12usize,
    ) {
        let vectors = tied(weights.len(), seed);
        let weighted: Vec<_> = vectors.iter().copied().zip(weights.iter().map(|&w| u64::from(w))).collect();
        let counters = Counters::new(&weighted);
        for kernels in all_kernels() {
            let add = |range: std::ops::Range<usize>| {
                let mut accumulator = kernels.accumulator();
                for i in range {
                    accumulator.add_weighted(&vectors[i], weights[i]);
                }
                accumulator
            };
            let n = weights.len();
            let mut merged = add(cut.min(n)..n);
            merged.merge(&add(0..cut.min(n)));
            for accumulator in [&add(0..n), &merged] {
                counters.assert_equal(accumulator, &[HV16::random(seed), HV16::ONES, HV16::ZERO]);
            }
        }
    }

    #[test]
    fn adding_one_by_one_or_many_is_the_same(
        seed: u64,
        n in prop_oneof![0..40usize, 100..120usize, 1_015..1_035usize],
        cut in 0..1_035usize,
    ) {
        let vectors = tied(n, seed);
        let counters = Counters::new(&vectors.iter().map(|&v| (v, 1)).collect::<Vec<_>>());
        for kernels in all_kernels() {
            let mut accumulator = kernels.accumulator();
            accumulator.add_many(&vectors[..cut.min(n)]);
            vectors[cut.min(n)..].iter().for_each(|v| accumulator.add(v));
            counters.assert_equal(&accumulator, &[HV16::random(seed)]);
        }
    }

    /// {a, a, b, b} and pairs: every clear bit follows the majority and every tie the rule.
    #[test]
    fn ties_follow_the_rule(seed: u64, n in 1..6usize) {
        let mut vectors = tied(n, seed);
        vectors.extend(vectors.clone());
        for kernels in all_kernels() {
            prop_assert_eq!(kernels.bundle(&vectors), reference::bundle(&vectors), "{}", kernels.backend());
        }
    }
}
