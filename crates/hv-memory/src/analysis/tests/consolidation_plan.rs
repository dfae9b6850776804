//! Consolidation against the same rules, one episode at a time.

use std::time::Duration;

use super::rows::{Row, Rows, flipped};
use crate::analysis::consolidation_plan::consolidation_plan as plan_with;
use crate::analysis::{ConsolidatePolicy, ConsolidationPlan};
use crate::arena::Kept;
use crate::spans::micros;
use crate::{HV16, PolicyError, Progress};
use hv_parallel::hv_simd::hv_core::reference;
use proptest::prelude::*;

/// Plans without a reader of its progress.
fn consolidation_plan(rows: &Rows, policy: &ConsolidatePolicy, now: i64) -> Result<ConsolidationPlan, PolicyError> {
    plan_with(rows, policy, now, 0, &Progress::new())
}

/// The rules of the issue in order: fade, floor, absorb, and then drop the weakest until few enough are left.
fn obviously(rows: &Rows, policy: &ConsolidatePolicy, now: i64) -> ConsolidationPlan {
    let half_life = policy.half_life.map_or(f64::INFINITY, micros);
    let mut plan = ConsolidationPlan::default();
    for (slot, row) in rows.0.iter().enumerate().filter(|(_, row)| !row.deleted) {
        let elapsed = (i128::from(now) - i128::from(row.updated)).max(0) as f64;
        let strength = row.strength * libm::exp2(-elapsed / half_life);
        match strength >= policy.floor {
            true => plan.kept.push(Kept { slot, strength, updated: now.max(row.updated) }),
            false => plan.faded.push(slot),
        }
    }
    if let Some(threshold) = policy.merge {
        let mut left = std::mem::take(&mut plan.kept);
        left.sort_by(|a, b| b.strength.partial_cmp(&a.strength).unwrap().then(a.slot.cmp(&b.slot)));
        while !left.is_empty() {
            let mut survivor = left.remove(0);
            let original = rows.0[survivor.slot].vector;
            let near = |kept: &Kept| reference::similarity(&original, &rows.0[kept.slot].vector) >= threshold;
            let mut group = vec![original];
            for absorbed in left.iter().filter(|kept| near(kept)) {
                survivor.strength = (survivor.strength + absorbed.strength).min(f64::MAX);
                group.push(rows.0[absorbed.slot].vector);
                plan.absorbed.push((absorbed.slot, survivor.slot));
            }
            left.retain(|kept| !near(kept));
            if group.len() > 1 {
                plan.merged.push((survivor.slot, reference::bundle(&group).unwrap()));
            }
            plan.kept.push(survivor);
        }
        plan.kept.sort_by_key(|kept| kept.slot);
        plan.absorbed.sort();
        plan.merged.sort_by_key(|merged| merged.0);
    }
    while plan.kept.len() > policy.capacity.unwrap_or(usize::MAX) {
        let weakest = |&(i, j): &(usize, usize)| {
            let (a, b) = (&plan.kept[i], &plan.kept[j]);
            a.strength < b.strength || (a.strength == b.strength && a.slot < b.slot)
        };
        let out = (0..plan.kept.len()).reduce(|i, j| if weakest(&(j, i)) { j } else { i }).unwrap();
        let out = plan.kept.remove(out).slot;
        plan.surplus.push(out);
        plan.merged.retain(|merged| merged.0 != out);
    }
    plan.surplus.sort();
    plan
}

fn row() -> impl Strategy<Value = Row> {
    let updated = prop_oneof![12 => 0i64..40, 1 => Just(i64::MIN), 1 => Just(i64::MAX), 1 => any::<i64>()];
    let strength = prop_oneof![3 => Just(1.0), 1 => Just(0.0), 3 => 0.0..4.0f64];
    // Chains of neighbours: each within 200 bits of the next, the ends far apart.
    let vector = (0u64..2, 0usize..8).prop_map(|(theme, step)| flipped(&HV16::random(theme), 0, step * 100));
    (prop::bool::weighted(0.1), updated, strength, vector).prop_map(|(deleted, updated, strength, vector)| Row {
        deleted,
        time: updated,
        valence: 0.0,
        vector,
        strength,
        updated,
    })
}

fn policy() -> impl Strategy<Value = ConsolidatePolicy> {
    let half_life = prop_oneof![
        6 => (1_000u64..100_000).prop_map(|nanos| Some(Duration::from_nanos(nanos))),
        1 => Just(None),
        1 => Just(Some(Duration::from_nanos(1))),
        1 => Just(Some(Duration::MAX)),
    ];
    let floor = prop_oneof![Just(0.0), Just(0.25), Just(1.0), 0.0..2.0f64];
    let merge = prop_oneof![Just(0.9f32), Just(1.0), Just(0.0), Just(0.95), 0.4f32..1.0];
    (half_life, floor, prop::option::of(merge), prop::option::of(0usize..30))
        .prop_map(|(half_life, floor, merge, capacity)| ConsolidatePolicy { half_life, floor, merge, capacity })
}

