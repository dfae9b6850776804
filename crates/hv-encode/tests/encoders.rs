//! The encoders of numbers, records, series, images and words against their definitions in the most obvious form.

use std::f64::consts::PI;

use hv_encode::{
    CircularEncoder, EncodeError, Encoder, FloatEncoder, FloatError, HV16, ImageEncoder, ItemMemory, LevelEncoder,
    NgramEncoder, RecordEncoder, SeriesEncoder, TextEncoder, ThermometerEncoder, WordNgramEncoder, normalize,
};
use hv_parallel::hv_simd::{hv_core::reference, simd_hamming, simd_similarity};
use proptest::prelude::*;

fn distance<E: Encoder<f64>>(encoder: &E, a: f64, b: f64) -> f64 {
    f64::from(simd_hamming(&encoder.encode(&a).unwrap(), &encoder.encode(&b).unwrap()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// Each pair of levels is as far apart as the profile says, to within the rounding of two levels.
    #[test]
    fn profiles_hold(low in -1e6f64..1e6, span in 1e-3f64..1e6, levels in 2usize..300, seed: u64, at: [usize; 2]) {
        let (high, last) = (low + span, (levels - 1) as f64);
        let [a, b] = at.map(|at| at % levels);
        let number = |level: usize| (low + span * level as f64 / last).min(high);
        let apart = a.abs_diff(b) as f64 / last;
        let level = LevelEncoder::new(low, high, levels, seed).unwrap();
        prop_assert!((distance(&level, number(a), number(b)) - 1024.0 * apart).abs() <= 1.0);
        let thermometer = ThermometerEncoder::new(low, high, levels, seed).unwrap();
        prop_assert!((distance(&thermometer, number(a), number(b)) - 2048.0 * apart).abs() <= 1.0);
        let circular = CircularEncoder::new(span, levels, seed).unwrap();
        let turns = |level: usize| span * level as f64 / levels as f64;
        let arc = a.abs_diff(b).min(levels - a.abs_diff(b)) as f64 / levels as f64;
        prop_assert!((distance(&circular, turns(a), turns(b)) - 2048.0 * arc).abs() <= 1.0);
        prop_assert!((distance(&circular, turns(a) - 3.0 * span, turns(b) + span) - 2048.0 * arc).abs() <= 1.0);
    }

    #[test]
    fn a_number_is_its_nearest_level(levels in 2usize..50, share in 0.0f64..=1.0) {
        let last = (levels - 1) as f64;
        let nearest = (share * last).round() / last;
        let level = LevelEncoder::new(0.0, 1.0, levels, 3).unwrap();
        prop_assert_eq!(level.encode(&share), level.encode(&nearest));
        let circular = CircularEncoder::new(1.0, levels, 3).unwrap();
        let nearest = (share * levels as f64).round() / levels as f64;
        prop_assert_eq!(circular.encode(&share), circular.encode(&nearest));
    }

    #[test]
    fn records_are_as_defined(seed: u64, values: Vec<u64>) {
        let (records, items) = (RecordEncoder::new(seed), ItemMemory::new(seed));
        let pairs: Vec<(usize, HV16)> = values.iter().map(|&value| HV16::random(value)).enumerate().collect();
        let bound: Vec<HV16> = pairs.iter().map(|(role, value)| items.vector(role) ^ value).collect();
        prop_assert_eq!(records.encode(&pairs), reference::bundle(&bound).ok_or(EncodeError::NoValues));
    }

    #[test]
    fn series_are_as_defined(channels in 1usize..4, n in 1usize..5, steps in 1usize..9, seed: u64) {
        let (items, values) = (ItemMemory::new(seed), ItemMemory::new(7));
        let series: Vec<u64> = (0..(steps * channels) as u64).map(|i| i * i % 5).collect();
        let record = |step: &[u64]| {
            let bound = |(channel, value)| items.vector(&channel) ^ values.vector(value);
            reference::bundle(&step.iter().enumerate().map(bound).collect::<Vec<_>>()).unwrap()
        };
        let records: Vec<HV16> = series.chunks(channels).map(record).collect();
        let n = n.min(steps);
        let gram = |start: usize| (0..n).fold(HV16::ZERO, |gram, i| {
            gram ^ reference::permute(&records[start + i], (n - 1 - i) as i32)
        });
        let expected = reference::bundle(&(0..=steps - n).map(gram).collect::<Vec<_>>());
        prop_assert_eq!(SeriesEncoder::new(channels, n, values, seed).unwrap().encode(&series[..]).ok(), expected);
    }

    #[test]
    fn images_are_as_defined(width in 1usize..6, height in 1usize..6, seed: u64) {
        let (items, values) = (ItemMemory::new(seed), ItemMemory::new(7));
        let image: Vec<u64> = (0..(width * height) as u64).map(|i| i * i % 7).collect();
        let mut bound = Vec::new();
        for (i, value) in image.iter().enumerate() {
            let (row, column) = (i / width, i % width);
            bound.push(items.vector(&column) ^ items.vector(&(65_536 + row)) ^ values.vector(value));
        }
        let encoder = ImageEncoder::new(width, height, values, seed).unwrap();
        prop_assert_eq!(encoder.encode(&image[..]).ok(), reference::bundle(&bound));
    }

    #[test]
    fn words_are_as_defined(n in 1usize..4, seed: u64, text in "[ab]{0,2}( [abc.]{1,2}){0,12}") {
        let items = ItemMemory::new(seed);
        let normal = normalize(&text).unwrap_or_default();
        let words: Vec<&str> = normal.split_whitespace().collect();
        let mut runs: Vec<&[&str]> = Vec::new();
        for run in words.windows(n.min(words.len()).max(1)) {
            if !runs.contains(&run) {
                runs.push(run);
            }
        }
        let gram = |run: &&[&str]| {
            run.iter().fold(HV16::ZERO, |gram, word| reference::permute(&gram, 1) ^ items.vector(word))
        };
        let expected = reference::bundle(&runs.iter().map(gram).collect::<Vec<_>>()).ok_or(EncodeError::Empty);
        prop_assert_eq!(WordNgramEncoder::new(n, seed).unwrap().encode(text.as_str()), expected);
    }
}

/// Records, images and texts have the profile `1/2 + asin(c / n) / pi`.
#[test]
fn the_profile_of_shared_parts() {
    let (n, seeds) = (41, 30);
    for shared in [0, 10, 20, 30, 41] {
        let (mut records, mut texts) = (0.0, 0.0);
        for seed in 0..seeds {
            let value = |i: usize| HV16::random(seed * 1_000 + i as u64);
            let a: Vec<(usize, HV16)> = (0..n).map(|i| (i, value(i))).collect();
            let b: Vec<(usize, HV16)> = (0..n).map(|i| (i, value(if i < shared { i } else { i + n }))).collect();
            let encoder = RecordEncoder::new(seed);
            records += f64::from(simd_similarity(&encoder.encode(&a).unwrap(), &encoder.encode(&b).unwrap()));
            let text = |from: usize| {
                let words: Vec<String> = (from..from + n).map(|i| format!("w{i}")).collect();
                WordNgramEncoder::new(1, seed).unwrap().encode(words.join(" ").as_str()).unwrap()
            };
            texts += f64::from(simd_similarity(&text(0), &text(n - shared)));
        }
        let expected = 0.5 + (shared as f64 / n as f64).asin() / PI;
        for measured in [records, texts].map(|sum| sum / seeds as f64) {
            assert!((measured - expected).abs() < 0.01, "{shared} of {n}: {measured}, expected {expected}");
        }
    }
}

#[test]
fn bad_numbers_are_errors() {
    let (level, circular) = (LevelEncoder::new(-1.0, 1.0, 5, 1).unwrap(), CircularEncoder::new(7.0, 7, 1).unwrap());
    let thermometer = ThermometerEncoder::new(-1.0, 1.0, 5, 1).unwrap();
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        for error in [level.encode(&value), circular.encode(&value), thermometer.encode(&value)] {
            assert!(matches!(error, Err(EncodeError::NotFinite { .. })), "{value}");
        }
    }
    let beyond = Err(EncodeError::OutOfRange { value: 1.5, low: -1.0, high: 1.0 });
    assert_eq!((level.encode(&1.5), thermometer.encode(&1.5)), (beyond.clone(), beyond));
    for ends in [(1.0, 1.0), (2.0, 1.0), (f64::NAN, 1.0), (0.0, f64::INFINITY)] {
        assert!(matches!(LevelEncoder::new(ends.0, ends.1, 5, 1), Err(EncodeError::Range { .. })), "{ends:?}");
        assert!(matches!(ThermometerEncoder::new(ends.0, ends.1, 5, 1), Err(EncodeError::Range { .. })), "{ends:?}");
    }
    for levels in [0, 1, 1026] {
        assert!(matches!(LevelEncoder::new(0.0, 1.0, levels, 1), Err(EncodeError::Setting { .. })), "{levels}");
    }
    assert!(LevelEncoder::new(f64::MIN, f64::MAX, 1025, 1).unwrap().encode(&f64::MAX).is_ok());
    assert!(ThermometerEncoder::new(0.0, 1.0, 2050, 1).is_err() && CircularEncoder::new(1.0, 2049, 1).is_err());
    for period in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(matches!(CircularEncoder::new(period, 5, 1), Err(EncodeError::Period { .. })), "{period}");
    }
    // The nearest number below 0 is the end of the circle, which is its beginning.
    assert_eq!(circular.encode(&-f64::MIN_POSITIVE), circular.encode(&0.0));
    assert!(circular.encode(&f64::MAX).is_ok() && circular.encode(&f64::MIN).is_ok());
}

