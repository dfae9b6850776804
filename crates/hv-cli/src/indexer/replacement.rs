//! A file that has changed: what of its old version stays, and what goes once the new one is stored.
//!
//! New lines that do not fit into a batch are stored hidden. The last step reveals them, forgets the lines that are gone,
//! and notes the new version. So whatever interrupts this leaves one version; what was hidden by then is as if forgotten.

use std::collections::HashMap;

use hv_encode::WordCounts;
use hv_memory::{EpisodeId, Snapshot};

use crate::failure::Failure;
use crate::files::KnownFile;
use crate::forgotten::Forgotten;
use crate::record::Record;

use super::batch::{Batch, Ended};
use super::report::Replaced;

/// A file is a step of its own if more lines of it go than this.
const MANY: usize = 16_384;

pub struct Replacement {
    snapshot: Snapshot,
    /// The lines of the old version in order, each with its episode and whether that stays.
    old: Vec<(u64, EpisodeId, bool)>,
    /// The position in the batch from which on lines are of this file.
    pub first: usize,
    hidden: Vec<EpisodeId>,
    words: WordCounts,
    forgotten: Forgotten,
}

impl Replacement {
    /// Reads which lines of the old version are where.
    pub fn new(
        snapshot: Snapshot,
        source: &[u8],
        ids: Vec<EpisodeId>,
        first: usize,
        check: &dyn Fn() -> Result<(), Failure>,
    ) -> Result<Self, Failure> {
        let mut old = Vec::with_capacity(ids.len());
        for id in ids {
            check()?;
            // What hv index has not stored stays.
            if let Some(record) = read(&snapshot, id)? {
                old.push((record.line, id, false));
            }
        }
        old.sort_unstable();
        let forgotten = Forgotten::of(&snapshot, source)?;
        Ok(Self { snapshot, old, first, hidden: Vec::new(), words: WordCounts::default(), forgotten })
    }

    /// Whether a line needs no new episode: it was there before, on the same line, or it was forgotten.
    pub fn keep(&mut self, record: &Record) -> Result<bool, Failure> {
        let from = self.old.partition_point(|&(line, ..)| line < record.line);
        for (_, id, stays) in self.old[from..].iter_mut().take_while(|(line, ..)| *line == record.line) {
            if !*stays && read(&self.snapshot, *id)?.as_ref() == Some(record) {
                *stays = true;
                return Ok(true);
            }
        }
        Ok(self.forgotten.has(record))
    }

    /// Notes lines that were stored hidden.
    pub fn hid(&mut self, ids: Vec<EpisodeId>, texts: &[String]) {
        self.hidden.extend(ids);
        texts.iter().for_each(|text| self.words.add(text));
        self.first = 0;
    }

    /// Adds the switch to the new version to a batch. Returns whether that should be stored at once, since it is large.
    pub fn finish(self, file: usize, known: KnownFile, batch: &mut Batch) -> Result<bool, Failure> {
        let gone: Vec<EpisodeId> = self.old.iter().filter(|(.., stays)| !stays).map(|&(_, id, _)| id).collect();
        for &id in &gone {
            if let Some(record) = read(&self.snapshot, id)? {
                batch.gone.0.add(&record.text);
                batch.gone.1 += 1;
            }
        }
        let (hidden, kept) = (self.hidden.len() as u64, (self.old.len() - gone.len()) as u64);
        let is_large = hidden > 0 || gone.len() > MANY;
        let forgotten = self.forgotten.met();
        let replaced = Replaced { new: hidden, gone: gone.len() as u64, kept, forgotten };
        let changes = self.forgotten.keep_met(std::mem::take(&mut batch.changes));
        batch.changes = changes.forget(gone).reveal(self.hidden);
        if hidden > 0 {
            batch.revealed = (self.words, hidden);
        }
        batch.ended.push(Ended { file, known, has_lines: hidden + kept + forgotten > 0, replaced: Some(replaced) });
        Ok(is_large)
    }
}

/// The record of an episode of `hv index`.
fn read(snapshot: &Snapshot, id: EpisodeId) -> Result<Option<Record>, Failure> {
    let episode = snapshot.get(id)?;
    Ok(episode.and_then(|episode| Record::from_bytes(id, &episode.payload).ok()).filter(|record| record.line > 0))
}

/// The episodes that hv 0.1 stored, by the source in their records.
pub fn sources_of_0_1(snapshot: &Snapshot) -> Result<HashMap<String, Vec<EpisodeId>>, Failure> {
    let mut sources: HashMap<String, Vec<EpisodeId>> = HashMap::new();
    for episode in snapshot.episodes() {
        let episode = episode?;
        if episode.source.is_none()
            && let Ok(record) = Record::from_bytes(episode.id, &episode.payload)
        {
            sources.entry(record.source).or_default().push(episode.id);
        }
    }
    Ok(sources)
}