fn now() -> impl Strategy<Value = i64> {
    prop_oneof![8 => 0i64..60, 1 => Just(i64::MIN), 1 => Just(i64::MAX), 1 => any::<i64>()]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_history(rows in prop::collection::vec(row(), 0..50), policy in policy(), now in now()) {
        let rows = Rows(rows);
        prop_assert_eq!(consolidation_plan(&rows, &policy, now), Ok(obviously(&rows, &policy, now)));
    }
}

fn plain(strength: f64, vector: HV16) -> Row {
    Row { deleted: false, time: 0, valence: 0.0, vector, strength, updated: 0 }
}

/// More survivors than a block holds; survivors of different blocks are near the same vectors: 100 themes, each
/// a chain of five neighbours, in an order that mixes them all.
#[test]
fn merging_over_many_blocks() {
    let row =
        |i: usize| plain(1.0 + (i * 7_919 % 101) as f64, flipped(&HV16::random(i as u64 % 100), 0, i / 100 * 100));
    let rows = Rows((0..500).map(row).collect());
    for merge in [0.8, 0.9, 0.95] {
        let policy = ConsolidatePolicy::new().merge(merge).capacity(90);
        let plan = consolidation_plan(&rows, &policy, 0).unwrap();
        assert!(!plan.absorbed.is_empty() && plan.kept.len() == 90 && plan.surplus.len() >= 10, "at {merge}");
        assert_eq!(plan, obviously(&rows, &policy, 0));
    }
}

/// An infinite strength would be NaN when it next fades, and NaN is below any floor.
#[test]
fn the_strongest_stay_finite_and_stay() {
    let mut rows = Rows(vec![plain(f64::MAX, HV16::ZERO), plain(f64::MAX / 2.0, HV16::ZERO), plain(1.0, HV16::ONES)]);
    let policy = ConsolidatePolicy::new().half_life(Duration::from_micros(1)).floor(0.0).merge(0.9);
    let plan = consolidation_plan(&rows, &policy, 0).unwrap();
    assert_eq!(plan.kept[0], Kept { slot: 0, strength: f64::MAX, updated: 0 });
    rows.0[0].strength = plan.kept[0].strength;
    // After that many half-lives everything is 0.
    let plan = consolidation_plan(&rows, &policy, 1_000_000).unwrap();
    assert!(plan.faded.is_empty() && plan.kept.iter().all(|kept| kept.strength == 0.0), "{plan:?}");
}

#[test]
fn ten_calls_in_a_second_fade_as_much_as_one() {
    let policy = ConsolidatePolicy::new().half_life(Duration::from_secs(1));
    let (mut often, mut strength) = (Rows(vec![plain(1.0, HV16::ZERO)]), 0.0);
    for now in (100_000..=1_000_000).step_by(100_000) {
        let kept = consolidation_plan(&often, &policy, now).unwrap().kept[0];
        (strength, often.0[0].strength, often.0[0].updated) = (kept.strength, kept.strength, kept.updated);
        // At the same moment, and at an earlier one, nothing happens.
        assert_eq!(consolidation_plan(&often, &policy, now).unwrap().kept, [kept]);
        assert_eq!(consolidation_plan(&often, &policy, now - 50_000).unwrap().kept, [kept]);
    }
    assert!((strength - 0.5).abs() < 1e-12, "{strength}");
}

#[test]
fn the_defaults_keep_half_a_year_and_nothing_is_lost_count_of() {
    let day = 86_400_000_000;
    let rows = Rows(vec![plain(1.0, HV16::ZERO), plain(1.1, HV16::ZERO), plain(0.9, HV16::ZERO)]);
    let plan = consolidation_plan(&rows, &ConsolidatePolicy::default(), 180 * day).unwrap();
    assert_eq!((plan.kept.iter().map(|kept| kept.slot).collect::<Vec<_>>(), plan.faded), (vec![0, 1], vec![2]));
    let empty = consolidation_plan(&Rows(vec![]), &ConsolidatePolicy::new().merge(0.5), 0);
    assert_eq!(empty, Ok(ConsolidationPlan::default()));
}

#[test]
fn a_policy_that_cannot_be_meant_is_refused() {
    let fine = ConsolidatePolicy::default();
    let floors = [-1e-9, f64::NAN, f64::INFINITY].map(|floor| fine.floor(floor));
    let merges = [-0.1, 1.01, f32::NAN].map(|merge| fine.merge(merge));
    for policy in floors.into_iter().chain(merges).chain([fine.half_life(Duration::ZERO)]) {
        let error = consolidation_plan(&Rows(vec![]), &policy, 0).unwrap_err();
        assert!(error.to_string().contains("but must be"), "{error}");
    }
    let error = fine.merge(1.5).validate().unwrap_err();
    assert_eq!(error.to_string(), "merge is 1.5, but must be a similarity from 0 to 1");
    // As it was given, and not as the f64 nearest to it, 1.0099999904632568.
    let error = fine.merge(1.01).validate().unwrap_err();
    assert_eq!(
        (error.to_string().as_str(), error.value),
        ("merge is 1.01, but must be a similarity from 0 to 1", 1.01)
    );
}
