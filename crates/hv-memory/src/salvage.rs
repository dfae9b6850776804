//! Saving what is sound of a store that is damaged.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hv_parallel::{HV16, Progress};

use crate::arena::{BLOCK, Keep, Kept, Levels, Record, RetrievalSink, State, Vectors};
use crate::changes::Changes;
use crate::disk::{Contents, Damage, Disk, PayloadSink, RowSink, Sound};
use crate::episode::{Episode, EpisodeId};
use crate::episodes::Episodes;
use crate::error::{MemoryError, advance};
use crate::memory::EpisodicMemory;
use crate::opening::existing_folder;
use crate::options::Options;

/// What is sound of a store, to be written to a new one: see [`Options::salvage`].
///
/// Ids, times, valences, strengths, labels, retrievals and rows are kept where they are sound. What is not is in
/// [`damage`](Self::damage), and the episodes that are lost with it in [`lost`](Self::lost).
///
/// ```
/// use hv_memory::{Changes, EpisodicMemory, HV16, NewEpisode, Options, Progress};
///
/// # let folder = tempfile::tempdir().unwrap();
/// # let (path, new) = (folder.path().join("store"), folder.path().join("new"));
/// let memory = EpisodicMemory::open(&path)?;
/// let seeds = 0..5_000;
/// memory.store_batch(&seeds.map(|seed| NewEpisode { content: HV16::random(seed), payload: seed.to_string().into(), ..NewEpisode::default() }).collect::<Vec<_>>())?;
/// drop(memory);
/// std::fs::write(path.join("vectors-0"), "what a failing disk makes of it").unwrap();
/// assert!(EpisodicMemory::open(&path).is_err());
///
/// let mut salvage = Options::new().salvage(&path, &Progress::new())?;
/// // The 4,096 vectors of the file are damaged. Here they follow from the payloads, as in most applications.
/// let seed = |payload: &[u8]| std::str::from_utf8(payload).ok()?.parse().ok();
/// salvage.encode(false, |episodes| episodes.iter().map(|episode| seed(&episode.payload).map(HV16::random)).collect())?;
/// let note = salvage.metadata().unwrap_or_default().to_vec();
/// let memory = salvage.write(&new, &note, &Changes::new(), &Progress::new())?;
/// assert_eq!(memory.recall(&HV16::random(7), 1)?[0].similarity(), 1.0);
/// assert!(memory.len() == 5_000 && salvage.lost().is_empty() && memory.verify()?.is_sound());
/// # Ok::<(), hv_memory::MemoryError>(())
/// ```
pub struct Salvage {
    path: PathBuf,
    sound: Sound,
    /// The state of what is sound; what is lost is deleted in it.
    state: Arc<State>,
    lost: Vec<Lost>,
}

/// An episode that could not be saved.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Lost {
    /// Its id.
    pub id: EpisodeId,
    /// Its source, where it has one.
    pub source: Option<Vec<u8>>,
    /// What is lost.
    pub what: String,
    /// The bytes that are in the place of its payload, whether they are what was written or not; none where they cannot be
    /// read.
    pub payload: Vec<u8>,
}

impl Options {
    /// Reads what is sound of a store, also of one that is too damaged to open. Reads all of it, and writes nothing.
    /// `progress` counts bytes.
    ///
    /// An episode whose payload is damaged is lost. Vectors have a checksum for every 4,096 of them; where that does not
    /// match, [`Salvage::encode`] gives these episodes new ones.
    ///
    /// # Errors
    ///
    /// As [`EpisodicMemory::open_read_only`]; [`Damaged`](MemoryError::Damaged) only where nothing can be saved, since the
    /// index says what everything else means. [`Stopped`](MemoryError::Stopped).
    pub fn salvage(&self, path: impl AsRef<Path>, progress: &Progress) -> Result<Salvage, MemoryError> {
        let path = path.as_ref();
        let mut sound = Disk::salvage(existing_folder(path)?, self.wait, progress)?;
        let state = std::mem::replace(&mut sound.state, State::new());
        let lost = std::mem::take(&mut sound.without_payload).into_iter();
        let lost = lost.map(|lost| lost_of(&state, lost.slot, lost.what, lost.there)).collect();
        Ok(Salvage { path: path.into(), sound, state: Arc::new(state), lost })
    }
}

