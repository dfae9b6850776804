//! `cargo xtask eval`: accuracy on real text, against the bars that a release must pass.
//!
//! Three tasks by vectors alone. *Recall*: every verse of one Bible translation is stored, and every 31st verse of another asks for
//! the one with its own id. *Language*: prototypes of 21 languages from letter trigrams tell the language of
//! 21,000 sentences. *Embedding*: the verses are found by codes of sentence embeddings, `embeddings.rs`. Each runs for seeds 1 to 5 and is judged by the mean, since seeds differ by some tenths.
//!
//! *Learning*, in `learning.rs`, is what classifiers of hv-learn reach on the same sentences and on spoken letters.
//!
//! Besides, *questions* as people ask them, short ones among them, by vectors and text together: `asked.rs`.

mod asked;
mod asking;
mod bar;
mod choices;
mod collection;
mod data;
mod embeddings;
mod languages;
mod learning;

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

use hv_encode::NgramEncoder;
use hv_parallel::{HV16, adaptive_batch_find_top_k};

use self::bar::Bar;
use self::data::{percent, read_pairs};
use self::embeddings::Embeddings;
use self::languages::Languages;
use self::learning::{FIGURES, Learning};
use crate::files::{self, root};
use crate::outcome::Outcome;
use crate::say::say;

/// Measure accuracy on real data; fails under a bar, and writes docs/questions.md and docs/accuracy.md.
///
/// DIR holds `bible/kjv.tsv` and `bible/web.tsv` (id, tab, verse; the same ids in both), `langid/train/LANG.txt`,
/// `langid/test.tsv` (language, tab, sentence), `minilm/kjv.npy` and `minilm/web_q.npy` (embeddings of the verses and of every
/// 31st question, as f16), and `isolet/train_x.i16le` (numbers times 10,000, rows of 617), `isolet/train_y.u8` (a letter a
/// row, 0 to 25) and the same of `test`.
#[derive(clap::Args)]
#[command(after_help = "Example:\n  cargo xtask eval --data ~/hv-data --quick")]
pub struct Args {
    /// The folder of the data.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Seed 1 alone, on a fifth of the paraphrases and sentences, judged by bars that are lower by what chance may take;
    /// writes no page.
    #[arg(long)]
    quick: bool,
    /// The two choices of hv-learn instead, from the training parts alone: whether letters are learned in all epochs, and
    /// how long n-grams are. Writes no page.
    #[arg(long, conflicts_with = "quick")]
    choices: bool,
}

/// The page of the questions that people ask, in the repository.
const PAGE: &str = "docs/questions.md";
/// The page of the classifiers.
const ACCURACY: &str = "docs/accuracy.md";
/// Every 31st verse asks: about a thousand questions.
const QUESTION_STEP: usize = 31;
/// With `--quick`, this part of the questions.
const QUICK_STEP: usize = 5;

/// With `--quick`, how far a figure of one seed may lie under its bar, in percent: three standard deviations.
const QUICK_SLACK: f64 = 1.5;
/// The same of a row of questions: most are the same as without --quick.
const QUICK_SLACK_OF_ROWS: f64 = 2.0;

/// Reads the data, runs all tasks for every seed, prints the table, and fails under a bar.
pub fn run(args: &Args) -> Outcome {
    hv_parallel::init()?;
    if args.choices {
        let seeds = [1, 2, 3, 4, 5];
        let bars = choices::figures(&args.data.join("isolet"), &args.data.join("langid").join("train"), &seeds)?;
        print_table(&bars, 0.0);
        return Ok(());
    }
    let (seeds, step) = if args.quick { (1..=1, QUICK_STEP) } else { (1..=5, 1) };
    let (slack, slack_of_rows) = if args.quick { (QUICK_SLACK, QUICK_SLACK_OF_ROWS) } else { (0.0, 0.0) };
    let verses = Verses::read(&args.data.join("bible"), step)?;
    let languages = Languages::read(&args.data.join("langid"), step)?;
    let embeddings = Embeddings::read(&args.data.join("minilm"), step)?;
    say!(
        "{} verses, {} questions; {} languages, {} sentences; letter trigrams, 2,048 bits\n",
        verses.stored.len(),
        verses.questions.len(),
        languages.training.len(),
        languages.sentences.len(),
    );
    let learning = Learning::read(&args.data.join("isolet"), &languages)?;
    let mut bars = vec![
        Bar::new("verse, recall@1", 91.5),
        Bar::new("verse, recall@10", 97.0),
        Bar::new("language, counters", 96.0),
        Bar::new("embedding, recall@1", 92.7),
        Bar::new("embedding, recall@10", 98.2),
        Bar::new("  by codes, @1", 93.1),
        Bar::new("  by codes, @10", 98.3),
        Bar::new("  by numbers, @1", 93.4),
        Bar::new("  by numbers, @10", 98.3),
        Bar::new("  overlap, @10", 97.5),
        Bar::new("language, binary", 94.7),
    ];
    let binary = bars.len() - 1;
    bars.extend(FIGURES.iter().map(|figure| Bar::new(figure.name, figure.least)));
    for seed in seeds.clone() {
        progress(&format!("seed {seed} of {}", seeds.end()));
        let encoder = NgramEncoder::new(NgramEncoder::DEFAULT_N, seed);
        let [first, ten] = verses.recall(&encoder);
        let [binary, counters] = languages.accuracy(&encoder)?;
        let learned = learning.accuracy(&languages, seed)?;
        let figures =
            [first, ten, counters].into_iter().chain(embeddings.figures(seed)?).chain([binary]).chain(learned);
        for (bar, figure) in bars.iter_mut().zip(figures) {
            bar.by_seed.push(figure);
        }
    }
    let rows = asked::rows(
        &verses.stored,
        &verses.questions,
        &languages.every_second(""),
        &languages.every_second("en"),
        &progress,
    );
    progress("");
    print_table(&bars, slack);
    say!("\n{}", asked::table(&rows));
    if !args.quick {
        files::save(&root().join(PAGE), &asked::page(&rows))?;
        files::save(&root().join(ACCURACY), &learning::page(&bars[binary..]))?;
    }
    let mut missed: Vec<&str> = bars.iter().filter(|bar| !bar.holds(slack)).map(|bar| bar.name).collect();
    missed.extend(rows.iter().filter(|row| !row.holds(slack_of_rows)).map(asked::Row::name));
    if missed.is_empty() { Ok(()) } else { Err(format!("under the bar: {}", missed.join("; ")).into()) }
}

