//! The arguments of the commands about text: storing lines, asking for them, and comparing them.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::store::StoreArg;
use super::values::{at_least_one, id, ngram, probability, similarity, strength, time, valence, whole};

/// Store every line of text files, each as an episode with its file and line number
///
/// Makes the store, a folder, if it is not there; adds to it otherwise. A line becomes the bundle of its letter
/// trigrams, so that lines spelt alike are alike. Indexing a file again stores its lines again. What is stored
/// survives any crash.
#[derive(Args)]
#[command(after_help = "\
Examples:
  hv index notes.hv *.txt
  hv index bible.hv --tsv kjv.tsv           lines of key, tab, text: 1.1.1<TAB>In the beginning...
  dmesg | hv index log.hv -                 from standard input")]
pub struct IndexArgs {
    #[command(flatten)]
    pub store: StoreArg,
    /// Files of text in UTF-8; - is standard input
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    // Not as a doc comment, which would take <TAB> for HTML.
    #[arg(long, help = "Lines are KEY<TAB>TEXT: the text is encoded, the key comes back with it")]
    pub tsv: bool,
    /// Letters in an n-gram [default: the store's, or 3 in a new one]
    #[arg(long, value_name = "N", value_parser = ngram, allow_negative_numbers = true)]
    pub ngram: Option<usize>,
    /// Seed of the letters' vectors [default: the store's, or 0 in a new one]
    #[arg(long, value_parser = whole::<u64>, allow_negative_numbers = true)]
    pub seed: Option<u64>,
}

/// Find the stored lines that hold some words, misspelt or not
///
/// Shows for each match its score (1 for the same words in the same order, 0 where no word is alike), the similarity of its
/// letters (1 for equal ones, 0.5 for unrelated lines), how many standard deviations that is above chance, the file and
/// line, and the text; then the time that the search took. Rare words count more than common ones.
///
/// Where no line has the words that matter, the answer is "nothing close" with the nearest line, and the exit code 3;
/// 0 with --batch or --all. Stores that hv 0.1 made answer by similarity, without a score and a verdict.
#[derive(Args)]
#[command(after_help = "\
Examples:
  hv recall bible.hv \"in the begining god creatd the heavn\"
  hv recall bible.hv lihgt                  one word is enough, and may have a typo
  hv recall bible.hv -k 1 --min-similarity 0.6 let there be light
  hv recall bible.hv --batch questions.txt --json | jq -r '.matches[0].text'")]
pub struct RecallArgs {
    #[command(flatten)]
    pub store: StoreArg,
    /// What to look for
    #[arg(required_unless_present = "batch", conflicts_with = "batch")]
    pub words: Vec<String>,
    /// Ask every line of FILE, in one pass over the store; - is standard input
    #[arg(long, value_name = "FILE")]
    pub batch: Option<PathBuf>,
    /// The most matches to show for a question
    #[arg(short, default_value = "5", value_parser = at_least_one, allow_negative_numbers = true)]
    pub k: usize,
    /// Order the matches by their text, or by the similarity of their letters alone, without a verdict
    #[arg(long, value_enum, default_value = "text")]
    pub by: Order,
    /// Show the best matches also where nothing is close, and exit with 0
    #[arg(long)]
    pub all: bool,
    /// One JSON object a question, a line each: query, search_us, matches (or error); nearest where nothing is close
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub filters: Filters,
}

/// By what matches are ordered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Order {
    #[default]
    Text,
    Similarity,
}

/// Conditions that an episode must meet to be ranked at all.
#[derive(Args, Default)]
#[command(next_help_heading = "Conditions, applied before the ranking")]
pub struct Filters {
    /// Only matches at least this similar, from 0 to 1
    #[arg(long, value_name = "S", value_parser = similarity, allow_negative_numbers = true)]
    pub min_similarity: Option<f32>,
    /// Only episodes from this time on: 2026-01-31, 2026-01-31T12:00:00Z, or microseconds since 1970 (digits alone)
    #[arg(long, value_name = "TIME", value_parser = time, allow_negative_numbers = true)]
    pub since: Option<i64>,
    /// Only episodes before this time
    #[arg(long, value_name = "TIME", value_parser = time, allow_negative_numbers = true)]
    pub before: Option<i64>,
    /// Only episodes of at least this valence, from -1 to 1
    #[arg(long, value_name = "V", value_parser = valence, allow_negative_numbers = true)]
    pub min_valence: Option<f32>,
    /// Only episodes of at most this valence, from -1 to 1
    #[arg(long, value_name = "V", value_parser = valence, allow_negative_numbers = true)]
    pub max_valence: Option<f32>,
    /// Only episodes of at least this strength; a new one has 1
    #[arg(long, value_name = "S", value_parser = strength, allow_negative_numbers = true)]
    pub min_strength: Option<f64>,
    /// None of these episodes
    #[arg(long, value_name = "ID", value_delimiter = ',', value_parser = id, allow_negative_numbers = true)]
    pub exclude: Vec<u64>,
    /// For speed with --min-similarity, miss a match with at most this probability, 1e-15 to 0.5 [default: miss none]
    #[arg(long, value_name = "P", value_parser = probability, allow_negative_numbers = true)]
    #[arg(requires = "min_similarity")]
    pub miss: Option<f64>,
}

/// Show pairs of stored lines that are near-duplicates
///
/// Compares every line with every other, so that ten times the lines take a hundred times as long. Pairs come by the
/// older line and then the newer, and are written as they are found, those of some hundred lines at a time: that takes
/// some MiB of memory, and of up to four million lines 3 GiB at most, where nearly all are alike.
#[derive(Args)]
#[command(after_help = "\
Examples:
  hv similar notes.hv --min-similarity 0.95
  hv similar notes.hv --json | jq .newer.id | sort -un | xargs -r hv forget notes.hv --dry-run")]
pub struct SimilarArgs {
    #[command(flatten)]
    pub store: StoreArg,
    /// How similar the two must be, from 0 to 1
    #[arg(long, value_name = "S", default_value = "0.9", value_parser = similarity, allow_negative_numbers = true)]
    pub min_similarity: f32,
    /// One JSON object a pair, a line each: older, newer, similarity, distance, z
    #[arg(long)]
    pub json: bool,
}
