//! Stores: opened for reading together with the encoder that their metadata name, for indexing, for changes.

use std::path::Path;

use hv_encode::NgramEncoder;
use hv_memory::{Changes, Episode, EpisodeId, EpisodicMemory, Key, MemoryError, Options, Progress};

use crate::args::StoreArg;
use crate::failure::Failure;
use crate::record::{Encoder, Note, Record, TextToVector};
use crate::show;
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

/// Opens or makes a store to index into, with the encoder that was asked for or that it has, and its note.
pub fn open_to_index(
    arg: &StoreArg,
    ngram: Option<usize>,
    seed: Option<u64>,
) -> Result<(EpisodicMemory, TextToVector, Note), Failure> {
    let (memory, path) = (open(arg)?, &arg.path);
    let metadata = memory.metadata()?;
    let note = if metadata.is_empty() && memory.is_empty() {
        let encoder = Encoder::folded_ngrams(ngram.unwrap_or(NgramEncoder::DEFAULT_N), seed.unwrap_or(0));
        let note = Note::new(encoder);
        // The words first: without the metadata the store is as new.
        memory.apply(&vocabulary::begin(Changes::new()))?;
        memory.set_metadata(&note.to_bytes()?)?;
        note
    } else {
        Note::from_bytes(&metadata).ok_or_else(|| foreign(path))?
    };
    let encoder = note.encoder.make().map_err(|why| refused(path, &why))?;
    let asked = note.encoder.with(ngram.unwrap_or(note.encoder.n()), seed.unwrap_or(note.encoder.seed()));
    if asked != note.encoder {
        return Err(refused(
            path,
            &format!(
                "it was made with {}, not {asked}; leave out --ngram and --seed, or index into another store",
                note.encoder
            ),
        ));
    }
    Ok((memory, encoder, note))
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
