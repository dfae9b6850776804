//! The arguments of `hv fingerprints`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::codes::score;
use super::values::whole;

/// Compare the fingerprints of a file with each other, by Tanimoto score
///
/// The file holds codes, as for hv search: .fps, .npy, .bin or .parquet. Fingerprints are counted from 0. From .fps they are
/// printed with their names.
#[derive(Args)]
#[command(
    arg_required_else_help = true,
    before_help = "Example: hv fingerprints clusters library.fps --min-similarity 0.65"
)]
pub struct FingerprintsArgs {
    #[command(subcommand)]
    pub task: FingerprintsTask,
}

/// What is done with the fingerprints of a file.
#[derive(Subcommand)]
pub enum FingerprintsTask {
    /// Write all pairs that are similar as a sparse matrix for scipy.sparse.load_npz
    ///
    /// A row and a column for each fingerprint, and a score at (i, j) for each pair i < j.
    Pairs {
        /// The fingerprints
        file: PathBuf,
        /// The least Tanimoto score of a pair, from 0 to 1
        #[arg(long, value_name = "S", default_value = "0.7", value_parser = score, allow_negative_numbers = true)]
        min_similarity: f64,
        /// The file to write
        #[arg(long, value_name = "FILE.npz")]
        out: PathBuf,
    },
    /// Print clusters (Butina): a line for each member with cluster, index and, of .fps, name; the centre comes first
    Clusters {
        /// The fingerprints
        file: PathBuf,
        /// The least Tanimoto score of neighbours, from 0 to 1
        #[arg(long, value_name = "S", default_value = "0.7", value_parser = score, allow_negative_numbers = true)]
        min_similarity: f64,
    },
    /// Print fingerprints that differ from each other (MaxMin): a line for each with rank, index and, of .fps, name
    Picks {
        /// The fingerprints
        file: PathBuf,
        /// How many, at most
        #[arg(short, default_value = "100", value_parser = whole::<usize>, allow_negative_numbers = true)]
        n: usize,
        /// The first one, counted from 0
        #[arg(long, value_name = "INDEX", default_value = "0", value_parser = whole::<usize>, allow_negative_numbers = true)]
        first: usize,
    },
}
