//! The labels of imported episodes: names get numbers, and keys are held against each other.

use std::collections::HashSet;
use std::sync::Arc;

use serde_json::Value;

use super::lines::Lines;
use super::parts::bytes_of;
use crate::arena::{Label, Names, tag_set};
use crate::episode::NewEpisode;
use crate::error::MemoryError;
use crate::key::Key;

pub(super) struct Labeller {
    pub sources: Names<[u8]>,
    pub tag_sets: Names<[Arc<str>]>,
    keys: HashSet<Key>,
}

impl Default for Labeller {
    fn default() -> Self {
        Self { sources: Names::new(), tag_sets: Names::new(), keys: HashSet::new() }
    }
}

impl Labeller {
    /// The labels of a line. Each may be missing.
    pub(super) fn label(&mut self, lines: &Lines, line: &Value) -> Result<Label, MemoryError> {
        let group = match &line["group"] {
            Value::Null => Some(0),
            group => group.as_u64().and_then(|group| u16::try_from(group).ok()),
        };
        let group = group.ok_or_else(|| lines.malformed("group must be a whole number from 0 to 65535"))?;
        let source = bytes_of(line, "source");
        let source = source.ok_or_else(|| lines.malformed("one of source and source_hex must be text"))?;
        let key = match &line["key"] {
            Value::Null => Some(None),
            Value::String(text) => Some(Some(Key::from(text.as_str()))),
            number => number.as_u64().map(|number| Some(Key::from(number))),
        };
        let key = key.ok_or_else(|| lines.malformed("key must be text or a whole number from 0"))?;
        let tags: Option<Vec<String>> = match &line["tags"] {
            Value::Null => Some(Vec::new()),
            Value::Array(tags) => tags.iter().map(|tag| tag.as_str().map(String::from)).collect(),
            _ => None,
        };
        let tags = tags.ok_or_else(|| lines.malformed("tags must be an array of texts"))?;
        if key.as_ref().is_some_and(|key| !self.keys.insert(key.clone())) {
            return Err(lines.malformed("an episode before has the same key"));
        }
        // The limits are those of storing.
        let limits = NewEpisode { source, key, tags, group, ..NewEpisode::default() };
        if let Some(what) = limits.wrong_label() {
            return Err(lines.malformed(&what));
        }
        let NewEpisode { source, key, tags, .. } = limits;
        let source = source.map_or(0, |source| self.sources.intern(&source.into()));
        let tags = if tags.is_empty() { 0 } else { self.tag_sets.intern(&tag_set(&tags)) };
        Ok(Label { group, source, tags, key })
    }
}
