//! A growing sequence made of immutable chunks, merged in levels.
//!
//! There is no safe way to append to a slice that readers hold. So nothing is ever appended to: a chunk that is
//! not full is copied with the new items, and when enough chunks of one size are full they are merged into one of
//! the next size, as digits carry in a counter. An item is copied a bounded number of times, and a scan sees few,
//! long slices.

use std::iter::successors;
use std::ops::Range;
use std::sync::Arc;

use crate::error::MemoryError;

/// A run of items that does not change once it is shared.
pub(crate) trait Chunk: Sized {
    /// The lengths of full chunks, ascending; each divides the next.
    const SIZES: &'static [usize];

    fn len(&self) -> usize;

    /// All items of `parts`, in order.
    fn merge(parts: &[Arc<Self>]) -> Result<Self, MemoryError>;
}

/// Makes the chunk of the given new rows, after those of an unfinished chunk where there is one.
pub(crate) type BuildChunk<'a, C> = &'a mut dyn FnMut(Option<&C>, Range<usize>) -> Result<C, MemoryError>;

pub(crate) struct Levels<C> {
    /// Chunks of the largest size; shared, since they can be many.
    sealed: Arc<Vec<Arc<C>>>,
    /// The others, from large to small; the last may be unfinished.
    open: Vec<Arc<C>>,
    len: usize,
}

impl<C: Chunk> Levels<C> {
    const LARGEST: usize = C::SIZES[C::SIZES.len() - 1];

    pub(crate) fn new() -> Self {
        Self { sealed: Arc::default(), open: Vec::new(), len: 0 }
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// The chunks in order.
    pub(crate) fn chunks(&self) -> impl Iterator<Item = &C> {
        self.sealed.iter().chain(&self.open).map(Arc::as_ref)
    }

    /// The chunk that holds item `slot`, and its index in there.
    ///
    /// # Panics
    ///
    /// If there is no such item.
    pub(crate) fn find(&self, slot: usize) -> (&C, usize) {
        match self.sealed.get(slot / Self::LARGEST) {
            Some(chunk) => (chunk, slot % Self::LARGEST),
            None => {
                let (i, index) = self.find_open(slot);
                (&self.open[i], index)
            }
        }
    }

    fn find_open(&self, slot: usize) -> (usize, usize) {
        let mut index = slot - self.sealed.len() * Self::LARGEST;
        for (i, chunk) in self.open.iter().enumerate() {
            if index < chunk.len() {
                return (i, index);
            }
            index -= chunk.len();
        }
        panic!("slot {slot} of {}", self.len);
    }

    /// This and `rows` more items.
    pub(crate) fn append(&self, rows: usize, make: BuildChunk<'_, C>) -> Result<Self, MemoryError> {
        let mut grown = self.clone();
        let mut row = 0;
        while row < rows {
            let take = grown.room().min(rows - row).max(Self::direct(grown.len, rows - row));
            let unfinished = if grown.len.is_multiple_of(C::SIZES[0]) { None } else { grown.open.pop() };
            grown.open.push(Arc::new(make(unfinished.as_deref(), row..row + take)?));
            grown.len += take;
            row += take;
            grown.carry()?;
        }
        Ok(grown)
    }

    /// The items that complete the unfinished chunk, or fill a new small one.
    fn room(&self) -> usize {
        C::SIZES[0] - self.len % C::SIZES[0]
    }

    /// The largest full chunk that `rows` items can become at once after `len` others; 0 if none.
    fn direct(len: usize, rows: usize) -> usize {
        let fits = |size: &&usize| len.is_multiple_of(**size) && rows >= **size;
        C::SIZES.iter().rev().find(fits).copied().unwrap_or(0)
    }

    /// The ranges of the chunks for which [`append`](Self::append) asks where nothing was before.
    pub(crate) fn ranges(rows: usize) -> Vec<Range<usize>> {
        let next = |&start: &usize| {
            let rest = rows - start;
            (rest > 0).then(|| start + Self::direct(start, rest).max(rest.min(C::SIZES[0])))
        };
        let ends: Vec<usize> = successors(Some(0), next).collect();
        ends.windows(2).map(|ends| ends[0]..ends[1]).collect()
    }

    fn carry(&mut self) -> Result<(), MemoryError> {
        for pair in C::SIZES.windows(2) {
            let (small, large) = (pair[0], pair[1]);
            let due = self.len.is_multiple_of(large) && self.open.last().is_some_and(|chunk| chunk.len() == small);
            if due {
                let parts = self.open.split_off(self.open.len() - large / small);
                self.open.push(Arc::new(C::merge(&parts)?));
            }
        }
        if self.open.last().is_some_and(|chunk| chunk.len() == Self::LARGEST) {
            Arc::make_mut(&mut self.sealed).append(&mut self.open);
        }
        Ok(())
    }
}

impl<C: Chunk + Clone> Levels<C> {
    /// The chunk that holds item `slot`, for a change, and its index in there. Copies the chunk where it is shared.
    ///
    /// # Panics
    ///
    /// If there is no such item.
    pub(crate) fn find_mut(&mut self, slot: usize) -> (&mut C, usize) {
        if slot / Self::LARGEST < self.sealed.len() {
            let chunk = &mut Arc::make_mut(&mut self.sealed)[slot / Self::LARGEST];
            (Arc::make_mut(chunk), slot % Self::LARGEST)
        } else {
            let (i, index) = self.find_open(slot);
            (Arc::make_mut(&mut self.open[i]), index)
        }
    }
}

impl<C> Clone for Levels<C> {
    fn clone(&self) -> Self {
        Self { sealed: Arc::clone(&self.sealed), open: self.open.clone(), len: self.len }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone)]
    struct Numbers(Vec<usize>);

