//! What is known of the files whose lines a store holds: a row each, changed in the step that stores the lines.
//!
//! The key is `files/` and a hash of the file's full path, which tells it from others however its name is typed. hv 0.1
//! had a list in the metadata instead, without what was in the files.

use std::collections::{HashMap, HashSet};
use std::hash::Hasher;
use std::path::Path;

use hv_memory::{Changes, Snapshot};
use serde::{Deserialize, Serialize};
use siphasher::sip128::{Hasher128, SipHasher24};

use crate::failure::Failure;
use crate::lines::Content;
use crate::names::{bytes_of, given, shown};
use crate::record::Note;
use crate::units::Unit;

const FILES: &str = "files/";

/// A file that lines were stored from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KnownFile {
    /// Its full path, as it is shown.
    path: String,
    /// Its name in the records, as it is shown.
    name: String,
    /// What of it is an episode.
    by: Unit,
    /// Whether its lines have labels.
    tsv: bool,
    /// What was read of it.
    read: Fingerprint,
    /// Whether that is all.
    pub complete: bool,
    /// Whether hv 0.1 stored lines of it, whose episodes have no source but in their records.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub of_0_1: bool,
}

/// The first lines of a file: how many, and a hash of what they say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fingerprint {
    pub lines: u64,
    hash: String,
}

/// Lines that are being read.
#[derive(Clone, Default)]
pub struct Reading {
    lines: u64,
    hasher: SipHasher24,
}

impl Reading {
    /// Adds the next line.
    pub fn add(&mut self, content: &Content) {
        let (kind, text) = match content {
            Content::Text(text) => (0, text.as_str()),
            Content::Replaced(text) => (1, text.as_str()),
            Content::Binary => (2, ""),
            Content::TooLong => (3, ""),
        };
        self.lines += 1;
        self.hasher.write_u8(kind);
        self.hasher.write_u64(text.len() as u64);
        self.hasher.write(text.as_bytes());
    }

    pub fn lines(&self) -> u64 {
        self.lines
    }

    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint { lines: self.lines, hash: format!("{:032x}", self.hasher.finish128().as_u128()) }
    }
}

impl KnownFile {
    pub fn new(path: &Path, name: &[u8], by: Unit, tsv: bool) -> Self {
        let (path, name) = (shown(&bytes_of(path)), shown(name));
        Self { path, name, by, tsv, read: Fingerprint::default(), complete: false, of_0_1: false }
    }

    /// This after so much was read.
    pub fn after(&self, read: Fingerprint, complete: bool) -> Self {
        Self { read, complete, ..self.clone() }
    }

    /// This at another path.
    pub fn at(&self, path: &Path) -> Self {
        Self { path: shown(&bytes_of(path)), ..self.clone() }
    }

    /// Its name, as it is shown.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// This as it is read in another way.
    pub fn read_by(&self, by: Unit, tsv: bool) -> Self {
        Self { by, tsv, ..self.clone() }
    }

    /// What was read of it, if it was read in this way.
    pub fn read(&self, by: Unit, tsv: bool) -> Option<&Fingerprint> {
        (self.by == by && self.tsv == tsv && !self.read.hash.is_empty()).then_some(&self.read)
    }

    /// Its name in the store's column of sources.
    pub fn source(&self) -> Vec<u8> {
        given(&self.name)
    }

    pub fn key(&self) -> Vec<u8> {
        let mut hasher = SipHasher24::new();
        hasher.write(self.path.as_bytes());
        format!("{FILES}{:032x}", hasher.finish128().as_u128()).into_bytes()
    }

    pub fn value(&self) -> Result<Vec<u8>, Failure> {
        serde_json::to_vec(self).map_err(Failure::failed)
    }
}

/// All of them.
#[derive(Default)]
pub struct Files {
    by_path: HashMap<String, KnownFile>,
    /// The path of each name.
    names: HashMap<String, String>,
}

impl Files {
    /// Those of a store.
    pub fn read(snapshot: &Snapshot, note: &Note) -> Result<Self, Failure> {
        let mut files = Self::default();
        let mut paths: HashMap<&str, Vec<&str>> = HashMap::new();
        note.files().for_each(|(path, name)| paths.entry(name).or_default().push(path));
        for (name, of) in paths {
            // Of two files of one name it is not known which lines are whose, so neither is known.
            if let [path] = of[..] {
                let file = KnownFile::new(Path::new(path), name.as_bytes(), Unit::Line, false);
                files.put(KnownFile { complete: true, of_0_1: true, ..file });
            }
        }
        for row in rows(snapshot) {
            files.put(row?);
        }
        Ok(files)
    }

    pub fn get(&self, path: &Path) -> Option<&KnownFile> {
        self.by_path.get(&shown(&bytes_of(path)))
    }

    pub fn put(&mut self, file: KnownFile) {
        self.names.insert(file.name.clone(), file.path.clone());
        self.by_path.insert(file.path.clone(), file);
    }

    pub fn remove(&mut self, file: &KnownFile) {
        self.by_path.remove(&file.path);
        self.names.remove(&file.name);
    }

    /// The file of this name that was at another path, and is there no more: it was moved with all around it.
    pub fn moved(&self, name: &[u8]) -> Option<&KnownFile> {
        let file = self.of_name(name)?;
        (!Path::new(&file.path).exists() && given(&file.path) == file.path.as_bytes()).then_some(file)
    }

    /// The name of a new file: that which was typed, unless it is another file's. Then it is the full path.
    pub fn name_of(&self, path: &Path, typed: &[u8]) -> Vec<u8> {
        if self.of_name(typed).is_some() { bytes_of(path) } else { typed.to_owned() }
    }

    fn of_name(&self, name: &[u8]) -> Option<&KnownFile> {
        self.by_path.get(self.names.get(&shown(name))?)
    }
}

/// The names of the files that are known.
pub fn sources(snapshot: &Snapshot) -> Result<HashSet<Vec<u8>>, Failure> {
    rows(snapshot).map(|row| Ok(row?.source())).collect()
}

/// Adds to `changes` that nothing is known any more of the files of this name.
pub fn forget(snapshot: &Snapshot, mut changes: Changes, source: &[u8]) -> Result<Changes, Failure> {
    for row in rows(snapshot) {
        let file = row?;
        if file.source() == source {
            changes = changes.delete_row(file.key());
        }
    }
    Ok(changes)
}

fn rows(snapshot: &Snapshot) -> impl Iterator<Item = Result<KnownFile, Failure>> {
    snapshot.rows(FILES.as_bytes()).map(|row| {
        serde_json::from_slice(&row?.1).map_err(|_| {
            Failure::failed("what the store knows of its files is not what hv index wrote; index them into a new store")
        })
    })
}
