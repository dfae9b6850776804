//! The nearest of what was offered: kept, merged, and written as bytes and read again.

use hv_simd::{Bound, DecodeError, HV16, TopK};
use proptest::prelude::*;

const DIM: u16 = HV16::DIM as u16;

fn top_k(k: usize, pairs: &[(usize, u16)]) -> TopK {
    let mut nearest = TopK::new(k);
    for &(index, distance) in pairs {
        nearest.offer(distance, index);
    }
    nearest
}

fn merged(a: &TopK, b: &TopK) -> TopK {
    let mut all = a.clone();
    all.merge(b);
    all
}

/// The `k` nearest, by sorting.
fn ranked(k: usize, pairs: &[(usize, u16)]) -> Vec<(usize, u16)> {
    let mut ranked = pairs.to_vec();
    ranked.sort_unstable_by_key(|&(index, distance)| (distance, index));
    ranked.truncate(k);
    ranked
}

/// Bytes of the form that the documentation describes, made by hand.
fn bytes_of(version: u32, k: u64, n: u64, distances: &[u16], indices: &[u64]) -> Vec<u8> {
    let mut bytes = [&version.to_le_bytes()[..], &k.to_le_bytes(), &n.to_le_bytes()].concat();
    distances.iter().for_each(|distance| bytes.extend(distance.to_le_bytes()));
    indices.iter().for_each(|index| bytes.extend(index.to_le_bytes()));
    bytes
}

/// Pairs of distinct indices, with many equal distances.
fn pairs(len: std::ops::Range<usize>) -> impl Strategy<Value = Vec<(usize, u16)>> {
    let distance = prop_oneof![0..5u16, 1_000..1_010u16, 0..=DIM, Just(DIM)];
    let index = prop_oneof![0..100usize, any::<usize>()];
    prop::collection::btree_map(index, distance, len).prop_map(|pairs| pairs.into_iter().collect()).prop_shuffle()
}

/// From none to more than there are.
fn any_k() -> impl Strategy<Value = usize> {
    prop_oneof![0..40usize, Just(usize::MAX)]
}

#[test]
fn a_top_k_takes_any_index() {
    let mut nearest = TopK::new(2);
    for index in [usize::MAX, 1 << (usize::BITS - 2), usize::MAX - 1] {
        nearest.offer(5, index);
    }
    assert_eq!(nearest.into_sorted(), [(1 << (usize::BITS - 2), 5), (usize::MAX - 1, 5)]);
}

#[test]
fn a_top_k_says_what_it_keeps() {
    let mut nearest = TopK::new(2);
    assert!(nearest.is_empty() && nearest.iter().next().is_none());
    assert_eq!(nearest.offer(30, 5), Bound::NONE);
    assert_eq!(nearest.offer(10, 9), Bound::below(30));
    assert_eq!((nearest.k(), nearest.len(), nearest.is_empty()), (2, 2, false));
    assert_eq!(nearest.iter().collect::<Vec<_>>(), [(9, 10), (5, 30)]);
    assert_eq!(nearest.iter().rev().collect::<Vec<_>>(), [(5, 30), (9, 10)]);
    assert_eq!(format!("{nearest:?}"), "TopK { k: 2, kept: [(9, 10), (5, 30)] }");
    assert_eq!(TopK::new(0).offer(0, 0), Bound::NOTHING);
}

/// What no two vectors have is not kept, whether there is room or not.
#[test]
fn a_top_k_keeps_no_distance_beyond_the_largest() {
    let mut nearest = top_k(2, &[(0, DIM + 1), (1, DIM), (2, u16::MAX)]);
    assert_eq!(nearest.iter().collect::<Vec<_>>(), [(1, DIM)]);
    nearest.offer(0, 3);
    nearest.offer(DIM + 1, 0);
    assert_eq!(nearest.into_sorted(), [(3, 0), (1, DIM)]);
}

#[test]
fn top_k_bytes_are_as_documented() {
    assert_eq!(TopK::new(0).to_bytes(), bytes_of(1, 0, 0, &[], &[]));
    let nearest = top_k(3, &[(7, 300), (2, 300), (1 << 20, 4)]);
    assert_eq!(nearest.to_bytes(), bytes_of(1, 3, 3, &[4, 300, 300], &[1 << 20, 2, 7]));
    assert_eq!(top_k(usize::MAX, &[(0, DIM)]).to_bytes(), bytes_of(1, usize::MAX as u64, 1, &[DIM], &[0]));
}

#[test]
fn top_k_bytes_are_checked() {
    let error = |bytes: &[u8]| TopK::from_bytes(bytes).unwrap_err();
    assert_eq!(error(&[1, 0, 0]), DecodeError::Length { found: 3, expected: 20 });
    assert_eq!(error(&bytes_of(7, 1, 0, &[], &[])), DecodeError::Version { found: 7, expected: 1 });
    assert_eq!(error(&bytes_of(1, 5, 2, &[3, 4], &[9])), DecodeError::Length { found: 32, expected: 40 });
    let huge = bytes_of(1, u64::MAX, u64::MAX, &[], &[]);
    assert_eq!(error(&huge), DecodeError::Length { found: 20, expected: u64::MAX });
    assert_eq!(error(&bytes_of(1, 1, 2, &[3, 4], &[9, 8])), DecodeError::Kept { kept: 2, k: 1 });
    let far = bytes_of(1, 2, 2, &[3, DIM + 1], &[9, 8]);
    assert_eq!(error(&far), DecodeError::Distance { position: 1, distance: DIM + 1 });
    assert_eq!(error(&bytes_of(1, 2, 2, &[4, 3], &[8, 9])), DecodeError::Order { position: 1 });
    assert_eq!(error(&bytes_of(1, 2, 2, &[4, 4], &[9, 8])), DecodeError::Order { position: 1 });
    assert_eq!(error(&bytes_of(1, 2, 2, &[4, 4], &[9, 9])), DecodeError::Repeated { index: 9 });
    assert_eq!(error(&bytes_of(1, 3, 3, &[1, 4, 5], &[9, 2, 9])), DecodeError::Repeated { index: 9 });
    #[cfg(target_pointer_width = "32")]
    assert_eq!(error(&bytes_of(1, 1 << 32, 0, &[], &[])), DecodeError::TooLarge { value: 1 << 32 });
    let text = error(&far).to_string();
    assert_eq!(text, "at position 1 the distance is 2049, and the largest is 2048");
}

