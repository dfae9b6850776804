//! Long work in pieces: without the interpreter's lock, and with an ear for Ctrl-C between them.

use std::ops::Range;

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

/// Ranges of at most `piece`, which is not 0, that together are `0..len`.
pub fn pieces(len: usize, piece: usize) -> impl Iterator<Item = Range<usize>> {
    (0..len).step_by(piece).map(move |start| start..start.saturating_add(piece).min(len))
}
