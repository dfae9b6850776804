//! What the workspace's own tools measure and draw. Not part of the interface: it may change with any release.

use std::ops::Deref;

use hv_parallel::HV16;

use crate::arena::{State, Vectors};
use crate::episode::EpisodeId;
use crate::error::MemoryError;
use crate::key::Key;
use crate::snapshot::Snapshot;

pub use crate::analysis::{PlaneCut, coactivations};
pub use crate::planner::Costs;

/// `n` vectors, allocated as a memory allocates its own: many of them in huge pages, where the system has them.
///
/// # Errors
///
/// If there is not enough memory.
pub fn huge_vectors(n: usize, vector: impl Fn(usize) -> HV16) -> Result<impl Deref<Target = [HV16]>, MemoryError> {
    Vectors::filled(n, |vectors| {
        vectors.iter_mut().enumerate().for_each(|(i, out)| *out = vector(i));
        Ok(())
    })
}

/// The columns of a snapshot. A slot is a row: slots are in order of id, and some are of episodes that are forgotten.
#[derive(Clone, Copy)]
pub struct Columns<'a>(&'a State);

impl<'a> Columns<'a> {
    /// Those of a snapshot.
    pub fn of(snapshot: &'a Snapshot) -> Self {
        Self(&snapshot.state)
    }

    /// The number of slots.
    pub fn slots(self) -> usize {
        self.0.slots()
    }

    /// Whether a slot has an episode that is not forgotten.
    pub fn is_live(self, slot: usize) -> bool {
        !self.0.is_deleted(slot)
    }

    /// The identity of an episode.
    pub fn id(self, slot: usize) -> EpisodeId {
        self.0.id(slot)
    }

    /// When it was, in microseconds since the Unix epoch.
    pub fn time(self, slot: usize) -> i64 {
        self.0.time(slot)
    }

    /// Its valence, -1 to 1.
    pub fn valence(self, slot: usize) -> f32 {
        self.0.valence(slot)
    }

    /// Its strength as it was last set.
    pub fn strength(self, slot: usize) -> f64 {
        self.0.mutable(slot).strength
    }

    /// Its vector.
    pub fn vector(self, slot: usize) -> &'a HV16 {
        self.0.vector(slot)
    }

    /// Its key.
    pub fn key(self, slot: usize) -> Option<Key> {
        self.0.record(slot).label.key
    }

    /// Its payload, which may be on disk.
    pub fn payload(self, slot: usize) -> Result<Vec<u8>, MemoryError> {
        self.0.payload(self.id(slot).0, &self.0.record(slot).payload)
    }
}
