//! The arguments of the commands about a store as a whole: what it holds, what leaves it, and copies of it.

use std::path::PathBuf;

use clap::Args;

use super::store::StoreArg;
use super::values::{half_life, id, similarity, strength, whole};

/// Forget episodes for good, by id or by the file that they came from
///
/// They are found no more, and their ids are never given out again. Their space comes back with hv compact.
#[derive(Args)]
#[command(after_help = "\
Examples:
  hv forget notes.hv 17 '#18'               as hv recall shows them, or without the #
  hv forget notes.hv --source old.txt --dry-run
  hv forget notes.hv --source old.txt       then index the file again")]
pub struct ForgetArgs {
    #[command(flatten)]
    pub store: StoreArg,
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
    #[command(flatten)]
    pub store: StoreArg,
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
/// Rewrites the store without them, in one step, all or nothing; this needs as much free space as what stays takes. No
/// episode that can be found is changed, so there is no --dry-run: hv info says how many forgotten ones take space.
#[derive(Args)]
#[command(after_help = "\
Example:
  hv forget notes.hv --source old.txt && hv compact notes.hv")]
pub struct CompactArgs {
    #[command(flatten)]
    pub store: StoreArg,
}

/// Read a whole store again and name whatever is damaged
///
/// Exits with 1 if anything is not what was written. Changes nothing, and works on stores too damaged to open.
#[derive(Args)]
#[command(after_help = "\
Example:
  hv verify notes.hv")]
pub struct VerifyArgs {
    #[command(flatten)]
    pub store: StoreArg,
}

/// Show what a store holds, and what searches it here
#[derive(Args)]
#[command(after_help = "\
Example:
  hv info notes.hv")]
pub struct InfoArgs {
    #[command(flatten)]
    pub store: StoreArg,
}

/// Write a whole store as JSON lines and raw vectors, for any program to read
///
/// FOLDER gets episodes.jsonl, a line for each episode, and vectors.bin, 256 bytes for each in the same order.
#[derive(Args)]
#[command(after_help = "\
Example:
  hv export notes.hv notes.export && hv import copy.hv notes.export")]
pub struct ExportArgs {
    #[command(flatten)]
    pub store: StoreArg,
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
