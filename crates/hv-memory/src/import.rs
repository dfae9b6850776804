//! Importing: a memory from what another has exported.

use std::path::Path;
use std::sync::Arc;

use hv_parallel::Progress;

use crate::arena::{Payload, State, collected};
use crate::disk::{Contents, Disk, DiskFolder, Folder, NewFolders, PayloadSink};
use crate::error::MemoryError;
use crate::exchange;
use crate::memory::EpisodicMemory;
use crate::opening::is_there;
use crate::options::Options;

impl EpisodicMemory {
    /// Makes a store in a folder and [imports](Self::import) into it, all or nothing.
    ///
    /// The store may be there already, if it was never used. On an error everything that this has made is removed: the
    /// store's files, its folder, and those above it that were missing. What anybody else has made or used meanwhile
    /// stays.
    ///
    /// ```
    /// # use hv_memory::{EpisodicMemory, HV16, NewEpisode};
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let (export, path) = (folder.path().join("export"), folder.path().join("copies/first"));
    /// let memory = EpisodicMemory::in_memory();
    /// memory.store(NewEpisode { content: HV16::random(7), payload: b"tea".to_vec(), ..NewEpisode::default() })?;
    /// memory.export(&export)?;
    /// let copy = EpisodicMemory::import_new(&path, &export)?;
    /// assert_eq!(copy.recall(&HV16::random(7), 1)?, memory.recall(&HV16::random(7), 1)?);
    /// # Ok::<(), hv_memory::MemoryError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open) and [`import`](Self::import).
    pub fn import_new(path: impl AsRef<Path>, folder: impl AsRef<Path>) -> Result<Self, MemoryError> {
        Self::import_new_with(path, folder, &Progress::new())
    }

    /// [`import_new`](Self::import_new) that counts how far it is, in episodes.
    ///
    /// # Errors
    ///
    /// As [`import_new`](Self::import_new), and [`Stopped`](MemoryError::Stopped).
    pub fn import_new_with(
        path: impl AsRef<Path>,
        folder: impl AsRef<Path>,
        progress: &Progress,
    ) -> Result<Self, MemoryError> {
        // Before anything is made.
        exchange::is_there(folder.as_ref())?;
        Self::make_new(path.as_ref(), &|memory| memory.import_with(&folder, progress).map(drop))
    }

    /// Makes a store in a folder, and fills it. On an error nothing is left that this has made.
    pub(crate) fn make_new(path: &Path, fill: &dyn Fn(&Self) -> Result<(), MemoryError>) -> Result<Self, MemoryError> {
        is_there(path)?;
        let new = NewFolders::make(path).map_err(|error| MemoryError::io("create the folder", path, error))?;
        match DiskFolder::new(path) {
            Ok(held) => {
                let held = Arc::new(held);
                let filled = Self::fill_new(Arc::clone(&held) as _, fill);
                if filled.is_err() && held.is_at_its_path() {
                    new.remove();
                }
                filled
            }
            Err(error) => {
                new.remove();
                Err(MemoryError::io("open", path, error))
            }
        }
    }

    /// Fills the store in a folder. On an error a store that this has made is gone.
    pub(crate) fn fill_new(
        store: Arc<dyn Folder>,
        fill: &dyn Fn(&Self) -> Result<(), MemoryError>,
    ) -> Result<Self, MemoryError> {
        let memory = Self::open_or_undo(store, &Options::new())?;
        match fill(&memory) {
            Ok(()) => Ok(memory),
            Err(error) => {
                memory.shared.lock()?.disk.take().into_iter().for_each(Disk::undo);
                Err(error)
            }
        }
    }

    /// Reads what [`export`](Self::export) wrote, or another program in the same form, into a memory that was never
    /// used, in one durable step. Returns how many episodes there are.
    ///
    /// The note of the export takes the place of one that was set before. Payloads go to the folder as they are read, so
    /// that in memory there is little more than what stays there, but for the retrievals.
    ///
    /// # Errors
    ///
    /// [`NotEmpty`](MemoryError::NotEmpty), [`Malformed`](MemoryError::Malformed), and as [`store`](Self::store). On
    /// an error nothing is imported.
    pub fn import(&self, folder: impl AsRef<Path>) -> Result<usize, MemoryError> {
        self.import_with(folder, &Progress::new())
    }

    /// [`import`](Self::import) that counts how far it is, in episodes.
    ///
    /// # Errors
    ///
    /// As [`import`](Self::import), and [`Stopped`](MemoryError::Stopped).
    pub fn import_with(&self, folder: impl AsRef<Path>, progress: &Progress) -> Result<usize, MemoryError> {
        let len = self.fill(|put| exchange::import(folder.as_ref(), put, progress))?;
        progress.finish();
        Ok(len)
    }

