//! Work that must not wait for the pool.

use std::cell::Cell;
use std::marker::PhantomData;

thread_local! {
    /// How many [`SequentialScope`] of this thread live.
    static LIVING: Cell<usize> = const { Cell::new(0) };
}

/// As long as it lives, the thread that made it does alone whatever it asks of `adaptive_*` and `segments_*`.
///
/// For code that holds a lock which other work of the pool may want too. A thread that waits for the pool would wait for
/// ever where all of the pool's threads wait for that lock; and a thread of the pool runs other work while it waits,
/// which may then want the lock that its own thread holds. Results are the same, as ever.
///
/// ```
/// use hv_parallel::{HV16, adaptive_batch_find_top_k, for_storage::SequentialScope};
///
/// let memory: Vec<HV16> = (0..1_000).map(HV16::random).collect();
/// let alone = SequentialScope::enter();
/// assert_eq!(adaptive_batch_find_top_k(&memory[7..8], &memory, 1), [[(7, 1.0)]]);   // on this thread
/// drop(alone);
/// ```
#[derive(Debug)]
#[must_use = "the pool is used again as soon as this is dropped"]
pub struct SequentialScope(PhantomData<*const ()>); // not to be sent: it is about the thread that made it

impl SequentialScope {
    /// From now on, until the value is dropped.
    pub fn enter() -> Self {
        LIVING.set(LIVING.get() + 1);
        Self(PhantomData)
    }

    /// Whether one lives that this thread made.
    pub(crate) fn lives() -> bool {
        LIVING.get() > 0
    }
}

impl Drop for SequentialScope {
    fn drop(&mut self) {
        LIVING.set(LIVING.get() - 1);
    }
}
