//! Removing a store that was made in vain.

use std::io;

use super::files::Folder;
use super::format::Manifest;
use super::manifest;
use super::names::{INDEX, LOCK, MANIFEST, NEW_INDEX, NEW_MANIFEST, RESERVE, is_flat};
use super::store::Disk;

impl Disk {
    /// Removes the files of this store, if it was made when it was opened. It has been locked since, so that nobody else
    /// can have used it. What else is in the folder stays.
    ///
    /// What cannot be removed is in nobody's way: it is an empty store, or is made one by the next opening.
    pub(crate) fn undo(mut self) {
        drop(self.open.take());
        if self.is_new {
            // So that an interruption leaves what the next opening begins again, where there is room to write it.
            let _ = manifest::write(&*self.folder, &Manifest { ready: false, ..self.manifest });
            let _ = remove_files(&*self.folder);
        }
    }
}

/// Removes the files of a store in a folder that is locked. MANIFEST goes after what it speaks of, and LOCK last, since
/// without it others may make a store there.
fn remove_files(folder: &dyn Folder) -> io::Result<()> {
    let names = folder.names()?;
    let flat = names.iter().map(String::as_str).filter(|name| is_flat(name));
    let others = [INDEX, NEW_INDEX, RESERVE, NEW_MANIFEST, MANIFEST, LOCK].into_iter();
    let others = others.filter(|other| names.iter().any(|name| name == other));
    flat.chain(others).try_for_each(|name| folder.remove(name))?;
    folder.sync()
}
