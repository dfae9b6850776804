use std::cell::Cell;
use std::thread::sleep;

use super::*;

#[test]
fn the_crossing_is_where_the_gain_becomes_positive_to_stay() {
    assert_eq!(first_gain(|n| Some(n > 1_000)), Some(1_024));
    assert_eq!(first_gain(|_| Some(true)), Some(SMALLEST));
    // A stray gain at 512 is not believed, nor one at the largest size alone.
    assert_eq!(first_gain(|n| Some(n == 512 || n > 3_000)), Some(4_096));
    assert_eq!([first_gain(|n| Some(n == LARGEST)), first_gain(|_| Some(false))], [None; 2]);
}

#[test]
fn what_cannot_be_measured_keeps_its_default() {
    assert_eq!(first_gain(|n| (n < 4_096).then_some(n > 2_000)), None);
}

#[test]
fn time_is_looked_at_between_pairs() {
    let [runs, looks] = [const { Cell::new(0) }; 2];
    let count = |cell: &Cell<u32>| cell.replace(cell.get() + 1);
    assert_eq!(gains(|_| _ = count(&runs), 2, || count(&looks) < 3), None);
    assert_eq!((runs.get(), looks.get()), (3 * 2 * (CALLS + 1), 4));
    assert!(gains(|_| (), 2, || true).is_some());
}

#[test]
fn the_number_of_threads_with_the_shorter_time_gains() {
    let slow_on =
        |slow: usize| gains(|threads| sleep(Duration::from_millis(if threads == slow { 5 } else { 0 })), 2, || true);
    assert_eq!([slow_on(1), slow_on(2)], [Some(true), Some(false)]);
}

#[test]
fn one_thread_never_gains() {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let never = pool.install(Thresholds::measure);
    assert!(never.to_string().split(',').all(|part| part.ends_with(&format!("={}", usize::MAX))), "{never}");
}

#[test]
fn measuring_gives_thresholds_that_can_be_set() {
    let measured = Thresholds::measure();
    assert_eq!(measured.to_string().parse(), Ok(measured));
    // Where time ran out a default stays, and it may be less than the smallest size.
    let default = Thresholds::for_backend(active_backend());
    assert!(measured.similarity >= SMALLEST || measured.similarity == default.similarity, "{measured}");
    assert!(measured.nearest >= QUERIES * SMALLEST || measured.nearest == default.nearest, "{measured}");
}
