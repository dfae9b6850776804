//! Which retrievals of the log count: of each live episode the last ones.

use super::log::{RetrievalSink, collected};
use super::state::State;
use crate::episode::EpisodeId;
use crate::error::MemoryError;

/// How many retrievals of each slot are in the log.
fn tally(state: &State) -> Result<Vec<u32>, MemoryError> {
    let mut tally = vec![0_u32; state.slots()];
    state.log.for_each(&mut |(id, _)| {
        if let Some(slot) = state.slot(id) {
            tally[slot] = tally[slot].saturating_add(1);
        }
        Ok(())
    })?;
    Ok(tally)
}

/// How many retrievals [count](each_retrieval).
pub(crate) fn counting(state: &State) -> Result<u64, MemoryError> {
    if state.log.len == 0 {
        return Ok(0);
    }
    Ok(tally(state)?.into_iter().map(|logged| u64::from(logged).min(state.log.kept as u64)).sum())
}

/// The retrievals that count, in the order of the log: the last ones of each live episode, up to the number kept.
/// Reads the log twice.
pub(crate) fn each_retrieval(state: &State, take: RetrievalSink<'_>) -> Result<(), MemoryError> {
    let mut later = tally(state)?;
    state.log.for_each(&mut |(id, time)| {
        let Some(slot) = state.slot(id) else { return Ok(()) };
        later[slot] = later[slot].saturating_sub(1);
        if (later[slot] as usize) < state.log.kept { take((id, time)) } else { Ok(()) }
    })
}

/// The same together.
pub(crate) fn retrievals(state: &State) -> Result<Vec<(EpisodeId, i64)>, MemoryError> {
    collected(&|take| each_retrieval(state, take))
}
