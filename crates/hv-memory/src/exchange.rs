//! Export and import: JSON lines and raw vectors, which any program can read and write. `docs/format.md` describes both
//! files.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use hv_parallel::HV16;
use serde_json::{Value, json};

use crate::arena::{BLOCK, MAX_NEXT_ID, Payload, Record, State, Take, Vectors, Vital, each_retrieval};
use crate::disk::{Contents, Put, make_folder, sync_folder, sync_name_of};
use crate::episode::{EpisodeId, MAX_BYTES};
use crate::error::MemoryError;

const EPISODES: &str = "episodes.jsonl";
const VECTORS: &str = "vectors.bin";
const FORMAT: &str = "hv-export";

/// The longest line, in bytes. A payload of 1 MiB has up to 6 of them a byte, and each of the 1,048,576 retrievals that
/// can count has up to 21.
const LINE: u64 = 32 << 20;

/// Writes all living episodes into a folder, which is made, or empty. On an error it is empty again.
pub(crate) fn export(state: &State, folder: &Path, progress: &mut dyn FnMut(u64, u64)) -> Result<(), MemoryError> {
    let mut log: HashMap<EpisodeId, Vec<i64>> = HashMap::new();
    each_retrieval(state, &mut |(id, time)| {
        log.entry(id).or_default().push(time);
        Ok(())
    })?;
    let make = || {
        make_folder(folder)?;
        match fs::read_dir(folder)?.next() {
            Some(_) => Err(io::Error::new(io::ErrorKind::AlreadyExists, "the folder is not empty; give a new one")),
            None => Ok(()),
        }
    };
    make().map_err(|error| MemoryError::io("export to", folder, error))?;
    let lines = Output::create(folder.join(EPISODES))?;
    let vectors = Output::create(folder.join(VECTORS));
    let written = vectors.and_then(|vectors| write_files(state, lines, vectors, &log, progress)).and_then(|()| {
        let sync = sync_folder(folder).and_then(|()| sync_name_of(folder));
        sync.map_err(|error| MemoryError::io("sync", folder, error))
    });
    // So that the folder is empty again for the next attempt.
    written.inspect_err(|_| [EPISODES, VECTORS].iter().for_each(|name| drop(fs::remove_file(folder.join(name)))))
}

