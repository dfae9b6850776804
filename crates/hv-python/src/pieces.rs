//! Long work without the interpreter's lock, and with an ear for Ctrl-C: in pieces, or in one that can be stopped.

use std::ops::Range;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use hv_memory::Progress;
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;

/// Vectors that a pass reads before it listens: some milliseconds.
pub const VECTORS: usize = 1 << 16;

/// Calls `work` with ranges of at most `piece` that together are `0..len`, in order, without the interpreter's lock.
///
/// # Errors
///
/// If `work` fails, or a signal's handler raises after a piece, such as `KeyboardInterrupt`.
pub fn in_pieces(
    py: Python<'_>,
    len: usize,
    piece: usize,
    mut work: impl FnMut(Range<usize>) -> PyResult<()> + Send,
) -> PyResult<()> {
    for range in pieces(len, piece) {
        py.detach(|| work(range))?;
        py.check_signals()?;
    }
    Ok(())
}

/// Looks for Ctrl-C after each [`ROWS`]th row of work that needs the interpreter's lock.
///
/// # Errors
///
/// What a signal's handler raised.
pub fn look(py: Python<'_>, row: usize) -> PyResult<()> {
    if row % ROWS == ROWS - 1 { py.check_signals() } else { Ok(()) }
}

/// Rows between two looks: milliseconds.
const ROWS: usize = 1 << 14;

/// Calls `take` with each item of an iterable of Python, and looks for Ctrl-C meanwhile.
///
/// # Errors
///
/// If it is none, if `take` fails, or what a signal's handler raised.
pub fn each_item<'py>(
    from: &Bound<'py, PyAny>,
    mut take: impl FnMut(Bound<'py, PyAny>) -> PyResult<()>,
) -> PyResult<()> {
    for (row, item) in from.try_iter()?.enumerate() {
        take(item?)?;
        look(from.py(), row)?;
    }
    Ok(())
}

/// How many inputs a piece of about `work` has, where `len` inputs are work of `all`; at least 1.
pub fn inputs(work: usize, all: usize, len: usize) -> usize {
    (work / (all / len.max(1)).max(1)).max(1)
}

/// Between two looks for Ctrl-C while work goes on.
const LOOK: Duration = Duration::from_millis(20);

/// Does work without the interpreter's lock, on a thread of its own, and stops it where a signal's handler raises meanwhile.
///
/// # Errors
///
/// If the work fails, or what the handler raised, such as `KeyboardInterrupt`.
pub fn stoppable<T: Send, E: Send>(
    py: Python<'_>,
    work: impl FnOnce(&Progress) -> Result<T, E> + Send,
    raised: impl FnOnce(Python<'_>, &E) -> PyErr,
) -> PyResult<T> {
    // A Ctrl-C that came before ends it at once.
    py.check_signals()?;
    let progress = Progress::new();
    // Taken by the thread that does the work: another one, or this one where the system gives no other.
    let job = Mutex::new(Some(work));
    let done = || {
        let work = job.lock().unwrap_or_else(PoisonError::into_inner).take();
        work.map(|work| work(&progress))
    };
    let (heard, ended) = py.detach(|| {
        thread::scope(|scope| {
            let (working, ends) = channel::<()>();
            let worker = thread::Builder::new().spawn_scoped(scope, || {
                let _working = working;
                done()
            });
            // Where the system has no thread to give, this one does it, and hears nothing meanwhile.
            let Ok(worker) = worker else { return (Ok(()), Ok(done())) };
            let mut heard = Ok(());
            while heard.is_ok() && ends.recv_timeout(LOOK) == Err(RecvTimeoutError::Timeout) {
                heard = Python::attach(|py| py.check_signals());
                if heard.is_err() {
                    progress.stop();
                }
            }
            (heard, worker.join())
        })
    });
    heard?;
    match ended {
        Ok(Some(done)) => done.map_err(|error| raised(py, &error)),
        _ => Err(PyRuntimeError::new_err("the work ended by a panic, which is a bug of hv; please report it")),
    }
}

/// Ranges of at most `piece`, which is not 0, that together are `0..len`.
pub fn pieces(len: usize, piece: usize) -> impl Iterator<Item = Range<usize>> {
    (0..len).step_by(piece).map(move |start| start..start.saturating_add(piece).min(len))
}
