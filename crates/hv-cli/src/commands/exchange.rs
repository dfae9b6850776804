//! `hv export` and `hv import`: a store as JSON lines and raw vectors, and back.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use hv_memory::{EpisodicMemory, MemoryError, Progress};

use crate::args::{ExportArgs, ImportArgs};
use crate::failure::Failure;
use crate::numbers::counted;
use crate::show::{episodes_bar, watched};

pub fn export(args: &ExportArgs, out: &mut impl Write) -> Result<(), Failure> {
    let memory = EpisodicMemory::open_read_only(&args.store)?;
    let folder = args.folder.display();
    let (progress, bar) = (Progress::new(), episodes_bar(folder.to_string()));
    watched(&progress, &bar, || memory.export_with(&args.folder, &progress))?;
    let episodes = counted(memory.len() as u64, "episode");
    writeln!(out, "exported {episodes} to {folder}: episodes.jsonl and vectors.bin")?;
    Ok(())
}

pub fn import(args: &ImportArgs, out: &mut impl Write) -> Result<(), Failure> {
    let (store, folder) = (args.store.display(), args.folder.display());
    // A misspelt name should be found before a store is made.
    if !args.folder.join("episodes.jsonl").is_file() {
        return Err(Failure::failed(format_args!(
            "{folder} has no episodes.jsonl; give a folder that hv export wrote"
        )));
    }
    let is_ours = make(&args.store);
    let memory = EpisodicMemory::open(&args.store)?;
    let (progress, bar) = (Progress::new(), episodes_bar(store.to_string()));
    let imported = watched(&progress, &bar, || memory.import_with(&args.folder, &progress));
    if let Err(error) = &imported
        && is_ours
        && is_unused(&memory, error)
    {
        // What cannot be removed is in nobody's way: another import may go into an empty store.
        let _ = remove(&args.store);
    }
    let episodes = imported?;
    writeln!(out, "imported {} into {store}", counted(episodes as u64, "episode"))?;
    Ok(())
}

/// Makes the folder of a store, and says whether it is new. Of those who make one at the same time, one succeeds. Where
/// those above it are missing, it is new too, and left to `open`, which makes them all durably, or says why it cannot.
fn make(store: &Path) -> bool {
    match fs::create_dir(store) {
        Ok(()) => true,
        Err(error) => error.kind() == io::ErrorKind::NotFound,
    }
}

/// Whether a memory that this import failed with holds nothing. Another process may have used it after its folder was
/// made, and before it was locked.
fn is_unused(memory: &EpisodicMemory, error: &MemoryError) -> bool {
    !matches!(error, MemoryError::NotEmpty { .. }) && memory.metadata().is_ok_and(|note| note.is_empty())
}

/// Removes the folder of a store that the caller has open and locked. The lock goes last, since without it others may
/// make a store there, and then the folder, which stays if they did.
fn remove(store: &Path) -> io::Result<()> {
    let mut files = fs::read_dir(store)?.map(|file| Ok(file?.path())).collect::<io::Result<Vec<_>>>()?;
    files.sort_by_key(|path| path.ends_with("LOCK"));
    files.iter().try_for_each(fs::remove_file)?;
    fs::remove_dir(store)
}

#[cfg(test)]
mod tests {
    use hv_memory::{HV16, NewEpisode};

    use super::*;

    /// Fails to import into the store that `used` was done to by another process, after this one had made its folder
    /// and before it had the lock. Returns whether the store may be removed.
    fn may_go(used: impl FnOnce(&EpisodicMemory)) -> bool {
        let folder = tempfile::tempdir().unwrap();
        used(&EpisodicMemory::open(folder.path()).unwrap());
        let memory = EpisodicMemory::open(folder.path()).unwrap();
        is_unused(&memory, &memory.import(folder.path().join("none")).unwrap_err())
    }

    #[test]
    fn a_store_that_another_process_has_used_stays() {
        let store = |memory: &EpisodicMemory| {
            let episode = NewEpisode {
                content: HV16::random(1),
                time: 0,
                valence: 0.0,
                payload: Vec::new(),
                ..NewEpisode::default()
            };
            memory.store(episode).unwrap()
        };
        assert!(may_go(|_| ()));
        assert!(!may_go(|memory| memory.set_metadata(b"the name of an encoder").unwrap()));
        assert!(!may_go(|memory| assert_eq!(store(memory).0, 0)));
        assert!(!may_go(|memory| assert_eq!(memory.forget(&[store(memory)]).unwrap(), 1)), "its ids are given out");
    }

    #[test]
    fn a_folder_that_holds_more_than_a_store_stays() {
        let folder = tempfile::tempdir().unwrap();
        let (store, more) = (folder.path().join("store"), folder.path().join("store/more"));
        let memory = EpisodicMemory::open(&store).unwrap();
        fs::create_dir(&more).unwrap();
        assert!(remove(&store).is_err() && more.exists() && store.join("LOCK").exists());
        fs::remove_dir(&more).unwrap();
        remove(&store).unwrap();
        assert!(!store.exists());
        drop(memory);
    }
}