    /// Fills a memory that was never used with what `read` reads, in one durable step. Returns how many episodes that is.
    pub(crate) fn fill<'a>(
        &self,
        read: impl FnOnce(PayloadSink<'_>) -> Result<Contents<'a>, MemoryError>,
    ) -> Result<usize, MemoryError> {
        let mut writer = self.shared.writer()?;
        let base = self.shared.base(&mut writer)?;
        if base.next_id > 0 || base.rows.len() > 0 {
            return Err(MemoryError::NotEmpty { next_id: base.next_id, rows: base.rows.len() });
        }
        let state = match &mut writer.disk {
            Some(disk) => disk.replace(&base, &mut |_| Ok(()), read)?,
            None => {
                let Contents { state, retrievals, rows } = read(&mut |_, _, bytes| Ok(Payload::in_memory(bytes)))?;
                let log = base.log.emptied().append(&collected(&retrievals)?)?;
                let mut all = Vec::new();
                rows(&mut |(key, value)| {
                    all.push((key, Some(value)));
                    Ok(())
                })?;
                State { log, rows: state.rows.changed(&all), ..state }
            }
        };
        let len = state.len();
        self.shared.replaced(&mut writer, state);
        Ok(len)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::common::history::Model;
    use crate::common::{episode, episodes, files};
    use crate::disk::{FailingFolder, Plan, Sharing};

    /// Imports into the store in a folder. On an error a store that this has made is gone.
    fn import_into(store: Arc<dyn Folder>, folder: &Path) -> Result<EpisodicMemory, MemoryError> {
        EpisodicMemory::fill_new(store, &|memory| memory.import(folder).map(drop))
    }

    /// Makes an export of three episodes, and one that is refused when all of them have been read.
    fn exports(folder: &Path) -> [std::path::PathBuf; 2] {
        let memory = EpisodicMemory::in_memory();
        memory.store_batch(&episodes(0..3)).unwrap();
        ["good", "bad"].map(|name| {
            let export = folder.join(name);
            memory.export(&export).unwrap();
            if name == "bad" {
                let lines = fs::read_to_string(export.join("episodes.jsonl")).unwrap();
                fs::write(export.join("episodes.jsonl"), lines + "{}\n").unwrap();
            }
            export
        })
    }

    /// Fails to import into a folder in which `used` was done by another process after this one had made it and before it
    /// had the lock. Returns whether the store is still there, and sound.
    fn stays(used: impl FnOnce(&EpisodicMemory)) -> bool {
        let folder = tempfile::tempdir().unwrap();
        let ([_, bad], path) = (exports(folder.path()), folder.path().join("store"));
        used(&EpisodicMemory::open(&path).unwrap());
        let before = Model::of(&EpisodicMemory::open(&path).unwrap());
        let store: Arc<dyn Folder> = Arc::new(DiskFolder::new(&path).unwrap());
        import_into(Arc::clone(&store), &bad).unwrap_err();
        EpisodicMemory::open_read_only(&path).is_ok_and(|memory| Model::of(&memory) == before)
    }

    #[test]
    fn a_store_that_another_process_has_used_stays() {
        assert!(stays(|_| ()), "it made it");
        assert!(stays(|memory| memory.set_metadata(b"the name of an encoder").unwrap()));
        assert!(stays(|memory| assert_eq!(memory.store(episode(0)).unwrap().0, 0)));
        let forget = |memory: &EpisodicMemory| memory.forget(&[memory.store(episode(0)).unwrap()]).unwrap();
        assert!(stays(|memory| assert_eq!(forget(memory), 1)), "its ids are given out");
    }

    #[test]
    fn what_is_not_of_a_store_stays() {
        let folder = tempfile::tempdir().unwrap();
        let store: Arc<dyn Folder> = Arc::new(DiskFolder::new(folder.path()).unwrap());
        let memory = EpisodicMemory::open_folder(store, Sharing::Alone, &Options::new()).unwrap();
        fs::write(folder.path().join("vectors-of-somebody"), "mine").unwrap();
        memory.shared.lock().unwrap().disk.take().unwrap().undo();
        drop(memory);
        assert_eq!(
            files(folder.path()).into_iter().collect::<Vec<_>>(),
            [("vectors-of-somebody".into(), b"mine".into())]
        );
    }

    /// Each operation of making a store and importing into it fails once.
    #[test]
    fn a_failure_anywhere_leaves_an_empty_folder() {
        let folder = tempfile::tempdir().unwrap();
        let [good, bad] = exports(folder.path());
        for operation in 0.. {
            let disk = FailingFolder::new(Plan::FailOnce(operation));
            let store: Arc<dyn Folder> = Arc::new(disk.clone());
            match import_into(Arc::clone(&store), &good) {
                Ok(memory) => assert_eq!(memory.len(), 3),
                Err(_) => assert_eq!(store.names().unwrap(), [""; 0], "operation {operation}"),
            }
            assert!(!disk.changed_unlocked());
            if !disk.struck() {
                assert!(operation > 20);
                break;
            }
        }
        let store: Arc<dyn Folder> = Arc::new(FailingFolder::new(Plan::Never));
        import_into(Arc::clone(&store), &bad).unwrap_err();
        assert_eq!(store.names().unwrap(), [""; 0]);
    }
}