impl Salvage {
    /// The application's note; `None` where it is lost.
    #[must_use]
    pub fn metadata(&self) -> Option<&[u8]> {
        self.sound.has_metadata.then_some(&self.state.metadata)
    }

    /// Everything that is not what was written, but for the payloads of [`lost`](Self::lost) episodes.
    #[must_use]
    pub fn damage(&self) -> &[Damage] {
        &self.sound.damage
    }

    /// The episodes that are lost and whose ids are still known. Where nothing is left, [`damage`](Self::damage) says so.
    #[must_use]
    pub fn lost(&self) -> &[Lost] {
        &self.lost
    }

    /// How many episodes have no sound vector. They are not written unless [`encode`](Self::encode) gives them one.
    #[must_use]
    pub fn without_vector(&self) -> usize {
        self.sound.without_vector.len()
    }

    /// The episodes that are not lost, in order of id. Those without a sound vector have one of zeros.
    #[must_use]
    pub fn episodes(&self) -> Episodes {
        Episodes { state: Arc::clone(&self.state), next: 0 }
    }

    /// Gives new vectors to the episodes that have no sound one, or to `all`. `vectors` gets up to 4,096 of them at a time,
    /// in order, and returns a vector for each, or `None` where it has none: that episode is lost.
    ///
    /// # Errors
    ///
    /// Where a payload that was read before cannot be read again. Then nothing has changed.
    pub fn encode(
        &mut self,
        all: bool,
        mut vectors: impl FnMut(&[Episode]) -> Vec<Option<HV16>>,
    ) -> Result<(), MemoryError> {
        let old = Arc::clone(&self.state);
        let wanted = if all { old.live().collect() } else { self.sound.without_vector.clone() };
        if wanted.is_empty() {
            return Ok(());
        }
        let (mut batches, mut next) = (wanted.chunks(BLOCK), VecDeque::new());
        let (mut failed, mut lost) = (None, Vec::new());
        let encoded = Vectors::appended(&Levels::new(), old.slots(), &mut |slot| {
            if next.is_empty() && failed.is_none() {
                let batch = batches.next().unwrap_or_default();
                match batch.iter().map(|&slot| old.episode(slot)).collect::<Result<Vec<_>, _>>() {
                    Ok(episodes) if episodes.is_empty() => {}
                    Ok(episodes) => {
                        let given = vectors(&episodes).into_iter().chain(std::iter::repeat(None));
                        next.extend(batch.iter().copied().zip(given));
                    }
                    Err(error) => failed = Some(error),
                }
            }
            match next.front() {
                Some(&(of, vector)) if of == slot => {
                    next.pop_front();
                    vector.unwrap_or_else(|| {
                        lost.push(slot);
                        HV16::ZERO
                    })
                }
                _ => *old.vector(slot),
            }
        })?;
        if let Some(error) = failed {
            return Err(error);
        }
        let mut state = State { vectors: encoded, ..State::clone(&old) };
        for slot in lost {
            let payload = old.episode(slot).map_or(Vec::new(), |episode| episode.payload);
            let what = "it has no vector, and none follows from its payload".into();
            self.lost.push(lost_of(&old, slot, what, payload));
            state.kill(slot);
        }
        self.lost.sort_by_key(|lost| lost.id);
        self.state = Arc::new(state);
        self.sound.without_vector.clear();
        Ok(())
    }

    /// Makes a store of what is sound in a new folder, all or nothing: on an error all that this has made is removed.
    ///
    /// `metadata` becomes its note. The rows of `changes` take the place of rows that were saved; what else is in there does
    /// not count. `progress` counts episodes.
    ///
    /// # Errors
    ///
    /// As [`EpisodicMemory::open`] and [`store`](EpisodicMemory::store). An [`Io`](MemoryError::Io) error where there is
    /// something at the path, or where it is within the damaged store. [`Stopped`](MemoryError::Stopped).
    pub fn write(
        &self,
        path: impl AsRef<Path>,
        metadata: &[u8],
        changes: &Changes,
        progress: &Progress,
    ) -> Result<EpisodicMemory, MemoryError> {
        changes.check()?;
        self.check_new(path.as_ref())?;
        EpisodicMemory::make_new(path.as_ref(), &|memory| self.fill(memory, metadata, changes, progress))
    }

