//! The threads and locks that `parallel_for.rs` works with. `tests/interleavings.rs` compiles it with others, which take turns in
//! orders that a scheduler chooses.

pub(crate) use std::sync::atomic::AtomicUsize;
pub(crate) use std::sync::{Mutex, MutexGuard};
pub(crate) use std::thread::yield_now;
pub(crate) use std::time::Instant;

pub(crate) use rayon::{Scope, current_thread_index, in_place_scope};
