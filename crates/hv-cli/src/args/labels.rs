//! Which episodes are meant, by what they are called.

use std::ffi::OsString;

use clap::Args;

/// Names of episodes. Several of one kind are alternatives, but for tags: an episode must have all of them.
#[derive(Args, Default)]
pub struct Labels {
    /// Only what has this key or label; may be repeated
    ///
    /// A key is what hv add --key sets, and no two episodes have one key. A label is the first column of a file that was
    /// indexed with --tsv, and may repeat. Both are found.
    #[arg(long = "key", value_name = "KEY")]
    pub keys: Vec<String>,
    /// Only what came from FILE; may be repeated
    ///
    /// It is named as hv sources shows it.
    #[arg(long = "source", value_name = "FILE")]
    pub sources: Vec<OsString>,
    /// Only what has this tag; of several, all
    #[arg(long = "tag", value_name = "TAG")]
    pub tags: Vec<String>,
}

impl Labels {
    /// Whether no name was given.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty() && self.sources.is_empty() && self.tags.is_empty()
    }
}
