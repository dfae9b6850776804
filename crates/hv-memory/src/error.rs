//! What can go wrong, in words that say what was expected and what to do.

use std::io;
use std::path::{Path, PathBuf};

use hv_parallel::{Progress, SearchError};

use crate::policy_error::PolicyError;
use crate::process::Owner;

/// Why a memory could not do what was asked. Nothing acknowledged before is lost by any of these.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MemoryError {
    /// Nothing exists at the path of a store that was to be read.
    #[error("there is no store at {path}; check the path, or create the store by opening it for writing")]
    NotFound {
        /// Where the store was expected.
        path: PathBuf,
    },
    /// A store is a folder, and something else is at its path.
    #[error("{path} is a file, but a store is a folder; give the folder's path, or another one")]
    NotAFolder {
        /// What was given as the store's path.
        path: PathBuf,
    },
    /// The folder holds other things and no store.
    #[error(
        "{path} is not a store: it has no valid MANIFEST, but contains {found:?}; give a store, or an empty folder"
    )]
    NotAStore {
        /// The folder.
        path: PathBuf,
        /// One of the names in it.
        found: String,
    },
    /// The store was written by a newer version of the program.
    #[error(
        "{path} has format version {found}, and this program reads up to {supported}; use a newer program. Nothing was changed"
    )]
    NewerVersion {
        /// The store's folder.
        path: PathBuf,
        /// The version in its MANIFEST.
        found: u32,
        /// The newest version that this program reads.
        supported: u32,
    },
    /// The store was written by a version of the program from before the first release.
    #[error(
        "{path} has format version {found}, of before the first release, and this program reads {supported}; export it with the program that wrote it, and import that. Nothing was changed"
    )]
    OlderVersion {
        /// The store's folder.
        path: PathBuf,
        /// The version in its MANIFEST.
        found: u32,
        /// The version that this program reads.
        supported: u32,
    },
    /// The store holds vectors of another width.
    #[error("{path} holds vectors of {width} bits, and this program those of 2048. Nothing was changed")]
    OtherWidth {
        /// The store's folder.
        path: PathBuf,
        /// The bits of its vectors.
        width: u32,
    },
    /// The call was asked to end early: [`Progress::stop`]. Nothing is changed.
    #[error("the work was stopped, as was asked; nothing was changed")]
    Stopped,
    /// The rows of a snapshot are not there any more: the store was rewritten since it was taken.
    #[error("the rows of this snapshot of {path} are gone, since the store was rewritten; take a new snapshot")]
    StaleSnapshot {
        /// The store's folder.
        path: PathBuf,
    },
    /// Another handle, in this process or another, has the store open. [`Options::wait`](crate::Options::wait) waits for
    /// it. Readers may share a store, a writer has it alone.
    #[error("{}", in_use(path, *process, *reading))]
    InUse {
        /// The store's folder.
        path: PathBuf,
        /// The process that writes to it, by the system's number; `None` where that is not known.
        process: Option<u32>,
        /// Whether it is open for reading, and not for writing.
        reading: bool,
    },
    /// Bytes on disk are not what was written. Nothing was changed.
    #[error("{path} is damaged: {what}; restore it from a copy. Nothing was changed")]
    Damaged {
        /// The damaged file.
        path: PathBuf,
        /// Which block or record it is, and what was found.
        what: String,
    },
    /// The disk, the quota or the limit on file sizes has no room. Beyond that limit Unix ends a process that does not
    /// ignore SIGXFSZ; what was stored is kept then, too.
    #[error("no room to {action} {path} ({source}); {}. What was stored before is kept", free(*needed))]
    Full {
        /// What was being done.
        action: &'static str,
        /// The file that could not grow.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
        /// About how many bytes must be free in all, where that is known.
        needed: Option<u64>,
    },
    /// Another failure of the operating system.
    #[error("could not {action} {path}: {source}")]
    Io {
        /// What was being done.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// The system gave no memory for a block of vectors.
    #[error("could not get {bytes} bytes of memory for vectors: {source}")]
    OutOfMemory {
        /// The size that was asked for.
        bytes: usize,
        /// The system's error.
        source: io::Error,
    },
    /// A valence is NaN or out of range. Nothing of the batch was stored.
    #[error("the valence of episode {index} of the batch is {value}, but must be from -1 to 1; nothing was stored")]
    InvalidValence {
        /// The position in the batch, from 0.
        index: usize,
        /// What was given.
        value: f32,
    },
    /// A payload is too large. Nothing of the batch was stored.
    #[error(
        "the payload of episode {index} of the batch has {bytes} bytes, but at most {max} (1 MiB) fit; keep it elsewhere and store a reference. Nothing was stored"
    )]
    PayloadTooLarge {
        /// The position in the batch, from 0.
        index: usize,
        /// The payload's size.
        bytes: usize,
        /// The limit.
        max: usize,
    },
    /// The source, the key or the tags of an episode are too large. Nothing of the batch was stored.
    #[error("episode {index} of the batch: {what}. Nothing was stored")]
    InvalidLabel {
        /// The position in the batch, from 0.
        index: usize,
        /// What was given, and the limit.
        what: String,
    },
    /// A key or a value of an application's row is too large. Nothing was changed.
    #[error("the {part} of a row has {bytes} bytes, the limit is {max}. Nothing was changed")]
    RowTooLarge {
        /// `key` or `value`.
        part: &'static str,
        /// The size that was given.
        bytes: usize,
        /// The limit.
        max: usize,
    },
    /// A query asks for something that makes no sense.
    #[error("the query cannot be answered: {what}")]
    InvalidQuery {
        /// What was given, and what would be right.
        what: String,
    },
    /// A search that was given to a snapshot is not over its vectors.
    #[error(
        "the search has {found} vectors, but the snapshot has {expected}; give it one over all of Snapshot::vectors, deleted ones included"
    )]
    WrongSearch {
        /// The vectors of the search.
        found: usize,
        /// Those of the snapshot.
        expected: usize,
    },
    /// A search that was given to a snapshot failed.
    #[error("the search of the snapshot failed: {0}")]
    Search(#[from] SearchError),
    /// A policy asks for something that makes no sense. Nothing was changed.
    #[error("the policy cannot be followed: {0}. Nothing was changed")]
    InvalidPolicy(#[from] PolicyError),
    /// The application's note is too large.
    #[error("metadata is {bytes} bytes, the limit is {max} (1 MiB); the previous metadata is unchanged")]
    MetadataTooLarge {
        /// The size that was given.
        bytes: usize,
        /// The limit.
        max: usize,
    },
    /// A file that was to be imported is not an export. Nothing was imported.
    #[error("{path}{}: {what}. Nothing was imported", line.map(|line| format!(", line {line}")).unwrap_or_default())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The line, from 1; `None` in a file that has none.
        line: Option<usize>,
        /// What is wrong.
        what: String,
    },
    /// An import keeps ids, so it needs a memory in which nothing was ever stored.
    #[error(
        "an import needs a memory that was never used, but {next_id} episodes and {rows} rows were stored in this one; use a new store"
    )]
    NotEmpty {
        /// How many episodes were ever stored.
        next_id: u64,
        /// How many rows the application has.
        rows: u64,
    },
    /// Ids are never given out twice, and there are none left. Only an import can come near this.
    #[error(
        "the next episode would get the id {next_id}, and ids are below {max}; export the episodes, and import them with a smaller next_id. Nothing was stored"
    )]
    NoMoreIds {
        /// The id that the next episode would get.
        next_id: u64,
        /// The limit.
        max: u64,
    },
    /// This process was forked from the one that opened the memory, and only that may change it, verify it, or read its
    /// rows. Nothing was changed.
    #[error(
        "{what} belongs to process {owner}, and this is a process that was forked from it; change it there, or open the store here once that has closed it. Nothing was changed", what = path.as_deref().map_or_else(|| "this memory".to_owned(), |path| path.display().to_string())
    )]
    Forked {
        /// The store's folder; `None` for a memory without one.
        path: Option<PathBuf>,
        /// The process that opened it.
        owner: u32,
    },
    /// The memory was opened with `open_read_only`.
    #[error("{path} was opened read-only; open it for writing to change it")]
    ReadOnly {
        /// The store's folder.
        path: PathBuf,
    },
}

