//! What can be typed, and the help that teaches it.

use std::path::PathBuf;
use std::str::FromStr;

use clap::error::ErrorKind;
use clap::{Args, Parser, Subcommand};
use hv_encode::NgramEncoder;
use hv_memory::analysis::PlaneCut;

use crate::failure::Failure;

/// Associative memory for text: store lines, find them again by what they are like, misspelt or not.
#[derive(Parser)]
#[command(
    name = "hv",
    version,
    arg_required_else_help = true,
    after_help = "\
Examples:
  hv demo                                   see it work, with nothing to prepare
  hv index notes.hv *.txt                   store every line of some files
  hv recall notes.hv \"what the dog did\"     find the lines most like these words
  hv info notes.hv                          what a store holds

HV_BACKEND=scalar|sse2|avx2|avx512 forces a set of kernels.
HV_THRESHOLDS=similarity=20000,top_k=8000 sets how much work it takes to use all cores.
Exit codes: 0 fine, 1 failed, 2 wrong usage."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
pub enum Command {
    Index(IndexArgs),
    Recall(RecallArgs),
    Info(InfoArgs),
    Similar(SimilarArgs),
    Forget(ForgetArgs),
    Consolidate(ConsolidateArgs),
    Compact(CompactArgs),
    Verify(VerifyArgs),
    Export(ExportArgs),
    Import(ImportArgs),
    /// Index this repository's text (or a small built-in one), ask misspelt questions, time the kernels
    #[command(after_help = "\
Example:
  hv demo                                   in a checkout of hv, its own text; leaves nothing behind")]
    Demo,
}

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
    /// The store's folder
    pub store: PathBuf,
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

/// Find the stored lines that are most like some words
///
/// Shows for each match its similarity (1 for equal letters, 0.5 for strangers), how many standard deviations that
/// is above chance, the file and line, and the text; then the time that the search alone took.
#[derive(Args)]
#[command(after_help = "\
Examples:
  hv recall bible.hv \"in the begining god creatd the heavn\"
  hv recall bible.hv -k 1 --min-similarity 0.6 let there be light
  hv recall bible.hv --batch questions.txt --json | jq -r '.matches[0].text'")]
pub struct RecallArgs {
    /// The store's folder, made by hv index
    pub store: PathBuf,
    /// What to look for
    #[arg(required_unless_present = "batch", conflicts_with = "batch")]
    pub words: Vec<String>,
    /// Ask every line of FILE, in one pass over the store; - is standard input
    #[arg(long, value_name = "FILE")]
    pub batch: Option<PathBuf>,
    /// The most matches to show for a question
    #[arg(short, default_value = "5", value_parser = at_least_one, allow_negative_numbers = true)]
    pub k: usize,
    /// One JSON object a question, a line each: query, search_us, matches (or error)
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub filters: Filters,
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
    /// The store's folder, made by hv index
    pub store: PathBuf,
    /// How similar the two must be, from 0 to 1
    #[arg(long, value_name = "S", default_value = "0.9", value_parser = similarity, allow_negative_numbers = true)]
    pub min_similarity: f32,
    /// One JSON object a pair, a line each: older, newer, similarity, distance, z
    #[arg(long)]
    pub json: bool,
}

/// Forget episodes for good, by id or by the file that they came from
///
/// They are found no more, and their ids are never given out again. Their space comes back with hv compact.
#[derive(Args)]
#[command(after_help = "\
Examples:
  hv forget notes.hv 17 '#18'               as hv recall shows them, or without the #
  hv forget notes.hv --source old.txt --dry-run
  hv forget notes.hv --source old.txt       then index the file anew")]
