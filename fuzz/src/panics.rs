//! Panics that are caught before a target could see them.
//!
//! redb asserts in debug builds what it reports in release builds, so hv-memory catches its panics on damaged files. Any
//! other panic is a bug, also one that is caught.

use std::panic::{PanicHookInfo, set_hook, take_hook};
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

static OTHERS: AtomicBool = AtomicBool::new(false);

/// From now on no panic of redb is printed, or ends the fuzzer, and any other is remembered.
pub(crate) fn watch() {
    static WATCHED: Once = Once::new();
    WATCHED.call_once(|| {
        let before = take_hook();
        set_hook(Box::new(move |panic| {
            if !is_of_redb(panic) {
                OTHERS.store(true, Ordering::Relaxed);
                before(panic);
            }
        }));
    });
}

/// Fails where a panic that was not one of redb was caught.
pub(crate) fn none_but_those_of_redb() {
    assert!(!OTHERS.swap(false, Ordering::Relaxed), "a panic was caught; it is printed above");
}

fn is_of_redb(panic: &PanicHookInfo<'_>) -> bool {
    panic.location().is_some_and(|at| at.file().split(['/', '\\']).any(|part| part.starts_with("redb-")))
}
