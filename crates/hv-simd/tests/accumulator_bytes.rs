//! Accumulators as values: collected, merged, and written as bytes and read again.

mod common;

use common::{random, tied};
use hv_simd::{Accumulator, DecodeError, HV16};
use proptest::prelude::*;

/// Vectors with weights, counted.
fn counted(vectors: &[HV16], weights: &[u32]) -> Accumulator {
    let mut counters = Accumulator::new();
    for (v, &weight) in vectors.iter().zip(weights) {
        counters.add_weighted(v, weight);
    }
    counters
}

fn merged(a: &Accumulator, b: &Accumulator) -> Accumulator {
    let mut all = a.clone();
    all.merge(b);
    all
}

/// Bytes of the form that the documentation describes, made by hand.
fn bytes_of(version: u32, n: u64, planes: &[HV16]) -> Vec<u8> {
    let mut bytes = [&version.to_le_bytes()[..], &n.to_le_bytes()].concat();
    planes.iter().for_each(|plane| bytes.extend(plane.0));
    bytes
}

#[test]
fn accumulators_collect_and_extend() {
    for n in [0, 1, 63, 64, 65, 200] {
        let vectors = random(n, 1);
        let mut expected = Accumulator::new();
        expected.add_many(&vectors);
        assert_eq!(vectors.iter().collect::<Accumulator>(), expected);
        assert_eq!(vectors.iter().copied().collect::<Accumulator>(), expected);
        let mut extended = Accumulator::new();
        extended.extend(&vectors[..n / 3]);
        extended.extend(vectors[n / 3..].iter().copied());
        assert_eq!(extended, expected, "{n}");
    }
}

/// The byte form is what the documentation says: of an accumulator without any vector only the header.
#[test]
fn the_bytes_are_as_documented() {
    assert_eq!(Accumulator::new().to_bytes(), bytes_of(1, 0, &[]));
    let (a, b) = (HV16::random(1), HV16::random(2));
    let planes = [a ^ b, HV16(std::array::from_fn(|i| a.0[i] & b.0[i]))];
    assert_eq!([a, b].iter().collect::<Accumulator>().to_bytes(), bytes_of(1, 2, &planes));
}

#[test]
fn bytes_are_checked() {
    let [a, b] = [HV16::random(1), HV16::random(2)];
    for n in [0, 1, 2, 3, 255, 256, u64::from(u32::MAX)] {
        let saved = counted(&[a, b], &[(n / 2) as u32, (n - n / 2) as u32]);
        let bytes = saved.to_bytes();
        let loaded = Accumulator::from_bytes(&bytes).unwrap();
        assert_eq!((&loaded, loaded.majority(), loaded.dot(&a)), (&saved, saved.majority(), saved.dot(&a)), "{n}");

        let expected = (bytes.len() - 12) / HV16::BYTES;
        let more = [&bytes[..], &[0; HV16::BYTES]].concat();
        let planes = DecodeError::Planes { found: expected + 1, expected, n };
        assert_eq!(Accumulator::from_bytes(&more), Err(planes));
        let more = [&bytes[..], &[0]].concat();
        let length = DecodeError::Length { found: bytes.len() + 1, expected: bytes.len() as u64 };
        assert_eq!(Accumulator::from_bytes(&more), Err(length));
    }
    let error = |bytes: &[u8]| Accumulator::from_bytes(bytes).unwrap_err();
    // Both bits at position 7 make 3, and only two vectors were counted.
    let mut seven = HV16::ZERO;
    seven.set_bit(7, true);
    let text = error(&bytes_of(1, 2, &[seven, seven])).to_string();
    assert_eq!(text, "position 7 was set in 3 vectors, but there were only 2");
    assert_eq!(error(&bytes_of(1, u64::MAX, &[HV16::ZERO; 64])), DecodeError::Len { n: u64::MAX });
    assert!(Accumulator::from_bytes(&bytes_of(1, 1 << 63, &[HV16::ZERO; 64])).is_ok());
    assert_eq!(error(&bytes_of(2, 0, &[])), DecodeError::Version { found: 2, expected: 1 });
    assert_eq!(error(&[]), DecodeError::Length { found: 0, expected: 12 });
}

proptest! {
    #[test]
    fn accumulators_merge_in_any_order_and_grouping(
        seed: u64,
        weights in prop::collection::vec(prop_oneof![Just(0), 1..4u32, any::<u32>()], 0..9),
        cuts in [0..9usize, 0..9],
    ) {
        let vectors = tied(weights.len(), seed);
        let [mut first, mut second] = cuts.map(|cut| cut.min(weights.len()));
        if second < first {
            (first, second) = (second, first);
        }
        let part = |range: std::ops::Range<usize>| counted(&vectors[range.clone()], &weights[range]);
        let (a, b, c) = (part(0..first), part(first..second), part(second..weights.len()));
        let all = part(0..weights.len());
        prop_assert_eq!(&merged(&merged(&a, &b), &c), &all);
        prop_assert_eq!(&merged(&a, &merged(&b, &c)), &all);
        prop_assert_eq!(&merged(&merged(&c, &a), &b), &all);
        prop_assert_eq!(&merged(&all, &Accumulator::new()), &all);
    }

    #[test]
    fn bytes_give_the_same_accumulator(
        seed: u64,
        weights in prop::collection::vec(prop_oneof![Just(0), 1..4u32, any::<u32>()], 0..9),
        cut in 0..9usize,
    ) {
        let vectors = tied(weights.len(), seed);
        let cut = cut.min(weights.len());
        let (a, b) = (counted(&vectors[..cut], &weights[..cut]), counted(&vectors[cut..], &weights[cut..]));
        let read = |counters: &Accumulator| Accumulator::from_bytes(&counters.to_bytes()).unwrap();
        prop_assert_eq!(&read(&a), &a);
        let all = merged(&a, &b);
        prop_assert_eq!(&merged(&read(&a), &read(&b)), &all);
        prop_assert_eq!(merged(&read(&a), &read(&b)).to_bytes(), all.to_bytes());
    }

    /// Of the bytes of an accumulator every part from the start on is an error.
    #[test]
    fn bytes_that_were_cut_off_are_an_error(seed: u64, n in 0..200usize, step in 1..64usize) {
        let bytes = random(n, seed).iter().collect::<Accumulator>().to_bytes();
        for len in (0..bytes.len()).step_by(step) {
            prop_assert!(Accumulator::from_bytes(&bytes[..len]).is_err(), "{} of {}", len, bytes.len());
        }
    }

    /// Changed bytes are an error, or an accumulator that can be used and has these bytes.
    #[test]
    fn changed_bytes_are_an_error_or_an_accumulator(
        seed: u64,
        n in 0..40usize,
        changes in prop::collection::vec((any::<prop::sample::Index>(), 1..=u8::MAX), 1..5),
    ) {
        let mut bytes = random(n, seed).iter().collect::<Accumulator>().to_bytes();
        for (index, change) in changes {
            let at = index.index(bytes.len());
            bytes[at] ^= change;
        }
        if let Ok(counters) = Accumulator::from_bytes(&bytes) {
            prop_assert_eq!(counters.to_bytes(), bytes);
            let _ = (counters.majority(), counters.dot(&HV16::ONES), counters.norm());
            prop_assert!((0..HV16::DIM).all(|i| counters.count(i) <= counters.len()));
        }
    }

    #[test]
    fn any_bytes_are_an_error_or_an_accumulator(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        if let Ok(counters) = Accumulator::from_bytes(&bytes) {
            prop_assert_eq!(counters.to_bytes(), bytes);
        }
    }
}
