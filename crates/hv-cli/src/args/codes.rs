//! The arguments of the commands about files of codes.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::device::DeviceArg;
use super::values::whole;

/// Find the codes of a file that are nearest to given ones
///
/// Both files have a code of up to 2,048 bits a row. What they are, their names' endings say:
///
///   .npy      NumPy: 256 columns of uint8, or of int8 (each byte plus 128), or 2,048 of bool
///   .bin      the bytes of one row after the other, 256 a row or what --bits needs
///   .fps      fingerprints with names, as chemfp writes them
///   .parquet  a column of 256 bytes a row, where hv was built with it
///
/// Rows of fewer columns are filled up with zeros. MEMORY is read in blocks while earlier ones are searched, so it may be
/// larger than the computer's memory; QUERIES and what was found must fit.
///
/// Prints a line for each match: query, index, rank, distance and similarity, separated by tabs. Queries, indices and ranks
/// count from 0. Equal similarities are ordered by index. With .fps, the names of the query and the match follow.
#[derive(Args)]
#[command(before_help = "Example: hv search memory.npy queries.npy -k 3")]
pub struct SearchArgs {
    /// The codes to search
    pub memory: PathBuf,
    /// The codes to search for
    pub queries: PathBuf,
    /// The most matches of a query
    #[arg(short, default_value = "10", value_parser = whole::<usize>, allow_negative_numbers = true)]
    pub k: usize,
    /// Only matches at least this similar by the metric, from 0 to 1
    #[arg(long, value_name = "S", value_parser = score, allow_negative_numbers = true)]
    pub min_similarity: Option<f64>,
    /// hamming: 1 - distance / bits; tanimoto: the ones that both have, of those that one has
    #[arg(long, value_enum, default_value = "hamming")]
    pub metric: Metric,
    /// The bits of a row, 1 to 2,048 [default: 8 for each byte of a row]
    #[arg(long, value_name = "B", value_parser = bits, allow_negative_numbers = true)]
    pub bits: Option<u16>,
    /// Which bit of a byte comes first: big is NumPy's packbits without an option; .fps and bool have their own
    #[arg(long, value_enum, default_value = "little")]
    pub bit_order: BitOrder,
    /// Search on: cpu, or gpu where hv was built with it
    ///
    /// Answers are the same. The name of the GPU goes to standard error, with "software" where it is a program on the CPU. HV_GPU
    /// chooses one: cuda, vulkan, metal, dx12, or a number.
    #[arg(long, value_enum, default_value = "cpu", value_name = "DEVICE", hide_short_help = true)]
    pub device: DeviceArg,
    /// One JSON object a query, a line each: query, matches
    #[arg(long, conflicts_with = "out")]
    pub json: bool,
    /// Write PREFIX.indices.npy (int64) and PREFIX.distances.npy (uint16), k columns, unused ones -1 and 65535
    #[arg(long, value_name = "PREFIX")]
    pub out: Option<PathBuf>,
}

/// What makes codes similar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Metric {
    Hamming,
    Tanimoto,
}

/// Which bit of a byte comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum BitOrder {
    #[default]
    Little,
    Big,
}

fn bits(text: &str) -> Result<u16, String> {
    text.parse().ok().filter(|bits| (1..=2_048).contains(bits)).ok_or("give a whole number from 1 to 2048".to_owned())
}

pub fn score(text: &str) -> Result<f64, String> {
    text.parse()
        .ok()
        .filter(|s| (0.0..=1.0).contains(s))
        .ok_or("give a number from 0 to 1; equal codes have 1".to_owned())
}
