//! The conditions of a recall.

use std::collections::BTreeSet;
use std::ops::{Bound, RangeBounds};

use hv_parallel::hv_simd::max_distance;

use crate::analysis::PlaneCut;
use crate::episode::EpisodeId;
use crate::error::MemoryError;
use crate::key::Key;

/// What an episode must meet to be found by a recall.
///
/// The conditions come before the ranking, so `k` results come back wherever `k` episodes meet them. With a `k` of
/// [`usize::MAX`] all of them do, in order of similarity: with [`min_similarity`](Self::min_similarity) that is a range
/// search. New conditions admit every episode.
///
/// ```
/// # use hv_memory::{Conditions, EpisodicMemory, HV16, NewEpisode};
/// let memory = EpisodicMemory::in_memory();
/// let cue = HV16::random(7);
/// for (time, valence) in [(10, -1.0), (20, 0.5), (30, 1.0)] {
///     memory.store(NewEpisode { content: cue, time, valence, payload: vec![], ..NewEpisode::default() })?;
/// }
/// let pleasant = Conditions::new().time(15..).valence(0.0..=1.0);
/// assert_eq!(memory.recall_where(&cue, 1, &pleasant)?[0].id.0, 1);
/// let near = Conditions::new().min_similarity(0.9);
/// assert_eq!(memory.recall_where(&cue, usize::MAX, &near)?.len(), 3);
/// # Ok::<(), hv_memory::MemoryError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Conditions {
    pub(crate) min_similarity: f32,
    /// The first and the last time, `None` where no time is in the range.
    pub(crate) time: Option<(i64, i64)>,
    pub(crate) valence: (Bound<f32>, Bound<f32>),
    pub(crate) min_strength: f64,
    pub(crate) exclude: BTreeSet<EpisodeId>,
    /// `None` where any episode will do.
    pub(crate) ids: Option<Vec<EpisodeId>>,
    /// `None` where any key will do, or none.
    pub(crate) keys: Option<Vec<Key>>,
    /// `None` where any source will do, or none.
    pub(crate) sources: Option<Vec<Vec<u8>>>,
    /// All of these.
    pub(crate) tags: Vec<String>,
    pub(crate) exactness: Exactness,
}

/// How sure a recall must be to find every episode that matches.
///
/// ```
/// use hv_memory::{Conditions, EpisodicMemory, Exactness, HV16, NewEpisode};
///
/// let memory = EpisodicMemory::in_memory();
/// memory.store(NewEpisode { content: HV16::random(7), ..NewEpisode::default() })?;
/// let nearly_sure = Conditions::new().min_similarity(0.7).exactness(Exactness::Within(1e-9));
/// assert_eq!(memory.recall_where(&HV16::random(7), 10, &nearly_sure)?.len(), 1);
/// # Ok::<(), hv_memory::MemoryError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Default)]
#[non_exhaustive]
pub enum Exactness {
    /// Certain.
    ///
    /// Queries with a [`min_similarity`](Conditions::min_similarity) of about 0.88 or more are several times as fast too, under
    /// the same conditions as for [`Within`](Self::Within).
    #[default]
    Exact,
    /// An episode that matches may be missed with at most this probability, from 1e-15 to 0.5. What is found is
    /// ranked as always, and is never wrong.
    ///
    /// Makes queries with a [`min_similarity`](Conditions::min_similarity) several times as fast, from 4,096 episodes on,
    /// where [`Options::prefix_plane`](crate::Options::prefix_plane) is on, the similarity is about 0.65 or more for a
    /// probability of 1e-9 (0.6 for 1e-3), and the range of times, if there is one, is one of episodes that were stored in
    /// order of time. Other queries are no slower.
    ///
    /// Assumes that differing bits fall evenly over positions: true of hypervectors by construction, not of
    /// arbitrary codes.
    Within(f64),
}

impl Exactness {
    /// The smallest probability that [`Within`](Self::Within) takes: 1e-15.
    pub const MIN_MISS_PROBABILITY: f64 = PlaneCut::MIN_MISS_PROBABILITY;
    /// The largest probability that [`Within`](Self::Within) takes: 0.5.
    pub const MAX_MISS_PROBABILITY: f64 = PlaneCut::MAX_MISS_PROBABILITY;
}

impl Default for Conditions {
    fn default() -> Self {
        Self {
            min_similarity: f32::NEG_INFINITY,
            time: Some((i64::MIN, i64::MAX)),
            valence: (Bound::Unbounded, Bound::Unbounded),
            min_strength: f64::NEG_INFINITY,
            exclude: BTreeSet::new(),
            ids: None,
            keys: None,
            sources: None,
            tags: Vec::new(),
            exactness: Exactness::Exact,
        }
    }
}

impl Conditions {
    /// Conditions that every episode meets.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Only episodes with at least this similarity. Unrelated vectors score about 0.5, and nothing scores above 1.
    #[must_use]
    pub fn min_similarity(mut self, similarity: f32) -> Self {
        self.min_similarity = similarity;
        self
    }

    /// Only episodes of these times, in microseconds since the Unix epoch.
    #[must_use]
    pub fn time(mut self, range: impl RangeBounds<i64>) -> Self {
        let first = match range.start_bound() {
            Bound::Included(&first) => Some(first),
            Bound::Excluded(&before) => before.checked_add(1),
            Bound::Unbounded => Some(i64::MIN),
        };
        let last = match range.end_bound() {
            Bound::Included(&last) => Some(last),
            Bound::Excluded(&after) => after.checked_sub(1),
            Bound::Unbounded => Some(i64::MAX),
        };
        self.time = first.zip(last).filter(|(first, last)| first <= last);
        self
    }

