//! Work cut into parts for threads.

use std::ops::Range;

use crate::room::Room;

/// The indices `0..len` cut into parts that shrink towards the end: each is one thread's share of what is left, as
/// in guided self-scheduling (Polychronopoulos and Kuck, IEEE Transactions on Computers 36, 1987).
pub(crate) struct Ranges {
    left: Range<usize>,
    divisor: usize,
    grain: usize,
    step: usize,
}

impl Ranges {
    /// Parts for `threads` threads; one part for one thread. All but the last have `grain` or more, and
    /// are whole multiples of `step` where they have that many.
    pub(crate) fn shrinking(len: usize, grain: usize, step: usize, threads: usize) -> Self {
        Self { left: 0..len, divisor: threads.max(1), grain, step }
    }

    /// Parts of `size`, but for the last.
    pub(crate) fn equal(len: usize, size: usize) -> Self {
        Self { left: 0..len, divisor: usize::MAX, grain: size, step: size }
    }
}

impl Iterator for Ranges {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        if self.left.is_empty() {
            return None;
        }
        let share = self.left.len().div_ceil(self.divisor).max(self.grain);
        let whole = if share < self.step || self.divisor == 1 { share } else { share - share % self.step };
        let part = self.left.start..self.left.start + whole.min(self.left.len());
        self.left.start = part.end;
        Some(part)
    }
}

/// Room for results, cut as [`Ranges`] says: the inputs of a part, and the room for their results.
pub(crate) struct Parts<R> {
    ranges: Ranges,
    left: R,
}

impl<R: Room> Parts<R> {
    pub(crate) fn shrinking(room: R, grain: usize, step: usize, threads: usize) -> Self {
        Self { ranges: Ranges::shrinking(room.len(), grain, step, threads), left: room }
    }

    pub(crate) fn equal(room: R, size: usize) -> Self {
        Self { ranges: Ranges::equal(room.len(), size), left: room }
    }
}

impl<R: Room> Iterator for Parts<R> {
    type Item = (Range<usize>, R);

    fn next(&mut self) -> Option<Self::Item> {
        let range = self.ranges.next()?;
        let part = self.left.cut(range.len());
        Some((range, part))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sizes(ranges: Ranges) -> Vec<usize> {
        ranges.map(|range| range.len()).collect()
    }

    #[test]
    fn parts_shrink_in_steps_down_to_the_grain() {
        assert_eq!(sizes(Ranges::shrinking(1_000, 100, 100, 2)), [500, 200, 100, 100, 100]);
        assert_eq!(sizes(Ranges::shrinking(30, 1, 4, 2)), [12, 8, 4, 3, 2, 1]);
        assert_eq!(sizes(Ranges::shrinking(1_003, 100, 100, 1)), [1_003]);
        assert_eq!(sizes(Ranges::shrinking(99, 100, 100, 8)), [99]);
        assert_eq!(sizes(Ranges::shrinking(0, 1, 1, 2)), []);
        assert_eq!(sizes(Ranges::equal(10, 4)), [4, 4, 2]);
        assert_eq!(sizes(Ranges::equal(10, usize::MAX)), [10]);
    }

    #[test]
    fn every_index_is_in_one_part() {
        for (len, grain, step, threads) in [(1, 1, 1, 1), (1_000, 1, 4, 8), (777, 64, 64, 3), (5, 1, 4, 64)] {
            let mut next = 0;
            for range in Ranges::shrinking(len, grain, step, threads) {
                assert!(range.start == next && !range.is_empty());
                next = range.end;
            }
            assert_eq!(next, len);
        }
    }
}
