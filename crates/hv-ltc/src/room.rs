//! Scratch memory that steps take pieces of, so that a step allocates nothing.

/// The first `count` elements of `room`, which keeps the rest.
pub(crate) fn take<'a, T>(room: &mut &'a mut [T], count: usize) -> &'a mut [T] {
    let (first, rest) = std::mem::take(room).split_at_mut(count);
    *room = rest;
    first
}