/// One row a figure: each seed, the mean and the bar, in percent. A figure whose bar is 0 has none.
fn print_table(bars: &[Bar], slack: f64) {
    let seeds = bars.iter().map(|bar| bar.by_seed.len()).max().unwrap_or(0);
    let names: String = (1..=seeds).map(|seed| format!("{:>8}", format!("seed {seed}"))).collect();
    say!("{:<20}{names}{:>9}{:>7}", "% correct", "mean", "bar");
    for bar in bars {
        let figures: String = bar.by_seed.iter().map(|figure| format!("{figure:>8.2}")).collect();
        let verdict = if bar.holds(slack) { "passed" } else { "MISSED" };
        let judged = if bar.least > 0.0 { format!("{:>7.1}  {verdict}", bar.least) } else { String::new() };
        say!("{:<20}{figures}{:>9.2}{judged}", bar.name, bar.mean());
    }
}

/// Overwrites the line of progress on a terminal; an empty text clears it.
fn progress(text: &str) {
    let mut out = std::io::stderr();
    if out.is_terminal() {
        // Progress that cannot be shown is no reason to stop.
        let _ = write!(out, "\r\x1b[K{text}").and_then(|()| out.flush());
    }
}

/// The recall task: verses to store, and questions with the index of the verse that each asks for.
struct Verses {
    stored: Vec<String>,
    questions: Vec<(usize, String)>,
}

impl Verses {
    fn read(folder: &Path, step: usize) -> Result<Self, Box<dyn std::error::Error>> {
        let stored = read_pairs(&folder.join("kjv.tsv"))?;
        let asked = read_pairs(&folder.join("web.tsv"))?;
        let same = "kjv.tsv and web.tsv must have the same ids in the same order";
        if stored.len() != asked.len() {
            return Err(format!("{same}, but they have {} and {} lines", stored.len(), asked.len()).into());
        }
        for (line, (stored, asked)) in stored.iter().zip(&asked).enumerate() {
            if stored.0 != asked.0 {
                return Err(format!("{same}, but line {} has {} and {}", line + 1, stored.0, asked.0).into());
            }
        }
        let questions = asked.into_iter().map(|(_, text)| text).enumerate().step_by(QUESTION_STEP * step).collect();
        Ok(Self { stored: stored.into_iter().map(|(_, text)| text).collect(), questions })
    }

    /// Recall at 1 and at 10, in percent. A question with nothing to encode is a miss.
    fn recall(&self, encoder: &NgramEncoder) -> [f64; 2] {
        // A verse with nothing to encode keeps its index, so that the others keep theirs; no question is like it.
        let stored: Vec<HV16> = encoder.encode_batch(&self.stored).into_iter().map(Result::unwrap_or_default).collect();
        let texts: Vec<&str> = self.questions.iter().map(|(_, text)| text.as_str()).collect();
        let (wanted, cues): (Vec<usize>, Vec<HV16>) = (self.questions.iter())
            .zip(encoder.encode_batch(&texts))
            .filter_map(|((index, _), cue)| Some((*index, cue.ok()?)))
            .unzip();
        let found = adaptive_batch_find_top_k(&cues, &stored, 10);
        let within = |k: usize| {
            let hit = |(wanted, found): &(&usize, &Vec<(usize, f32)>)| found.iter().take(k).any(|(i, _)| i == *wanted);
            percent(wanted.iter().zip(&found).filter(hit).count(), self.questions.len())
        };
        [within(1), within(10)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn translations_must_have_the_same_verses() {
        let read = |stored: &str, asked: &str| {
            let folder = tempfile::tempdir().unwrap();
            std::fs::write(folder.path().join("kjv.tsv"), stored).unwrap();
            std::fs::write(folder.path().join("web.tsv"), asked).unwrap();
            Verses::read(folder.path(), 1).map_err(|error| error.to_string())
        };
        let (one, two) = ("1\tIn the beginning\n", "1\tIn the beginning\n2\tAnd the earth\n");
        assert_eq!(read(two, two).map(|verses| verses.stored.len()), Ok(2));
        for (stored, asked, said) in
            [(one, two, "1 and 2 lines"), (two, one, "2 and 1 lines"), (one, "2\tAnd\n", "line 1 has 1 and 2")]
        {
            let error = read(stored, asked).map(|verses| verses.questions).unwrap_err();
            assert!(error.contains("same ids") && error.contains(said), "{error}");
        }
    }
}
