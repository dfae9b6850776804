//! A memory as a plain list of episodes.

use crate::analysis::Columns;
use crate::arena::TimeOrder;
use crate::{EpisodeId, HV16};

#[derive(Clone, Debug)]
pub struct Row {
    pub deleted: bool,
    pub time: i64,
    pub valence: f32,
    pub vector: HV16,
    pub strength: f64,
    pub updated: i64,
}

/// Rows whose ids are every third number.
#[derive(Clone, Debug)]
pub struct Rows(pub Vec<Row>);

impl Rows {
    /// The rows in order of time.
    pub fn order(&self) -> TimeOrder {
        TimeOrder::new(self.0.len(), |slot| self.0[slot].time)
    }
}

impl Columns for Rows {
    fn slots(&self) -> usize {
        self.0.len()
    }
    fn is_deleted(&self, slot: usize) -> bool {
        self.0[slot].deleted
    }
    fn id(&self, slot: usize) -> EpisodeId {
        EpisodeId(slot as u64 * 3)
    }
    fn time(&self, slot: usize) -> i64 {
        self.0[slot].time
    }
    fn valence(&self, slot: usize) -> f32 {
        self.0[slot].valence
    }
    fn vector(&self, slot: usize) -> &HV16 {
        &self.0[slot].vector
    }
    fn strength(&self, slot: usize) -> f64 {
        self.0[slot].strength
    }
    fn updated(&self, slot: usize) -> i64 {
        self.0[slot].updated
    }
}

/// A vector at exactly this distance from `v`: the bits flipped are those of a fixed run, so that few bits make many
/// equal distances.
pub fn flipped(v: &HV16, first: usize, count: usize) -> HV16 {
    let mut flipped = *v;
    for bit in (first..first + count).map(|bit| bit % HV16::DIM) {
        flipped.set_bit(bit, !v.bit(bit));
    }
    flipped
}
