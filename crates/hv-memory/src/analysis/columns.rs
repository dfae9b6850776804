//! How the analyses read a memory: by slot, in whatever chunks it lies; and slots in order of time.

use std::ops::{Bound, Range, RangeBounds};

use hv_parallel::HV16;

use crate::EpisodeId;

/// Episodes numbered by slot, from 0, in order of id.
///
/// # Panics
///
/// All but [`slots`](Self::slots) may panic for a slot that is not below it.
pub trait Columns {
    /// How many slots there are, the dead ones included.
    fn slots(&self) -> usize;
    /// Whether the episode is forgotten. Dead slots take part in nothing.
    fn is_dead(&self, slot: usize) -> bool;
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

/// The slots of a memory in order of time, then of slot.
///
/// Usually episodes are stored as they happen; then the order is that of the slots, and this takes no memory. Else
/// it is a sorted list, 4 bytes a slot.
#[derive(Clone, Debug)]
pub struct TimeOrder {
    slots: usize,
    sorted: Option<Vec<u32>>,
}

impl TimeOrder {
    /// The order of what is stored now. Cost: O(n) where the times ascend already, else O(n log n).
    ///
    /// # Panics
    ///
    /// If there are more than 2^32 slots, which would be a memory of 1 TiB.
    #[must_use]
    pub fn new(columns: &impl Columns) -> Self {
        let slots = columns.slots();
        let ascending = (1..slots).all(|slot| columns.time(slot - 1) <= columns.time(slot));
        let sorted = (!ascending).then(|| {
            assert!(slots as u64 <= 1 << 32, "an order of {slots} episodes; at most 2^32 fit");
            let mut order: Vec<(i64, u32)> = (0..slots).map(|slot| (columns.time(slot), slot as u32)).collect();
            order.sort_unstable();
            order.into_iter().map(|(_, slot)| slot).collect()
        });
        Self { slots, sorted }
    }

    /// The order of episodes whose times are known to ascend.
    pub(crate) fn ascending(slots: usize) -> Self {
        Self { slots, sorted: None }
    }

    /// Whether the order is that of the slots.
    pub(crate) fn is_of_slots(&self) -> bool {
        self.sorted.is_none()
    }

    /// The slot at a place in the order.
    ///
    /// # Panics
    ///
    /// If there is no such place.
    #[must_use]
    pub fn slot(&self, place: usize) -> usize {
        match &self.sorted {
            Some(sorted) => sorted[place] as usize,
            None => {
                assert!(place < self.slots, "there is no place {place} among {}", self.slots);
                place
            }
        }
    }

    /// The places of the episodes whose time is in a range, dead ones included. Cost: O(log n).
    #[must_use]
    pub fn places(&self, columns: &impl Columns, times: impl RangeBounds<i64>) -> Range<usize> {
        let start = self.partition(columns, |time| match times.start_bound() {
            Bound::Included(&start) => time < start,
            Bound::Excluded(&start) => time <= start,
            Bound::Unbounded => false,
        });
        let end = self.partition(columns, |time| match times.end_bound() {
            Bound::Included(&end) => time <= end,
            Bound::Excluded(&end) => time < end,
            Bound::Unbounded => true,
        });
        start..end.max(start)
    }

    /// The first place whose time is not `before`.
    fn partition(&self, columns: &impl Columns, before: impl Fn(i64) -> bool) -> usize {
        let mut range = 0..self.slots;
        while !range.is_empty() {
            let middle = range.start + range.len() / 2;
            if before(columns.time(self.slot(middle))) {
                range.start = middle + 1;
            } else {
                range.end = middle;
            }
        }
        range.start
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[should_panic(expected = "no place 3 among 3")]
    fn a_place_behind_the_last_panics_in_ascending_order_too() {
        let order = TimeOrder::ascending(3);
        assert_eq!(order.slot(2), 2);
        let _ = order.slot(3);
    }
}