    /// An error where something is at the path of a new store, or where that is in this one.
    fn check_new(&self, path: &Path) -> Result<(), MemoryError> {
        let refused = |kind, what: &str| MemoryError::io("make a store at", path, io::Error::new(kind, what));
        if fs::symlink_metadata(path).is_ok() {
            return Err(refused(io::ErrorKind::AlreadyExists, "something is there already; give a new name"));
        }
        let full = |path: &Path| {
            std::path::absolute(path).and_then(|path| {
                // Of what is not there yet nothing is a link.
                path.ancestors()
                    .find_map(|path| fs::canonicalize(path).ok())
                    .ok_or_else(|| io::ErrorKind::NotFound.into())
            })
        };
        let [new, store] =
            [path, &self.path].map(|path| full(path).map_err(|error| MemoryError::io("find", path, error)));
        match new?.starts_with(store?) {
            true => Err(refused(io::ErrorKind::InvalidInput, "that is within the damaged store; give another place")),
            false => Ok(()),
        }
    }

    pub(crate) fn fill(
        &self,
        memory: &EpisodicMemory,
        metadata: &[u8],
        changes: &Changes,
        progress: &Progress,
    ) -> Result<(), MemoryError> {
        let state = State { metadata: metadata.into(), ..State::clone(&self.state) };
        let left_out = |slot: &usize| self.sound.without_vector.binary_search(slot).is_ok();
        let kept = |slot| {
            let mutable = state.mutable(slot);
            Kept { slot, strength: mutable.strength, updated: mutable.updated }
        };
        let kept: Vec<Kept> = state.live().filter(|slot| !left_out(slot)).map(kept).collect();
        progress.start(kept.len() as u64);
        memory.fill(|put: PayloadSink<'_>| {
            let mut payload = |row, record: &Record| {
                advance(progress, 1)?;
                put(row, kept.len(), &state.payload(record.id, &record.payload)?)
            };
            Ok(Contents {
                state: state.rebuilt(Keep { kept: &kept, merged: &[] }, &mut payload)?,
                retrievals: Box::new(|take: RetrievalSink<'_>| {
                    let mut kept = self
                        .sound
                        .retrievals
                        .iter()
                        .filter(|(id, _)| state.slot(*id).is_some_and(|slot| !left_out(&slot)));
                    kept.try_for_each(|&event| take(event))
                }),
                rows: Box::new(|take: RowSink<'_>| {
                    let mut rows: BTreeMap<&[u8], &[u8]> =
                        self.sound.rows.iter().map(|(key, value)| (&**key, &**value)).collect();
                    for (key, value) in &changes.rows {
                        match value {
                            Some(value) => rows.insert(key, value),
                            None => rows.remove(&**key),
                        };
                    }
                    rows.into_iter().try_for_each(|(key, value)| take((key.to_vec(), value.to_vec())))
                }),
            })
        })?;
        progress.finish();
        Ok(())
    }
}

fn lost_of(state: &State, slot: usize, what: String, payload: Vec<u8>) -> Lost {
    let record = state.record(slot);
    let source = state.sources.get(record.label.source).map(|source| source.to_vec());
    Lost { id: EpisodeId(record.id), source, what, payload }
}

impl fmt::Debug for Salvage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (episodes, lost) = (self.state.len(), self.lost.len());
        f.debug_struct("Salvage").field("episodes", &episodes).field("lost", &lost).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::common::episodes;
    use crate::disk::{FailingFolder, Folder, Plan};

    /// Each operation of making the new store fails once.
    #[test]
    fn a_failure_anywhere_leaves_an_empty_folder() {
        let folder = tempfile::tempdir().unwrap();
        drop(EpisodicMemory::open(folder.path()).unwrap().store_batch(&episodes(0..30)).unwrap());
        let salvage = Options::new().salvage(folder.path(), &Progress::new()).unwrap();
        for operation in 0.. {
            let disk = FailingFolder::new(Plan::FailOnce(operation));
            let store: Arc<dyn Folder> = Arc::new(disk.clone());
            let fill = |memory: &EpisodicMemory| salvage.fill(memory, b"a note", &Changes::new(), &Progress::new());
            match EpisodicMemory::fill_new(Arc::clone(&store), &fill) {
                Ok(memory) => assert_eq!((memory.len(), &*memory.metadata().unwrap()), (30, &b"a note"[..])),
                Err(_) => assert_eq!(store.names().unwrap(), [""; 0], "operation {operation}"),
            }
            if !disk.struck() {
                assert!(operation > 20);
                break;
            }
        }
    }
}
