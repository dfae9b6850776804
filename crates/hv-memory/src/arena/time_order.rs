//! Slots in order of time.

use std::ops::{Bound, Range, RangeBounds};

/// The slots of a memory in order of time, then of slot.
///
/// Usually episodes are stored as they happen; then the order is that of the slots, and this takes no memory. Else
/// it is a sorted list, 4 bytes a slot.
#[derive(Clone, Debug)]
pub(crate) struct TimeOrder {
    slots: usize,
    sorted: Option<Vec<u32>>,
}

impl TimeOrder {
    /// The order of slots `0..slots`, by the time of each. Cost: O(n) where the times ascend already, else O(n log n).
    ///
    /// # Panics
    ///
    /// If there are more than 2^32 slots, which would be a memory of 1 TiB.
    pub(crate) fn new(slots: usize, time: impl Fn(usize) -> i64) -> Self {
        let ascending = (1..slots).all(|slot| time(slot - 1) <= time(slot));
        let sorted = (!ascending).then(|| {
            assert!(slots as u64 <= 1 << 32, "an order of {slots} episodes; at most 2^32 fit");
            let mut order: Vec<(i64, u32)> = (0..slots).map(|slot| (time(slot), slot as u32)).collect();
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

    /// The slot at a position in the order.
    ///
    /// # Panics
    ///
    /// If there is no such position.
    pub(crate) fn slot(&self, position: usize) -> usize {
        match &self.sorted {
            Some(sorted) => sorted[position] as usize,
            None => {
                assert!(position < self.slots, "there is no position {position} among {}", self.slots);
                position
            }
        }
    }

    /// The positions of the episodes whose time is in a range, deleted ones included. Cost: O(log n).
    pub(crate) fn positions(&self, time: impl Fn(usize) -> i64, times: impl RangeBounds<i64>) -> Range<usize> {
        let start = self.partition(&time, |time| match times.start_bound() {
            Bound::Included(&start) => time < start,
            Bound::Excluded(&start) => time <= start,
            Bound::Unbounded => false,
        });
        let end = self.partition(&time, |time| match times.end_bound() {
            Bound::Included(&end) => time <= end,
            Bound::Excluded(&end) => time < end,
            Bound::Unbounded => true,
        });
        start..end.max(start)
    }

    /// The first position whose time is not `before`.
    fn partition(&self, time: impl Fn(usize) -> i64, before: impl Fn(i64) -> bool) -> usize {
        let mut range = 0..self.slots;
        while !range.is_empty() {
            let middle = range.start + range.len() / 2;
            if before(time(self.slot(middle))) {
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
    #[should_panic(expected = "no position 3 among 3")]
    fn a_position_past_the_last_panics_in_ascending_order_too() {
        let order = TimeOrder::ascending(3);
        assert_eq!(order.slot(2), 2);
        let _ = order.slot(3);
    }
}
