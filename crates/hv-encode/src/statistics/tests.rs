use hv_parallel::HV16;
use hv_parallel::hv_simd::{simd_batch_find_most_similar_into, simd_bundle, simd_hamming, simd_similarity};

use super::*;

/// Exact values by another way: Pascal's triangle in whole numbers for small `n`.
#[test]
fn the_distribution_is_that_of_pascals_triangle() {
    for n in 1..=40_u32 {
        let mut row = vec![1_u64];
        for _ in 0..n {
            row = std::iter::once(1).chain(row.windows(2).map(|pair| pair[0] + pair[1])).chain([1]).collect();
        }
        let all = 2_f64.powi(n as i32);
        let distribution = Binomial::new(n, 0.5);
        let mut sum = 0;
        for (k, &count) in row.iter().enumerate() {
            sum += count;
            let near = |found: f64, exact: u64| (found / (exact as f64 / all) - 1.0).abs() < 1e-12;
            assert!(near(distribution.at(k as u32), count), "{n} {k}");
            assert!(near(distribution.at_most(k as u32), sum), "{n} {k}");
            assert!(near(distribution.cumulative()[k], sum), "{n} {k}");
        }
    }
    let (sure, never) = (Binomial::new(9, 1.0), Binomial::new(9, 0.0));
    assert_eq!((sure.at(9), sure.at(8), never.at(0), never.at(1)), (1.0, 0.0, 1.0, 0.0));
}

#[test]
fn tails_meet() {
    for distance in [0, 1, 500, 1023, 1024, 1025, 1600, 2047] {
        // By symmetry, being within a distance is as likely as being at the opposite one or beyond.
        let beyond = 1.0 - p_value(2047 - distance);
        assert!((p_value(distance) - beyond).abs() < 1e-12, "{distance}");
    }
    assert_eq!((p_value(2048), p_value(u16::MAX)), (1.0, 1.0));
    assert!((p_value(0).log2() + 2048.0).abs() < 1e-9 || p_value(0) == 0.0, "2^-2048 is below f64");
    assert_eq!((z_score(0), z_score(2048), z_score(u16::MAX)), (-z_score(2048), z_score(2048), z_score(2048)));
}

#[test]
fn false_alarms_come_as_often_as_said() {
    for (rate, comparisons) in [(0.5, 1), (0.01, 1_000), (1e-6, 1_000_000), (1e-9, u64::MAX)] {
        let limit = max_distance_for(rate, comparisons).unwrap();
        let alarms = |distance: u16| 1.0 - (1.0 - p_value(distance)).powf(comparisons as f64);
        if comparisons <= 1_000 {
            assert!(alarms(limit) <= rate && alarms(limit + 1) > rate, "{limit}");
        }
        // Never more than the sum over all comparisons.
        assert!(p_value(limit + 1) * comparisons as f64 > rate * 0.99, "{limit}");
    }
    assert_eq!(max_distance_for(0.3, 0), Some(2048));
}

#[test]
#[should_panic(expected = "the rate of false alarms is NaN; it must be from 0 to 1")]
fn a_rate_that_is_no_number() {
    let _ = max_distance_for(f64::NAN, 1);
}

#[test]
fn the_nearest_of_many_is_where_it_is_expected() {
    let memory: Vec<HV16> = (0..2_000).map(HV16::random).collect();
    let queries: Vec<HV16> = (5_000..5_400).map(HV16::random).collect();
    for n in [1, 10, 2_000] {
        let mut found = vec![None; queries.len()];
        simd_batch_find_most_similar_into(&queries, &memory[..n], &mut found);
        let similarities = found.iter().map(|found| f64::from(found.unwrap().1));
        let mean = 2048.0 * (1.0 - similarities.sum::<f64>() / queries.len() as f64);
        // The standard error is below 23 / sqrt(400).
        assert!((mean - expected_nearest(n as u64)).abs() < 3.5, "{n}: {mean}");
    }
    assert_eq!(expected_nearest(0), 2048.0);
}

#[test]
fn bundles_are_as_similar_as_expected() {
    for n in [1_u64, 2, 3, 8, 9, 64, 101] {
        let mut sum = 0.0;
        for round in 0..20 {
            let members: Vec<HV16> = (0..n).map(|i| HV16::random(round * 1_000 + i)).collect();
            let bundle = simd_bundle(&members).unwrap();
            sum += members.iter().map(|member| f64::from(simd_similarity(&bundle, member))).sum::<f64>() / n as f64;
        }
        let mean = sum / 20.0;
        assert!((mean - bundle_similarity(n)).abs() < 0.006, "{n}: {mean}");
    }
    assert_eq!(bundle_similarity(0), 0.5);
    let large = bundle_similarity(1 << 40) - 0.5;
    assert!((large * (std::f64::consts::TAU * (1_u64 << 40) as f64).sqrt() - 1.0).abs() < 1e-3);
}

#[test]
fn clean_up_fails_as_often_as_predicted() {
    let (items, members, rounds) = (500_u64, 151, 60);
    let others: Vec<HV16> = (1..items).map(HV16::random).collect();
    let mut wrong = 0.0;
    for round in 1..=rounds {
        let in_bundle: Vec<HV16> = (0..members).map(|i| HV16::random(round * 1_000 + i)).collect();
        let bundle = simd_bundle(&in_bundle).unwrap();
        let nearest = others.iter().map(|other| simd_hamming(&bundle, other)).min().unwrap();
        for own in in_bundle.iter().map(|member| simd_hamming(&bundle, member)) {
            wrong += match own.cmp(&nearest) {
                std::cmp::Ordering::Less => 0.0,
                std::cmp::Ordering::Equal => 0.5,
                std::cmp::Ordering::Greater => 1.0,
            };
        }
    }
    let measured = wrong / (rounds * members) as f64;
    let predicted = clean_up_error(members, items);
    assert!((0.1..0.9).contains(&predicted) && (measured / predicted - 1.0).abs() < 0.1, "{measured} for {predicted}");
    assert_eq!((clean_up_error(3, 1), clean_up_error(3, 0)), (0.0, 0.0));
}

#[test]
fn the_capacity_is_the_last_that_holds() {
    for (items, error) in [(2, 0.001), (100, 0.01), (1_000_000, 0.05)] {
        let members = capacity(items, error);
        assert!(clean_up_error(members, items) <= error && clean_up_error(members + 1, items) > error);
    }
    assert_eq!(capacity(1, 0.0), u64::MAX, "one item is always the nearest");
    assert_eq!(capacity(100, 1.0), u64::MAX, "any error is allowed");
    assert_eq!(capacity(u64::MAX, 1e-300), 1, "a bundle of one is the vector itself");
}
