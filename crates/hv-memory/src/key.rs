//! The key of an episode: the application's own name for it.

use std::fmt;
use std::sync::Arc;

/// A name that the application gives an episode, unique among those that a memory holds.
///
/// Storing an episode with the key of another replaces that one in the same durable step. A number and a text are never
/// equal: `Key::from(7)` is another key than `Key::from("7")`. Numbers come before texts in order.
///
/// ```
/// use hv_memory::{EpisodicMemory, HV16, Key, NewEpisode};
///
/// let memory = EpisodicMemory::in_memory();
/// let page = |seed| NewEpisode { content: HV16::random(seed), key: Some(Key::from("page 1")), ..NewEpisode::default() };
/// let first = memory.store(page(1))?;
/// let second = memory.store(page(2))?;
/// assert_eq!((memory.get(first)?, memory.len()), (None, 1));
/// assert_eq!(memory.snapshot().id_of_key(&Key::from("page 1")), Some(second));
/// # Ok::<(), hv_memory::MemoryError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// A number, for example a row of a database.
    Number(u64),
    /// A text of at most [`Key::MAX_BYTES`] bytes of UTF-8.
    Text(Arc<str>),
}

impl Key {
    /// The longest text of a key: 64 bytes.
    pub const MAX_BYTES: usize = 64;
}

impl From<u64> for Key {
    fn from(number: u64) -> Self {
        Self::Number(number)
    }
}

impl From<&str> for Key {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<String> for Key {
    fn from(text: String) -> Self {
        Self::Text(text.into())
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Text(text) => text.fmt(f),
        }
    }
}
