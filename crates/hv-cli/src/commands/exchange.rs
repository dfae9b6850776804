//! `hv export` and `hv import`: a store as JSON lines and raw vectors, and back, or in one file.

mod codes;
#[cfg(feature = "parquet")]
mod parquet;

use std::io::Write;
use std::path::Path;

use hv_memory::{EpisodicMemory, Progress};

use crate::args::{ExportArgs, ImportArgs};
use crate::failure::Failure;
use crate::names::shown_path;
use crate::numbers::counted;
use crate::show::{episodes_bar, watched};
use crate::store::open_read_only;

pub fn export(args: &ExportArgs, out: &mut impl Write) -> Result<(), Failure> {
    let memory = open_read_only(&args.store)?;
    let folder = shown_path(&args.folder);
    if lies_in(&args.folder, &args.store.path) {
        let store = args.store.path.display();
        return Err(Failure::failed(format_args!(
            "{folder} is in the folder of the store {store}; give one outside of it"
        )));
    }
    if codes::is_named(&args.folder) {
        let snapshot = memory.snapshot();
        codes::export(&snapshot, &args.folder)?;
        return Ok(writeln!(out, "exported {} to {folder}", counted(snapshot.len() as u64, "episode"))?);
    }
    let (progress, bar) = (Progress::new(), episodes_bar(folder.clone()));
    watched(&progress, &bar, || memory.export_with(&args.folder, &progress))?;
    let episodes = counted(memory.len() as u64, "episode");
    writeln!(out, "exported {episodes} to {folder}: episodes.jsonl and vectors.bin")?;
    Ok(())
}

/// Whether a folder, which need not be there, is another one or in it.
fn lies_in(folder: &Path, other: &Path) -> bool {
    let Ok(folder) = std::path::absolute(folder) else { return false };
    other
        .canonicalize()
        .is_ok_and(|other| folder.ancestors().filter_map(|above| above.canonicalize().ok()).any(|above| above == other))
}

pub fn import(args: &ImportArgs, out: &mut impl Write) -> Result<(), Failure> {
    let (store, folder) = (shown_path(&args.store), shown_path(&args.folder));
    if codes::is_named(&args.folder) {
        let episodes = codes::import(&args.store, &args.folder)?;
        return Ok(writeln!(out, "imported {} into {store}", counted(episodes, "episode"))?);
    }
    // A misspelt name should be found before a store is made.
    if !args.folder.join("episodes.jsonl").is_file() {
        return Err(Failure::failed(format_args!(
            "{folder} has no episodes.jsonl; give a folder that hv export wrote"
        )));
    }
    let (progress, bar) = (Progress::new(), episodes_bar(store.clone()));
    let import = || EpisodicMemory::import_new_with(&args.store, &args.folder, &progress);
    let episodes = watched(&progress, &bar, import)?.len();
    writeln!(out, "imported {} into {store}", counted(episodes as u64, "episode"))?;
    Ok(())
}
