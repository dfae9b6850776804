//! What lies next to the vectors: records, which never change, and mutables, which do.
//!
//! They are apart so that strengthening one episode copies 64 KiB of mutables and not a whole block. Together they
//! take 52 bytes and a bit an episode.

use std::sync::Arc;

use super::labels::{Label, Labels};
use super::levels::Chunk;
use super::payload::Payload;
use super::sizes::{BLOCK, SMALL};
use crate::error::MemoryError;

/// The part of an episode that never changes, the vector apart.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Record {
    pub id: u64,
    pub time: i64,
    pub valence: f32,
    pub payload: Payload,
    pub label: Label,
}

/// A chunk of records, in columns.
#[derive(Clone, Default)]
pub(crate) struct Records {
    pub ids: Vec<u64>,
    pub times: Vec<i64>,
    pub valences: Vec<f32>,
    pub payloads: Vec<Payload>,
    pub labels: Labels,
}

impl Records {
    pub(crate) fn push(&mut self, record: Record) {
        self.ids.push(record.id);
        self.times.push(record.time);
        self.valences.push(record.valence);
        self.payloads.push(record.payload);
        self.labels.push(record.label);
    }
}

impl Chunk for Records {
    const SIZES: &'static [usize] = &[SMALL, BLOCK];

    fn len(&self) -> usize {
        self.ids.len()
    }

    fn merge(parts: &[Arc<Self>]) -> Result<Self, MemoryError> {
        Ok(Self {
            ids: concat(parts, |part| &part.ids),
            times: concat(parts, |part| &part.times),
            valences: concat(parts, |part| &part.valences),
            payloads: concat(parts, |part| &part.payloads),
            labels: Labels::concat(parts.iter().map(|part| &part.labels)),
        })
    }
}

/// The part of an episode that changes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Mutable {
    pub strength: f64,
    /// When the strength was last set, on the clock of the episodes.
    pub updated: i64,
    /// Forgotten: its slot remains until the next compaction.
    pub deleted: bool,
}

/// A chunk of mutables, in columns.
#[derive(Clone, Default)]
pub(crate) struct Mutables {
    pub strengths: Vec<f64>,
    pub updated: Vec<i64>,
    /// Bit `i % 64` of word `i / 64` is set where item `i` is deleted.
    deleted: Vec<u64>,
}

impl Mutables {
    /// Those of as many episodes as each column has values.
    pub(crate) fn of(strengths: Vec<f64>, updated: Vec<i64>, deleted: &[bool]) -> Self {
        let word = |bits: &[bool]| (0..).zip(bits).fold(0, |word, (i, &bit)| word | u64::from(bit) << i);
        Self { strengths, updated, deleted: deleted.chunks(64).map(word).collect() }
    }

    pub(crate) fn push(&mut self, mutable: Mutable) {
        let index = self.strengths.len();
        self.strengths.push(mutable.strength);
        self.updated.push(mutable.updated);
        self.deleted.resize(index / 64 + 1, 0);
        self.deleted[index / 64] |= u64::from(mutable.deleted) << (index % 64);
    }

    pub(crate) fn set(&mut self, index: usize, mutable: Mutable) {
        self.strengths[index] = mutable.strength;
        self.updated[index] = mutable.updated;
        let bit = 1 << (index % 64);
        self.deleted[index / 64] = self.deleted[index / 64] & !bit | u64::from(mutable.deleted) << (index % 64);
    }

    pub(crate) fn is_deleted(&self, index: usize) -> bool {
        self.deleted[index / 64] >> (index % 64) & 1 == 1
    }
}

impl Chunk for Mutables {
    const SIZES: &'static [usize] = &[SMALL, BLOCK];

    fn len(&self) -> usize {
        self.strengths.len()
    }

    fn merge(parts: &[Arc<Self>]) -> Result<Self, MemoryError> {
        // Every part is full, so its bits end with a word.
        Ok(Self {
            strengths: concat(parts, |part| &part.strengths),
            updated: concat(parts, |part| &part.updated),
            deleted: concat(parts, |part| &part.deleted),
        })
    }
}

fn concat<C, T: Clone>(parts: &[Arc<C>], column: impl Fn(&C) -> &[T]) -> Vec<T> {
    parts.iter().map(|part| column(part)).collect::<Vec<_>>().concat()
}
