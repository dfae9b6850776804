//! Retrievals in an export. Each episode's line has the times of its own, in the order of the log, and their positions in
//! the log of all episodes. Exports from before there were positions do not have these.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use super::lines::Lines;
use crate::arena::{State, each_retrieval};
use crate::episode::EpisodeId;
use crate::error::MemoryError;

/// The retrievals of a state that count, by episode: time and position of each.
pub(super) struct ByEpisode(HashMap<EpisodeId, Vec<(i64, u64)>>);

impl ByEpisode {
    pub(super) fn of(state: &State) -> Result<Self, MemoryError> {
        let (mut log, mut position): (HashMap<_, Vec<_>>, _) = (HashMap::new(), 0);
        each_retrieval(state, &mut |(id, time)| {
            log.entry(id).or_default().push((time, position));
            position += 1;
            Ok(())
        })?;
        Ok(Self(log))
    }

    /// Sets the fields of an episode's line.
    pub(super) fn set_fields(&self, line: &mut Map<String, Value>, id: EpisodeId) {
        let retrievals = self.0.get(&id).map_or(&[][..], |retrievals| retrievals);
        let (times, positions): (Vec<i64>, Vec<u64>) = retrievals.iter().copied().unzip();
        line.insert("retrievals".into(), json!(times));
        if !positions.is_empty() {
            line.insert("log_positions".into(), json!(positions));
        }
    }
}

/// The log that an import puts together from the lines of episodes.
#[derive(Default)]
pub(super) struct Merged {
    /// Each with the number that it is sorted by.
    retrievals: Vec<(i64, (EpisodeId, i64))>,
    /// Whether the lines have positions; `None` until a line has retrievals.
    has_positions: Option<bool>,
}

impl Merged {
    /// Adds the retrievals of an episode, which may be missing.
    pub(super) fn add(&mut self, lines: &Lines, line: &Value, id: EpisodeId) -> Result<(), MemoryError> {
        let wrong = |what: &str| Err(lines.malformed(what));
        let times =
            array(&line["retrievals"]).ok_or_else(|| lines.malformed("retrievals must be an array of times"))?;
        let positions = array(&line["log_positions"]);
        let positions = positions.ok_or_else(|| lines.malformed("log_positions must be an array of whole numbers"))?;
        let has_positions = !positions.is_empty();
        if has_positions && positions.len() != times.len() {
            return wrong("log_positions must be as many as retrievals");
        }
        if !times.is_empty() && *self.has_positions.get_or_insert(has_positions) != has_positions {
            return wrong("either all episodes with retrievals must have log_positions, or none");
        }
        // Without positions the log is in order of time, but for retrievals that were logged after later ones of their
        // episode.
        let mut last = if has_positions { -1 } else { i64::MIN };
        for (index, time) in times.iter().enumerate() {
            let time = time.as_i64().ok_or_else(|| lines.malformed("a retrieval is not a time"))?;
            last = match positions.get(index).map(Value::as_i64) {
                None => last.max(time),
                Some(Some(position)) if position > last => position,
                Some(_) => return wrong("log_positions must ascend, and be whole numbers from 0"),
            };
            self.retrievals.push((last, (id, time)));
        }
        Ok(())
    }

    /// All retrievals in the order of the log.
    pub(super) fn in_order(mut self, lines: &Lines) -> Result<Vec<(EpisodeId, i64)>, MemoryError> {
        self.retrievals.sort_by_key(|&(number, _)| number);
        let repeated = self.retrievals.windows(2).find(|pair| pair[0].0 == pair[1].0);
        if let (Some(true), Some(pair)) = (self.has_positions, repeated) {
            return Err(lines.malformed(&format!("two episodes have {} among their log_positions", pair[0].0)));
        }
        Ok(self.retrievals.into_iter().map(|(_, retrieval)| retrieval).collect())
    }
}

/// An array that may be missing.
fn array(value: &Value) -> Option<&[Value]> {
    match value {
        Value::Null => Some(&[]),
        Value::Array(values) => Some(values),
        _ => None,
    }
}
