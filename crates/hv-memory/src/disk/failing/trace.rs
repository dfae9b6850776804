//! What was done to a folder, in order.

use super::device::{Change, Device, Names};

/// Something that was done to a folder, or a mark of the test.
#[derive(Clone, Debug)]
pub(crate) enum Event {
    /// The file of this number was written to, or its length changed.
    Changed(usize, Change),
    Synced(usize),
    SyncFailed(usize),
    /// A file was made, renamed or removed: the names since then.
    Named(Names),
    FolderSynced,
    /// The test says that something has changed that it knows under this number.
    Mark(usize),
}

/// All that was done to a folder since it was first recorded.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trace {
    /// The folder at first.
    pub start: Device,
    pub events: Vec<Event>,
}

impl Event {
    /// The event in a few words; the bytes of a write would be too many.
    pub(crate) fn what(&self) -> String {
        match self {
            Self::Changed(file, Change::Write(at, bytes)) => {
                format!("{} bytes written at {at} of file {file}", bytes.len())
            }
            other => format!("{other:?}"),
        }
    }
}
