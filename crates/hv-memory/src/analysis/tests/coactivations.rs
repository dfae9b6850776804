//! Coactivations against all pairs of retrievals, compared one by one.

use std::collections::BTreeMap;

use std::time::Duration;

use crate::EpisodeId;
use crate::analysis::{Coactivation, coactivations as within};
use hv_parallel::Progress;
use proptest::prelude::*;

/// Coactivations within a window of microseconds.
fn coactivations(events: &[(EpisodeId, i64)], window: u64, min_count: u64) -> Vec<Coactivation> {
    within(events, Duration::from_micros(window), min_count, &Progress::new())
}

/// Every retrieval with every later one of the list, in integers that cannot overflow.
fn obviously(events: &[(EpisodeId, i64)], window: u64, min_count: u64) -> Vec<Coactivation> {
    let mut pairs: BTreeMap<(EpisodeId, EpisodeId), (u64, i128)> = BTreeMap::new();
    for (i, &(a, time_a)) in events.iter().enumerate() {
        for &(b, time_b) in &events[i + 1..] {
            let dt = (i128::from(time_a) - i128::from(time_b)).abs();
            if a != b && dt <= i128::from(window) {
                let (count, sum) = pairs.entry((a.min(b), a.max(b))).or_default();
                *count += 1;
                *sum += dt;
            }
        }
    }
    let named = |((a, b), (count, sum))| (a, b, count, sum as f64 / count as f64);
    let mut found: Vec<_> = pairs.into_iter().map(named).filter(|pair| pair.2 >= min_count).collect();
    // Pairs come in order of ids, and the sort keeps that among equals.
    found.sort_by(|x, y| y.2.cmp(&x.2).then(x.3.total_cmp(&y.3)));
    let nanos = |mean: f64| (mean.trunc() as u64 as u128) * 1_000 + (mean.fract() * 1e3).round() as u128;
    let span = |nanos: u128| Duration::new((nanos / 1_000_000_000) as u64, (nanos % 1_000_000_000) as u32);
    let pair = |(a, b, count, mean)| Coactivation { a, b, count, mean_dt: span(nanos(mean)) };
    found.into_iter().map(pair).collect()
}

/// Times that often coincide, or lie at the ends of the range.
fn time() -> impl Strategy<Value = i64> {
    prop_oneof![
        8 => -20i64..20,
        1 => prop_oneof![Just(i64::MIN), Just(i64::MIN + 1), Just(i64::MAX), Just(i64::MAX - 3)],
        1 => any::<i64>(),
    ]
}

fn id() -> impl Strategy<Value = EpisodeId> {
    prop_oneof![9 => 0u64..6, 1 => Just(u64::MAX)].prop_map(EpisodeId)
}

proptest! {
    #[test]
    fn any_history(
        events in prop::collection::vec((id(), time()), 0..60),
        window in prop_oneof![6 => 0u64..12, 1 => Just(u64::MAX), 1 => any::<u64>()],
        min_count in 0u64..6,
    ) {
        prop_assert_eq!(coactivations(&events, window, min_count), obviously(&events, window, min_count));
    }
}

fn events(list: &[(u64, i64)]) -> Vec<(EpisodeId, i64)> {
    list.iter().map(|&(id, time)| (EpisodeId(id), time)).collect()
}

#[test]
fn nothing_and_one_alone() {
    assert_eq!(coactivations(&[], u64::MAX, 0), []);
    assert_eq!(coactivations(&events(&[(7, 5)]), u64::MAX, 0), []);
    assert_eq!(coactivations(&events(&[(7, 5), (7, 5), (7, 6)]), u64::MAX, 0), [], "an episode with itself");
}

#[test]
fn the_window_is_inclusive_and_the_ends_of_time_do_not_overflow() {
    let apart = events(&[(1, 0), (2, 10)]);
    assert_eq!(coactivations(&apart, 9, 1), []);
    assert_eq!(coactivations(&apart, 10, 1).len(), 1);
    assert_eq!(within(&apart, Duration::from_nanos(9_999), 1, &Progress::new()), []);
    assert_eq!(within(&apart, Duration::MAX, 1, &Progress::new()).len(), 1);
    let ends = events(&[(1, i64::MIN), (2, i64::MAX), (1, i64::MIN), (2, i64::MAX)]);
    assert_eq!(coactivations(&ends, u64::MAX - 1, 1), []);
    let found = coactivations(&ends, u64::MAX, 1);
    // Four times 2^64 - 1 is beyond any u64.
    assert_eq!((found[0].count, found[0].mean_dt), (4, Duration::from_micros(u64::MAX)));
}

#[test]
fn order_is_by_count_then_mean_then_ids() {
    let list =
        events(&[(9, 0), (3, 0), (4, 100), (5, 101), (6, 200), (7, 201), (1, 300), (2, 303), (1, 400), (2, 400)]);
    let order: Vec<(u64, u64)> = coactivations(&list, 5, 1).iter().map(|pair| (pair.a.0, pair.b.0)).collect();
    assert_eq!(order, [(1, 2), (3, 9), (4, 5), (6, 7)]);
}

/// Retrievals of one episode are no pairs with each other, and must not be visited as if they were: that would be
/// 10^12 visits of a million at one moment, and of a million in one window.
#[test]
fn a_million_retrievals_of_one_episode_cost_no_more_than_their_pairs() {
    let mut list = vec![(EpisodeId(1), 0); 1_000_000];
    assert_eq!(coactivations(&list, 0, 1), []);
    for (time, event) in (0..).zip(&mut list) {
        event.1 = time;
    }
    assert_eq!(coactivations(&list, u64::MAX, 1), []);
    // One other episode between them: a million pairs, 0 to 499,999 and 1 to 500,000 apart.
    list.insert(500_000, (EpisodeId(0), 500_000));
    let found = coactivations(&list, u64::MAX, 1);
    assert_eq!((found.len(), found[0].count, found[0].mean_dt), (1, 1_000_000, Duration::from_millis(250)));
}
