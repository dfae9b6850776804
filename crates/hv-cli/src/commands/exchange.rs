//! `hv export` and `hv import`: a store as JSON lines and raw vectors, and back.

use std::io::Write;

use hv_memory::{EpisodicMemory, Progress};

use crate::args::{ExportArgs, ImportArgs};
use crate::failure::Failure;
use crate::numbers::counted;
use crate::show::{episodes_bar, watched};
use crate::store::open_read_only;

pub fn export(args: &ExportArgs, out: &mut impl Write) -> Result<(), Failure> {
    let memory = open_read_only(&args.store)?;
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
    let (progress, bar) = (Progress::new(), episodes_bar(store.to_string()));
    let import = || EpisodicMemory::import_new_with(&args.store, &args.folder, &progress);
    let episodes = watched(&progress, &bar, import)?.len();
    writeln!(out, "imported {} into {store}", counted(episodes as u64, "episode"))?;
    Ok(())
}
