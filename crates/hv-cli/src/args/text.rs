//! The arguments of the commands about text: storing lines, asking for them, and comparing them.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use hv_memory::EpisodeId;

use super::device::DeviceArg;
use super::labels::Labels;
use super::store::StoreArg;
use super::values::{at_least_one, id, ngram, probability, similarity, strength, time, valence, whole};
use crate::units::Unit;

/// Store every line of text files and folders, with its line number
///
/// A file that was indexed before is skipped where it has not changed. Where it has, its new version replaces the old in
/// one step: lines that stay where they were keep their episodes. What is stored survives any crash.
#[derive(Args)]
#[command(before_help = "Example: hv index notes.hv *.txt docs")]
pub struct IndexArgs {
    #[command(flatten)]
    pub store: StoreArg,
    /// Files of text in UTF-8, and folders of them; - is standard input
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    // Not as a doc comment, which would take <TAB> for HTML.
    #[arg(long, help = "Lines are LABEL<TAB>TEXT; the label comes back as the key")]
    pub tsv: bool,
    /// What becomes an episode; a paragraph ends at an empty line or 4 KiB
    #[arg(long, value_enum, default_value = "line", conflicts_with = "tsv")]
    pub by: Unit,
    /// Store files that were indexed before a second time
    #[arg(long)]
    pub again: bool,
    /// Read also what ignore files exclude; hidden files stay out
    #[arg(long)]
    pub no_ignore: bool,
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
/// line, and the text; then the time that the search took. Rare words count more than common ones. On a terminal, long
/// texts are cut to its width with the words in view and marked.
///
/// Where no line has the words that matter, the answer is "nothing close" with the nearest line, and the exit code 3;
/// 0 with --batch or --all. Stores that hv 0.1 made answer by similarity, without a score and a verdict.
#[derive(Args)]
#[command(before_help = "Example: hv recall bible.hv in the begining god creatd the heavn")]
pub struct RecallArgs {
    #[command(flatten)]
    pub store: StoreArg,
    /// What to look for
    #[arg(required_unless_present = "batch", conflicts_with = "batch")]
    pub words: Vec<String>,
    /// Ask every line of FILE; - is standard input
    #[arg(long, value_name = "FILE")]
    pub batch: Option<PathBuf>,
    /// Show at most K matches
    #[arg(short, default_value = "5", value_parser = at_least_one, allow_negative_numbers = true)]
    pub k: usize,
    /// Show N stored lines before and after each match
    ///
    /// Lines without a letter or digit are not stored, so they are neither shown nor counted.
    #[arg(short = 'C', value_name = "N", default_value = "0", hide_default_value = true)]
    #[arg(value_parser = whole::<usize>, allow_negative_numbers = true)]
    pub context: usize,
    /// Order: text, or similarity (of letters alone)
    ///
    /// By similarity there is no verdict: something is always nearest.
    #[arg(long, value_enum, default_value = "text", value_name = "ORDER", hide_possible_values = true)]
    pub by: Order,
    /// Show the nearest even where nothing is close
    ///
    /// Then the exit code is 0.
    #[arg(long)]
    pub all: bool,
    /// Strengthen what is shown, and log the retrieval
    ///
    /// The strength of an episode says how firmly it is remembered. It is 1 for a new one, each such recall adds 0.1, up to 10,
    /// and hv consolidate --half-life lets it fade and drops what has faded. --min-strength asks for it.
    #[arg(long)]
    pub recollect: bool,
    /// One JSON object a question: query, matches, ...
    ///
    /// A match has id, key (the label where there is one, else the key), source, line, text, score, similarity, distance and z,
    /// and with -C before and after. Where nothing is close, matches is empty and nearest is one match or null. A question
    /// with no letter and no digit has error in their place.
    #[arg(long)]
    pub json: bool,
    /// Search on: cpu, or gpu where hv was built with it
    ///
    /// Answers are the same. The name of the GPU goes to standard error, with "software" where it is a program on the CPU. HV_GPU
    /// chooses one: cuda, vulkan, metal, dx12, or a number.
    #[arg(long, value_enum, default_value = "cpu", value_name = "DEVICE", hide_short_help = true)]
    pub device: DeviceArg,
    #[command(flatten)]
    pub labels: Labels,
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

/// Conditions that an episode must meet to be ranked at all, and whether equal ones are ranked each.
#[derive(Args, Default)]
pub struct Filters {
    /// Show every match, not one for each distinct text
    #[arg(long)]
    pub duplicates: bool,
    /// Only these episodes, where they were asked for by name.
    #[arg(skip)]
    pub ids: Option<Vec<EpisodeId>>,
    /// Only from this day or time on; --before TIME: to it
    ///
    /// A year (2026), a month (2026-01), a date (2026-01-31 or 20260131), a date and time (2026-01-31T12:00:00Z; in UTC without
    /// an offset), or us: and microseconds since 1970 (us:1700000000000000).
    #[arg(long, value_name = "TIME", value_parser = time, allow_negative_numbers = true)]
    pub since: Option<i64>,
    /// Only from before this day or time
    #[arg(long, value_name = "TIME", value_parser = time, allow_negative_numbers = true, hide_short_help = true)]
    pub before: Option<i64>,
    /// Only this good or better, -1 to 1; or --max-valence
    ///
    /// The valence of an episode says how good (1) or bad (-1) it was. hv index stores 0, and hv add --valence sets it.
    #[arg(long, value_name = "V", value_parser = valence, allow_negative_numbers = true)]
    pub min_valence: Option<f32>,
    /// Only bad ones: of at most this valence, from -1 to 1
    #[arg(long, value_name = "V", value_parser = valence, allow_negative_numbers = true, hide_short_help = true)]
    pub max_valence: Option<f32>,
    /// Only this firmly remembered: 1 new, more recollected
    ///
    /// The strength is 1 for a new episode. hv recall --recollect adds 0.1, and hv consolidate --half-life lets it fade. It is
    /// compared as it was last written.
    #[arg(long, value_name = "S", value_parser = strength, allow_negative_numbers = true)]
    pub min_strength: Option<f64>,
    /// Leave out this id; may be repeated
    #[arg(long, value_name = "ID", value_delimiter = ',', value_parser = id, allow_negative_numbers = true)]
    pub exclude: Vec<u64>,
    /// Only matches at least this similar, from 0 to 1
    ///
    /// It is the similarity of letters: 1 for equal lines, 0.5 for unrelated ones.
    #[arg(long, value_name = "S", value_parser = similarity, allow_negative_numbers = true)]
    pub min_similarity: Option<f32>,
    /// For speed with --min-similarity, miss a match with at most this probability, 1e-15 to 0.5 [default: miss none]
    #[arg(long, value_name = "P", value_parser = probability, allow_negative_numbers = true, hide_short_help = true)]
    #[arg(requires = "min_similarity")]
    pub miss: Option<f64>,
}

/// Show stored lines that are near-duplicates of an older one
///
/// Each such line is shown once, with the similarity to the older line that it is most like. Lines that lead to the same oldest
/// one are a group, under that line. Compares every line with every other, so that ten times the lines take a hundred times
/// as long.
#[derive(Args)]
#[command(before_help = "Example: hv similar notes.hv --min-similarity 0.95")]
pub struct SimilarArgs {
    #[command(flatten)]
    pub store: StoreArg,
    /// How similar the two must be, from 0 to 1
    #[arg(long, value_name = "S", default_value = "0.9", value_parser = similarity, allow_negative_numbers = true)]
    pub min_similarity: f32,
    /// Show every pair, as it is found
    ///
    /// Pairs are ordered by the older line and then the newer, and are kept for a few hundred lines at a time. This takes a
    /// few MiB of memory; at most 3 GiB for four million lines that are nearly all alike.
    #[arg(long)]
    pub pairs: bool,
    /// One JSON object a line: older, newer, similarity, distance, z
    #[arg(long)]
    pub json: bool,
}
