//! The stored lines around an episode in its source.

use std::collections::HashMap;
use std::ffi::OsString;

use hv_memory::{EpisodeId, Snapshot};
use hv_parallel::Operation;
use hv_parallel::for_encoding::adaptive_map;
use serde::Deserialize;

use crate::failure::Failure;
use crate::record::Record;
use crate::selection::of_sources;

/// What reading an episode costs, in vectors of a bundle.
const READ: usize = 500;

/// Lines before an episode and after it, in order.
#[derive(Default)]
pub struct Around {
    pub before: Vec<EpisodeId>,
    pub after: Vec<EpisodeId>,
}

/// Finds the lines around episodes. The lines of a source are read once, when they are first asked for.
pub struct Context<'a> {
    snapshot: &'a Snapshot,
    lines: usize,
    /// The lines of each source with their numbers, in order.
    sources: HashMap<String, Vec<(u64, EpisodeId)>>,
}

#[derive(Deserialize)]
struct Line {
    line: u64,
}

impl<'a> Context<'a> {
    /// Up to `lines` lines on either side.
    pub fn new(snapshot: &'a Snapshot, lines: usize) -> Self {
        Self { snapshot, lines, sources: HashMap::new() }
    }

    /// The lines around the episode with this record; none where it has no line number.
    pub fn around(&mut self, id: EpisodeId, record: &Record) -> Result<Around, Failure> {
        if self.lines == 0 || record.line == 0 {
            return Ok(Around::default());
        }
        if !self.sources.contains_key(&record.source) {
            let lines = self.read(&record.source)?;
            self.sources.insert(record.source.clone(), lines);
        }
        let lines = &self.sources[&record.source];
        // Where a line was stored more than once, the one that was stored with this episode is next to it.
        let nearest = |same: &[(u64, EpisodeId)]| same.iter().map(|&(_, of)| of).min_by_key(|of| of.0.abs_diff(id.0));
        let is_same = |a: &(u64, EpisodeId), b: &(u64, EpisodeId)| a.0 == b.0;
        let (before, after) = (
            &lines[..lines.partition_point(|(line, _)| *line < record.line)],
            &lines[lines.partition_point(|(line, _)| *line <= record.line)..],
        );
        let mut before: Vec<_> = before.chunk_by(is_same).rev().take(self.lines).filter_map(nearest).collect();
        before.reverse();
        let after = after.chunk_by(is_same).take(self.lines).filter_map(nearest).collect();
        Ok(Around { before, after })
    }

    fn read(&self, source: &str) -> Result<Vec<(u64, EpisodeId)>, Failure> {
        let ids: Vec<EpisodeId> = of_sources(self.snapshot, &[OsString::from(source)])?.into_iter().collect();
        let read = adaptive_map(Operation::Bundle, ids.len().saturating_mul(READ), ids.len(), 1, |i| {
            let episode = self.snapshot.get(ids[i])?;
            let line = episode.and_then(|episode| serde_json::from_slice::<Line>(&episode.payload).ok());
            Ok::<_, Failure>(line.map(|Line { line }| (line, ids[i])))
        });
        let mut lines = Vec::with_capacity(ids.len());
        for line in read {
            lines.extend(line?.filter(|(line, _)| *line > 0));
        }
        lines.sort_unstable();
        Ok(lines)
    }
}
