//! Causal chains against a search through all episodes at every step.

use std::time::Duration;

use super::rows::{Row, Rows, flipped};
use crate::analysis::{CausalChain, CausalPolicy, Columns, causal_chain as chain_of};
use crate::arena::TimeOrder;
use crate::policy_error::PolicyError;
use crate::spans::micros;
use crate::{EpisodeId, HV16};
use hv_parallel::Progress;
use hv_parallel::hv_simd::hv_core::reference;
use proptest::prelude::*;

/// The definition: every link in f64, all episodes at every step, ranked by link, later time, older id.
fn obviously(rows: &Rows, effect: usize, policy: &CausalPolicy) -> CausalChain {
    let mut chain = CausalChain { ids: vec![rows.id(effect)], links: vec![] };
    let mut at = effect;
    while chain.links.len() < policy.max_len {
        let mut best: Option<(f64, i64, usize)> = None;
        for cause in (0..rows.0.len()).filter(|&i| !rows.0[i].deleted && rows.0[i].time < rows.0[at].time) {
            let (from, to) = (&rows.0[cause], &rows.0[at]);
            let similarity = 1.0 - f64::from(reference::hamming(&from.vector, &to.vector)) / 2048.0;
            let dt = (i128::from(to.time) - i128::from(from.time)) as f64;
            let dvalence = (f64::from(from.valence) - f64::from(to.valence)).abs();
            let link = (2.0 * similarity - 1.0).max(0.0) * libm::exp(-dt / micros(policy.tau)) * (1.0 - dvalence / 2.0);
            let better = match best {
                None => true,
                Some((l, time, _)) => link > l || (link == l && from.time > time),
            };
            if link >= policy.threshold && better {
                best = Some((link, from.time, cause));
            }
        }
        let Some((link, _, cause)) = best else { break };
        chain.ids.insert(0, rows.id(cause));
        chain.links.insert(0, link);
        at = cause;
    }
    chain
}

fn causal_chain(
    rows: &Rows,
    order: &TimeOrder,
    effect: usize,
    policy: &CausalPolicy,
) -> Result<CausalChain, PolicyError> {
    chain_of(rows, order, effect, policy, &Progress::new())
}

fn row() -> impl Strategy<Value = Row> {
    let time = prop_oneof![12 => 0i64..40, 1 => Just(i64::MIN), 1 => Just(i64::MAX), 1 => any::<i64>()];
    let valence = prop_oneof![Just(0.0f32), Just(1.0), Just(-1.0), -1.0f32..=1.0];
    // Few themes, and few distances from each, so that links tie; the last theme is the complement of the first.
    let vector = (0u64..3, 0usize..4, 0usize..3).prop_map(|(theme, first, step)| {
        let base = if theme == 2 { !HV16::random(0) } else { HV16::random(theme) };
        flipped(&base, first * 512, step * 200)
    });
    (prop::bool::weighted(0.1), time, valence, vector).prop_map(|(deleted, time, valence, vector)| Row {
        deleted,
        time,
        valence,
        vector,
        strength: 1.0,
        updated: time,
    })
}

