//! The episodes of a snapshot, one after the other.

use std::sync::Arc;

use crate::arena::State;
use crate::episode::Episode;
use crate::error::MemoryError;

/// The episodes of a snapshot in order of id.
///
/// An item is an error where a payload cannot be read or is damaged; the iteration goes on after it.
#[derive(Clone)]
pub struct Episodes {
    pub(crate) state: Arc<State>,
    pub(crate) next: usize,
}

impl Iterator for Episodes {
    type Item = Result<Episode, MemoryError>;

    fn next(&mut self) -> Option<Self::Item> {
        let slot = (self.next..self.state.slots()).find(|&slot| !self.state.is_deleted(slot))?;
        self.next = slot + 1;
        Some(self.state.episode(slot))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let slots = self.state.slots() - self.next;
        (slots.saturating_sub(self.state.deleted), Some(slots))
    }
}

impl std::fmt::Debug for Episodes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Episodes").field("next", &self.next).finish_non_exhaustive()
    }
}
