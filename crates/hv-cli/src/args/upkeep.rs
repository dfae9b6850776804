//! The arguments of the commands about a store as a whole: what it holds, what leaves it, and copies of it.

use std::path::PathBuf;

use clap::Args;

use super::labels::Labels;
use super::store::StoreArg;
use super::values::{half_life, id, similarity, strength, whole};

/// Forget episodes for good, by id or by name
///
/// They are found no more, and their ids are never given out again. Their space comes back with hv compact. Names are --key,
/// --source and --tag; of several kinds an episode must meet each. What is given by id is forgotten as well. A line of a file
/// stays forgotten while the file has it, until hv index --again; a whole --source is as new when it is indexed again.
#[derive(Args)]
#[command(before_help = "Example: hv forget notes.hv --source old.txt --dry-run")]
pub struct ForgetArgs {
    #[command(flatten)]
    pub store: StoreArg,
    /// The episodes' ids, as hv recall shows them, with or without #
    #[arg(value_name = "ID", value_parser = id, allow_negative_numbers = true)]
    pub ids: Vec<u64>,
    #[command(flatten)]
    pub labels: Labels,
    /// Say what would be forgotten, and forget nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// Let strengths fade, drop what is faint, merge near-duplicates
///
/// The strength of an episode says how firmly it is remembered: 1 for a new one, and hv recall --recollect adds 0.1. Does only what is asked for by --half-life, --floor, --merge and --capacity, so without them it drops nothing. What
/// it drops is gone for good: --dry-run shows what that would be. With --half-life a strength halves in every such
/// time since the episode was stored or last consolidated, so that ten calls in a second fade as much as one; what was
/// not recollected since goes after six half-lives. Each survivor of a merge
/// takes the strengths of those it absorbed, and the bundle of their vectors. One step, all or nothing; it also gives
/// back the space of what was forgotten, which hv compact does without dropping anything.
#[derive(Args)]
#[command(before_help = "Example: hv consolidate log.hv --half-life 30 --dry-run")]
pub struct ConsolidateArgs {
    #[command(flatten)]
    pub store: StoreArg,
    /// Days in which a strength halves [default: it never fades]
    #[arg(long, value_name = "DAYS", value_parser = half_life, allow_negative_numbers = true)]
    pub half_life: Option<f64>,
    /// Drop what is weaker than this; a new episode has 1
    ///
    /// The default is 1/64 with --half-life, else 0, which drops none.
    #[arg(long, value_name = "S", value_parser = strength, allow_negative_numbers = true)]
    pub floor: Option<f64>,
    /// Merge episodes at least this similar, from 0 to 1
    #[arg(long, value_name = "S", value_parser = similarity, allow_negative_numbers = true)]
    pub merge: Option<f32>,
    /// Keep at most the strongest N, of equal ones the newer
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
#[command(before_help = "Example: hv compact notes.hv")]
pub struct CompactArgs {
    #[command(flatten)]
    pub store: StoreArg,
}

/// Read a whole store again and name whatever is damaged
///
/// Exits with 1 if anything is not what was written. Changes nothing, and works on stores too damaged to open.
#[derive(Args)]
#[command(before_help = "Example: hv verify notes.hv")]
pub struct VerifyArgs {
    #[command(flatten)]
    pub store: StoreArg,
    /// One JSON object: store, sound, episodes, damage, ...
    ///
    /// The names are store, sound (true or false), episodes, blocks, payloads, retrievals and rows (how many were read), and
    /// damage, a list of path and what.
    #[arg(long)]
    pub json: bool,
}

/// Show what a store holds, and what searches it here
#[derive(Args)]
#[command(before_help = "Example: hv info notes.hv")]
pub struct InfoArgs {
    #[command(flatten)]
    pub store: StoreArg,
    /// One JSON object: store, episodes, bytes, encoder, ...
    ///
    /// The names are store, episodes, forgotten (episodes that still take space), bytes (on disk), vector_bytes,
    /// payload_bytes, first_time and last_time (microseconds since 1970; null where there is no episode), encoder (null
    /// where hv index did not make the store), retrievals, backend, physical_cores, logical_cores and threads.
    #[arg(long)]
    pub json: bool,
}

/// Write a whole store as JSON lines and raw vectors
///
/// FOLDER gets episodes.jsonl, a line for each episode, and vectors.bin, 256 bytes for each in the same order. A name that
/// ends in .npy or .bin is a new file that gets the vectors alone, in order of id. One that ends in .parquet gets a table with the
/// columns id, time, valence, strength, key, vector and payload (where hv was built with the feature parquet).
#[derive(Args)]
#[command(before_help = "Example: hv export notes.hv notes.export")]
pub struct ExportArgs {
    #[command(flatten)]
    pub store: StoreArg,
    /// The folder to write to, which must be new or empty; or a new file, .npy, .bin or .parquet
    pub folder: PathBuf,
}

/// Make a new store of what hv export wrote
///
/// Ids, times, strengths and retrievals are kept: it is the same memory. Nothing is imported unless all of it is. Of codes
/// in a file of NumPy (.npy, see hv search) or of 256 bytes a row (.bin), each becomes an episode of now, without a text. So does a row of a
/// table (.parquet) with a column vector; its columns time, valence, key and payload are kept.
#[derive(Args)]
#[command(before_help = "Example: hv import copy.hv notes.export")]
pub struct ImportArgs {
    /// The folder of the new store; or give --store PATH, or set HV_STORE
    #[arg(value_name = "STORE")]
    pub store: PathBuf,
    /// The folder that hv export wrote, or a file, .npy, .bin or .parquet
    pub folder: PathBuf,
}
