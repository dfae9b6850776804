//! A frozen view of the memory, and the questions that it answers.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use hv_parallel::{HV16, Progress, Search};

use crate::analysis::{self, CausalChain, CausalPolicy, Coactivation, ConsolidatePolicy};
use crate::arena::{State, retrievals};
use crate::conditions::Conditions;
use crate::consolidation::{self, Consolidation};
use crate::episode::{Episode, EpisodeId, Match};
use crate::episodes::Episodes;
use crate::error::{MemoryError, advance};
use crate::exchange;
use crate::given_search::GivenSearch;
use crate::recall::{Recall, explained};
use crate::stats::Stats;

/// The memory as it was at one moment.
///
/// Taking one is lock-free and O(1). Readers never wait for the writer, nor it for them. Of readers, one waits for another
/// only where both ask for the causes of an episode: the first such question on a state whose times do not ascend sorts
/// them, for the others too. It shares its vectors with the memory, and keeps those alive that the memory has dropped
/// since.
///
/// ```
/// # use hv_memory::{EpisodicMemory, HV16, NewEpisode};
/// let memory = EpisodicMemory::in_memory();
/// let before = memory.snapshot();
/// let time = 1_700_000_000_000_000;
/// memory.store(NewEpisode { content: HV16::random(1), time, valence: 0.0, payload: vec![], ..NewEpisode::default() })?;
/// assert_eq!((before.len(), memory.snapshot().len()), (0, 1));
/// # Ok::<(), hv_memory::MemoryError>(())
/// ```
#[derive(Clone)]
pub struct Snapshot {
    pub(crate) state: Arc<State>,
    /// Does the recalls, where there is one.
    search: Option<GivenSearch>,
}

impl Snapshot {
    pub(crate) fn new(state: Arc<State>) -> Self {
        Self { state, search: None }
    }

    /// How many episodes there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.state.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The episode of an id; `None` if it was never given out or is forgotten. Reads the payload from disk.
    ///
    /// # Errors
    ///
    /// If the payload cannot be read, or is not what was stored.
    pub fn get(&self, id: EpisodeId) -> Result<Option<Episode>, MemoryError> {
        self.state.slot(id).map(|slot| self.state.episode(slot)).transpose()
    }

    /// All episodes, in order of id. Reads each payload as it comes.
    #[must_use]
    pub fn episodes(&self) -> Episodes {
        Episodes { state: Arc::clone(&self.state), next: 0 }
    }

    /// Counts, sizes and the span of time. The files are those of the memory, so [`disk_bytes`](Stats::disk_bytes) is 0.
    /// Cost: a pass over the times.
    #[must_use]
    pub fn stats(&self) -> Stats {
        Stats::of(&self.state, 0)
    }

    /// See [`EpisodicMemory::export`](crate::EpisodicMemory::export).
    ///
    /// # Errors
    ///
    /// Those of the operating system, and [`Damaged`](MemoryError::Damaged) for a payload that is not what was stored.
    pub fn export(&self, folder: impl AsRef<Path>) -> Result<(), MemoryError> {
        self.export_with(folder, &Progress::new())
    }

    /// [`export`](Self::export) that counts how far it is, in episodes.
    ///
    /// # Errors
    ///
    /// As [`export`](Self::export), and [`Stopped`](MemoryError::Stopped).
    pub fn export_with(&self, folder: impl AsRef<Path>, progress: &Progress) -> Result<(), MemoryError> {
        exchange::export(&self.state, folder.as_ref(), progress)
    }

    /// The application's note, empty at first.
    ///
    /// # Errors
    ///
    /// None today: the note is in memory.
    pub fn metadata(&self) -> Result<Vec<u8>, MemoryError> {
        Ok(self.state.metadata.to_vec())
    }

    /// See [`EpisodicMemory::recall`](crate::EpisodicMemory::recall).
    ///
    /// # Errors
    ///
    /// None today: the vectors are in memory.
    pub fn recall(&self, cue: &HV16, k: usize) -> Result<Vec<Match>, MemoryError> {
        self.recall_where(cue, k, &Conditions::new())
    }

