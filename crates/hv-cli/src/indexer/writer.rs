//! Batches into the store, each in one durable step.

use std::collections::HashMap;

use hv_encode::WordCounts;
use hv_memory::{Changes, EpisodeId, MAX_BYTES, NewEpisode};

use super::batch::{Batch, Ended, Entry};
use super::current::Current;
use super::report::{Replaced, Report, Skip};
use crate::failure::Failure;
use crate::files::{Files, KnownFile};
use crate::store::Target;
use crate::times::Clock;
use crate::units::Unit;
use crate::vocabulary;

/// Stores batches, and keeps account of what became of each line.
pub struct Writer<'a> {
    pub target: Target<'a>,
    clock: Clock,
    pub known: Files,
    pub batch: Batch,
    /// Whether a step has failed, after which none is tried.
    has_failed: bool,
    pub report: Report,
}

/// Lines that can be stored.
#[derive(Default)]
struct Encoded {
    episodes: Vec<NewEpisode>,
    texts: Vec<String>,
    /// How many there are of each file.
    stored: HashMap<usize, u64>,
}

impl<'a> Writer<'a> {
    pub fn new(target: Target<'a>, clock: Clock, unit: Unit) -> Result<Self, Failure> {
        let known = target.known_files()?;
        let (batch, report) = (Batch::default(), Report::new(unit));
        Ok(Self { target, clock, known, batch, has_failed: false, report })
    }

    /// Stores what waits in one durable step. `current` is a file under way, which is noted as read so far.
    pub fn store(&mut self, current: Option<&mut Current>) -> Result<(), Failure> {
        let batch = std::mem::take(&mut self.batch);
        if batch.is_empty() || self.has_failed {
            return Ok(());
        }
        // Until it has worked: what follows a failure would claim that these lines are stored.
        self.has_failed = true;
        let Encoded { episodes, texts, stored } = self.encode(batch.entries)?;
        let mut changes = batch.changes;
        for Ended { file, known, has_lines, replaced } in batch.ended {
            let new = stored.get(&file).copied().unwrap_or(0);
            changes = match has_lines || new > 0 {
                true => changes.put_row(known.key(), known.value()?),
                // What nothing came of is as new.
                false => {
                    self.known.remove(&known);
                    changes.delete_row(known.key())
                }
            };
            self.report_file(&known, replaced, new);
        }
        if let Some(current) = current {
            current.has_lines |= stored.contains_key(&current.file);
            if let Some(known) = current.known.as_ref().filter(|_| current.has_lines) {
                let known = known.after(current.mark().fingerprint(), false);
                changes = changes.put_row(known.key(), known.value()?);
            }
        }
        let lines = episodes.len() as u64;
        let revealed = batch.revealed.1;
        if lines > 0 || self.target.is_there() {
            let memory = self.target.opened()?;
            let changes = changes.store_batch(episodes);
            let words = match revealed {
                0 => WordCounts::of(&texts),
                _ => {
                    let mut words = batch.revealed.0;
                    texts.iter().for_each(|text| words.add(text));
                    words
                }
            };
            let (gone, new) = ((&batch.gone.0, batch.gone.1), (&words, lines + revealed));
            let changes = vocabulary::count(&memory.snapshot(), changes, gone, new)?;
            memory.apply(&changes)?;
        }
        self.report.stored += lines + revealed;
        self.has_failed = false;
        Ok(())
    }

    /// Stores the lines of the batch from a position on, hidden. The others are stored before, as ever.
    pub fn store_hidden(&mut self, first: usize) -> Result<(Vec<EpisodeId>, Vec<String>), Failure> {
        let hidden = self.batch.split_off(first);
        self.store(None)?;
        self.has_failed = true;
        let Encoded { episodes, texts, .. } = self.encode(hidden.entries)?;
        let ids = self.target.opened()?.apply(&Changes::new().store_batch(episodes).hide())?.ids;
        self.has_failed = false;
        Ok((ids, texts))
    }

    /// Makes episodes of lines. Counts what is left out.
    fn encode(&mut self, entries: Vec<Entry>) -> Result<Encoded, Failure> {
        let texts: Vec<&str> = entries.iter().map(|entry| entry.record.text.as_str()).collect();
        let contents = self.target.encoder.encode_batch(&texts);
        let time = self.clock.now()?;
        let mut encoded = Encoded::default();
        for (Entry { file, source, record }, content) in entries.into_iter().zip(contents) {
            let payload = record.to_bytes()?;
            let skip = match content {
                Err(_) => Skip::Empty,
                Ok(_) if payload.len() > MAX_BYTES && record.text.len() > MAX_BYTES => Skip::TooLong,
                Ok(_) if payload.len() > MAX_BYTES => Skip::TooLongEscaped,
                Ok(content) => {
                    encoded.episodes.push(NewEpisode {
                        content,
                        time,
                        payload,
                        source: Some(source),
                        ..NewEpisode::default()
                    });
                    encoded.texts.push(record.text);
                    *encoded.stored.entry(file).or_default() += 1;
                    continue;
                }
            };
            self.report.skip(skip, file, &record.source, record.line);
        }
        Ok(encoded)
    }

    fn report_file(&mut self, known: &KnownFile, replaced: Option<Replaced>, new: u64) {
        let Some(replaced) = replaced else { return };
        let replaced = Replaced { new: replaced.new + new, ..replaced };
        self.report.forgotten(replaced.forgotten);
        match (replaced.new, replaced.gone) {
            (0, 0) => self.report.unchanged(known.name()),
            _ => self.report.replaced(known.name(), &replaced),
        }
    }
}
