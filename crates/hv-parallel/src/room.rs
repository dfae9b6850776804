//! Room for results that can be cut for threads.

/// Room for results, one for each input.
pub(crate) trait Room: Sized + Send {
    /// For how many inputs there is room.
    fn len(&self) -> usize;

    /// Cuts off the room for the next `n` inputs, or for all that are left.
    fn cut(&mut self, n: usize) -> Self;
}

impl<T: Send> Room for &mut [T] {
    fn len(&self) -> usize {
        (**self).len()
    }

    fn cut(&mut self, n: usize) -> Self {
        let n = n.min(Room::len(self));
        self.split_off_mut(..n).unwrap_or_default()
    }
}
