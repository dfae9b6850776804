//! Codes of floating-point rows: pinned bits, angles as distances, thresholds, rescoring and errors.

use half::f16;
use hv_encode::{FloatEncoder, FloatError, Stored};
use hv_parallel::hv_simd::{simd_find_top_k, simd_hamming};
use hv_parallel::{HV16, Progress};
use proptest::prelude::*;

/// Numbers from -1 to 1, exact in `f16`.
fn row(len: usize, seed: u64) -> Vec<f32> {
    let vectors: Vec<HV16> = (0..len.div_ceil(HV16::BYTES) as u64).map(|i| HV16::random(seed << 8 | i)).collect();
    let bytes = vectors.iter().flat_map(|v| v.0);
    bytes.take(len).map(|byte| (f32::from(byte) - 127.5) / 128.0).collect()
}

/// A digest of all 256 bytes, so that a change anywhere in a code shows.
fn digest(v: &HV16) -> u64 {
    v.0.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}

#[test]
fn codes_are_pinned() {
    let digests =
        [1, 3, 384, 768, 2_048, 3_072].map(|len| digest(&FloatEncoder::new(len, 42).encode(&row(len, 1)).unwrap()));
    assert_eq!(digests, GOLDEN);
    let learnt = FloatEncoder::new(384, 42).learn_thresholds(&row(3 * 384, 2)).unwrap();
    assert_eq!(digest(&learnt.encode(&row(384, 1)).unwrap()), GOLDEN_LEARNT);
}

const GOLDEN: [u64; 6] = [
    5048161003272548495,
    11687523406399783022,
    17954251880127733952,
    8758439479802766035,
    10238083923631974574,
    16596100283952396535,
];
const GOLDEN_LEARNT: u64 = 7231738123645008776;

#[test]
fn every_type_of_number_gives_the_same_code() {
    for len in [5, 384, 2_048] {
        let encoder = FloatEncoder::new(len, 7);
        let (single, halves): (Vec<f32>, Vec<f16>) = row(len, 3).into_iter().map(|x| (x, f16::from_f32(x))).unzip();
        let doubles: Vec<f64> = single.iter().map(|&x| f64::from(x)).collect();
        let code = encoder.encode(&single).unwrap();
        assert_eq!([encoder.encode(&halves), encoder.encode(&doubles)], [Ok(code), Ok(code)]);
        let scaled: Vec<f32> = single.iter().map(|x| x * 2f32.powi(126)).collect();
        assert_eq!(encoder.encode(&scaled), Ok(code), "a code depends on the direction alone");
        let smallest: Vec<f32> = single.iter().map(|x| x * 2f32.powi(-120)).collect();
        assert_eq!(encoder.encode(&smallest), Ok(code));
    }
}

#[test]
fn rows_of_2048_numbers_give_their_own_signs() {
    let mut row = row(2_048, 4);
    (row[0], row[1], row[2]) = (0.0, -0.0, f32::MIN_POSITIVE);
    let code = FloatEncoder::new(2_048, 9).encode(&row).unwrap();
    for (i, &number) in row.iter().enumerate() {
        assert_eq!(code.bit(i), number > 0.0, "bit {i}");
    }
    assert_eq!(FloatEncoder::new(2_048, 10).encode(&row), Ok(code));
    assert_eq!(FloatEncoder::new(384, 10).encode(&[0.0f32; 384]), Ok(HV16::ZERO));
}

/// The angle of two rows is their distance, for rows of few numbers and of many, dense and sparse.
#[test]
fn distances_are_angles() {
    for len in [2, 3, 16, 100, 384, 1_024, 3_000] {
        let encoder = FloatEncoder::new(len, 11);
        let (a, b) = (row(len, 5), row(len, 6));
        let unit: Vec<f32> = (0..len).map(|i| f32::from(u8::from(i == 0))).collect();
        let mixed: Vec<f32> = a.iter().zip(&b).map(|(a, b)| a + 0.3 * b).collect();
        for (a, b) in [(&a, &b), (&a, &mixed), (&unit, &a), (&unit, &unit)] {
            let product =
                |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum::<f64>();
            let cosine = product(a, b) / (product(a, a) * product(b, b)).sqrt();
            let expected = cosine.clamp(-1.0, 1.0).acos() / std::f64::consts::PI * 2_048.0;
            let distance = simd_hamming(&encoder.encode(a).unwrap(), &encoder.encode(b).unwrap());
            assert!((f64::from(distance) - expected).abs() < 5.0 * 22.7, "{len} numbers: {distance}, not {expected}");
        }
    }
}

/// Rows that lean to one side have nearly equal codes, until the thresholds are their means.
#[test]
fn learnt_thresholds_spread_what_leans_to_one_side() {
    let rows: Vec<f32> = (0..20).flat_map(|i| row(100, 20 + i)).map(|x| x + 3.0).collect();
    let plain = FloatEncoder::new(100, 1);
    let learnt = plain.clone().learn_thresholds(&rows).unwrap();
    let distance = |encoder: &FloatEncoder| {
        let codes = encoder.encode_batch(&rows).unwrap();
        codes[1..].iter().map(|code| simd_hamming(code, &codes[0])).min().unwrap()
    };
    assert!(distance(&plain) < 300 && distance(&learnt) > 800);
    let again = FloatEncoder::new(100, 1).with_thresholds(learnt.thresholds()).unwrap();
    assert_eq!(again.encode(&rows[..100]), learnt.encode(&rows[..100]));
    assert_eq!((again.dimensions(), again.seed(), plain.thresholds()), (100, 1, &[][..]));
    assert!(plain.clone().with_thresholds(&[0.0; 99]).is_err());
    assert_eq!(plain.clone().learn_thresholds::<f32>(&[]).unwrap().thresholds(), [0.0; 100]);
}