fn free(needed: Option<u64>) -> String {
    needed.map_or_else(
        || "free some space and try again".to_owned(),
        |bytes| format!("it needs about {bytes} bytes; free as much space and try again"),
    )
}

fn in_use(path: &Path, process: Option<u32>, reading: bool) -> String {
    let path = path.display();
    match process {
        _ if reading => format!("{path} is being read by another process or handle; try again when it is done"),
        Some(process) if process == std::process::id() => {
            format!("{path} is open for writing in this process already; use that handle, or close it first")
        }
        Some(process) => format!("{path} is being written by process {process}; try again when it is done"),
        None => format!("{path} is in use by another process or handle; try again when it is done"),
    }
}

/// Why something that has the name of a store's file cannot be one.
#[derive(Debug, thiserror::Error)]
#[error("it is {0}, but has to be a file")]
pub(crate) struct NotAFile(pub &'static str);

impl NotAFile {
    /// As an error of the system.
    pub(crate) fn error(what: &'static str) -> io::Error {
        io::Error::new(io::ErrorKind::InvalidData, Self(what))
    }
}

/// Counts units of work as done.
///
/// # Errors
///
/// [`MemoryError::Stopped`], if the call was asked to end early.
pub(crate) fn advance(progress: &Progress, by: u64) -> Result<(), MemoryError> {
    progress.advance(by);
    if progress.is_stopped() { Err(MemoryError::Stopped) } else { Ok(()) }
}

impl MemoryError {
    /// The error of doing `action` to `path`.
    pub(crate) fn io(action: &'static str, path: &Path, source: io::Error) -> Self {
        if source.get_ref().is_some_and(|error| error.is::<NotAFile>()) {
            return Self::damaged(path, source.to_string());
        }
        let path = path.to_path_buf();
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
                Self::Full { action, path, source, needed: None }
            }
            _ => Self::Io { action, path, source },
        }
    }

    /// This with the bytes that must be free, if it is about room.
    pub(crate) fn with_needed(mut self, bytes: impl FnOnce() -> u64) -> Self {
        if let Self::Full { needed, .. } = &mut self {
            *needed = Some(bytes());
        }
        self
    }

    pub(crate) fn forked(path: Option<&Path>, owner: Owner) -> Self {
        Self::Forked { path: path.map(Path::to_path_buf), owner: owner.number() }
    }

    pub(crate) fn damaged(path: &Path, what: impl Into<String>) -> Self {
        Self::Damaged { path: path.to_path_buf(), what: what.into() }
    }
}