#[test]
fn wrong_lengths_are_errors() {
    let level = LevelEncoder::new(0.0, 1.0, 5, 1).unwrap();
    let image = ImageEncoder::new(2, 3, level.clone(), 1).unwrap();
    assert_eq!(image.encode(&[0.5; 5][..]), Err(EncodeError::Length { values: 5, expected: 6 }));
    let text = image.encode(&[0.5, 0.5, 0.5, 2.0, 0.5, 0.5][..]).unwrap_err().to_string();
    assert!(text.starts_with("value 3, counted from 0: 2 is not from 0 to 1"), "{text}");
    let series = SeriesEncoder::new(2, 3, level.clone(), 1).unwrap();
    assert_eq!(series.encode(&[0.5; 3][..]), Err(EncodeError::NotWholeSteps { values: 3, channels: 2 }));
    assert_eq!(series.encode(&[][..]), Err(EncodeError::NoValues));
    let error = series.encode(&[0.5, 0.5, 0.5, f64::NAN][..]);
    assert!(matches!(error, Err(EncodeError::Value { index: 3, .. })), "{error:?}");
    assert!(SeriesEncoder::new(0, 3, level.clone(), 1).is_err() && SeriesEncoder::new(1, 0, level.clone(), 1).is_err());
    assert!(SeriesEncoder::new(1, 2049, level.clone(), 1).is_err() && ImageEncoder::new(0, 3, level, 1).is_err());
    assert_eq!(RecordEncoder::new(1).encode(&[] as &[(char, HV16)]), Err(EncodeError::NoValues));
    assert_eq!(
        WordNgramEncoder::new(0, 1).unwrap_err().to_string(),
        "the length of an n-gram: 0 was given; it must be from 1 to 2048"
    );
    let floats: &dyn Fn(&[f64]) -> Result<HV16, EncodeError> = &|row| Encoder::encode(&FloatEncoder::new(2, 1), row);
    assert_eq!(floats(&[1.0]), Err(EncodeError::Numbers(FloatError::Length { numbers: 1, dimensions: 2 })));
}

