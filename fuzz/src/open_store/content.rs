//! What a store holds, and the check that another holds the same.

use std::collections::BTreeMap;

use hv_memory::{Episode, EpisodeId, EpisodicMemory, HV16, Match, MemoryError};

/// What may be expected of a changed store that opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Trust {
    /// Nothing: checksums were made for what was changed.
    Nothing,
    /// That each episode is what was stored. The state may be an older one, since the index was changed and so was LOCK,
    /// which tells that.
    Episodes,
    /// That all is what was stored.
    All,
}

/// All that a store holds.
pub(super) struct Content {
    episodes: BTreeMap<EpisodeId, Episode>,
    metadata: Vec<u8>,
    rows: Vec<(Vec<u8>, Vec<u8>)>,
    retrievals: Vec<(EpisodeId, i64)>,
    nearest: Vec<Match>,
}

fn nearest(memory: &EpisodicMemory) -> Vec<Match> {
    memory.recall(&(HV16::random(1) ^ HV16::random(2) ^ HV16::random(3)), 9).expect("the vectors are in memory")
}

/// Whether something was read. If not, it must be damaged.
fn is_read<T>(found: Result<T, MemoryError>) -> Option<T> {
    match found {
        Ok(found) => Some(found),
        Err(MemoryError::Damaged { .. }) => None,
        Err(error) => panic!("not an error of a damaged store: {error}"),
    }
}

impl Content {
    pub(super) fn of(memory: &EpisodicMemory) -> Self {
        let snapshot = memory.snapshot();
        let episodes = snapshot.episodes().map(|episode| episode.expect("the store is sound"));
        Self {
            episodes: episodes.map(|episode| (episode.id, episode)).collect(),
            metadata: memory.metadata().expect("the note is in memory"),
            rows: snapshot.rows(b"").map(|row| row.expect("the store is sound")).collect(),
            retrievals: snapshot.retrieval_log().expect("the store is sound"),
            nearest: nearest(memory),
        }
    }

    /// The vector of an episode.
    pub(super) fn vector(&self, id: EpisodeId) -> Option<HV16> {
        self.episodes.get(&id).map(|episode| episode.content)
    }

    /// Checks that a memory gives out nothing else. Returns whether it gives out everything, and no errors.
    pub(super) fn check(&self, memory: &EpisodicMemory, trust: Trust) -> bool {
        let snapshot = memory.snapshot();
        let nearest = nearest(memory);
        let retrievals = is_read(snapshot.retrieval_log());
        let (mut rows, mut whole) = (Vec::new(), retrievals.is_some());
        for row in snapshot.rows(b"") {
            let row = is_read(row);
            whole &= row.is_some();
            rows.extend(row);
        }
        let mut read = 0;
        for episode in snapshot.episodes() {
            read += 1;
            let Some(episode) = is_read(episode) else {
                whole = false;
                continue;
            };
            if trust >= Trust::Episodes {
                let mut stored = self.episodes.get(&episode.id).cloned();
                if let Some(stored) = stored.as_mut().filter(|_| trust == Trust::Episodes) {
                    // They may be those of an older state.
                    (stored.strength, stored.updated) = (episode.strength, episode.updated);
                }
                assert!(stored.is_some_and(|stored| stored == episode), "{:?} is not what was stored", episode.id);
            }
        }
        assert_eq!(read, memory.len());
        if trust == Trust::All {
            assert_eq!(memory.len(), self.episodes.len());
            assert_eq!(memory.metadata().expect("the note is in memory"), self.metadata);
            assert!(nearest == self.nearest, "others are the nearest");
            assert!(retrievals.is_none_or(|found| found == self.retrievals), "the retrievals are others");
            let has = |row| self.rows.contains(row);
            assert!(rows.iter().all(has) && (!whole || rows == self.rows), "the rows are others");
        }
        whole
    }
}