    /// Only episodes whose valence is in this range.
    #[must_use]
    pub fn valence(mut self, range: impl RangeBounds<f32>) -> Self {
        self.valence = (range.start_bound().cloned(), range.end_bound().cloned());
        self
    }

    /// Only episodes of at least this strength, as of its last update ([`Episode::updated`](crate::Episode::updated)),
    /// however long ago that was; 1 is that of a new one.
    #[must_use]
    pub fn min_strength(mut self, strength: f64) -> Self {
        self.min_strength = strength;
        self
    }

    /// None of these episodes, for example one whose content is the cue. Adds to those excluded before.
    ///
    /// Cost: a look-up among all that are excluded for each id, given together or one by one.
    #[must_use]
    pub fn exclude(mut self, ids: impl IntoIterator<Item = EpisodeId>) -> Self {
        self.exclude.extend(ids);
        self
    }

    /// Only these episodes. Adds to those that were asked for before; of none, nothing is found.
    ///
    /// Cost: a look-up for each id; other episodes are not read.
    ///
    /// ```
    /// # use hv_memory::{Conditions, EpisodeId, EpisodicMemory, HV16, NewEpisode};
    /// # let memory = EpisodicMemory::in_memory();
    /// let content = HV16::random(7);
    /// let ids: Vec<EpisodeId> = memory.store_batch(&vec![NewEpisode { content, ..NewEpisode::default() }; 3])?;
    /// let found = memory.recall_where(&content, 9, &Conditions::new().ids([ids[2], ids[0]]))?;
    /// assert_eq!(found.iter().map(|found| found.id).collect::<Vec<_>>(), [ids[0], ids[2]]);
    /// # Ok::<(), hv_memory::MemoryError>(())
    /// ```
    #[must_use]
    pub fn ids(mut self, ids: impl IntoIterator<Item = EpisodeId>) -> Self {
        self.ids.get_or_insert_default().extend(ids);
        self
    }

    /// Only episodes whose key is one of these. Adds to the keys that were asked for before; of none, nothing is found.
    ///
    /// Cost: a look-up for each key; other episodes are not read.
    #[must_use]
    pub fn keys(mut self, keys: impl IntoIterator<Item = Key>) -> Self {
        self.keys.get_or_insert_default().extend(keys);
        self
    }

    /// Only episodes of one of these sources. Adds to the sources that were asked for before; of none, nothing is found.
    #[must_use]
    pub fn sources<S: AsRef<[u8]>>(mut self, sources: impl IntoIterator<Item = S>) -> Self {
        let sources = sources.into_iter().map(|source| source.as_ref().to_vec());
        self.sources.get_or_insert_default().extend(sources);
        self
    }

    /// Only episodes that have every one of these tags. Adds to the tags that were asked for before.
    ///
    /// ```
    /// # use hv_memory::{Conditions, EpisodicMemory, HV16, NewEpisode};
    /// # let memory = EpisodicMemory::in_memory();
    /// let content = HV16::random(7);
    /// for tags in [vec!["tea".to_owned()], vec!["tea".to_owned(), "cake".to_owned()]] {
    ///     memory.store(NewEpisode { content, tags, source: Some(b"diary.txt".to_vec()), ..NewEpisode::default() })?;
    /// }
    /// let conditions = Conditions::new().tags(["tea", "cake"]).sources(["diary.txt"]);
    /// assert_eq!(memory.recall_where(&content, 9, &conditions)?[0].id.0, 1);
    /// # Ok::<(), hv_memory::MemoryError>(())
    /// ```
    #[must_use]
    pub fn tags<S: Into<String>>(mut self, tags: impl IntoIterator<Item = S>) -> Self {
        self.tags.extend(tags.into_iter().map(Into::into));
        self
    }

    /// Whether episodes that match may be missed, for speed.
    #[must_use]
    pub fn exactness(mut self, exactness: Exactness) -> Self {
        self.exactness = exactness;
        self
    }

    /// The largest distance that the similarity admits, `None` if none does; or what is wrong with the conditions.
    pub(crate) fn max_distance(&self) -> Result<Option<u16>, MemoryError> {
        let wrong = |what: String| Err(MemoryError::InvalidQuery { what });
        if self.min_similarity.is_nan() {
            return wrong("the minimal similarity is NaN; it must be a number, usually from 0.5 to 1".into());
        }
        for (which, bound) in [("lower", self.valence.0), ("upper", self.valence.1)] {
            if let Bound::Included(valence) | Bound::Excluded(valence) = bound
                && valence.is_nan()
            {
                return wrong(format!("the {which} bound of the valence is NaN; valences go from -1 to 1"));
            }
        }
        if self.min_strength.is_nan() {
            return wrong("the minimal strength is NaN; it must be a number, 1 is that of a new episode".into());
        }
        match self.exactness {
            Exactness::Within(p)
                if !(Exactness::MIN_MISS_PROBABILITY..=Exactness::MAX_MISS_PROBABILITY).contains(&p) =>
            {
                wrong(format!("the probability of a miss is {p:?}; it must be from 1e-15 to 0.5, for example 1e-9"))
            }
            _ => Ok(max_distance(self.min_similarity)),
        }
    }

    /// Whether every live episode meets all conditions but the one on similarity.
    pub(crate) fn admit_all(&self) -> bool {
        let any_time = self.time == Some((i64::MIN, i64::MAX));
        any_time && self.ids.is_none() && self.keys.is_none() && !self.filters()
    }

    /// Whether there are conditions on more than similarity, time, ids and keys.
    pub(crate) fn filters(&self) -> bool {
        self.valence != (Bound::Unbounded, Bound::Unbounded)
            || self.min_strength > f64::NEG_INFINITY
            || !self.exclude.is_empty()
            || self.sources.is_some()
            || !self.tags.is_empty()
    }
}