pub struct ForgetArgs {
    /// The store's folder
    pub store: PathBuf,
    /// The episodes' ids
    #[arg(value_name = "ID", required_unless_present = "source", value_parser = id, allow_negative_numbers = true)]
    pub ids: Vec<u64>,
    /// Every episode of this file, named as when it was indexed
    #[arg(long, value_name = "FILE")]
    pub source: Option<String>,
    /// Say what would be forgotten, and forget nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// Let strengths fade, drop the faintest episodes, merge near-duplicates, keep the strongest
///
/// Does only what is asked for by --half-life, --floor, --merge and --capacity, so without them it drops nothing. What
/// it drops is gone for good: --dry-run shows what that would be. With --half-life a strength halves in every such
/// time since the episode was stored or last consolidated, so that ten calls in a second fade as much as one; what no
/// program has recollected since goes after six half-lives (hv recall recollects nothing). Each survivor of a merge
/// takes the strengths of those it absorbed, and the bundle of their vectors. One step, all or nothing; it also gives
/// back the space of what was forgotten, which hv compact does without dropping anything.
#[derive(Args)]
#[command(after_help = "\
Examples:
  hv consolidate log.hv --half-life 30 --dry-run    what would go: what is older than 180 days
  hv consolidate notes.hv --merge 0.95
  hv consolidate log.hv --capacity 100000")]
pub struct ConsolidateArgs {
    /// The store's folder
    pub store: PathBuf,
    /// Days in which a strength halves [default: inf, strengths do not fade]
    #[arg(long, value_name = "DAYS", value_parser = half_life, allow_negative_numbers = true)]
    pub half_life: Option<f64>,
    /// Drop episodes weaker than this; a new one has 1 [default: 1/64 with --half-life, else 0, which drops none]
    #[arg(long, value_name = "S", value_parser = strength, allow_negative_numbers = true)]
    pub floor: Option<f64>,
    /// Merge episodes at least this similar, from 0 to 1 [default: none]
    #[arg(long, value_name = "S", value_parser = similarity, allow_negative_numbers = true)]
    pub merge: Option<f32>,
    /// Keep the strongest N at most, of equal ones the newer [default: all]
    #[arg(long, value_name = "N", value_parser = whole::<usize>, allow_negative_numbers = true)]
    pub capacity: Option<usize>,
    /// Say what would be dropped, and change nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// Give back the space of forgotten episodes
///
/// Writes the store anew without them, in one step, all or nothing; needs as much free space as what stays takes. No
/// episode that can be found is changed, so there is no --dry-run: hv info says how many forgotten ones take space.
#[derive(Args)]
#[command(after_help = "\
Example:
  hv forget notes.hv --source old.txt && hv compact notes.hv")]
pub struct CompactArgs {
    /// The store's folder
    pub store: PathBuf,
}

/// Read a whole store again and name whatever is damaged
///
/// Exits with 1 if anything is not what was written. Changes nothing, and works on stores too damaged to open.
#[derive(Args)]
#[command(after_help = "\
Example:
  hv verify notes.hv")]
pub struct VerifyArgs {
    /// The store's folder
    pub store: PathBuf,
}

/// Show what a store holds, and what searches it here
#[derive(Args)]
#[command(after_help = "\
Example:
  hv info notes.hv")]
pub struct InfoArgs {
    /// The store's folder
    pub store: PathBuf,
}

/// Write a whole store as JSON lines and raw vectors, for any program to read
///
/// FOLDER gets episodes.jsonl, a line for each episode, and vectors.bin, 256 bytes for each in the same order.
#[derive(Args)]
#[command(after_help = "\
Example:
  hv export notes.hv notes.export && hv import copy.hv notes.export")]
pub struct ExportArgs {
    /// The store's folder
    pub store: PathBuf,
    /// The folder to write to, which must be new or empty
    pub folder: PathBuf,
}

/// Make a new store of what hv export wrote
///
/// Ids, times, strengths and retrievals are kept: it is the same memory. Nothing is imported unless all of it is.
#[derive(Args)]
#[command(after_help = "\
Example:
  hv export notes.hv notes.export && hv import copy.hv notes.export")]
pub struct ImportArgs {
    /// The folder of the new store
    pub store: PathBuf,
    /// The folder that hv export wrote
    pub folder: PathBuf,
}

/// The command that was typed.
pub fn parse() -> Result<Command, Failure> {
    Cli::try_parse().map(|cli| cli.command).map_err(|error| match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => match error.print() {
            Ok(()) => Failure::Shown,
            Err(error) => error.into(),
        },
        _ => Failure::Usage(brief(&error)),
    })
}

/// A usage error in two lines: what was wrong, and how it is used.
fn brief(error: &clap::Error) -> String {
    let text = error.render().to_string();
    if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        return format!("a command is missing\n\n{text}");
    }
    let (wrong, usage) = text.split_once("Usage:").unwrap_or((&text, ""));
    let join = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let wrong = join(wrong).trim_start_matches("error: ").replace(" For more information, try '--help'.", "");
    let usage = join(usage.lines().next().unwrap_or_default());
    match usage.as_str() {
        "" => format!("{wrong}\nhv --help shows how it is used, hv COMMAND --help with examples"),
        usage => format!("{wrong}\nusage: {usage}; --help shows examples"),
    }
}

fn ngram(text: &str) -> Result<usize, String> {
    let most = NgramEncoder::MAX_N;
    text.parse().ok().filter(|n| (1..=most).contains(n)).ok_or(format!("give a whole number from 1 to {most}"))
}

fn id(text: &str) -> Result<u64, String> {
    let number = text.strip_prefix('#').unwrap_or(text).parse();
    number.map_err(|_| "give the number of an episode, as hv recall shows it, such as 40 or #40".to_owned())
}

fn whole<N: FromStr>(text: &str) -> Result<N, String> {
    text.parse().map_err(|_| "give a whole number, 0 or more".to_owned())
}

fn at_least_one(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|&k| k > 0).ok_or("give a whole number, 1 or more".to_owned())
}

fn similarity(text: &str) -> Result<f32, String> {
    let number = text.parse().ok().filter(|s: &f32| (0.0..=1.0).contains(s));
    number.ok_or("give a number from 0 to 1; strangers have 0.5, equal texts 1".to_owned())
}

