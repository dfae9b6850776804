use super::*;

/// Sequential a microsecond for each unit of work, parallel half of that and `price`.
fn curve(price: f64) -> Curve {
    let point = |size: usize| {
        let sequential = size as f64 * 1e-6;
        Point { size, work: size, sequential, parallel: sequential / 2.0 + price * 1e-6, adaptive: None }
    };
    Curve { name: "test", unit: "units", field: None, points: (1..=200).map(point).collect() }
}

#[test]
fn curves_cross_where_the_times_are_equal() {
    let (work, seconds) = curve(10.25).crossing().unwrap();
    assert!((work - 20.5).abs() < 1e-9 && (seconds - 20.5e-6).abs() < 1e-12, "{work} {seconds}");
    assert!(curve(101.0).crossing().is_none());
    assert_eq!(curve(0.0).crossing().unwrap().0, 1.0);
    assert!((curve(0.0).final_gain() - 2.0).abs() < 1e-9);
}

#[test]
fn the_threshold_is_the_middle_of_those_within_the_tolerance() {
    // One thread may do w <= 1.1 (w/2 + 10) + 1, up to 26; the pool w/2 + 10 <= 1.1 w + 1, from 15 on.
    assert_eq!(best_threshold(&[&curve(10.0)]), 20);
    // Beside it one with a dearer pool: w <= 1.1 (w/2 + 20) + 1 up to 51, and w/2 + 20 <= 1.1 w + 1 from 32 on.
    // No threshold serves both; those from 27 to 32 do least harm.
    assert!((27..=32).contains(&best_threshold(&[&curve(10.0), &curve(20.0)])));
    assert_eq!(best_threshold(&[&curve(1_000.0)]), usize::MAX);
    assert_eq!(best_threshold(&[]), usize::MAX);
}

#[test]
fn no_threshold_is_under_the_floor() {
    assert_eq!(best_threshold(&[&curve(0.0)]), 3);
    let of = |points: [(usize, f64); 3]| {
        let point =
            |(work, sequential)| Point { size: work, work, sequential, parallel: sequential / 9.0, adaptive: None };
        Curve { name: "test", unit: "units", field: None, points: points.map(point).to_vec() }
    };
    let [slow, fast] = [of([(10, 10e-6), (20, 20e-6), (30, 30e-6)]), of([(10, 1e-6), (20, 2e-6), (40, 4e-6)])];
    let between = of([(10, 3e-6), (20, 7e-6), (40, 8e-6)]);
    assert_eq!([&slow, &fast, &between].map(|curve| curve.work_of(FLOOR).round() as usize), [3, 35, 11]);
    assert_eq!(best_threshold(&[&slow, &fast, &between]), 35, "every curve has as much work there");
}

#[test]
fn choices_within_the_tolerance_have_no_excess() {
    let point = Point { size: 1, work: 100, sequential: 20e-6, parallel: 10e-6, adaptive: None };
    assert_eq!(point.excess(100), 0.0);
    assert!((point.excess(101) - 0.8).abs() < 1e-9, "20 against 1.1 * 10 + 1");
}

#[test]
fn adaptive_misses_by_its_own_time() {
    let missed = |adaptive| Point { size: 1, work: 100, sequential: 20e-6, parallel: 10e-6, adaptive }.is_missed();
    // 1.1 * 10 + 1, whichever path a threshold would choose.
    assert_eq!([None, Some(9e-6), Some(11.9e-6), Some(12.1e-6)].map(missed), [false, false, false, true]);
}

#[test]
fn thresholds_keep_two_digits() {
    assert_eq!([0, 7, 99, 123, 4_567].map(round_down), [0, 7, 99, 120, 4_500]);
}
