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
