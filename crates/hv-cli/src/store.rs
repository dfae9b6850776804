//! Stores: opened for reading together with the encoder that their metadata name, for indexing, for changes.

use std::path::Path;
use std::time::{Duration, Instant};

use hv_encode::NgramEncoder;
use hv_memory::{Changes, Episode, EpisodeId, EpisodicMemory, Key, MemoryError, Options, Progress};

use crate::args::StoreArg;
use crate::failure::Failure;
use crate::files::Files;
use crate::names::{bytes_of, shown};
use crate::record::{Encoder, Note, Record, TextToVector};
use crate::show;
use crate::signals::Signals;
use crate::vocabulary;

/// A store open for reading.
pub struct Store {
    pub memory: EpisodicMemory,
    pub encoder: TextToVector,
}

impl Store {
    /// Opens a store that `hv index` made.
    pub fn open(arg: &StoreArg) -> Result<Self, Failure> {
        Self::of(open_read_only(arg)?, &arg.path)
    }

    /// Opens such a store for changes.
    pub fn open_existing(arg: &StoreArg) -> Result<Self, Failure> {
        Self::of(open_existing(arg)?, &arg.path)
    }

    fn of(memory: EpisodicMemory, path: &Path) -> Result<Self, Failure> {
        let note = Note::from_bytes(&memory.metadata()?).ok_or_else(|| foreign(path))?;
        let encoder = note.encoder.make().map_err(|why| refused(path, &why))?;
        Ok(Self { memory, encoder })
    }
}

/// A store to index into. Where there is none yet, it is made when something is to be stored.
pub struct Target<'a> {
    arg: &'a StoreArg,
    ngram: Option<usize>,
    seed: Option<u64>,
    /// How texts are encoded: as was asked, or as in the store.
    pub encoder: TextToVector,
    note: Note,
    signals: &'a Signals,
    memory: Option<EpisodicMemory>,
    /// How long opening took, where the store was there before.
    opening: Duration,
    /// The number of episodes when the store was released.
    released: Option<usize>,
}

/// The longest time that opening a store is taken to need.
const LONG: Duration = Duration::from_secs(4);
/// How often a wait for a store looks for a signal, and how many looks are taken after one.
const LOOK: Duration = Duration::from_millis(100);
const LAST_LOOKS: usize = 50;
/// A store is released after this many times the time that opening it takes.
const TIMES: u32 = 5;

impl<'a> Target<'a> {
    /// Looks for the store, and opens it if it is there, with the encoder that was asked for or that it has.
    pub fn find(
        arg: &'a StoreArg,
        ngram: Option<usize>,
        seed: Option<u64>,
        signals: &'a Signals,
    ) -> Result<Self, Failure> {
        let note = Note::new(Encoder::folded_ngrams(ngram.unwrap_or(NgramEncoder::DEFAULT_N), seed.unwrap_or(0)));
        let encoder = note.encoder.make().map_err(Failure::failed)?;
        let (opening, released) = (Duration::ZERO, None);
        let mut target = Self { arg, ngram, seed, encoder, note, signals, memory: None, opening, released };
        if is_there(&arg.path)? {
            let start = Instant::now();
            let (memory, note) = target.prepared(open(arg)?)?;
            // Some of it may have been a wait for others.
            target.opening = start.elapsed().min(LONG);
            target.encoder = note.encoder.make().map_err(|why| refused(&arg.path, &why))?;
            (target.memory, target.note) = (Some(memory), note);
            vocabulary::mend(target.opened()?)?;
        }
        Ok(target)
    }

    /// Whether there is a store.
    pub fn is_there(&self) -> bool {
        self.memory.is_some() || self.released.is_some()
    }

    /// Lets others have the store after it was not used for some time, if that is long compared to opening it again.
    pub fn release(&mut self, unused: Duration) {
        if unused >= self.opening * TIMES
            && let Some(memory) = self.memory.take()
        {
            self.released = Some(memory.len());
        }
    }

    /// The store, which is made if it is not there.
    pub fn opened(&mut self) -> Result<&EpisodicMemory, Failure> {
        if self.memory.is_none() {
            let memory = if self.released.is_some() { self.open_again()? } else { open(self.arg)? };
            let (memory, note) = self.prepared(memory)?;
            if note.encoder != self.note.encoder {
                let why = format!("another program has made it meanwhile with {}; index again", note.encoder);
                return Err(refused(&self.arg.path, &why));
            }
            vocabulary::mend(&memory)?;
            self.memory = Some(memory);
        }
        self.memory.as_ref().ok_or_else(|| refused(&self.arg.path, "it is not open"))
    }

    /// What it knows of the files in it.
    pub fn known_files(&self) -> Result<Files, Failure> {
        self.memory.as_ref().map_or(Ok(Files::default()), |memory| Files::read(&memory.snapshot(), &self.note))
    }

    /// The number of episodes in it.
    pub fn len(&self) -> usize {
        self.memory.as_ref().map_or(self.released.unwrap_or(0), EpisodicMemory::len)
    }