    /// See [`EpisodicMemory::recall_batch`](crate::EpisodicMemory::recall_batch).
    ///
    /// # Errors
    ///
    /// None today: the vectors are in memory.
    pub fn recall_batch(&self, cues: &[HV16], k: usize) -> Result<Vec<Vec<Match>>, MemoryError> {
        self.recall_batch_where(cues, k, &Conditions::new())
    }

    /// See [`EpisodicMemory::recall_where`](crate::EpisodicMemory::recall_where).
    ///
    /// # Errors
    ///
    /// [`InvalidQuery`](MemoryError::InvalidQuery).
    pub fn recall_where(&self, cue: &HV16, k: usize, conditions: &Conditions) -> Result<Vec<Match>, MemoryError> {
        let found = self.recall_batch_where(std::slice::from_ref(cue), k, conditions)?.pop();
        Ok(found.unwrap_or_default())
    }

    /// See [`EpisodicMemory::recall_batch_where`](crate::EpisodicMemory::recall_batch_where).
    ///
    /// # Errors
    ///
    /// [`InvalidQuery`](MemoryError::InvalidQuery).
    pub fn recall_batch_where(
        &self,
        cues: &[HV16],
        k: usize,
        conditions: &Conditions,
    ) -> Result<Vec<Vec<Match>>, MemoryError> {
        Ok(self.explain_recall(cues, k, conditions)?.into_iter().map(|recall| recall.matches).collect())
    }

    /// [`recall_batch_where`](Self::recall_batch_where) that also says how it searched: see [`Recall`].
    ///
    /// # Errors
    ///
    /// [`InvalidQuery`](MemoryError::InvalidQuery).
    pub fn explain_recall(&self, cues: &[HV16], k: usize, conditions: &Conditions) -> Result<Vec<Recall>, MemoryError> {
        match &self.search {
            Some(search) => search.recall(&self.state, cues, k, conditions),
            None => explained(&self.state, cues, k, conditions, None),
        }
    }

    /// [`explain_recall`](Self::explain_recall) that counts how far it is, in vectors, about every million. What is pruned or
    /// left to a [given search](Self::with_search) is done all at once, and cannot be stopped in between.
    ///
    /// # Errors
    ///
    /// As [`explain_recall`](Self::explain_recall), and [`Stopped`](MemoryError::Stopped).
    pub fn explain_recall_with(
        &self,
        cues: &[HV16],
        k: usize,
        conditions: &Conditions,
        progress: &Progress,
    ) -> Result<Vec<Recall>, MemoryError> {
        progress.start(0);
        let recalls = match &self.search {
            Some(search) => search.recall(&self.state, cues, k, conditions),
            None => explained(&self.state, cues, k, conditions, Some(progress)),
        }?;
        advance(progress, 0)?;
        progress.finish();
        Ok(recalls)
    }

    /// All vectors of this moment in order, in slices: those of forgotten episodes that still take space, too.
    ///
    /// For a device that is to search them: see [`with_search`](Self::with_search).
    pub fn vectors(&self) -> impl Iterator<Item = &[HV16]> {
        self.state.vectors.chunks().map(|chunk| &**chunk)
    }

    /// Whether the [`vectors`](Self::vectors) begin with the vectors of another snapshot of the same memory.
    ///
    /// They do as long as episodes are only stored and forgotten in between. So a device that has the vectors of `earlier` needs just
    /// those after them. A consolidation that drops episodes, and a compaction, begin again. Costs a comparison.
    ///
    /// ```
    /// # use hv_memory::{EpisodeId, EpisodicMemory, NewEpisode};
    /// let memory = EpisodicMemory::in_memory();
    /// memory.store_batch(&[NewEpisode::default(), NewEpisode::default()])?;
    /// let earlier = memory.snapshot();
    /// memory.store(NewEpisode::default())?;
    /// memory.forget(&[EpisodeId(0)])?;
    /// assert!(memory.snapshot().begins_with(&earlier) && !earlier.begins_with(&memory.snapshot()));
    /// memory.compact()?;
    /// assert!(!memory.snapshot().begins_with(&earlier));
    /// # Ok::<(), hv_memory::MemoryError>(())
    /// ```
    #[must_use]
    pub fn begins_with(&self, earlier: &Self) -> bool {
        Arc::ptr_eq(&self.state.lineage, &earlier.state.lineage) && self.state.slots() >= earlier.state.slots()
    }

