//! The arguments of the commands about single episodes: adding one, and looking at what is there.

use std::ffi::OsString;

use clap::Args;
use hv_memory::{Key, MAX_TAG_BYTES};

use super::store::StoreArg;
use super::values::{at_most, id, time, valence};

/// Store one text
///
/// Makes the store if it is not there. What is stored survives any crash. The text is shown without a line number, and, where
/// no --source is given, without a source.
#[derive(Args)]
#[command(before_help = "Example: hv add notes.hv \"Ask Ada about the dog\" --tag todo")]
pub struct AddArgs {
    #[command(flatten)]
    pub store: StoreArg,
    /// The text; several words are joined by spaces
    #[arg(required = true)]
    pub text: Vec<String>,
    /// When it happened: 2026-01-31, 2026-01-31T12:00:00Z or us:MICROSECONDS [default: now]
    #[arg(long, value_parser = time, allow_negative_numbers = true)]
    pub time: Option<i64>,
    /// How good or bad it was, from -1 to 1 [default: 0]
    ///
    /// hv recall --min-valence and --max-valence ask for it; nothing else depends on it.
    #[arg(long, value_name = "V", value_parser = valence, allow_negative_numbers = true)]
    pub valence: Option<f32>,
    /// Where it comes from, for example a file
    #[arg(long, value_name = "FILE")]
    pub source: Option<OsString>,
    /// A name that no other episode has; one that has it is replaced
    ///
    /// At most 64 bytes. The first column of hv index --tsv is another thing: a label, which may repeat.
    #[arg(long, value_parser = at_most::<{ Key::MAX_BYTES }>)]
    pub key: Option<String>,
    /// A word to find it by with --tag; may be repeated
    #[arg(long = "tag", value_name = "TAG", value_parser = at_most::<MAX_TAG_BYTES>)]
    pub tags: Vec<String>,
}

/// Show every episode, oldest first, one a line: id, source and text
///
/// Oldest first is the order in which they were stored, that of their ids, whatever --time they were given.
#[derive(Args)]
#[command(before_help = "Example: hv list notes.hv | grep dog")]
pub struct ListArgs {
    #[command(flatten)]
    pub store: StoreArg,
    /// One JSON object an episode: id, key, source, line, text, time, valence, ...
    ///
    /// The names are id, key (the label where there is one, else the key), source, line, text, time (microseconds since
    /// 1970), valence, strength and tags. What an episode has not is left out.
    #[arg(long)]
    pub json: bool,
}

/// Print the text of an episode, whole
#[derive(Args)]
#[command(before_help = "Example: hv get notes.hv 17")]
pub struct GetArgs {
    #[command(flatten)]
    pub store: StoreArg,
    /// The episode's id, as hv recall shows it; several are printed one after the other
    #[arg(value_name = "ID", conflicts_with = "key", value_parser = id)]
    #[arg(allow_negative_numbers = true)]
    pub ids: Vec<u64>,
    /// Print what has this key (hv add --key) or label (hv index --tsv)
    ///
    /// No two episodes have one key. A label may repeat: then all that have it are printed, oldest first.
    #[arg(long)]
    pub key: Option<String>,
    /// One JSON object an episode, with what hv list --json has
    #[arg(long)]
    pub json: bool,
}

/// Show the sources of episodes, each with its number of lines
#[derive(Args)]
#[command(before_help = "Example: hv sources notes.hv")]
pub struct SourcesArgs {
    #[command(flatten)]
    pub store: StoreArg,
    /// One JSON object a source: source (null for none) and lines
    #[arg(long)]
    pub json: bool,
}
