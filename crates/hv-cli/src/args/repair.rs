//! The arguments of `hv repair`.

use std::path::PathBuf;

use clap::Args;

use super::store::StoreArg;

/// Save what is sound of a damaged store in a new one
///
/// Reads STORE, also where it is too damaged for other commands, and changes nothing in it. NEW gets all that is sound:
/// lines with their ids, times, strengths and retrievals. Lines whose vectors are damaged are encoded again from their
/// text. What is damaged and what is lost is listed. Nothing is made unless all of it can be.
#[derive(Args)]
#[command(before_help = "Example: hv repair notes.hv saved.hv")]
pub struct RepairArgs {
    #[command(flatten)]
    pub store: StoreArg,
    /// The folder of the new store, which must not be there yet
    #[arg(value_name = "NEW")]
    pub new: PathBuf,
    /// Encode every line again, as in new stores
    #[arg(long)]
    pub encode: bool,
}
