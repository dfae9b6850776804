//! What a store holds, counted from its index. Nothing of the index is kept, so it takes little memory and time.

use std::collections::HashMap;
use std::ops::AddAssign;
use std::sync::Arc;
use std::time::Duration;

use super::files::{Folder, Sharing};
use super::format::{BlockRow, Committed, Version};
use super::held::Access;
use super::index::Index;
use super::names::{INDEX, flat_names};
use super::read_rows::{Reader, Wrong};
use super::store::{Disk, bytes_of, ready};
use crate::arena::{BLOCK, Payload};
use crate::error::MemoryError;

/// What a store holds.
#[derive(Default)]
pub(crate) struct Holdings {
    pub counts: Counts,
    pub retrievals: u64,
    pub next_id: u64,
    pub metadata: Vec<u8>,
    /// Bytes of all files.
    pub disk_bytes: u64,
}

/// Counts of episodes.
#[derive(Clone, Copy, Default)]
pub(crate) struct Counts {
    /// All, with those that are forgotten.
    pub slots: usize,
    pub deleted: usize,
    /// Of those that are not forgotten.
    pub time_span: Option<(i64, i64)>,
    pub payload_bytes: u64,
}

impl Counts {
    fn add(&mut self, time: i64, deleted: bool, payload: &Payload) {
        self.slots += 1;
        self.payload_bytes += payload.len() as u64;
        self.deleted += usize::from(deleted);
        if !deleted {
            self.widen((time, time));
        }
    }

    fn widen(&mut self, (from, to): (i64, i64)) {
        let (first, last) = self.time_span.unwrap_or((from, to));
        self.time_span = Some((first.min(from), last.max(to)));
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.slots += other.slots;
        self.deleted += other.deleted;
        self.payload_bytes += other.payload_bytes;
        other.time_span.into_iter().for_each(|span| self.widen(span));
    }
}

impl Disk {
    /// What the store in a folder holds. Checks each row that it reads, and the lengths of the other files. Waits for the
    /// lock for at most `wait`.
    pub(crate) fn holdings(folder: Arc<dyn Folder>, wait: Duration) -> Result<Holdings, MemoryError> {
        let mut disk = Self::checked(Arc::clone(&folder), Sharing::Readers, 0, wait)?;
        let disk_bytes = bytes_of(&*folder);
        let Some(manifest) = ready(&*folder)? else {
            // Its creation was interrupted.
            return Ok(Holdings { disk_bytes, ..Holdings::default() });
        };
        disk.manifest = manifest;
        let path = disk.path(INDEX);
        let index = Index::unchecked(disk.open_file(INDEX, Access::Read)?, &path)?;
        disk.committed = index.committed()?;
        disk.check_store().map_err(|what| MemoryError::damaged(&path, what))?;
        disk.check_sequence()?;
        let Committed { retrievals, next_id, payload_bytes, .. } = disk.committed;
        let lens = [disk.committed.vector_bytes(), payload_bytes, disk.committed.log_bytes()];
        for (name, len) in flat_names(&disk.committed).iter().zip(lens) {
            disk.check_len(name, &*disk.open_file(name, Access::Read)?, len)?;
        }
        let counted = index.read(|transaction| {
            let reader = Reader { transaction, committed: &disk.committed };
            Ok(reader.metadata().and_then(|metadata| Ok((metadata.to_vec(), reader.counts()?))))
        })?;
        let (metadata, counts) = counted.map_err(|wrong| MemoryError::damaged(&path, wrong.into_text()))?;
        Ok(Holdings { counts, retrievals, next_id, metadata, disk_bytes })
    }
}

impl Reader<'_> {
    fn counts(&self) -> Result<Counts, Wrong> {
        if self.committed.version >= Version::Three {
            self.check_store_row(&self.committed.store)?;
        }
        // Whether a slot is deleted, where that may have changed since its block was written.
        let mut changed = HashMap::new();
        self.each_mutable(&mut |slot, mutable| _ = changed.insert(slot, mutable.deleted))?;
        self.each_deleted(&mut |slot| _ = changed.insert(slot, true))?;
        let is_deleted = |slot: usize, was: bool| changed.get(&slot).copied().unwrap_or(was);
        let of_block = |block: u64, BlockRow { records, mutables, .. }: BlockRow| {
            let (mut counts, first) = (Counts::default(), block as usize * BLOCK);
            for (index, (&time, payload)) in records.times.iter().zip(&records.payloads).enumerate() {
                counts.add(time, is_deleted(first + index, mutables.is_deleted(index)), payload);
            }
            counts
        };
        let mut counts = Counts::default();
        self.each_block(of_block, |block| counts += block)?;
        self.each_of_tail(&mut |record, mutable, _| {
            counts.add(record.time, is_deleted(counts.slots, mutable.deleted), &record.payload);
        })?;
        Ok(counts)
    }
}