/// Writes and syncs both files.
fn write_files(
    state: &State,
    mut lines: Output,
    mut vectors: Output,
    log: &HashMap<EpisodeId, Vec<i64>>,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<(), MemoryError> {
    lines.line(&json!({
        "format": FORMAT,
        "version": 1,
        "episodes": state.len(),
        "next_id": state.next_id,
        "metadata": hex(&state.metadata),
    }))?;
    for (done, slot) in (1..).zip(state.living()) {
        let (record, vital) = (state.record(slot), state.vital(slot));
        let mut line = json!({
            "id": record.id,
            "time": record.time,
            "valence": record.valence,
            "strength": vital.strength,
            "updated": vital.updated,
            "retrievals": log.get(&EpisodeId(record.id)).map_or(&[][..], |times| times),
        });
        match String::from_utf8(state.payload(record.id, &record.payload)?) {
            Ok(text) => line["payload"] = text.into(),
            Err(error) => line["payload_hex"] = hex(error.as_bytes()).into(),
        }
        lines.line(&line)?;
        vectors.write(&state.vector(slot).0)?;
        progress(done, state.len() as u64);
    }
    lines.finish()?;
    vectors.finish()
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

/// Reads and checks a whole export. Each payload goes to `put` as it comes.
pub(crate) fn import(
    folder: &Path,
    put: Put<'_>,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Contents<'static>, MemoryError> {
    let (path, vectors_path) = (folder.join(EPISODES), folder.join(VECTORS));
    let open = |path: &Path| File::open(path).map_err(|error| MemoryError::io("open", path, error));
    let mut lines = Lines { lines: BufReader::new(open(&path)?), path: path.clone(), number: 0 };
    let mut vectors = BufReader::new(open(&vectors_path)?);
    let Header { count, next_id, metadata } = lines.header()?;
    let (mut state, mut batch, mut retrievals) = (State::new(), Batch::default(), Vec::new());
    let mut least_id = 0;
    while let Some(line) = lines.next()? {
        let row = state.slots() + batch.rows.len();
        if row == count {
            return Err(lines.malformed(&format!("more episodes than {count}, which the first line says")));
        }
        let (record, vital) = lines.episode(&line, put(row, count, &lines.payload(&line)?)?)?;
        if !(least_id..next_id).contains(&record.id) {
            return Err(lines.malformed("ids must ascend, and be below next_id"));
        }
        least_id = record.id + 1;
        let mut latest = i64::MIN;
        for time in lines.retrievals(&line)? {
            let time = time.as_i64().ok_or_else(|| lines.malformed("a retrieval is not a time"))?;
            latest = latest.max(time);
            retrievals.push((latest, (EpisodeId(record.id), time)));
        }
        let mut content = HV16::ZERO;
        let read = vectors.read_exact(&mut content.0);
        read.map_err(|error| MemoryError::io("read as many vectors as episodes from", &vectors_path, error))?;
        batch.contents.push(content);
        batch.rows.push((record, vital));
        if batch.rows.len() == BLOCK {
            state = std::mem::take(&mut batch).behind(&state)?;
        }
        progress(row as u64 + 1, count as u64);
    }
    let state = batch.behind(&state)?;
    if state.slots() != count {
        return Err(lines.malformed(&format!("{} episodes, but the first line says {count}", state.slots())));
    }
    if vectors.read(&mut [0]).map_err(|error| MemoryError::io("read", &vectors_path, error))? > 0 {
        return Err(MemoryError::Malformed { path: vectors_path, line: 0, what: "more vectors than episodes".into() });
    }
    // One log for all, in order of time but for those that were logged behind later ones of their episode.
    retrievals.sort_by_key(|&(latest, _)| latest);
    let retrievals = Box::new(move |take: Take<'_>| retrievals.iter().try_for_each(|&(_, event)| take(event)));
    Ok(Contents { state: State { next_id, metadata: metadata.into(), ..state }, retrievals })
}

/// Episodes that were read, and are not in the state yet: a block at most.
#[derive(Default)]
struct Batch {
    contents: Vec<HV16>,
    rows: Vec<(Record, Vital)>,
}

impl Batch {
    /// A state with these, too.
    fn behind(self, state: &State) -> Result<State, MemoryError> {
        let Self { contents, rows } = self;
        let vectors = state.vectors.append(contents.len(), &mut |unfinished: Option<&Vectors>, range| {
            let old = unfinished.map_or(&[][..], |chunk| chunk);
            Vectors::filled(old.len() + range.len(), |out| {
                let (kept, new) = out.split_at_mut(old.len());
                kept.copy_from_slice(old);
                new.copy_from_slice(&contents[range]);
                Ok(())
            })
        })?;
        state.append_columns(vectors, rows.len(), &mut |row| Ok(rows[row].0.clone()), &|row| rows[row].1)
    }
}

/// What the first line says.
struct Header {
    count: usize,
    next_id: u64,
    metadata: Vec<u8>,
}

/// The lines of the file, each an object.
struct Lines {
    lines: BufReader<File>,
    path: PathBuf,
    number: usize,
}

impl Lines {
    fn next(&mut self) -> Result<Option<Value>, MemoryError> {
        let mut line = Vec::new();
        let read = (&mut self.lines).take(LINE + 1).read_until(b'\n', &mut line);
        let read = read.map_err(|error| MemoryError::io("read", &self.path, error))?;
        self.number += 1;
        if read as u64 > LINE {
            return Err(self.malformed("the line is longer than 32 MiB, and so none of an export"));
        }
        if read == 0 {
            return Ok(None);
        }
        if line.trim_ascii().is_empty() {
            return Err(self.malformed("the line is empty"));
        }
        serde_json::from_slice(&line).map(Some).map_err(|error| {
            // It counts lines anew for each.
            let text = error.to_string();
            let what = text.split_once(" at line ").map_or(&*text, |(what, _)| what);
            self.malformed(&format!("column {}: {what}", error.column()))
        })
    }

    fn header(&mut self) -> Result<Header, MemoryError> {
        let line = self.next()?.ok_or_else(|| self.malformed("the file is empty"))?;
        if line["format"] != FORMAT || line["version"] != 1 {
            return Err(self.malformed("the first line is not that of an hv-export of version 1"));
        }
        let metadata = line["metadata"].as_str().and_then(unhex).filter(|bytes| bytes.len() <= MAX_BYTES);
        let metadata =
            metadata.ok_or_else(|| self.malformed("metadata is missing, or not hexadecimal, or over 1 MiB"))?;
        let (count, next_id) = (self.number(&line, "episodes")?, self.number(&line, "next_id")?);
        if !(count..=MAX_NEXT_ID).contains(&next_id) {
            let limits = format!("from the number of episodes, {count}, to {MAX_NEXT_ID}");
            return Err(self.malformed(&format!("next_id is {next_id}, but must be {limits}")));
        }
        Ok(Header { count: count as usize, next_id, metadata })
    }

    fn malformed(&self, what: &str) -> MemoryError {
        MemoryError::Malformed { path: self.path.clone(), line: self.number, what: what.into() }
    }

    fn number(&self, line: &Value, name: &str) -> Result<u64, MemoryError> {
        line[name].as_u64().ok_or_else(|| self.malformed(&format!("{name} is missing, or no whole number from 0")))
    }

    fn payload(&self, line: &Value) -> Result<Vec<u8>, MemoryError> {
        let payload = match (line["payload"].as_str(), line["payload_hex"].as_str()) {
            (Some(text), None) => Some(text.as_bytes().to_vec()),
            (None, Some(hex)) => unhex(hex),
            _ => None,
        };
        let payload = payload.filter(|bytes| bytes.len() <= MAX_BYTES);
        payload.ok_or_else(|| self.malformed("one of payload and payload_hex, of up to 1 MiB, is due"))
    }

    /// The retrievals of an episode, which may be missing.
    fn retrievals<'a>(&self, line: &'a Value) -> Result<&'a [Value], MemoryError> {
        match &line["retrievals"] {
            Value::Null => Ok(&[]),
            Value::Array(times) => Ok(times),
            _ => Err(self.malformed("retrievals are no array of times")),
        }
    }

    /// The rest of an episode whose payload has been put.
    fn episode(&self, line: &Value, payload: Payload) -> Result<(Record, Vital), MemoryError> {
        let time = |name: &str| line[name].as_i64().ok_or_else(|| self.malformed(&format!("{name} is no time")));
        let valence = line["valence"].as_f64().unwrap_or(f64::NAN) as f32;
        let strength = line["strength"].as_f64().unwrap_or(f64::NAN);
        let sound = (-1.0..=1.0).contains(&valence) && strength >= 0.0 && strength.is_finite();
        if !sound {
            return Err(self.malformed("valence must be from -1 to 1, and strength 0 or more"));
        }
        let record = Record { id: self.number(line, "id")?, time: time("time")?, valence, payload };
        Ok((record, Vital { strength, updated: time("updated")?, dead: false }))
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |c: u8| char::from(c).to_digit(16).map(|d| d as u8);
    let pairs = text.as_bytes().chunks(2);
    pairs.map(|pair| Some(digit(pair[0])? << 4 | digit(*pair.get(1)?)?)).collect()
}
