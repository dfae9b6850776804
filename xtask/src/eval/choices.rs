//! `cargo xtask eval --choices`: two choices of hv-learn, made on the training parts alone. The test parts are not read.
//!
//! The last fifth of each training part is asked for: other speakers, and the last fifth of each language's text.

use std::path::Path;

use hv_encode::hv_parallel::HV16;
use hv_encode::{Accumulator, Encoder, NgramEncoder, RecordEncoder, ThermometerEncoder};
use hv_learn::{Classifier, Counts, LearnError, Training, Vector};

use super::bar::Bar;
use super::data::{percent, read};
use super::learning::{FEATURES, numbers_of_isolet};

/// Letters of a piece of text that is asked for: the median of the test part's sentences.
const PIECE: usize = 134;
/// Levels of a number.
const LEVELS: usize = 32;

/// Some examples with their classes.
type Examples<V> = (Vec<V>, Vec<usize>);

/// Letters, from all epochs and from early stopping, and languages by n-grams of 3, 4 and 5 letters; all without a bar.
pub fn figures(isolet: &Path, languages: &Path, seeds: &[u64]) -> Result<Vec<Bar>, Box<dyn std::error::Error>> {
    let bar = |name| Bar::new(name, 0.0);
    let mut bars =
        vec![bar("letters, all epochs"), bar("letters, stopped"), bar("3-grams"), bar("4-grams"), bar("5-grams")];
    let (numbers, letters) = numbers_of_isolet(isolet, "train")?;
    let texts = texts(languages)?;
    for &seed in seeds {
        let training = Training { seed, ..HV16::TRAINING };
        let all = (records(&numbers, seed)?, letters.clone());
        let (known, asked) = split(&all);
        let (fewer, held_out) = split(&known);
        bars[0].by_seed.push(accuracy(&Classifier::fit(&known.0, &known.1, training)?, &asked));
        let stopped = Classifier::fit_with_held_out(&fewer.0, &fewer.1, (&held_out.0, &held_out.1), training)?;
        bars[1].by_seed.push(accuracy(&stopped, &asked));
        for (bar, n) in bars[2..].iter_mut().zip(3..) {
            bar.by_seed.push(by_ngrams(&texts, &NgramEncoder::new(n, seed))?);
        }
    }
    Ok(bars)
}

/// The texts of the languages, each as what is learned from and what is asked for.
fn texts(folder: &Path) -> Result<Vec<[String; 2]>, Box<dyn std::error::Error>> {
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(|error| format!("cannot read {}: {error}", folder.display()))? {
        paths.push(entry?.path());
    }
    paths.sort();
    let halves = |path: &std::path::PathBuf| {
        let text = read(path)?;
        let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
        let cut = lines.len() * 4 / 5;
        Ok([lines[..cut].join("\n"), lines[cut..].join(" ")])
    };
    paths.iter().map(halves).collect()
}

/// The accuracy of counts of n-grams, retrained, on pieces of the text that is asked for.
fn by_ngrams(texts: &[[String; 2]], encoder: &NgramEncoder) -> Result<f64, LearnError> {
    let counts = |text: &str| {
        let mut counted = Accumulator::new();
        encoder.accumulate(text, &mut counted).ok().map(|()| Counts::from(&counted))
    };
    let (mut known, mut asked): (Examples<Counts>, Examples<Counts>) = Default::default();
    for (class, [learned, other]) in texts.iter().enumerate() {
        known.0.extend(learned.lines().filter_map(counts));
        known.1.resize(known.0.len(), class);
        asked.0.extend(pieces(other).filter_map(|piece| counts(&piece)));
        asked.1.resize(asked.0.len(), class);
    }
    let training = Training { seed: encoder.seed(), ..Counts::TRAINING };
    Ok(accuracy(&Classifier::fit(&known.0, &known.1, training)?, &asked))
}

/// Whole words, about [`PIECE`] letters of them at a time.
fn pieces(text: &str) -> impl Iterator<Item = String> + '_ {
    let mut words = text.split_whitespace();
    std::iter::from_fn(move || {
        let mut piece = String::new();
        while piece.len() < PIECE {
            piece = piece + words.next()? + " ";
        }
        Some(piece)
    })
}

/// The records of rows of numbers from -1 to 1.
fn records(numbers: &[f64], seed: u64) -> Result<Vec<HV16>, Box<dyn std::error::Error>> {
    let (levels, records) = (ThermometerEncoder::new(-1.0, 1.0, LEVELS, seed)?, RecordEncoder::new(seed));
    let mut rows = Vec::with_capacity(numbers.len() / FEATURES);
    for row in numbers.chunks_exact(FEATURES) {
        let pairs: Result<Vec<(u64, HV16)>, _> = row
            .iter()
            .zip(0..)
            .map(|(number, role)| Ok::<_, hv_encode::EncodeError>((role, levels.encode(number)?)))
            .collect();
        rows.push(records.encode(&pairs?[..])?);
    }
    Ok(rows)
}

/// The first four fifths, and the last.
fn split<V: Clone>((rows, classes): &Examples<V>) -> (Examples<V>, Examples<V>) {
    let cut = rows.len() * 4 / 5;
    let part = |range: std::ops::Range<usize>| (rows[range.clone()].to_vec(), classes[range].to_vec());
    (part(0..cut), part(cut..rows.len()))
}

/// The share of examples that a classifier gives their class, in percent.
fn accuracy<V: Vector>(classifier: &Classifier<V>, (rows, classes): &Examples<V>) -> f64 {
    let answers = classifier.predict_batch(rows);
    percent(answers.iter().zip(classes).filter(|(answer, class)| **answer == Some(**class)).count(), rows.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_fifth_is_asked_for() {
        let all = ((0..11).collect::<Vec<usize>>(), (0..11).map(|i| i % 2).collect());
        let (known, asked) = split(&all);
        assert_eq!(known.0, (0..8).collect::<Vec<_>>());
        assert_eq!(asked, (vec![8, 9, 10], vec![0, 1, 0]));
    }

    #[test]
    fn pieces_are_of_whole_words_and_a_rest_is_left_out() {
        let text = "abcdefghi ".repeat(30);
        let found: Vec<String> = pieces(&text).collect();
        assert_eq!(found, ["abcdefghi ".repeat(14), "abcdefghi ".repeat(14)]);
    }

    #[test]
    fn languages_are_told_apart_by_their_letters() {
        let texts = ["aab abb baa bab", "xxy xyy yxx yxy"].map(|line| [[line; 5].join("\n"), [line; 20].join(" ")]);
        assert_eq!(by_ngrams(&texts, &NgramEncoder::new(3, 1)).unwrap(), 100.0);
        let confused = [texts[0].clone(), [texts[1][0].clone(), texts[0][1].clone()]];
        assert_eq!(by_ngrams(&confused, &NgramEncoder::new(3, 1)).unwrap(), 50.0);
    }
}
