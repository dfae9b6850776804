//! The threads of the current pool, where there are any.
//!
//! Two things would make a call wait for ever, or panic, in Rayon: a pool that was started before a fork, whose threads
//! the child does not have, and a global pool for which the system gives no threads. Both count as a pool of one thread.

use std::error::Error;
use std::io;
use std::panic::catch_unwind;
use std::process;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use rayon::ThreadPoolBuilder;

/// Stands for no process.
const NONE: u32 = 0;

/// The process that uses pools: the first that asked for one.
static PROCESS: AtomicU32 = AtomicU32::new(NONE);

/// The number of threads of the current pool: the one that the caller runs in, else the global one, which this starts. 1
/// in a process that was forked from one that used a pool, and where the global pool cannot be started.
///
/// Asks the system for the process, which takes some 50 ns: less than waking a thread by far.
pub(crate) fn threads() -> usize {
    if !is_of_this_process() {
        return 1;
    }
    // The pool that the caller runs in has threads; the global one may not.
    if rayon::current_thread_index().is_some() || has_global() { rayon::current_num_threads() } else { 1 }
}

/// Notes that this process uses pools, so that its children do not, even if no pool was used yet.
pub fn note_process() {
    is_of_this_process();
}

fn is_of_this_process() -> bool {
    // Elsewhere nothing forks.
    if cfg!(not(unix)) {
        return true;
    }
    let here = process::id();
    match PROCESS.load(Ordering::Relaxed) {
        NONE => {
            // Two threads may note the same.
            PROCESS.store(here, Ordering::Relaxed);
            true
        }
        process => process == here,
    }
}

/// Whether there is a global pool. Starts it.
fn has_global() -> bool {
    static STARTED: OnceLock<bool> = OnceLock::new();
    *STARTED.get_or_init(|| match ThreadPoolBuilder::new().build_global() {
        Ok(()) => true,
        // The system gives no threads.
        Err(error) if error.source().is_some_and(|source| source.is::<io::Error>()) => false,
        // The program has started it. Where that failed, Rayon panics whenever it is asked.
        Err(_) => catch_unwind(rayon::current_num_threads).is_ok(),
    })
}
