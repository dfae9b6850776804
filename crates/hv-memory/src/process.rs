//! Values that belong to the process that made them. A fork copies them into a child, which must not use them.
//!
//! The copy looks whole. But its files are the parent's, its locks may be held by threads that the child does not have, and
//! dropping it would unlock, write or join what the parent still uses.

use std::process;

/// The process that made something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Owner(u32);

impl Owner {
    /// The process that this runs in.
    pub(crate) fn here() -> Self {
        Self(process::id())
    }

    /// Whether this runs in that process, and not in one that was forked from it.
    pub(crate) fn is_here(self) -> bool {
        // Elsewhere nothing forks.
        cfg!(not(unix)) || self == Self::here()
    }

    /// The system's number of it.
    pub(crate) fn number(self) -> u32 {
        self.0
    }
}

/// A value of one process. In a forked child there is none, and dropping this leaves it alone.
#[derive(Debug)]
pub(crate) struct Owned<T> {
    value: Option<T>,
    owner: Owner,
}

impl<T> Owned<T> {
    pub(crate) fn new(value: T) -> Self {
        Self { value: Some(value), owner: Owner::here() }
    }

    /// The value, in its own process.
    pub(crate) fn get(&self) -> Option<&T> {
        self.value.as_ref().filter(|_| self.owner.is_here())
    }

    /// Takes the value out, in its own process.
    pub(crate) fn take(&mut self) -> Option<T> {
        if self.owner.is_here() { self.value.take() } else { None }
    }
}

impl<T> Drop for Owned<T> {
    fn drop(&mut self) {
        if !self.owner.is_here() {
            std::mem::forget(self.value.take());
        }
    }
}