#[test]
fn rescoring_brings_the_order_of_the_rows() {
    let encoder = FloatEncoder::new(50, 3);
    let rows: Vec<f32> = (0..200).flat_map(|i| row(50, 100 + i)).collect();
    let codes = encoder.encode_batch(&rows).unwrap();
    let query = row(50, 999);
    let all: Vec<usize> = (0..200).collect();
    let exact = encoder.rescore(&query, &all, Stored::Rows(&rows), usize::MAX).unwrap();
    assert!(exact.is_sorted_by(|a, b| a.1 > b.1 || a.1 == b.1 && a.0 < b.0) && exact.len() == 200);
    let nearest = simd_find_top_k(&encoder.encode(&query).unwrap(), &codes, 40);
    let candidates: Vec<usize> = nearest.iter().map(|&(index, _)| index).collect();
    assert_eq!(encoder.rescore(&query, &candidates, Stored::Rows(&rows), 3).unwrap(), exact[..3]);
    // The query's numbers against signs come nearer to the cosine than signs against signs.
    let error = |scores: &[(usize, f64)], scale: f64| {
        let of = |i| exact.iter().find(|&&(j, _)| i == j).unwrap().1;
        scores.iter().map(|&(i, score)| (score * scale - of(i)).abs()).sum::<f64>()
    };
    let by_codes = encoder.rescore(&query, &all, Stored::Codes(&codes), usize::MAX).unwrap();
    let by_bits: Vec<_> = simd_find_top_k(&encoder.encode(&query).unwrap(), &codes, 200)
        .into_iter()
        .map(|(i, similarity)| (i, (std::f64::consts::PI * f64::from(1.0 - similarity)).cos()))
        .collect();
    assert!(error(&by_codes, (std::f64::consts::PI / 2.0).sqrt()) < 0.9 * error(&by_bits, 1.0));
    let zeros = encoder.rescore(&[0.0; 50], &[7, 3], Stored::Codes(&codes), 5);
    assert_eq!(zeros, Ok(vec![(3, 0.0), (7, 0.0)]));
    assert_eq!(encoder.rescore(&[0.0; 50], &[7, 3], Stored::Rows(&rows), 1), Ok(vec![(3, 0.0)]));
}

#[test]
fn errors_name_the_row() {
    let encoder = FloatEncoder::new(3, 0);
    let mut rows = [1.0f32; 12];
    for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        rows[7] = bad;
        let errors = [encoder.encode_batch(&rows).unwrap_err(), encoder.clone().learn_thresholds(&rows).unwrap_err()];
        for error in errors {
            assert!(matches!(error, FloatError::NotFinite { row: 2, column: 1, .. }), "{error}");
            assert!(error.to_string().contains("row 2"), "{error}");
        }
        let error = encoder.rescore(&[1.0; 3], &[0, 2], Stored::Rows(&rows), 1).unwrap_err();
        assert!(matches!(error, FloatError::NotFinite { row: 2, .. }), "{error}");
    }
    assert!(encoder.encode(&[1e39f64, 0.0, 0.0]).is_err());
    assert_eq!(encoder.encode(&[1.0f32; 4]), Err(FloatError::Length { numbers: 4, dimensions: 3 }));
    assert_eq!(encoder.encode_batch(&[1.0f32; 4]), Err(FloatError::NotWholeRows { numbers: 4, dimensions: 3 }));
    assert_eq!(encoder.encode_batch::<f32>(&[]), Ok(vec![]));
}

#[test]
fn learning_thresholds_counts_its_rows_and_can_be_stopped() {
    let (encoder, rows, progress) = (FloatEncoder::new(3, 0), row(30, 1), Progress::new());
    let learnt = encoder.clone().learn_thresholds_with(&rows, &progress).unwrap();
    assert_eq!(learnt.thresholds(), encoder.clone().learn_thresholds(&rows).unwrap().thresholds());
    assert_eq!((progress.done(), progress.all()), (10, 10));
    progress.stop();
    assert_eq!(encoder.learn_thresholds_with(&rows, &progress).err(), Some(FloatError::Stopped));
    assert_eq!((progress.done(), progress.all()), (0, 10));
}

#[test]
#[should_panic(expected = "at least one number")]
fn rows_of_nothing() {
    let _ = FloatEncoder::new(0, 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20))]

    #[test]
    fn a_batch_is_its_rows(len in 1usize..700, count in 0usize..9, seed in 0u64..1_000) {
        let encoder = FloatEncoder::new(len, seed);
        let rows = row(len * count, seed + 1);
        let one_by_one: Vec<HV16> = rows.chunks_exact(len).map(|row| encoder.encode(row).unwrap()).collect();
        prop_assert_eq!(encoder.encode_batch(&rows).unwrap(), one_by_one);
    }
}
