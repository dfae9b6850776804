//! Panics that are caught before a target could see them.
//!
//! redb asserts in debug builds what it reports in release builds, so hv-memory catches its panics on damaged files. Any
//! other panic is a bug, also one that is caught.

use std::cell::Cell;
use std::panic::{PanicHookInfo, set_hook, take_hook};
use std::sync::Once;

thread_local! {
    /// Whether this thread has panicked, and not in redb. What is caught is run by the thread that catches it.
    static OTHERS: Cell<bool> = const { Cell::new(false) };
}

/// From now on no panic of redb is printed, or ends the fuzzer, and any other is remembered.
pub(crate) fn watch() {
    static WATCHED: Once = Once::new();
    OTHERS.set(false);
    WATCHED.call_once(|| {
        let before = take_hook();
        set_hook(Box::new(move |panic| {
            if !is_of_redb(panic) {
                OTHERS.set(true);
                before(panic);
            }
        }));
    });
}

/// Fails where a panic that was not one of redb was caught.
pub(crate) fn none_but_those_of_redb() {
    assert!(!OTHERS.replace(false), "a panic was caught; it is printed above");
}

fn is_of_redb(panic: &PanicHookInfo<'_>) -> bool {
    panic.location().is_some_and(|at| at.file().split(['/', '\\']).any(|part| part.starts_with("redb-")))
}
