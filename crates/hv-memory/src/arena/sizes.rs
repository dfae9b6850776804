//! The sizes of chunks.

/// Episodes of the smallest sealed chunk. What is beyond the last one is copied at every store.
pub(crate) const SMALL: usize = 256;
/// Episodes of a block: the unit of the columns, and of what the flat files hold.
pub(crate) const BLOCK: usize = 4_096;
/// Vectors of the largest segment: 16 MiB, eight huge pages.
pub(crate) const SEGMENT: usize = 65_536;
