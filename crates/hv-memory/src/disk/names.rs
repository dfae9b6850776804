//! The names of a store's files.

use super::format::Committed;

pub(super) const MANIFEST: &str = "MANIFEST";

/// The name of a MANIFEST until it is whole.
pub(super) const NEW_MANIFEST: &str = "MANIFEST.new";

/// The name of the file that is locked.
pub(crate) const LOCK: &str = "LOCK";

pub(super) const INDEX: &str = "index.redb";

/// The name of a fresh index until it is whole.
pub(super) const NEW_INDEX: &str = "index.new";

/// The name of the file whose room is given up on a full disk.
pub(super) const RESERVE: &str = "reserve";

pub(super) fn vectors_name(generation: u64) -> String {
    format!("vectors-{generation}")
}

pub(super) fn payloads_name(generation: u64) -> String {
    format!("payloads-{generation}")
}

/// The log is also rewritten on its own, so it has numbers of its own.
pub(super) fn log_name(number: u64) -> String {
    format!("log-{number}")
}

/// The flat files of a commit.
pub(super) fn flat_names(committed: &Committed) -> [String; 3] {
    [vectors_name(committed.generation), payloads_name(committed.generation), log_name(committed.log)]
}

/// Whether a name is that of a flat file.
pub(super) fn is_flat(name: &str) -> bool {
    let number = name.split_once('-').and_then(|(_, number)| number.parse().ok());
    number.is_some_and(|number| [vectors_name, payloads_name, log_name].iter().any(|of| of(number) == name))
}
