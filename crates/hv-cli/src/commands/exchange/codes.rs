//! `hv export` and `hv import` of one file: the vectors of a store alone, or a table of Parquet.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;

use hv_memory::{EpisodicMemory, HV16, NewEpisode, Snapshot};

use crate::args::BitOrder;
use crate::codes::CodeFile;
use crate::failure::Failure;
use crate::npy::header;
use crate::show::episodes_bar;
use crate::times::Clock;

/// Whether a path names a file of codes, by its ending, and no folder.
pub fn is_named(path: &Path) -> bool {
    ["npy", "bin", "parquet"].iter().any(|ending| ends_in(path, ending)) && !path.is_dir()
}

fn ends_in(path: &Path, ending: &str) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case(ending))
}

/// Writes the vectors of all episodes to a new file, in order of id; to one of Parquet also what else they have.
pub fn export(snapshot: &Snapshot, path: &Path) -> Result<(), Failure> {
    #[cfg(not(feature = "parquet"))]
    if ends_in(path, "parquet") {
        return Err(Failure::failed(format_args!("cannot write {}: {}", path.display(), crate::codes::NO_PARQUET)));
    }
    let cannot = |error| Failure::failed(format_args!("cannot write {}: {error}", path.display()));
    let file = File::create_new(path).map_err(cannot)?;
    let written = write(snapshot, path, &file, cannot);
    if written.is_err() {
        let _ = fs::remove_file(path);
    }
    written
}

fn write(
    snapshot: &Snapshot,
    path: &Path,
    file: &File,
    cannot: impl Fn(std::io::Error) -> Failure,
) -> Result<(), Failure> {
    let bar = episodes_bar(path.display().to_string());
    bar.set_length(snapshot.len() as u64);
    #[cfg(feature = "parquet")]
    if ends_in(path, "parquet") {
        super::parquet::write(snapshot, path, file, || bar.inc(1))?;
        bar.finish_and_clear();
        return Ok(());
    }
    let mut out = BufWriter::new(file);
    if ends_in(path, "npy") {
        out.write_all(&header("|u1", &format!("({}, {})", snapshot.len(), HV16::BYTES))).map_err(&cannot)?;
    }
    for episode in snapshot.episodes() {
        out.write_all(&episode?.content.0).map_err(&cannot)?;
        bar.inc(1);
    }
    bar.finish_and_clear();
    out.flush().map_err(cannot)
}

/// Reads the next episodes of a file; none at its end.
type Blocks = Box<dyn FnMut() -> Result<Vec<NewEpisode>, Failure>>;

/// What is in a file: an episode for each row.
fn blocks(file: &Path) -> Result<Blocks, Failure> {
    let time = Clock::SYSTEM.now()?;
    #[cfg(feature = "parquet")]
    if ends_in(file, "parquet") {
        return Ok(Box::new(super::parquet::blocks(file, time)?));
    }
    let mut codes = CodeFile::open(file, None, BitOrder::Little)?;
    let episode = move |content| NewEpisode { content, time, ..NewEpisode::default() };
    Ok(Box::new(move || Ok(codes.next_block()?.codes.into_iter().map(episode).collect())))
}

/// Makes a new store with an episode for each row of a file, all or nothing, and returns how many these are.
pub fn import(store: &Path, file: &Path) -> Result<u64, Failure> {
    let mut next = blocks(file)?;
    let cannot = |error| Failure::failed(format_args!("cannot make {}: {error}", store.display()));
    if store.symlink_metadata().is_ok() {
        return Err(Failure::failed(format_args!(
            "{} is there already; give the folder of a new store",
            store.display()
        )));
    }
    let parent = store.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(parent).map_err(cannot)?;
    // Made next to its place, and moved there when it is whole.
    let unfinished = tempfile::Builder::new().prefix(".hv-import-").tempdir_in(parent).map_err(cannot)?;
    let made = unfinished.path().join("store");
    let memory = EpisodicMemory::open(&made)?;
    let bar = episodes_bar(store.display().to_string());
    loop {
        let block = next()?;
        if block.is_empty() {
            break;
        }
        memory.store_batch(&block)?;
        bar.set_length(memory.len() as u64);
        bar.set_position(memory.len() as u64);
    }
    bar.finish_and_clear();
    let episodes = memory.len() as u64;
    drop(memory);
    fs::rename(&made, store).map_err(cannot)?;
    #[cfg(unix)]
    File::open(parent).and_then(|parent| parent.sync_all()).map_err(cannot)?;
    Ok(episodes)
}
