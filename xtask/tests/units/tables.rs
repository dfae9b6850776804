use super::*;

fn estimate(group: &'static str, function: &'static str, size: usize, items: usize, median: f64) -> Estimate {
    Estimate { group, function, size, items: Some(items), median, spread: 0.034 }
}

/// Some results with limits.
pub fn measured() -> Measured {
    let limits = MeasuredLimits { xor_popcount: 2.0, read: vec![(100, 1.0), (1_000, 2.5)], copy: vec![(100, 3.0)] };
    let estimates = vec![
        estimate("nearest of 1000", "sequential", 10, 10_000, 40_000.0),
        estimate("nearest of 1000", "parallel", 10, 10_000, 20_000.0),
        estimate("nearest of 1000", "sequential", 100, 100_000, 400_000.0),
        estimate("nearest of 1000", "parallel", 100, 100_000, 200_000.0),
        Estimate { items: None, ..estimate("causal chain", "16 links at most", 100_000, 1, 40_000.0) },
    ];
    let scaling = vec![("some work".to_owned(), vec![(1.0, 1.0), (2.0, 1.9)])];
    Measured { limits, rows: Vec::new(), scaling, estimates }
}

#[test]
fn a_group_becomes_a_table() {
    let measured = measured();
    let text = suites(&measured);
    for expected in [
        "### nearest of 1000\n\n| path       | size |  median | spread | an item | of the limit |       published |",
        "\n| ---------- | ---: | ------: | -----: | ------: | -----------: | --------------: |",
        "\n| sequential |   10 | 40.0 us |  ± 3 % | 4.00 ns |         50 % |                 |",
        "\n| sequential |  100 |  400 us |  ± 3 % | 4.00 ns |         50 % | 1.20 ms, 1 core |",
        "### causal chain",
        "\n| 16 links at most | 100000 | 40.0 us |  ± 3 % |         |              |           |",
        "\n| nearest of 1000 |  100 |     400 us |   200 us |   2.00 x |",
    ] {
        assert!(text.contains(expected), "{expected} is missing:\n{text}");
    }
}

#[test]
fn limits_are_of_the_operation_and_the_threads() {
    let of = |group, function, items| limit(&estimate(group, function, 1, items, 1.0), &measured().limits);
    assert_eq!(of("batch bind", "sequential", 100), Some(300.0));
    assert_eq!(of("batch bundle of 10", "sequential into", 100), Some(100.0));
    assert_eq!(of("bundle", "sequential", 101), Some(252.5));
    assert_eq!(of("batch similarity", "sequential", 100), Some(200.0));
    assert_eq!(of("batch similarity", "sequential", 5_000), Some(12_500.0));
    assert_eq!([of("single", "bind", 1), of("permute", "sequential", 1)], [Some(3.0); 2]);
    assert_eq!([of("analyses", "consolidate", 1_000), of("batch similarity", "adaptive", 100)], [None; 2]);
    let threads = rayon::current_num_threads() as f64;
    assert_eq!(of("top-k of 50 x 1000, by k", "parallel", 50_000), Some(100_000.0 / threads));
    assert_eq!(of("recall", "one cue", 1_000), Some(2_500.0 / threads));
    assert_eq!(of("recall", "one cue, at least 0.92 similar", 1_000), Some(625.0 / threads));
    assert_eq!(of("recall", "100 cues", 100_000), Some(200_000.0 / threads));
}

#[test]
fn numbers_have_three_digits() {
    let times = [0.5, 12.34, 999.4, 1_500.0, 2.5e7].map(time);
    assert_eq!(times, ["0.50 ns", "12.3 ns", "999 ns", "1.50 us", "25.0 ms"]);
}
