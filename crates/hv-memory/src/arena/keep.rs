//! What stays of a state when it is rewritten.

use hv_parallel::HV16;

use super::columns::Mutable;
use super::state::State;

/// An episode that stays.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Kept {
    /// Where it is now.
    pub slot: usize,
    /// Its strength from now on.
    pub strength: f64,
    /// What to note as the time of this update: `now`, or the last update where that is later, so that no time fades
    /// a strength twice.
    pub updated: i64,
}

/// All that stays, and the episodes among it that get a new vector. Both in order of slot.
#[derive(Clone, Copy)]
pub(crate) struct Keep<'a> {
    pub kept: &'a [Kept],
    pub merged: &'a [(usize, HV16)],
}

impl Keep<'_> {
    /// The bytes of the vectors and payloads of what stays.
    pub(crate) fn bytes(&self, base: &State) -> u64 {
        base.bytes_of(self.kept.iter().map(|kept| kept.slot))
    }

    /// Whether the episode of a slot stays.
    pub(crate) fn stays(&self, slot: usize) -> bool {
        self.kept.binary_search_by_key(&slot, |kept| kept.slot).is_ok()
    }
}

impl State {
    /// Every live episode as it is.
    pub(crate) fn all_kept(&self) -> Vec<Kept> {
        let as_it_is = |slot| {
            let Mutable { strength, updated, .. } = self.mutable(slot);
            Kept { slot, strength, updated }
        };
        self.live().map(as_it_is).collect()
    }
}
