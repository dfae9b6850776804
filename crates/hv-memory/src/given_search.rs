//! Recall by a search that a snapshot was given, for example by a device that holds its vectors.

use std::sync::Arc;

use hv_parallel::{Bitmap, Bound, HV16, Search, SearchError};

use crate::admission::Admission;
use crate::arena::State;
use crate::conditions::Conditions;
use crate::episode::Match;
use crate::error::MemoryError;
use crate::recall::Recall;

/// A search over the slots of one state, and which of them are live.
#[derive(Clone)]
pub(crate) struct GivenSearch {
    search: Arc<dyn Search>,
    /// `None` where all are.
    live: Option<Arc<Bitmap>>,
}

impl GivenSearch {
    /// A search over the vectors of a state, in order of slot.
    pub(crate) fn new(state: &State, search: Arc<dyn Search>) -> Result<Self, MemoryError> {
        let (found, expected) = (search.len(), state.slots());
        if found != expected {
            return Err(MemoryError::WrongSearch { found, expected });
        }
        let live = || Arc::new(Bitmap::from_fn(expected, |slot| !state.is_deleted(slot)));
        Ok(Self { search, live: (state.deleted > 0).then(live) })
    }

    /// The `k` nearest to each cue of the episodes that meet the conditions.
    pub(crate) fn recall(
        &self,
        state: &State,
        cues: &[HV16],
        k: usize,
        conditions: &Conditions,
    ) -> Result<Vec<Recall>, MemoryError> {
        let (Some(max_distance), Some(_)) = (conditions.max_distance()?, conditions.time) else {
            return Ok(vec![Recall::nothing(); cues.len()]);
        };
        if k == 0 || cues.is_empty() {
            return Ok(vec![Recall::nothing(); cues.len()]);
        }
        let met = if conditions.admit_all() { None } else { Some(Arc::new(met(state, conditions))) };
        let filter = met.or_else(|| self.live.clone());
        let hits = self.search.find_top_k(cues, k, Bound::within(max_distance), filter.as_deref())?;
        if hits.queries() != cues.len() {
            let wrong = format!("the search answered {} of {} cues", hits.queries(), cues.len());
            return Err(SearchError::new(wrong).into());
        }
        let matched = |(slot, distance): (usize, u16)| {
            let is_there = slot < state.slots() && filter.as_ref().is_none_or(|filter| filter.get(slot));
            let wrong = || SearchError::new(format!("the search found vector {slot}, which it was not asked about"));
            if is_there { Ok(Match { id: state.id(slot), distance }) } else { Err(wrong().into()) }
        };
        let recall = |cue| {
            let matches = hits.get(cue).map(matched).collect::<Result<_, MemoryError>>()?;
            Ok(Recall::given(matches, state.slots()))
        };
        (0..cues.len()).map(recall).collect()
    }
}

/// The live slots that meet the conditions but for the similarity. Cost: a pass over all of them, or over those of ids and keys.
fn met(state: &State, conditions: &Conditions) -> Bitmap {
    let admission = Admission::new(state, conditions);
    match admission.named() {
        Some(named) => {
            let mut met = Bitmap::new(state.slots());
            named.into_iter().filter(|&slot| admission.is_met(slot)).for_each(|slot| met.set(slot, true));
            met
        }
        None => Bitmap::from_fn(state.slots(), |slot| admission.is_met(slot)),
    }
}