proptest! {
    #[test]
    fn grouping_does_not_change_a_top_k(
        distances in prop::collection::vec(0..=HV16::DIM as u16, 0..60),
        k in 0..70usize,
        cut in 0..60usize,
    ) {
        let offer = |range: std::ops::Range<usize>| {
            let mut nearest = TopK::new(k);
            for i in range {
                nearest.offer(distances[i], i);
            }
            nearest
        };
        let n = distances.len();
        let mut merged = offer(cut.min(n)..n);
        merged.merge(&offer(0..cut.min(n)));
        let mut expected: Vec<(u16, usize)> = distances.iter().copied().zip(0..).collect();
        expected.sort_unstable();
        let expected: Vec<(usize, u16)> = expected.into_iter().map(|(d, i)| (i, d)).take(k).collect();
        prop_assert_eq!(merged.into_sorted(), expected);
    }

    #[test]
    fn states_merge_in_any_order_and_grouping(
        pairs in pairs(0..60),
        k in [any_k(), any_k(), any_k()],
        cuts in [0..60usize, 0..60],
    ) {
        let [mut first, mut second] = cuts.map(|cut| cut.min(pairs.len()));
        if second < first {
            (first, second) = (second, first);
        }
        let (a, b, c) = (top_k(k[0], &pairs[..first]), top_k(k[1], &pairs[first..second]), top_k(k[2], &pairs[second..]));
        let least = k.into_iter().min().unwrap_or(0);
        let all = top_k(least, &pairs);
        prop_assert_eq!(&merged(&merged(&a, &b), &c), &all);
        prop_assert_eq!(&merged(&a, &merged(&b, &c)), &all);
        prop_assert_eq!(&merged(&merged(&c, &a), &b), &all);
        prop_assert_eq!(all.iter().collect::<Vec<_>>(), ranked(least, &pairs));
        prop_assert_eq!(all.len(), least.min(pairs.len()));
    }

    #[test]
    fn top_k_bytes_give_the_same_state(pairs in pairs(0..60), k in [any_k(), any_k()], cut in 0..60usize) {
        let (a, b) = pairs.split_at(cut.min(pairs.len()));
        let (a, b) = (top_k(k[0], a), top_k(k[1], b));
        let read = |state: &TopK| TopK::from_bytes(&state.to_bytes()).unwrap();
        prop_assert_eq!(&read(&a), &a);
        prop_assert_eq!(read(&a).bound(), a.bound());
        let all = merged(&a, &b);
        prop_assert_eq!(&merged(&read(&a), &read(&b)), &all);
        prop_assert_eq!(merged(&read(&a), &read(&b)).to_bytes(), all.to_bytes());
    }

    #[test]
    fn equal_states_are_those_of_the_same_offers(pairs in pairs(1..30), k in 1..40usize) {
        let forwards = top_k(k, &pairs);
        let backwards = top_k(k, &pairs.iter().rev().copied().collect::<Vec<_>>());
        prop_assert_eq!(&forwards, &backwards);
        prop_assert_eq!(forwards.to_bytes(), backwards.to_bytes());
        prop_assert_ne!(&forwards, &top_k(k + 1, &pairs));
        let nearest = ranked(1, &pairs)[0];
        let others: Vec<_> = pairs.iter().copied().filter(|&pair| pair != nearest).collect();
        prop_assert_ne!(&forwards, &top_k(k, &others));
    }

    #[test]
    fn top_k_bytes_that_were_cut_off_are_an_error(pairs in pairs(0..40), k in any_k()) {
        let bytes = top_k(k, &pairs).to_bytes();
        for len in 0..bytes.len() {
            prop_assert!(TopK::from_bytes(&bytes[..len]).is_err(), "{} of {}", len, bytes.len());
        }
    }

    /// Changed bytes are an error, or a state that can be used and has these bytes.
    #[test]
    fn changed_bytes_are_an_error_or_a_state(
        pairs in pairs(0..20),
        k in any_k(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), 1..=u8::MAX), 1..4),
    ) {
        let mut bytes = top_k(k, &pairs).to_bytes();
        for (index, change) in changes {
            let at = index.index(bytes.len());
            bytes[at] ^= change;
        }
        if let Ok(state) = TopK::from_bytes(&bytes) {
            prop_assert_eq!(state.to_bytes(), bytes);
            prop_assert!(state.len() <= state.k());
            prop_assert_eq!(merged(&state, &state.clone()).k(), state.k());
        }
    }

    #[test]
    fn any_bytes_are_an_error_or_a_state(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
        if let Ok(state) = TopK::from_bytes(&bytes) {
            prop_assert_eq!(state.to_bytes(), bytes);
        }
    }
}