/// Every encoder is a value that threads can share, and a batch is each of its inputs.
#[test]
fn batches_are_their_inputs() {
    fn check<T: ?Sized, I: std::borrow::Borrow<T> + Sync>(encoder: impl Encoder<T> + Clone + Send, inputs: &[I]) {
        // As texts where they are errors, since NaN does not equal itself.
        let shown = |vector: Result<HV16, EncodeError>| vector.map_err(|error| error.to_string());
        let expected: Vec<_> = inputs.iter().map(|input| shown(encoder.encode(input.borrow()))).collect();
        for threads in [1, 3] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let found = pool.install(|| encoder.clone().encode_batch(inputs));
            assert!(found.into_iter().map(shown).eq(expected.iter().cloned()), "{threads} threads");
        }
    }
    let numbers: Vec<f64> = (0..3_000).map(|i| if i % 100 == 0 { f64::NAN } else { f64::from(i) / 3_000.0 }).collect();
    let level = LevelEncoder::new(0.0, 1.0, 50, 1).unwrap();
    check(level.clone(), &numbers);
    check(ThermometerEncoder::new(0.0, 1.0, 50, 1).unwrap(), &numbers);
    check(CircularEncoder::new(0.3, 50, 1).unwrap(), &numbers);
    let rows: Vec<&[f64]> = numbers.chunks(6).collect();
    check(SeriesEncoder::new(2, 2, level.clone(), 1).unwrap(), &rows);
    check(ImageEncoder::new(2, 3, level, 1).unwrap(), &rows);
    check(FloatEncoder::new(6, 1), &rows);
    let texts: Vec<String> =
        (0..500).map(|i| if i % 9 == 0 { "?".into() } else { format!("text {}", i * i) }).collect();
    check::<str, _>(NgramEncoder::new(3, 1), &texts);
    check::<str, _>(TextEncoder::new(3, 1), &texts);
    check::<str, _>(WordNgramEncoder::new(2, 1).unwrap(), &texts);
    check::<str, _>(ItemMemory::new(1), &texts);
    let pairs: Vec<[(u8, HV16); 2]> = (0..500).map(|i| [(0, HV16::random(i)), (1, HV16::random(i * i))]).collect();
    check(RecordEncoder::new(1), &pairs);
}

