//! Import: an export, by this program or another, into a memory that was never used.

use std::fs::{self, File};
use std::io::{self, BufReader, Read};
use std::path::Path;

use hv_parallel::{HV16, Progress};

use super::labeller::Labeller;
use super::lines::{Header, Lines};
use super::parts::{EPISODES, ROWS, VECTORS, bytes_of};
use super::retrievals::Merged;
use crate::arena::{BLOCK, Mutable, Record, RetrievalSink, State, Vectors};
use crate::changes::Changes;
use crate::disk::{Contents, PayloadSink, RowSink};
use crate::episode::EpisodeId;
use crate::error::{MemoryError, advance};

/// An error where a folder does not have the files of an export.
pub(crate) fn is_there(folder: &Path) -> Result<(), MemoryError> {
    [EPISODES, VECTORS].iter().try_for_each(|name| open(&folder.join(name)).map(drop))
}

/// Opens a file of an export. What is no file, such as a pipe that nobody writes to, would be waited for.
fn open(path: &Path) -> Result<File, MemoryError> {
    let failed = |error| MemoryError::io("open", path, error);
    if !fs::metadata(path).map_err(failed)?.is_file() {
        let what = "it is not a file".into();
        return Err(MemoryError::Malformed { path: path.into(), line: None, what });
    }
    File::open(path).map_err(failed)
}

/// Reads and checks a whole export. Each payload goes to `put` as it comes. `progress` counts episodes.
pub(crate) fn import(
    folder: &Path,
    put: PayloadSink<'_>,
    progress: &Progress,
) -> Result<Contents<'static>, MemoryError> {
    let (path, vectors_path) = (folder.join(EPISODES), folder.join(VECTORS));
    let mut lines = Lines::new(open(&path)?, path.clone());
    let mut vectors = BufReader::new(open(&vectors_path)?);
    let Header { count, next_id, metadata, rows } = lines.header()?;
    progress.start(count as u64);
    let (mut state, mut batch, mut retrievals) = (State::new(), Batch::default(), Merged::default());
    let mut names = Labeller::default();
    let mut least_id = 0;
    while let Some(line) = lines.next()? {
        let row = state.slots() + batch.rows.len();
        if row == count {
            return Err(lines.malformed(&format!("more episodes than {count}, which the first line says")));
        }
        let (mut record, mutable) = lines.episode(&line, put(row, count, &lines.payload(&line)?)?)?;
        record.label = names.label(&lines, &line)?;
        if !(least_id..next_id).contains(&record.id) {
            return Err(lines.malformed("ids must ascend, and be below next_id"));
        }
        least_id = record.id + 1;
        retrievals.add(&lines, &line, EpisodeId(record.id))?;
        let mut content = HV16::ZERO;
        let read = vectors.read_exact(&mut content.0);
        read.map_err(|error| MemoryError::io("read as many vectors as episodes from", &vectors_path, error))?;
        batch.contents.push(content);
        batch.rows.push((record, mutable));
        if batch.rows.len() == BLOCK {
            state = std::mem::take(&mut batch).appended_to(&state)?;
        }
        advance(progress, 1)?;
    }
    let state = batch.appended_to(&state)?;
    if state.slots() != count {
        return Err(lines.malformed(&format!("{} episodes, but the first line says {count}", state.slots())));
    }
    if vectors.read(&mut [0]).map_err(|error| MemoryError::io("read", &vectors_path, error))? > 0 {
        return Err(MemoryError::Malformed {
            path: vectors_path,
            line: None,
            what: "more vectors than episodes".into(),
        });
    }
    let retrievals = retrievals.in_order(&lines)?;
    let retrievals = Box::new(move |take: RetrievalSink<'_>| retrievals.iter().try_for_each(|&event| take(event)));
    let Labeller { sources, tag_sets, .. } = names;
    let state = State { next_id, metadata: metadata.into(), sources, tag_sets, ..state };
    let rows_path = folder.join(ROWS);
    let rows = Box::new(move |take: RowSink<'_>| import_rows(&rows_path, rows, take));
    Ok(Contents { state, retrievals, rows })
}

/// Episodes that were read, and are not in the state yet: a block at most.
#[derive(Default)]
struct Batch {
    contents: Vec<HV16>,
    rows: Vec<(Record, Mutable)>,
}

impl Batch {
    /// A state with these, too.
    fn appended_to(self, state: &State) -> Result<State, MemoryError> {
        let Self { contents, rows } = self;
        let vectors = Vectors::appended(&state.vectors, contents.len(), &mut |row| contents[row])?;
        state.append_columns(vectors, rows.len(), &mut |row| Ok(rows[row].0.clone()), &|row| rows[row].1)
    }
}

/// Reads and checks the application's rows. There must be `count` of them. Without any, the file may be missing.
fn import_rows(path: &Path, count: u64, take: RowSink<'_>) -> Result<(), MemoryError> {
    let file = match open(path) {
        Err(MemoryError::Io { source, .. }) if count == 0 && source.kind() == io::ErrorKind::NotFound => return Ok(()),
        file => file?,
    };
    let mut lines = Lines::new(file, path.to_path_buf());
    let (mut found, mut last) = (0, None);
    while let Some(line) = lines.next()? {
        let part = |name: &str, max: usize| {
            let bytes = bytes_of(&line, name).flatten().filter(|bytes| bytes.len() <= max);
            bytes.ok_or_else(|| lines.malformed(&format!("{name} or {name}_hex, of up to {max} bytes, is due")))
        };
        let (key, value) = (part("key", Changes::MAX_ROW_KEY)?, part("value", Changes::MAX_ROW_VALUE)?);
        if last.as_ref().is_some_and(|last| *last >= key) {
            return Err(lines.malformed("the keys of rows must ascend"));
        }
        last = Some(key.clone());
        found += 1;
        take((key, value))?;
    }
    if found != count {
        return Err(lines.malformed(&format!("{found} rows, but {EPISODES} says {count}")));
    }
    Ok(())
}
