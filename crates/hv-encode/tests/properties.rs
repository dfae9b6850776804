//! The encoder against its definition in the most obvious form.

use hv_encode::{EncodeError, ItemMemory, NgramEncoder, normalize};
use hv_parallel::HV16;
use hv_parallel::hv_simd::{Accumulator, hv_core::reference};
use proptest::prelude::*;

/// Every run of n characters, in order: rotate what there is by one and bind the next.
fn grams_obviously(n: usize, seed: u64, text: &str) -> Option<Vec<HV16>> {
    let items = ItemMemory::new(seed);
    let characters: Vec<char> = normalize(text)?.chars().collect();
    let gram = |run: &[char]| {
        run.iter().fold(HV16::ZERO, |gram, c| reference::permute(&gram, 1) ^ items.vector(&c.to_string()))
    };
    Some(match characters.len() < n {
        true => vec![gram(&characters)],
        false => characters.windows(n).map(gram).collect(),
    })
}

/// The majority of the distinct runs.
fn encode_obviously(n: usize, seed: u64, text: &str) -> Option<HV16> {
    let mut distinct: Vec<HV16> = Vec::new();
    for gram in grams_obviously(n, seed, text)? {
        if !distinct.contains(&gram) {
            distinct.push(gram);
        }
    }
    reference::bundle(&distinct)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn encode_is_as_defined(n in 1usize..7, seed: u64, text in "[a-eA-E '.éß日]{0,80}") {
        let expected = encode_obviously(n, seed, &text).ok_or(EncodeError::Empty);
        let encoder = NgramEncoder::new(n, seed);
        prop_assert_eq!(encoder.encode(&text), expected);
        let mut counters = Accumulator::new();
        let counted = encoder.accumulate(&text, &mut counters);
        let grams = grams_obviously(n, seed, &text).unwrap_or_default();
        prop_assert_eq!((counted.is_ok(), counters.len()), (!grams.is_empty(), grams.len() as u64));
        prop_assert_eq!(counters.majority(), reference::bundle(&grams));
    }
}

#[test]
fn every_length_around_a_block() {
    let text: String = "the quick brown fox jumps over the lazy dog ".chars().cycle().take(70).collect();
    let encoder = NgramEncoder::new(3, 9);
    for length in (1..=5).chain(28..=37).chain(60..=70) {
        let text = &text[..length];
        assert_eq!(encoder.encode(text).ok(), encode_obviously(3, 9, text), "{length} characters");
        let mut counters = Accumulator::new();
        encoder.accumulate(text, &mut counters).unwrap();
        let all = grams_obviously(3, 9, text).unwrap();
        assert_eq!((counters.len(), counters.majority()), (all.len() as u64, reference::bundle(&all)), "{length}");
    }
}

#[test]
fn long_runs_and_short_texts() {
    let encoder = NgramEncoder::new(NgramEncoder::MAX_N, 1);
    assert_eq!(encoder.encode("Ab c").ok(), encode_obviously(NgramEncoder::MAX_N, 1, "ab c"));
    // One run of three characters, so shorter n that are still longer make no difference.
    assert_eq!(NgramEncoder::new(9, 1).encode("x").ok(), NgramEncoder::new(3, 1).encode("x").ok());
}

#[test]
#[should_panic(expected = "an n-gram has 1 to 2048 characters, not 0")]
fn an_ngram_of_nothing() {
    let _ = NgramEncoder::new(0, 1);
}

#[test]
fn nothing_to_encode_adds_nothing() {
    let encoder = NgramEncoder::default();
    assert_eq!((encoder.n(), encoder.seed()), (3, 0));
    let mut counters = Accumulator::new();
    assert_eq!(encoder.accumulate("…", &mut counters), Err(EncodeError::Empty));
    assert!(counters.is_empty());
}

#[test]
fn a_batch_is_each_of_its_texts_for_any_threads() {
    let encoder = NgramEncoder::new(3, 5);
    let texts: Vec<String> =
        (0..200).map(|i| if i % 9 == 0 { "?".into() } else { format!("text {}", i * i) }).collect();
    let expected: Vec<_> = texts.iter().map(|text| encoder.encode(text)).collect();
    for threads in [1, 3] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        // A new encoder each time, so that its characters are met by several threads at once.
        assert_eq!(pool.install(|| NgramEncoder::new(3, 5).encode_batch(&texts)), expected);
    }
}
