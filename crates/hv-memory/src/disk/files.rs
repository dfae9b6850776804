//! The file layer: the few operations that a store needs of a folder, so that tests can put a failing disk beneath.

use std::fmt::Debug;
use std::io;
use std::path::Path;
use std::sync::Arc;

use super::held::Access;

/// A file with positions, not a cursor; shared between threads.
pub(crate) trait StoreFile: Debug + Send + Sync + 'static {
    /// Fills `out` from `offset`; a file that ends before that is `UnexpectedEof`.
    fn read_at(&self, offset: u64, out: &mut [u8]) -> io::Result<()>;
    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()>;
    fn len(&self) -> io::Result<u64>;
    fn set_len(&self, len: u64) -> io::Result<()>;
    /// Returns when everything written is on the device.
    fn sync(&self) -> io::Result<()>;
}

/// Who else may have the store open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sharing {
    Alone,
    Readers,
}

/// The folder of a store.
pub(crate) trait Folder: Debug + Send + Sync + 'static {
    fn path(&self) -> &Path;
    fn names(&self) -> io::Result<Vec<String>>;
    fn open(&self, name: &str, access: Access) -> io::Result<Arc<dyn StoreFile>>;
    /// Replaces `to` by `from` in one step.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;
    fn remove(&self, name: &str) -> io::Result<()>;
    /// Returns when names made, renamed and removed are on the device.
    fn sync(&self) -> io::Result<()>;
    /// Returns when the name of the folder itself is on the device.
    fn sync_name(&self) -> io::Result<()>;
    /// Locks the folder for as long as what is returned lives, which is the file LOCK; `None` if another holds it.
    fn lock(&self, sharing: Sharing) -> io::Result<Option<Arc<dyn StoreFile>>>;
    /// Who holds the folder, when it could not be locked.
    fn holder(&self) -> Holder {
        Holder::Unknown
    }
}

/// Who has locked a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holder {
    /// A writer, by the system's number of its process.
    Writer(u32),
    Readers,
    Unknown,
}
