//! Names that many episodes share, each kept once under a small number: sources and sets of tags.

use std::sync::Arc;

use rpds::{RedBlackTreeMapSync, VectorSync};

/// Names by number, from 1 on; 0 stands for none. A clone shares everything.
pub(crate) struct Names<T: ?Sized + Ord> {
    names: VectorSync<Arc<T>>,
    numbers: RedBlackTreeMapSync<Arc<T>, u32>,
}

impl<T: ?Sized + Ord> Names<T> {
    pub(crate) fn new() -> Self {
        Self { names: VectorSync::new_sync(), numbers: RedBlackTreeMapSync::new_sync() }
    }

    /// How many there are, which is the number of the last.
    pub(crate) fn len(&self) -> u32 {
        self.names.len() as u32
    }

    /// The name of a number; `None` for 0, and for one that was not given out.
    pub(crate) fn get(&self, number: u32) -> Option<&Arc<T>> {
        self.names.get((number as usize).checked_sub(1)?)
    }

    /// The number of a name, if it has one.
    pub(crate) fn number_of(&self, name: &T) -> Option<u32> {
        self.numbers.get(name).copied()
    }

    /// The number of a name, a new one where it has none.
    pub(crate) fn intern(&mut self, name: &Arc<T>) -> u32 {
        if let Some(number) = self.number_of(name) {
            return number;
        }
        self.names.push_back_mut(Arc::clone(name));
        let number = self.len();
        self.numbers.insert_mut(Arc::clone(name), number);
        number
    }

    /// All names with their numbers, in the order of the names.
    pub(crate) fn sorted(&self) -> impl Iterator<Item = (&T, u32)> {
        self.numbers.iter().map(|(name, &number)| (&**name, number))
    }

    /// The names after a number, with theirs.
    pub(crate) fn after(&self, number: u32) -> impl Iterator<Item = (u32, &T)> {
        (number + 1..=self.len()).filter_map(|number| Some((number, &**self.get(number)?)))
    }
}

impl<T: ?Sized + Ord> Clone for Names<T> {
    fn clone(&self) -> Self {
        Self { names: self.names.clone(), numbers: self.numbers.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_numbered_in_order_of_appearance() {
        let mut names = Names::<str>::new();
        let numbers = ["b", "a", "b", "c"].map(|name| names.intern(&name.into()));
        assert_eq!(numbers, [1, 2, 1, 3]);
        let before = names.clone();
        names.intern(&"d".into());
        assert_eq!((before.len(), before.number_of("d"), names.number_of("d")), (3, None, Some(4)));
        assert_eq!((names.get(0), names.get(5)), (None, None));
        assert_eq!(names.get(2).map(|name| &**name), Some("a"));
        assert!(names.after(2).eq([(3, "c"), (4, "d")]));
        assert!(names.sorted().map(|(name, _)| name).eq(["a", "b", "c", "d"]));
    }
}
