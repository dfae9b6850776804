//! How the analyses read a memory: by slot, in whatever chunks it lies.

use hv_parallel::HV16;

use crate::arena::State;
use crate::episode::EpisodeId;

/// Episodes numbered by slot, from 0, in order of id.
///
/// # Panics
///
/// All but [`slots`](Self::slots) may panic for a slot that is not below it.
pub(crate) trait Columns {
    /// How many slots there are, the deleted ones included.
    fn slots(&self) -> usize;
    /// Whether the episode is forgotten. Dead slots take part in nothing.
    fn is_deleted(&self, slot: usize) -> bool;
    /// The id; ascends strictly with the slot.
    fn id(&self, slot: usize) -> EpisodeId;
    /// When it happened, in microseconds.
    fn time(&self, slot: usize) -> i64;
    /// From -1 to 1.
    fn valence(&self, slot: usize) -> f32;
    /// What happened.
    fn vector(&self, slot: usize) -> &HV16;
    /// The strength when it was last updated; finite, 0 or more.
    fn strength(&self, slot: usize) -> f64;
    /// When the strength was last updated, in microseconds.
    fn updated(&self, slot: usize) -> i64;
}

impl Columns for State {
    fn slots(&self) -> usize {
        self.slots()
    }

    fn is_deleted(&self, slot: usize) -> bool {
        self.is_deleted(slot)
    }

    fn id(&self, slot: usize) -> EpisodeId {
        self.id(slot)
    }

    fn time(&self, slot: usize) -> i64 {
        self.time(slot)
    }

    fn valence(&self, slot: usize) -> f32 {
        self.valence(slot)
    }

    fn vector(&self, slot: usize) -> &HV16 {
        self.vector(slot)
    }

    fn strength(&self, slot: usize) -> f64 {
        self.mutable(slot).strength
    }

    fn updated(&self, slot: usize) -> i64 {
        self.mutable(slot).updated
    }
}