    /// This snapshot with a search of its [`vectors`](Self::vectors), which does its recalls from now on.
    ///
    /// Answers are the same, bit for bit. The search gets a [`Bitmap`](hv_parallel::Bitmap) of the episodes that may be
    /// found, unless those are all. A recall that may miss something ([`Exactness::Within`](crate::Exactness::Within))
    /// misses nothing. What is not a recall of this snapshot goes on without the search.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use hv_memory::hv_parallel::{Bitmap, Bound, Hits, Search, SearchError, SliceSearch};
    /// use hv_memory::{EpisodicMemory, HV16, NewEpisode};
    ///
    /// /// A device, were it one: it has a copy of the vectors.
    /// struct Device(Vec<HV16>);
    ///
    /// impl Search for Device {
    ///     fn len(&self) -> usize {
    ///         self.0.len()
    ///     }
    ///
    ///     fn find_top_k(&self, queries: &[HV16], k: usize, bound: Bound, filter: Option<&Bitmap>) -> Result<Hits, SearchError> {
    ///         SliceSearch::new(&[&self.0]).find_top_k(queries, k, bound, filter)
    ///     }
    /// }
    ///
    /// let memory = EpisodicMemory::in_memory();
    /// memory.store(NewEpisode { content: HV16::random(7), ..NewEpisode::default() })?;
    /// let snapshot = memory.snapshot();
    /// let device = Device(snapshot.vectors().flatten().copied().collect());
    /// let found = snapshot.with_search(Arc::new(device))?.recall(&HV16::random(7), 1)?;
    /// assert_eq!(found, memory.recall(&HV16::random(7), 1)?);
    /// # Ok::<(), hv_memory::MemoryError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`WrongSearch`](MemoryError::WrongSearch) if it has another number of vectors. Recalls fail with
    /// [`Search`](MemoryError::Search) where the search does.
    pub fn with_search(&self, search: Arc<dyn Search>) -> Result<Self, MemoryError> {
        Ok(Self { state: Arc::clone(&self.state), search: Some(GivenSearch::new(&self.state, search)?) })
    }

    /// The episodes of matches, in their order. Reads each payload as it comes.
    ///
    /// Matches of this snapshot all have their episode. Those of another moment are left out where the episode is not in
    /// this one.
    ///
    /// ```
    /// # use hv_memory::{EpisodicMemory, HV16, NewEpisode};
    /// # let memory = EpisodicMemory::in_memory();
    /// # memory.store(NewEpisode { content: HV16::random(7), time: 0, valence: 0.0, payload: b"tea".to_vec(), ..NewEpisode::default() })?;
    /// let snapshot = memory.snapshot();
    /// let found = snapshot.recall(&HV16::random(7), 5)?;
    /// for episode in snapshot.episodes_of(&found) {
    ///     assert_eq!(episode?.payload, b"tea");
    /// }
    /// # Ok::<(), hv_memory::MemoryError>(())
    /// ```
    ///
    /// An item is an error where a payload cannot be read or is damaged.
    pub fn episodes_of(&self, matches: &[Match]) -> impl Iterator<Item = Result<Episode, MemoryError>> {
        let slots = matches.iter().filter_map(|found| self.state.slot(found.id));
        slots.map(|slot| self.state.episode(slot))
    }

    /// When an episode was recollected, in the order in which that was logged; the last ones, as many as the log
    /// keeps. Empty for one that never was, or does not exist.
    ///
    /// Cost: reads the whole log.
    ///
    /// # Errors
    ///
    /// If the log cannot be read, or is not what was written.
    pub fn retrievals(&self, id: EpisodeId) -> Result<Vec<i64>, MemoryError> {
        let mut times = Vec::new();
        if self.state.slot(id).is_some() {
            self.state.log.for_each(&mut |(of, time)| {
                if of == id {
                    times.push(time);
                }
                Ok(())
            })?;
        }
        times.drain(..times.len().saturating_sub(self.state.log.kept));
        Ok(times)
    }

