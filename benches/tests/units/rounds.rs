use std::sync::atomic::{AtomicU32, Ordering};

use super::*;

#[test]
fn medians_and_ratios() {
    let (a, b) = (Case(0), Case(1));
    let rounds = [[1.0, 4.0], [2.0, 6.0], [9.0, 45.0]];
    let times = Times(rounds.iter().map(|round| round.map(|time| (time, true)).to_vec()).collect());
    assert_eq!([times.median(a), times.median(b)], [2.0, 6.0]);
    assert_eq!([times.ratio(b, a), times.spread(a)], [4.0, 0.5]); // of 4, 3 and 5; of 0.5, 0 and 3.5
    assert_eq!(times.fastest(&[b, a]), a);
    assert_eq!(median(vec![4.0, 1.0, 3.0, 2.0]), 2.5);
}

#[test]
fn disturbed_rounds_are_left_out_where_enough_others_remain() {
    let (a, b) = (Case(0), Case(1));
    // Of ten rounds b is undisturbed in the first five, a in all but the last.
    let round = |i: usize| vec![(i as f64, i < 9), (if i < 5 { 1.0 } else { 100.0 }, i < 5)];
    let times = Times((0..10).map(round).collect());
    assert_eq!([times.median(a), times.median(b), times.ratio(b, a)], [4.0, 1.0, 0.5]);
    assert_eq!([times.median_with(a, &[b]), times.quiet(&[a]), times.quiet(&[a, b])], [2.0, 0.9, 0.5]);
    let times = Times((1..10).map(round).collect());
    assert_eq!([times.median(b), times.quiet(&[b])], [100.0, 4.0 / 9.0], "four are too few");
}

#[test]
fn every_case_runs_before_its_time_and_on_its_pool() {
    let other = rayon::current_num_threads() + 1;
    let [pool, like_global] =
        [other, other - 1].map(|threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap());
    let (calls, made) = (AtomicU32::new(0), AtomicU32::new(0));
    let mut rounds = Rounds::default();
    let slow = rounds.add_in(&pool, 10, || {
        assert!(pool.current_thread_index().is_some());
        calls.fetch_add(1, Ordering::Relaxed);
        std::thread::sleep(Duration::from_millis(2));
    });
    rounds.add_in(&like_global, 1, || assert_eq!(rayon::current_thread_index(), None));
    rounds.add_made(|| made.fetch_add(1, Ordering::Relaxed), drop);
    // Longer than a slice and within the patience, so it runs twice at first, then once before each time and once
    // for it. Each of these follows a run that wakes the pool.
    let hour = Duration::from_secs(3_600);
    let effort = Effort { rounds: 3, slice: Duration::from_nanos(1), patience: hour };
    let work = &mut rounds.0[slow.0];
    assert_eq!((work.repeats(effort), calls.swap(0, Ordering::Relaxed)), ([1, 1], 4));
    work.time([1, 1], Duration::ZERO, &mut Probe::new(Cores::Caller));
    assert_eq!(calls.load(Ordering::Relaxed), 4);
    assert_eq!(work.repeats(Effort { patience: Duration::from_nanos(1), ..effort }), [0, 1]);
    let times = rounds.measure(Effort { patience: Duration::ZERO, ..effort });
    assert!(made.load(Ordering::Relaxed) >= 4, "once at first, and in each of three rounds");
    assert!(times.median(slow) >= 200_000.0, "a tenth of 2 ms, which every run takes at least");
}
