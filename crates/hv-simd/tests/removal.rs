//! What is taken out of an accumulator is gone without a trace.

use hv_simd::{Accumulator, HV16};
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn what_is_removed_was_never_added(kept in 0u64..70, gone in 0u64..70, weight in 1u32..9) {
        let all = kept + gone;
        let mut counters: Accumulator = (0..all).map(HV16::random).collect();
        counters.add_weighted(&HV16::random(all), weight);
        for i in kept..all {
            prop_assert!(counters.remove(&HV16::random(i)), "{}", i);
        }
        for _ in 0..weight {
            prop_assert!(counters.remove(&HV16::random(all)));
        }
        prop_assert_eq!(&counters, &(0..kept).map(HV16::random).collect());
        prop_assert_eq!(counters.majority(), hv_simd::hv_core::reference::bundle(&(0..kept).map(HV16::random).collect::<Vec<_>>()));
    }

    #[test]
    fn what_counters_show_is_refused(n in 0u64..6) {
        let counters: Accumulator = (0..n).map(HV16::random).collect();
        for other in [HV16::random(99), HV16::ZERO, HV16::ONES] {
            let mut changed = counters.clone();
            prop_assert!(!changed.remove(&other));
            prop_assert_eq!(&changed, &counters);
        }
    }
}

/// Counters of 0 and of n have no room to one side.
#[test]
fn counters_at_their_ends() {
    let mut counters: Accumulator = [HV16::ZERO, HV16::ZERO].into_iter().collect();
    assert!(!counters.remove(&HV16::ONES));
    counters.add(&HV16::ONES);
    assert!(counters.remove(&HV16::ONES) && !counters.remove(&HV16::ONES));
    assert!(counters.remove(&HV16::ZERO) && counters.remove(&HV16::ZERO) && !counters.remove(&HV16::ZERO));
    assert_eq!(counters, Accumulator::new());
    let mut ones: Accumulator = [HV16::ONES; 4].into_iter().collect();
    assert!(!ones.remove(&HV16::ZERO));
}
