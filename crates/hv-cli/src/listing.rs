//! Episodes as they are shown: for people, one a line, and for programs, as JSON.

use std::io::Write;

use hv_memory::{Episode, EpisodeId, Snapshot};
use serde::Serialize;

use crate::context::Context;
use crate::escape;
use crate::failure::Failure;
use crate::marks::Marks;
use crate::record::Record;
use crate::screen::Screen;
use crate::search::answer::Found;
use crate::store::{Store, record, record_of};

/// How many episodes are listed where there may be many.
pub const SHOWN: usize = 10;

/// How the matches of a question are shown.
pub struct Matches<'a> {
    pub store: &'a Store,
    pub screen: Screen,
    pub marks: Marks,
}

impl Matches<'_> {
    /// Writes a line a match: score, similarity, z-score, id, source, key and text. Lines around it come before it and after
    /// it, indented, and then two dashes between one match and the next.
    pub fn write(&self, found: &[Found], context: &mut Context, out: &mut impl Write) -> Result<(), Failure> {
        if found.is_empty() {
            writeln!(out, "no match")?;
        }
        let mut dashes = "";
        for found in found {
            let (id, record) = (found.nearness.id, record(self.store, found.nearness.id)?);
            let around = context.around(id, &record)?;
            out.write_all(dashes.as_bytes())?;
            around.before.iter().try_for_each(|&id| self.write_neighbour(id, out))?;
            writeln!(out, "{}", self.one("", found, &record))?;
            around.after.iter().try_for_each(|&id| self.write_neighbour(id, out))?;
            dashes = if around.before.is_empty() && around.after.is_empty() { "" } else { "--\n" };
        }
        Ok(())
    }

    /// A match, after what is said of it.
    pub fn one(&self, said: &str, found: &Found, record: &Record) -> String {
        let (similarity, z) = (found.nearness.similarity(), found.nearness.z_score());
        let score = found.score.map(|score| format!("{score:.3}  ")).unwrap_or_default();
        let head = format!("{said}{score}{similarity:.3}  z {z:>4.1}  {}", head(found.nearness.id, record));
        let marks = if self.screen.is_terminal() { self.marks.in_text(&record.text) } else { Vec::new() };
        self.screen.line(&head, &record.text, &marks)
    }

    fn write_neighbour(&self, id: EpisodeId, out: &mut impl Write) -> Result<(), Failure> {
        let line = format!("  {}", line(id, &record(self.store, id)?));
        Ok(writeln!(out, "{}", self.screen.cut(&line))?)
    }
}

/// What is shown before the text of an episode: id, source and key.
fn head(id: EpisodeId, record: &Record) -> String {
    let Record { source, line, key, .. } = record;
    let mut head = format!("#{id}");
    if !source.is_empty() {
        head += &format!("  {source}");
    }
    if *line > 0 {
        head += &format!(":{line}");
    }
    if let Some(key) = key {
        head += &format!("  [{key}]");
    }
    head
}

/// An episode on a line: id, source, key and text.
pub fn line(id: EpisodeId, record: &Record) -> String {
    escape::on_one_line(&format!("{}  {}", head(id, record), record.text))
}

/// The episode on a line; its id alone where it was stored by another program.
pub fn of_episode(episode: &Episode) -> String {
    record_of(episode).map_or_else(|_| format!("#{}", episode.id), |record| line(episode.id, &record))
}

/// The episode on a line.
pub fn describe(memory: &Snapshot, id: EpisodeId) -> Result<String, Failure> {
    Ok(memory.get(id)?.map_or_else(|| format!("#{id}"), |episode| of_episode(&episode)))
}

/// An episode as it is printed with `--json`.
#[derive(Serialize)]
pub struct JsonEpisode {
    id: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    time: i64,
    valence: f32,
    strength: f64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<String>,
}

impl JsonEpisode {
    /// Of an episode that another program stored there is what the memory knows.
    pub fn of(episode: &Episode) -> Self {
        let Episode { id, time, valence, strength, ref tags, .. } = *episode;
        let record = record_of(episode).ok();
        let key = match &record {
            Some(record) => record.key.clone(),
            None => episode.key.as_ref().map(ToString::to_string),
        };
        let (line, source) = (record.as_ref().map(|of| of.line), record.as_ref().map(|of| of.source.clone()));
        let (line, source) = (line.filter(|&line| line > 0), source.filter(|source| !source.is_empty()));
        let text = record.map(|record| record.text);
        Self { id: id.0, key, source, line, text, time, valence, strength, tags: tags.clone() }
    }
}