    /// Opens a store that was released, and waits while others have it. A signal ends the wait, but not at once: there are
    /// lines to store.
    fn open_again(&self) -> Result<EpisodicMemory, Failure> {
        let mut looks = LAST_LOOKS;
        loop {
            match Options::new().wait(LOOK).open(&self.arg.path) {
                Err(MemoryError::InUse { .. }) if self.signals.check().is_ok() => (),
                Err(MemoryError::InUse { .. }) if looks > 0 => looks -= 1,
                opened => return Ok(opened?),
            }
        }
    }

    /// The store with its note, which is written if it is new.
    fn prepared(&self, memory: EpisodicMemory) -> Result<(EpisodicMemory, Note), Failure> {
        let path = &self.arg.path;
        let metadata = memory.metadata()?;
        if metadata.is_empty() && memory.is_empty() {
            // The words first: without the metadata the store is as new.
            memory.apply(&vocabulary::begin(Changes::new()))?;
            memory.set_metadata(&self.note.to_bytes()?)?;
            let note = Note::new(self.note.encoder.clone());
            return Ok((memory, note));
        }
        let note = Note::from_bytes(&metadata).ok_or_else(|| foreign(path))?;
        let made = &note.encoder;
        let asked = made.with(self.ngram.unwrap_or(made.n()), self.seed.unwrap_or(made.seed()));
        if asked != *made {
            let advice = "leave out --ngram and --seed, or index into another store";
            return Err(refused(path, &format!("it was made with {made}, not {asked}; {advice}")));
        }
        Ok((memory, note))
    }
}

/// Whether there is something in the place of a store: a folder with something in it, or what is no folder. A path that
/// cannot be that of a new store is an error.
fn is_there(path: &Path) -> Result<bool, Failure> {
    match std::fs::read_dir(path) {
        Ok(mut entries) => return Ok(entries.next().is_some()),
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Ok(true),
        Err(_) => (),
    }
    if let Ok(to) = std::fs::read_link(path) {
        let (path, to) = (shown(&bytes_of(path)), shown(&bytes_of(&to)));
        let why = format!("{path} is a link to {to}, and nothing is there; make that folder, or give another path");
        return Err(Failure::failed(why));
    }
    // Going up from a folder that is not there would make it on the way.
    let is_parent = |path: &&Path| path.components().next_back() == Some(std::path::Component::ParentDir);
    let below = path.ancestors().find(|path| is_parent(path) && !path.exists()).and_then(Path::parent);
    match below {
        Some(missing) if !missing.exists() => {
            let (path, missing) = (shown(&bytes_of(path)), shown(&bytes_of(missing)));
            Err(Failure::failed(format_args!(
                "cannot make {path}: there is no folder {missing}; give a path without it"
            )))
        }
        _ => Ok(false),
    }
}

/// Opens a store for reading. Where that takes long, a bar shows how far it is.
pub fn open_read_only(arg: &StoreArg) -> Result<EpisodicMemory, Failure> {
    opened(arg, |path, options, progress| options.open_read_only_with(path, progress))
}

/// Opens a store for writing, and makes it where it is not there.
fn open(arg: &StoreArg) -> Result<EpisodicMemory, Failure> {
    opened(arg, |path, options, progress| options.open_with(path, progress))
}

fn opened(
    arg: &StoreArg,
    open: impl Fn(&Path, &Options, &Progress) -> Result<EpisodicMemory, MemoryError>,
) -> Result<EpisodicMemory, Failure> {
    let (progress, bar) = (Progress::new(), show::bytes_bar(1).with_message(format!("reading {}", arg.path.display())));
    let open = || arg.with(|path, options| open(path, options, &progress));
    Ok(show::watched(&progress, &bar, open)?)
}

/// Opens a store for writing, but makes none.
pub fn open_existing(arg: &StoreArg) -> Result<EpisodicMemory, Failure> {
    // Opening for writing makes what is not there, and an empty folder into a store.
    arg.with(|path, options| options.summary(path))?;
    open(arg)
}

/// The record of an episode that was found.
pub fn record(store: &Store, id: EpisodeId) -> Result<Record, Failure> {
    let episode = store.memory.get(id)?;
    let episode = episode.ok_or_else(|| Failure::failed(format_args!("episode {id} was found but is not there")))?;
    record_of(&episode)
}

/// The record of an episode, with its unique key where it has no label.
pub fn record_of(episode: &Episode) -> Result<Record, Failure> {
    let record = Record::from_bytes(episode.id, &episode.payload)?;
    let key = record.key.or_else(|| episode.key.as_ref().map(Key::to_string));
    Ok(Record { key, ..record })
}

fn foreign(path: &Path) -> Failure {
    refused(path, "its metadata name no encoder, so it was not made by hv index; give a store that was")
}

fn refused(path: &Path, why: &str) -> Failure {
    Failure::failed(format_args!("cannot use {}: {why}", path.display()))
}
