//! The trait that a device can implement: what the CPU's own implementation answers is what the reference would.

mod common;

use common::{ALWAYS, in_every_pool, pool, tied};
use hv_parallel::hv_simd::hv_core::reference;
use hv_parallel::*;
use proptest::prelude::*;

/// Distances of all vectors by the reference, then filter, sort and cut.
fn obvious(query: &HV16, memory: &[HV16], k: usize, bound: Bound, filter: Option<&Bitmap>) -> Vec<(usize, u16)> {
    let distances = memory.iter().map(|v| reference::hamming(query, v) as u16).enumerate();
    let kept = distances.filter(|&(i, distance)| bound.admits(distance) && filter.is_none_or(|filter| filter.get(i)));
    let mut found: Vec<_> = kept.collect();
    found.sort_by_key(|&(i, distance)| (distance, i));
    found.truncate(k);
    found
}

fn cut<'a>(memory: &'a [HV16], cuts: &[usize]) -> Vec<&'a [HV16]> {
    let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut % (memory.len() + 1)).chain([0, memory.len()]).collect();
    cuts.sort_unstable();
    cuts.windows(2).map(|ends| &memory[ends[0]..ends[1]]).collect()
}

fn agrees(queries: &[HV16], slices: &[&[HV16]], k: usize, bound: Bound, filter: Option<&Bitmap>) {
    let (search, memory) = (SliceSearch::new(slices), slices.concat());
    assert_eq!((search.len(), search.is_empty()), (memory.len(), memory.is_empty()));
    let hits = search.find_top_k(queries, k, bound, filter).unwrap();
    let expected: Vec<_> = queries.iter().map(|query| obvious(query, &memory, k, bound, filter)).collect();
    assert_eq!(hits.to_nested(), expected, "k = {k}, {bound:?}, {filter:?}");
    assert_eq!(hits.queries(), queries.len());
    assert!(hits.k() <= k.min(memory.len()) && expected.iter().all(|found| found.len() <= hits.k()));
}

#[test]
fn the_cpu_agrees_with_the_obvious() {
    set_thresholds(ALWAYS);
    let memory = tied(700);
    let filters = [Bitmap::new(700), Bitmap::from_fn(700, |_| true), Bitmap::from_fn(700, |i| i % 3 == 1)];
    in_every_pool(|_| {
        for cuts in [&[][..], &[0, 64, 65, 700]] {
            for k in [0, 1, 5, 700, usize::MAX] {
                for bound in [Bound::NONE, Bound::within(1), Bound::within(1_000), Bound::NOTHING] {
                    for filter in filters.iter().map(Some).chain([None]) {
                        agrees(&memory[..2], &cut(&memory, cuts), k, bound, filter);
                    }
                }
            }
            agrees(&memory[..130], &cut(&memory, cuts), 2, Bound::NONE, Some(&filters[2]));
            agrees(&[], &cut(&memory, cuts), 2, Bound::within(9), None);
        }
        for slices in [&[][..], &[&[][..]]] {
            agrees(&memory[..2], slices, 3, Bound::NONE, Some(&Bitmap::new(0)));
            agrees(&memory[..2], slices, usize::MAX, Bound::within(7), None);
        }
    });
}

#[test]
fn a_filter_of_another_length_is_an_error() {
    let memory = tied(5);
    let slices = [&memory[..]];
    let error = SliceSearch::new(&slices).find_top_k(&memory, 1, Bound::NONE, Some(&Bitmap::new(4))).unwrap_err();
    assert_eq!(error.to_string(), "the filter has 4 bits for 5 vectors: give it one bit for each vector");
}

/// A device that fails, behind the trait as whoever is given one sees it.
#[test]
fn an_error_carries_its_cause() {
    struct Broken;
    impl Search for Broken {
        fn len(&self) -> usize {
            9
        }

        fn find_top_k(&self, _: &[HV16], _: usize, _: Bound, _: Option<&Bitmap>) -> Result<Hits, SearchError> {
            Err(SearchError::new("the device is gone").caused_by("unplugged"))
        }
    }
    let search: std::sync::Arc<dyn Search> = std::sync::Arc::new(Broken);
    let error = search.find_top_k(&[], 1, Bound::NONE, None).unwrap_err();
    let source = std::error::Error::source(&error).map(ToString::to_string);
    assert_eq!((error.to_string(), source), ("the device is gone".to_owned(), Some("unplugged".to_owned())));
    assert!(!search.is_empty());
}

#[test]
fn bits_are_where_the_words_say() {
    for len in [0, 1, 63, 64, 65, 130] {
        let mut bits = Bitmap::from_fn(len, |i| i % 5 == 0);
        assert_eq!((bits.len(), bits.is_empty(), bits.words().len()), (len, len == 0, len.div_ceil(64)));
        assert_eq!(bits.count_ones(), len.div_ceil(5));
        let in_words = |bits: &Bitmap, i: usize| bits.words()[i / 64] >> (i % 64) & 1 == 1;
        assert!((0..len).all(|i| bits.get(i) == (i % 5 == 0) && in_words(&bits, i) == bits.get(i)));
        let mut set = Bitmap::new(len);
        (0..len).for_each(|i| set.set(i, i % 5 == 0));
        assert_eq!(set, bits);
        (0..len).for_each(|i| bits.set(i, false));
        assert_eq!(bits, Bitmap::new(len));
    }
    assert_eq!(Bitmap::from_fn(70, |_| true).words(), [u64::MAX, 0x3f], "bits beyond the length are 0");
    assert_eq!(format!("{:?}", Bitmap::from_fn(9, |i| i < 2)), "Bitmap { len: 9, ones: 2 }");
}

#[test]
#[should_panic(expected = "there is no bit 64: there are 64")]
fn a_bit_that_does_not_exist() {
    let _ = Bitmap::new(64).get(64);
}

proptest! {
    #[test]
    fn random_filters_agree_with_the_reference(
        n in 0usize..400,
        cuts in prop::collection::vec(any::<usize>(), 0..8),
        queries in 0usize..12,
        k in prop_oneof![0usize..20, Just(usize::MAX)],
        max_distance in prop_oneof![0u16..2100, 900u16..1100, Just(u16::MAX)],
        seed in any::<u64>(),
        one_in in 1u64..40,
        threads in 1usize..9,
    ) {
        set_thresholds(ALWAYS);
        let memory = tied(n);
        let scattered = |i: usize| (seed ^ i as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 48;
        let filter = Bitmap::from_fn(n, |i| scattered(i) < 0x10000 / one_in);
        let (slices, queries) = (cut(&memory, &cuts), &tied(12)[..queries]);
        for filter in [Some(&filter), None] {
            pool(threads).install(|| agrees(queries, &slices, k, Bound::within(max_distance), filter));
        }
    }
}
