//! Lines of files that were forgotten one by one: rows of the store. Such a line stays forgotten while its text is in its
//! file, however often that changes and is indexed again; `hv index --again` stores it.
//!
//! The key is `forgotten/`, a hash of the file's name, `/`, and a hash of the line's label and text. The value is the number
//! of such lines as 4 bytes, lowest first.

use std::collections::HashMap;
use std::hash::Hasher;

use hv_memory::{Changes, EpisodeId, Snapshot};
use siphasher::sip128::{Hasher128, SipHasher24};

use crate::failure::Failure;
use crate::files;
use crate::record::Record;

/// The forgotten lines of one file.
#[derive(Default)]
pub struct Forgotten {
    /// What the keys of their rows begin with.
    prefix: String,
    /// By the hash of a line: how many of these are forgotten, and how many the new version of the file has.
    lines: HashMap<String, (u32, u32)>,
}

impl Forgotten {
    /// Reads the forgotten lines of the file with this name.
    pub fn of(snapshot: &Snapshot, source: &[u8]) -> Result<Self, Failure> {
        let prefix = format!("forgotten/{}/", hash([source]));
        let mut lines = HashMap::new();
        for row in snapshot.rows(prefix.as_bytes()) {
            let (key, value) = row?;
            let line = String::from_utf8_lossy(&key[prefix.len()..]).into_owned();
            let count = <[u8; 4]>::try_from(value).map_err(|_| {
                Failure::failed("what the store knows of forgotten lines is not what hv wrote; see hv repair --help")
            })?;
            lines.insert(line, (u32::from_le_bytes(count), 0));
        }
        Ok(Self { prefix, lines })
    }

    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// How many lines these are.
    pub fn count(&self) -> u64 {
        self.lines.values().map(|(forgotten, _)| u64::from(*forgotten)).sum()
    }

    /// Whether a line of the new version of the file is one that was forgotten.
    pub fn has(&mut self, record: &Record) -> bool {
        match self.lines.get_mut(&hash_of(record)) {
            Some((forgotten, met)) if *met < *forgotten => {
                *met += 1;
                true
            }
            _ => false,
        }
    }

    /// How many lines of the new version are forgotten.
    pub fn met(&self) -> u64 {
        self.lines.values().map(|(_, met)| u64::from(*met)).sum()
    }

    /// Adds to `changes` that only these lines are forgotten, since the file has no others.
    pub fn keep_met(&self, changes: Changes) -> Changes {
        self.lines.iter().fold(changes, |changes, (line, (forgotten, met))| match met {
            0 => changes.delete_row(self.key(line)),
            met if met == forgotten => changes,
            met => changes.put_row(self.key(line), met.to_le_bytes()),
        })
    }

    /// Adds to `changes` that no line is forgotten any more.
    pub fn clear(&self, changes: Changes) -> Changes {
        self.lines.keys().fold(changes, |changes, line| changes.delete_row(self.key(line)))
    }

    fn add(&mut self, record: &Record) {
        let (forgotten, met) = self.lines.entry(hash_of(record)).or_default();
        *forgotten = forgotten.saturating_add(1);
        *met = *forgotten;
    }

    /// Adds to `changes` the lines that were added.
    fn put_added(&self, changes: Changes) -> Changes {
        let added = self.lines.iter().filter(|(_, (_, met))| *met > 0);
        added.fold(changes, |changes, (line, (forgotten, _))| changes.put_row(self.key(line), forgotten.to_le_bytes()))
    }

    fn key(&self, line: &str) -> String {
        format!("{}{line}", self.prefix)
    }
}

/// The changes that note which lines of known files are among some episodes that are to be forgotten.
pub fn note(snapshot: &Snapshot, ids: &[EpisodeId]) -> Result<Changes, Failure> {
    let known = files::sources(snapshot)?;
    let mut by_source: HashMap<Vec<u8>, Forgotten> = HashMap::new();
    for &id in ids {
        let Some(episode) = snapshot.get(id)? else { continue };
        let record = Record::from_bytes(id, &episode.payload).ok().filter(|record| record.line > 0);
        if let (Some(source), Some(record)) = (episode.source.filter(|source| known.contains(source)), record) {
            if !by_source.contains_key(&source) {
                by_source.insert(source.clone(), Forgotten::of(snapshot, &source)?);
            }
            by_source.entry(source).or_default().add(&record);
        }
    }
    Ok(by_source.values().fold(Changes::new(), |changes, forgotten| forgotten.put_added(changes)))
}

fn hash_of(record: &Record) -> String {
    hash([record.key.as_deref().unwrap_or_default().as_bytes(), record.text.as_bytes()])
}

fn hash<const N: usize>(parts: [&[u8]; N]) -> String {
    let mut hasher = SipHasher24::new();
    for part in parts {
        hasher.write_u64(part.len() as u64);
        hasher.write(part);
    }
    format!("{:032x}", hasher.finish128().as_u128())
}