fn policy() -> impl Strategy<Value = CausalPolicy> {
    let tau = prop_oneof![
        6 => (1_000u64..100_000).prop_map(Duration::from_nanos),
        1 => Just(Duration::from_nanos(1)),
        1 => Just(Duration::from_secs(10_000_000_000_000)),
        1 => Just(Duration::from_secs(10_000_000_000_000_000)),
        1 => Just(Duration::MAX),
    ];
    let threshold = prop_oneof![6 => 0.01..1.0f64, 1 => Just(1.0), 1 => Just(f64::MIN_POSITIVE), 1 => Just(5e-324), 1 => 0.0..1e-300];
    (tau, threshold, prop_oneof![0usize..4, Just(usize::MAX)]).prop_map(|(tau, threshold, max_len)| {
        CausalPolicy::new().tau(tau).threshold(threshold.max(5e-324)).max_len(max_len)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_history(mut rows in prop::collection::vec(row(), 1..50), in_order: bool, policy in policy(), seed: usize) {
        if in_order {
            rows.sort_by_key(|row| row.time);
        }
        let rows = Rows(rows);
        let order = rows.order();
        let effect = seed % rows.0.len();
        prop_assert_eq!(causal_chain(&rows, &order, effect, &policy), Ok(obviously(&rows, effect, &policy)));
    }

    /// The order by time, and the places of any range of times, against a filter.
    #[test]
    fn order_of_time(times in prop::collection::vec(prop_oneof![-5i64..5, any::<i64>()], 0..40), a in -6i64..6, b in -6i64..6) {
        let row = |&time| Row { deleted: false, time, valence: 0.0, vector: HV16::ZERO, strength: 1.0, updated: 0 };
        let rows = Rows(times.iter().map(row).collect());
        let order = rows.order();
        let mut expected: Vec<usize> = (0..times.len()).collect();
        expected.sort_by_key(|&slot| times[slot]);
        let slots = |places: std::ops::Range<usize>| places.map(|place| order.slot(place)).collect::<Vec<_>>();
        prop_assert_eq!(slots(order.positions(|slot| rows.time(slot), ..)), expected.clone());
        let within = |keep: &dyn Fn(i64) -> bool| expected.iter().copied().filter(|&i| keep(times[i])).collect::<Vec<_>>();
        prop_assert_eq!(slots(order.positions(|slot| rows.time(slot), a..b)), within(&|t| a <= t && t < b));
        prop_assert_eq!(slots(order.positions(|slot| rows.time(slot), a..=b)), within(&|t| a <= t && t <= b));
        prop_assert_eq!(slots(order.positions(|slot| rows.time(slot), b..)), within(&|t| b <= t));
    }
}

fn plain(time: i64, vector: HV16) -> Row {
    Row { deleted: false, time, valence: 0.0, vector, strength: 1.0, updated: time }
}

#[test]
fn a_chain_is_in_order_of_time_and_has_at_most_max_len_links() {
    let theme = HV16::random(1);
    let rows = Rows((0..6).map(|i| plain(i * 10, theme)).collect());
    let order = rows.order();
    let policy = CausalPolicy::new().tau(Duration::from_micros(100)).threshold(0.5).max_len(3);
    let chain = causal_chain(&rows, &order, 5, &policy).unwrap();
    assert_eq!(chain.ids, [6, 9, 12, 15].map(EpisodeId));
    assert_eq!(chain.links, [libm::exp(-0.1); 3]);
    let none = causal_chain(&rows, &order, 5, &policy.max_len(0)).unwrap();
    assert_eq!((none.ids, none.links), (vec![EpisodeId(15)], vec![]));
}

#[test]
fn equal_links_go_to_the_later_then_to_the_older() {
    let theme = HV16::random(1);
    // A link that does not fade in f64: one microsecond of 10^22.
    let policy = CausalPolicy::new().tau(Duration::from_secs(10_000_000_000_000_000)).threshold(1.0).max_len(1);
    let rows = Rows(vec![plain(1, theme), plain(2, theme), plain(2, theme), plain(3, theme), plain(3, theme)]);
    let chain = causal_chain(&rows, &rows.order(), 3, &policy).unwrap();
    assert_eq!((chain.ids, chain.links), (vec![EpisodeId(3), EpisodeId(9)], vec![1.0]));
}

/// Where f64 is coarsest, `exp` rounds up to the smallest threshold beyond `tau ln(1 / threshold)`, which is 744.44 tau.
#[test]
fn the_smallest_threshold_reaches_as_far_as_exp_does() {
    let policy = CausalPolicy::new().tau(Duration::from_millis(1)).threshold(5e-324).max_len(1);
    for (dt, links) in [(745_000, vec![5e-324]), (746_000, vec![])] {
        let rows = Rows(vec![plain(0, HV16::ONES), plain(dt, HV16::ONES)]);
        assert_eq!(causal_chain(&rows, &rows.order(), 1, &policy).unwrap().links, links);
    }
}

#[test]
fn unrelated_opposite_and_the_same_moment_are_no_causes() {
    let theme = HV16::random(1);
    let policy = CausalPolicy::new().threshold(5e-324);
    for other in [!theme, flipped(&theme, 0, 1024)] {
        let rows = Rows(vec![plain(0, other), plain(1, theme), plain(1, theme)]);
        assert_eq!(causal_chain(&rows, &rows.order(), 1, &policy).unwrap().links, [0.0f64; 0]);
    }
}

#[test]
fn a_policy_that_cannot_be_meant_is_refused() {
    let rows = Rows(vec![plain(0, HV16::ZERO)]);
    let fine = CausalPolicy::default();
    let thresholds = [0.0, -0.5, 1.001, f64::NAN].map(|threshold| fine.threshold(threshold));
    for policy in thresholds.into_iter().chain([fine.tau(Duration::ZERO)]) {
        let error = causal_chain(&rows, &rows.order(), 0, &policy).unwrap_err();
        assert!(error.to_string().contains("but must be"), "{error}");
    }
    let error = fine.tau(Duration::ZERO).validate().unwrap_err();
    assert_eq!(error.to_string(), "tau is 0, but must be a span of more than 0");
}
