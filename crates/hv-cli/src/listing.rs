//! Episodes as people read them, one a line.

use std::io::Write;

use hv_memory::{EpisodeId, Match, Snapshot};

use crate::failure::Failure;
use crate::record::Record;
use crate::search::answer::Found;
use crate::show::on_one_line;
use crate::store::{Store, record};

/// How many episodes are listed where there may be many.
pub const SHOWN: usize = 10;

/// Writes a line a match: score, similarity, z-score, id, source, key and text.
pub fn write_matches(store: &Store, found: &[Found], out: &mut impl Write) -> Result<(), Failure> {
    if found.is_empty() {
        writeln!(out, "no match")?;
    }
    found.iter().try_for_each(|found| Ok(writeln!(out, "{}", matched(store, found)?)?))
}

/// A match on a line.
pub fn matched(store: &Store, found: &Found) -> Result<String, Failure> {
    let Match { id, .. } = found.nearness;
    let (similarity, z) = (found.nearness.similarity(), found.nearness.z_score());
    let score = found.score.map(|score| format!("{score:.3}  ")).unwrap_or_default();
    Ok(format!("{score}{similarity:.3}  z {z:>4.1}  {}", line(id, &record(store, id)?)))
}

/// An episode on a line: id, source, key and text.
pub fn line(id: EpisodeId, record: &Record) -> String {
    let Record { source, line, key, text } = record;
    let key = key.as_ref().map(|key| format!("  [{key}]")).unwrap_or_default();
    on_one_line(&format!("#{id}  {source}:{line}{key}  {text}"))
}

/// The episode on a line.
pub fn describe(memory: &Snapshot, id: EpisodeId) -> Result<String, Failure> {
    let payload = memory.get(id)?.map(|episode| episode.payload).unwrap_or_default();
    Ok(Record::from_bytes(id, &payload).map_or_else(|_| format!("#{id}"), |record| line(id, &record)))
}
