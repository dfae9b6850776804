//! `hv export` and `hv import`: a store as JSON lines and raw vectors, and back.

use std::fs;
use std::io::Write;

use hv_memory::EpisodicMemory;

use crate::args::{ExportArgs, ImportArgs};
use crate::failure::Failure;
use crate::index::counted;
use crate::show::episodes_bar;

pub fn export(args: &ExportArgs, out: &mut impl Write) -> Result<(), Failure> {
    let memory = EpisodicMemory::open_read_only(&args.store)?;
    let folder = args.folder.display();
    let bar = episodes_bar(folder.to_string());
    memory.export(&args.folder, |done, all| {
        bar.set_length(all);
        bar.set_position(done);
    })?;
    bar.finish_and_clear();
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
    let is_new = !args.store.exists();
    let memory = EpisodicMemory::open(&args.store)?;
    let bar = episodes_bar(store.to_string());
    let imported = memory.import(&args.folder, |done, all| {
        bar.set_length(all);
        bar.set_position(done);
    });
    bar.finish_and_clear();
    if imported.is_err() && is_new {
        // Nothing was imported, so nothing is left behind; while it is open nobody else can have stored in it. What
        // cannot be removed is an empty store, into which another import may go.
        let _ = fs::remove_dir_all(&args.store);
    }
    let episodes = imported?;
    writeln!(out, "imported {} into {store}", counted(episodes as u64, "episode"))?;
    Ok(())
}
