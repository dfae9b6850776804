//! What can be typed.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};

/// Runs a query over files of vectors, on this machine or on a cluster.
///
/// Vectors are columns of 256 bytes. The functions are hv_random, hv_bind, hv_permute, hv_hamming, hv_similarity, hv_tanimoto,
/// hv_hex, hv_encode_text, and the aggregates hv_bundle, hv_top_k and hv_batch_top_k. Nothing is printed before the whole
/// result is there. Exit codes: 0 fine, 1 failed, 2 wrong usage, 130 stopped by SIGINT.
#[derive(Parser)]
#[command(version)]
pub struct Arguments {
    /// The scheduler of a cluster; without it the query runs in this process
    #[arg(long, value_name = "ADDR:PORT", value_parser = address)]
    pub cluster: Option<String>,
    /// A table: a Parquet file, a folder of them, or an hv store (not on a cluster). On a cluster every node must be able to
    /// read it under the same absolute path
    #[arg(long, value_name = "NAME=PATH", value_parser = named)]
    pub table: Vec<(String, PathBuf)>,
    /// Vectors for $NAME in the query: an array of bytes, 256 a row. One row becomes a Binary, several a list of them
    #[arg(long, value_name = "NAME=FILE.npy", value_parser = named)]
    pub param: Vec<(String, PathBuf)>,
    /// How the result is printed: csv with a line of names, json with an object a line
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// Give up after this many seconds
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=31_536_000))]
    pub timeout: Option<u64>,
    /// The query, one SELECT statement
    pub sql: String,
}

/// How a result is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    #[default]
    Table,
    Csv,
    Json,
}

fn address(text: &str) -> Result<String, String> {
    match text.rsplit_once(':') {
        Some((host, port)) if !host.is_empty() && port.parse::<u16>().is_ok() => Ok(text.to_owned()),
        _ => Err("give ADDR:PORT, such as 127.0.0.1:50050".to_owned()),
    }
}

fn named(text: &str) -> Result<(String, PathBuf), String> {
    match text.split_once('=') {
        Some((name, path)) if !name.is_empty() && !path.is_empty() => Ok((name.to_owned(), path.into())),
        _ => Err("give NAME=PATH".to_owned()),
    }
}
