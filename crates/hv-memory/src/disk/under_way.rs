//! A write of the application's rows that is under way, and how it is undone.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::arena::{AppRows, RowChange};
use crate::error::MemoryError;

/// What rows were before a change, by key; `None` where there was none.
pub(super) type Undo = BTreeMap<Vec<u8>, Option<Vec<u8>>>;

/// What the index may hold beyond the last acknowledged commit: a write that fails may have taken place all the same.
#[derive(Default)]
pub(super) struct UnderWay {
    /// The number of the last acknowledged commit.
    acknowledged: AtomicU64,
    /// What the rows were that the write after it changes.
    undo: Mutex<Undo>,
}

impl UnderWay {
    /// A commit was acknowledged, and nothing is under way.
    pub(super) fn acknowledge(&self, sequence: u64) {
        self.undo.lock().unwrap_or_else(PoisonError::into_inner).clear();
        self.acknowledged.store(sequence, Ordering::Relaxed);
    }

    /// Rows are about to change.
    pub(super) fn begin(&self, undo: Undo) {
        *self.undo.lock().unwrap_or_else(PoisonError::into_inner) = undo;
    }

    /// What to undo in an index that holds commit `found`, for rows of commit `sequence`; `None` where that cannot be.
    pub(super) fn undo(&self, sequence: u64, found: u64) -> Option<Undo> {
        let acknowledged = self.acknowledged.load(Ordering::Relaxed) == sequence;
        match found.checked_sub(sequence)? {
            0 => Some(Undo::new()),
            1 if acknowledged => Some(self.undo.lock().unwrap_or_else(PoisonError::into_inner).clone()),
            _ => None,
        }
    }
}

/// What rows were before some changes of them.
pub(super) fn undo_of(rows: &AppRows, changes: &[RowChange]) -> Result<Undo, MemoryError> {
    changes.iter().map(|(key, _)| Ok((key.clone(), rows.get(key)?))).collect()
}