    impl Chunk for Numbers {
        const SIZES: &'static [usize] = &[4, 16, 64];

        fn len(&self) -> usize {
            self.0.len()
        }

        fn merge(parts: &[Arc<Self>]) -> Result<Self, MemoryError> {
            Ok(Self(parts.iter().flat_map(|part| part.0.iter().copied()).collect()))
        }
    }

    fn append(levels: &Levels<Numbers>, rows: usize) -> Levels<Numbers> {
        let first = levels.len();
        let grown = levels.append(rows, &mut |unfinished, range| {
            let old = unfinished.map_or(&[][..], |chunk| &chunk.0);
            Ok(Numbers(old.iter().copied().chain(range.map(|row| first + row)).collect()))
        });
        grown.unwrap_or_else(|error| panic!("{error}"))
    }

    #[test]
    fn every_way_of_growing_gives_the_same_sequence_in_few_chunks() {
        for batch in 1..90 {
            let mut levels = Levels::new();
            while levels.len() < 400 {
                levels = append(&levels, batch);
                let all: Vec<usize> = levels.chunks().flat_map(|chunk| chunk.0.iter().copied()).collect();
                assert!(all.iter().copied().eq(0..levels.len()), "batches of {batch}: {all:?}");
                assert!(levels.chunks().count() <= levels.len() / 64 + 3 + 3 + 1, "batches of {batch}");
                for slot in 0..levels.len() {
                    let (chunk, index) = levels.find(slot);
                    assert_eq!(chunk.0[index], slot);
                }
            }
        }
    }

    #[test]
    fn the_first_items_come_in_the_ranges_that_are_told() {
        for rows in 0..300 {
            let mut asked = Vec::new();
            let made = Levels::<Numbers>::new().append(rows, &mut |_, range| {
                asked.push(range.clone());
                Ok(Numbers(range.collect()))
            });
            assert!(made.is_ok_and(|made| made.len() == rows));
            assert_eq!(Levels::<Numbers>::ranges(rows), asked, "{rows} items");
        }
    }

    #[test]
    fn an_older_version_does_not_change() {
        let old = append(&Levels::new(), 130);
        let mut new = append(&old, 3);
        for slot in [0, 70, 129, 132] {
            let (chunk, index) = new.find_mut(slot);
            chunk.0[index] = 1_000;
        }
        assert_eq!((old.len(), new.len()), (130, 133));
        assert!(old.chunks().flat_map(|chunk| chunk.0.iter().copied()).eq(0..130));
        assert_eq!(new.chunks().flat_map(|chunk| &chunk.0).filter(|&&n| n == 1_000).count(), 4);
    }
}