/// What a seed means: vectors that are stored must keep their meaning across releases and machines.
#[test]
fn the_vectors_of_a_seed_are_pinned() {
    let digest = |v: &HV16| v.0.iter().fold(0u64, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3));
    let level = LevelEncoder::new(0.0, 1.0, 11, 42).unwrap();
    let found = [
        level.encode(&0.3),
        ThermometerEncoder::new(0.0, 1.0, 11, 42).unwrap().encode(&0.3),
        CircularEncoder::new(1.0, 11, 42).unwrap().encode(&0.7),
        WordNgramEncoder::new(2, 42).unwrap().encode("in the beginning"),
        RecordEncoder::new(42).encode(&[("a", HV16::random(1)), ("b", HV16::random(2))]),
        SeriesEncoder::new(1, 2, level.clone(), 42).unwrap().encode(&[0.1, 0.5, 0.9][..]),
        ImageEncoder::new(2, 1, level, 42).unwrap().encode(&[0.1, 0.5][..]),
    ]
    .map(|vector| digest(&vector.unwrap()));
    assert_eq!(found, PINNED, "{found:#018x?}");
}

const PINNED: [u64; 7] = [
    0x4feb_8d33_a291_12f8,
    0x6f40_3413_2ee5_73fc,
    0xaa1a_f4e7_c899_830e,
    0x868e_f603_75b8_9db6,
    0x0a01_3428_b185_0f4a,
    0x4a80_256a_b09e_1272,
    0x95d1_e03d_e0bf_4c51,
];