fn valence(text: &str) -> Result<f32, String> {
    let number = text.parse().ok().filter(|v: &f32| (-1.0..=1.0).contains(v));
    number.ok_or("give a number from -1 to 1; hv index stores 0".to_owned())
}

fn strength(text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|s: &f64| *s >= 0.0 && s.is_finite());
    number.ok_or("give a number, 0 or more; a new episode has 1".to_owned())
}

fn half_life(text: &str) -> Result<f64, String> {
    text.parse().ok().filter(|days: &f64| *days > 0.0).ok_or("give a number of days, more than 0, or inf".to_owned())
}

fn probability(text: &str) -> Result<f64, String> {
    let (least, most) = (PlaneCut::MIN_MISS_PROBABILITY, PlaneCut::MAX_MISS_PROBABILITY);
    let number = text.parse().ok().filter(|p| (least..=most).contains(p));
    number.ok_or(format!("give a number from {least:e} to {most}, for example 1e-9"))
}

/// A moment in microseconds since 1970. Digits alone are that already, and no date without dashes. Without an offset it
/// is in UTC, and without a time it is midnight.
fn time(text: &str) -> Result<i64, String> {
    if let Ok(microseconds) = text.parse() {
        return Ok(microseconds);
    }
    // Read as a time without a zone, it would be taken for UTC.
    if text.contains('[') {
        return Err("time zones have no names here; give the offset, as in 2026-01-31T12:00:00+01:00".to_owned());
    }
    let in_utc = |moment: jiff::civil::DateTime| Ok(moment.to_zoned(jiff::tz::TimeZone::UTC)?.timestamp());
    let moment = text.parse().or_else(|_| text.parse().and_then(in_utc));
    moment.map(jiff::Timestamp::as_microsecond).map_err(|_| {
        "give a date (2026-01-31), a date and time (2026-01-31T12:00:00Z) or microseconds since 1970".to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definitions_are_consistent() {
        use clap::CommandFactory;
        Cli::command().debug_assert();
    }

    #[test]
    fn values_in_and_out_of_range() {
        assert_eq!((at_least_one("1"), ngram("2048"), similarity("0.5")), (Ok(1), Ok(2048), Ok(0.5)));
        assert_eq!((whole("0"), whole(&u64::MAX.to_string())), (Ok(0), Ok(u64::MAX)));
        for bad in ["-1", "", "x", "1.5"] {
            assert!(whole::<usize>(bad).is_err(), "{bad}");
        }
        for bad in ["0", "-1", "", "x", "1.5"] {
            assert!(at_least_one(bad).is_err() && ngram(bad).is_err(), "{bad}");
        }
        for bad in ["nan", "-0.1", "1.01", "inf", "", "half"] {
            assert!(similarity(bad).is_err(), "{bad}");
        }
        assert_eq!((id("40"), id("#40"), id("0")), (Ok(40), Ok(40), Ok(0)));
        for bad in ["", "#", "##4", "-1", "#-1", "+", "4.0", "a.txt:2"] {
            assert!(id(bad).unwrap_err().contains("such as 40 or #40"), "{bad}");
        }
        assert_eq!((valence("-1"), strength("0"), probability("1e-9")), (Ok(-1.0), Ok(0.0), Ok(1e-9)));
        assert!(valence("1.1").is_err() && valence("nan").is_err());
        assert!(strength("-0.1").is_err() && strength("nan").is_err());
        assert_eq!((half_life("0.5"), half_life("inf")), (Ok(0.5), Ok(f64::INFINITY)));
        assert!(half_life("0").is_err() && half_life("nan").is_err() && strength("inf").is_err());
        assert_eq!((probability("1e-15"), probability("0.5")), (Ok(1e-15), Ok(0.5)));
        for bad in ["0", "9e-16", "0.51", "1", "nan"] {
            assert!(probability(bad).unwrap_err().contains("from 1e-15 to 0.5"), "{bad}");
        }
    }

    #[test]
    fn times_in_each_form() {
        assert_eq!(time("1970-01-02"), Ok(86_400_000_000));
        assert_eq!(time("1970-01-01T00:00:01.5Z"), Ok(1_500_000));
        assert_eq!(time("1970-01-01T01:00:00+01:00"), Ok(0));
        assert_eq!(time("-5"), Ok(-5));
        assert_eq!(time(&i64::MAX.to_string()), Ok(i64::MAX));
        assert_eq!(time("1970-01-01T00:01"), Ok(60_000_000));
        // Digits alone are never a date, though 20240115 could be one.
        assert_eq!((time("20240115"), time("2024")), (Ok(20_240_115), Ok(2_024)));
        for bad in ["yesterday", "1970-13-01", "", "1.5", "1970-01-01T25:00"] {
            assert!(time(bad).is_err(), "{bad}");
        }
        for zone in ["1970-01-01T00:00[Europe/Berlin]", "1970-01-01T00:00+01:00[Europe/Berlin]", "1970-01-01[UTC]"] {
            assert!(time(zone).unwrap_err().contains("give the offset"), "{zone}");
        }
    }
}
