//! Export: all that a memory holds as JSON lines and raw vectors.

use std::path::Path;

use hv_parallel::Progress;
use serde_json::{Map, Value, json};

use super::parts::{FORMAT, NEW_EPISODES, ROWS, VECTORS, VERSION, hex, set_bytes};
use super::retrievals::ByEpisode;
use super::unfinished::Unfinished;
use crate::arena::State;
use crate::disk::{Access, Appender, DiskFolder, Folder, make_folder};
use crate::episode::Episode;
use crate::error::{MemoryError, advance};
use crate::key::Key;

/// Writes all live episodes into a folder, which is made, or empty, or holds an interrupted export alone. On an error it
/// is empty again. `progress` counts episodes.
pub(crate) fn export(state: &State, folder: &Path, progress: &Progress) -> Result<(), MemoryError> {
    progress.start(state.len() as u64);
    let log = ByEpisode::of(state)?;
    let held = make_folder(folder).and_then(|()| DiskFolder::new(folder));
    let held = held.map_err(|error| MemoryError::io("export to", folder, error))?;
    export_into(state, &log, &held, progress)
}

pub(super) fn export_into(
    state: &State,
    log: &ByEpisode,
    folder: &dyn Folder,
    progress: &Progress,
) -> Result<(), MemoryError> {
    let begun = Unfinished::begin(folder).map_err(|error| MemoryError::io("export to", folder.path(), error))?;
    write_file(folder, NEW_EPISODES, |lines| {
        write_file(folder, VECTORS, |vectors| write_episodes(state, lines, vectors, log, progress))
    })?;
    write_file(folder, ROWS, |lines| write_rows(state, lines))?;
    begun.finish().map_err(|error| MemoryError::io("sync", folder.path(), error))?;
    progress.finish();
    Ok(())
}

/// Makes, writes and syncs a file.
fn write_file(
    folder: &dyn Folder,
    name: &str,
    write: impl FnOnce(&mut Appender<'_>) -> Result<(), MemoryError>,
) -> Result<(), MemoryError> {
    let path = folder.path().join(name);
    let file = folder.open(name, Access::Create).map_err(|error| MemoryError::io("create", &path, error))?;
    let wrote = &mut |_| Ok(());
    let mut out = Appender::new(&*file, &path, 0, wrote);
    write(&mut out)?;
    out.finish()?;
    file.sync().map_err(|error| MemoryError::io("write", &path, error))
}

fn write_episodes(
    state: &State,
    lines: &mut Appender<'_>,
    vectors: &mut Appender<'_>,
    log: &ByEpisode,
    progress: &Progress,
) -> Result<(), MemoryError> {
    let first = json!({
        "format": FORMAT,
        "version": VERSION,
        "episodes": state.len(),
        "next_id": state.next_id,
        "metadata": hex(&state.metadata),
        "rows": state.rows.len(),
    });
    write_line(lines, &first)?;
    for slot in state.live() {
        write_line(lines, &Value::Object(episode_line(&state.episode(slot)?, log)))?;
        vectors.append(&state.vector(slot).0)?;
        advance(progress, 1)?;
    }
    Ok(())
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

/// Writes the application's rows, each as a line.
fn write_rows(state: &State, lines: &mut Appender<'_>) -> Result<(), MemoryError> {
    state.rows.for_each(&mut |(key, value)| {
        let mut line = Map::new();
        set_bytes(&mut line, "key", key);
        set_bytes(&mut line, "value", value);
        write_line(lines, &Value::Object(line))
    })
}

fn write_line(out: &mut Appender<'_>, value: &Value) -> Result<(), MemoryError> {
    out.append(format!("{value}\n").as_bytes()).map(drop)
}
