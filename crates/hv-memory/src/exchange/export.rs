//! Export: all that a memory holds as JSON lines and raw vectors.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use hv_parallel::Progress;
use serde_json::{Map, Value, json};

use super::parts::{EPISODES, FORMAT, ROWS, VECTORS, VERSION, hex, set_bytes};
use super::retrievals::ByEpisode;
use crate::arena::State;
use crate::disk::{make_folder, sync_folder, sync_name_of};
use crate::episode::Episode;
use crate::error::MemoryError;
use crate::key::Key;

/// Writes all living episodes into a folder, which is made, or empty. On an error it is empty again. `progress` counts
/// episodes.
pub(crate) fn export(state: &State, folder: &Path, progress: &Progress) -> Result<(), MemoryError> {
    progress.start(state.len() as u64);
    let log = ByEpisode::of(state)?;
    let make = || {
        make_folder(folder)?;
        match fs::read_dir(folder)?.next() {
            Some(_) => Err(io::Error::new(io::ErrorKind::AlreadyExists, "the folder is not empty; give a new one")),
            None => Ok(()),
        }
    };
    make().map_err(|error| MemoryError::io("export to", folder, error))?;
    let create = |name: &str| Output::create(folder.join(name));
    let lines = create(EPISODES)?;
    let written = create(VECTORS).and_then(|vectors| {
        write_files(state, lines, vectors, &log, progress)?;
        write_rows(state, create(ROWS)?)?;
        let sync = sync_folder(folder).and_then(|()| sync_name_of(folder));
        sync.map_err(|error| MemoryError::io("sync", folder, error))
    });
    // So that the folder is empty again for the next attempt.
    written
        .inspect_err(|_| [EPISODES, VECTORS, ROWS].iter().for_each(|name| drop(fs::remove_file(folder.join(name)))))?;
    progress.finish();
    Ok(())
}

/// Writes and syncs both files.
fn write_files(
    state: &State,
    mut lines: Output,
    mut vectors: Output,
    log: &ByEpisode,
    progress: &Progress,
) -> Result<(), MemoryError> {
    lines.line(&json!({
        "format": FORMAT,
        "version": VERSION,
        "episodes": state.len(),
        "next_id": state.next_id,
        "metadata": hex(&state.metadata),
        "rows": state.rows.len(),
    }))?;
    for slot in state.living() {
        lines.line(&Value::Object(episode_line(&state.episode(slot)?, log)))?;
        vectors.write(&state.vector(slot).0)?;
        progress.advance(1);
    }
    lines.finish()?;
    vectors.finish()
}

/// An episode as a line. Labels that it does not have are left out.
fn episode_line(episode: &Episode, log: &ByEpisode) -> Map<String, Value> {
    let mut line = Map::new();
    line.insert("id".into(), episode.id.0.into());
    line.insert("time".into(), episode.time.into());
    line.insert("valence".into(), json!(episode.valence));
    line.insert("strength".into(), json!(episode.strength));
    line.insert("updated".into(), episode.updated.into());
    log.set_fields(&mut line, episode.id);
    if episode.group > 0 {
        line.insert("group".into(), episode.group.into());
    }
    if let Some(source) = &episode.source {
        set_bytes(&mut line, "source", source.clone());
    }
    match &episode.key {
        None => {}
        Some(Key::Number(number)) => _ = line.insert("key".into(), (*number).into()),
        Some(Key::Text(text)) => _ = line.insert("key".into(), text.to_string().into()),
    }
    if !episode.tags.is_empty() {
        line.insert("tags".into(), json!(episode.tags));
    }
    set_bytes(&mut line, "payload", episode.payload.clone());
    line
}

/// Writes and syncs the application's rows, each as a line.
fn write_rows(state: &State, mut lines: Output) -> Result<(), MemoryError> {
    state.rows.for_each(&mut |(key, value)| {
        let mut line = Map::new();
        set_bytes(&mut line, "key", key);
        set_bytes(&mut line, "value", value);
        lines.line(&Value::Object(line))
    })?;
    lines.finish()
}

/// A file that is written from the beginning to the end.
struct Output {
    path: PathBuf,
    file: BufWriter<File>,
}

impl Output {
    fn create(path: PathBuf) -> Result<Self, MemoryError> {
        let file = File::create_new(&path).map_err(|error| MemoryError::io("create", &path, error))?;
        Ok(Self { path, file: BufWriter::new(file) })
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), MemoryError> {
        self.file.write_all(bytes).map_err(|error| MemoryError::io("write", &self.path, error))
    }

    fn line(&mut self, value: &Value) -> Result<(), MemoryError> {
        self.write(format!("{value}\n").as_bytes())
    }

    fn finish(mut self) -> Result<(), MemoryError> {
        let finish = self.file.flush().and_then(|()| self.file.get_ref().sync_all());
        finish.map_err(|error| MemoryError::io("write", &self.path, error))
    }
}