    /// All retrievals of live episodes, in the order in which they were logged: of each episode the last ones, as
    /// many as the log keeps.
    ///
    /// # Errors
    ///
    /// If the log cannot be read, or is not what was written.
    pub fn retrieval_log(&self) -> Result<Vec<(EpisodeId, i64)>, MemoryError> {
        retrievals(&self.state)
    }

    /// What a consolidation at the time `now` would do to this; nothing is changed. See
    /// [`EpisodicMemory::consolidate`](crate::EpisodicMemory::consolidate).
    ///
    /// # Errors
    ///
    /// [`InvalidPolicy`](MemoryError::InvalidPolicy).
    pub fn plan_consolidation(&self, policy: &ConsolidatePolicy, now: i64) -> Result<Consolidation, MemoryError> {
        self.plan_consolidation_with(policy, now, &Progress::new())
    }

    /// [`plan_consolidation`](Self::plan_consolidation) that counts how far it is with merging, which takes nearly all of
    /// the time: in pairs of episodes settled, after every 64 survivors. A policy that merges nothing has none.
    ///
    /// # Errors
    ///
    /// [`InvalidPolicy`](MemoryError::InvalidPolicy), and [`Stopped`](MemoryError::Stopped).
    pub fn plan_consolidation_with(
        &self,
        policy: &ConsolidatePolicy,
        now: i64,
        progress: &Progress,
    ) -> Result<Consolidation, MemoryError> {
        let (_, report) = consolidation::plan(&self.state, policy, now, 0, progress)?;
        progress.finish();
        Ok(report)
    }

    /// Which episodes were recollected within `window` of each other, at least `min_count` times: see
    /// [`Coactivation`].
    ///
    /// # Errors
    ///
    /// If the log cannot be read, or is not what was written.
    pub fn coactivations(&self, window: Duration, min_count: u64) -> Result<Vec<Coactivation>, MemoryError> {
        self.coactivations_with(window, min_count, &Progress::new())
    }

    /// [`coactivations`](Self::coactivations) that counts how far it is, in retrievals.
    ///
    /// # Errors
    ///
    /// As [`coactivations`](Self::coactivations), and [`Stopped`](MemoryError::Stopped).
    pub fn coactivations_with(
        &self,
        window: Duration,
        min_count: u64,
        progress: &Progress,
    ) -> Result<Vec<Coactivation>, MemoryError> {
        let found = analysis::coactivations(&retrievals(&self.state)?, window, min_count, progress);
        advance(progress, 0)?;
        Ok(found)
    }

    /// The likely causes of an episode, back in time link by link: see [`CausalChain`]. `None` if there
    /// is no such episode.
    ///
    /// # Errors
    ///
    /// [`InvalidPolicy`](MemoryError::InvalidPolicy).
    pub fn causal_chain(&self, effect: EpisodeId, policy: &CausalPolicy) -> Result<Option<CausalChain>, MemoryError> {
        self.causal_chain_with(effect, policy, &Progress::new())
    }

    /// [`causal_chain`](Self::causal_chain) that counts how far it is, in links of the most that there may be.
    ///
    /// # Errors
    ///
    /// As [`causal_chain`](Self::causal_chain), and [`Stopped`](MemoryError::Stopped).
    pub fn causal_chain_with(
        &self,
        effect: EpisodeId,
        policy: &CausalPolicy,
        progress: &Progress,
    ) -> Result<Option<CausalChain>, MemoryError> {
        policy.validate()?;
        progress.start(0);
        let chain = |slot| analysis::causal_chain(&*self.state, self.state.order(), slot, policy, progress);
        let chain = self.state.slot(effect).map(chain).transpose()?;
        advance(progress, 0)?;
        progress.finish();
        Ok(chain)
    }
}

impl std::fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Snapshot").field("len", &self.len()).finish_non_exhaustive()
    }
}
