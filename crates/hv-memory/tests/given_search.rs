//! A snapshot with a search of its own: the same answers, from that search alone.

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use common::{Random, episode};
use hv_memory::hv_parallel::{Bitmap, Bound, Hits, Search, SearchError, SliceSearch};
use hv_memory::{
    Conditions, ConsolidatePolicy, EpisodeId, EpisodicMemory, Exactness, HV16, Key, MemoryError, Method, NewEpisode,
    RecollectPolicy, Snapshot,
};
use proptest::prelude::*;

/// A copy of a snapshot's vectors, searched on the CPU, that counts its calls.
struct Counting {
    vectors: Vec<HV16>,
    calls: AtomicUsize,
    filtered: AtomicUsize,
}

impl Counting {
    fn of(snapshot: &Snapshot) -> Arc<Self> {
        let vectors = snapshot.vectors().flatten().copied().collect();
        Arc::new(Self { vectors, calls: AtomicUsize::new(0), filtered: AtomicUsize::new(0) })
    }
}

impl Search for Counting {
    fn len(&self) -> usize {
        self.vectors.len()
    }

    fn find_top_k(
        &self,
        queries: &[HV16],
        k: usize,
        bound: Bound,
        filter: Option<&Bitmap>,
    ) -> Result<Hits, SearchError> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        self.filtered.fetch_add(usize::from(filter.is_some()), Ordering::Relaxed);
        SliceSearch::new(&[&self.vectors]).find_top_k(queries, k, bound, filter)
    }
}

/// Contents that tie, times and strengths that differ, keys, sources and tags; some are forgotten, some were dropped.
fn memory(seed: u64, count: u64) -> EpisodicMemory {
    let mut random = Random(seed);
    let memory = EpisodicMemory::in_memory();
    let mut new = |number: u64| NewEpisode {
        content: HV16::random(random.below(20)),
        time: random.below(50) as i64,
        source: (random.below(2) == 0).then(|| vec![random.below(3) as u8]),
        key: (random.below(3) == 0).then(|| Key::from(number)),
        tags: if random.below(2) == 0 { vec!["a".to_owned()] } else { Vec::new() },
        ..episode(number)
    };
    let batch: Vec<NewEpisode> = (0..count).map(&mut new).collect();
    memory.store_batch(&batch).unwrap();
    for now in 0..5 {
        memory.recollect(&HV16::random(now), 3, &Conditions::new(), &RecollectPolicy::new(), now as i64).unwrap();
    }
    let policy = ConsolidatePolicy::new().without_fading().floor(0.0).capacity(count as usize * 9 / 10);
    memory.consolidate(&policy, 60).unwrap();
    let forgotten: Vec<EpisodeId> = (0..count).filter(|_| random.below(8) == 0).map(EpisodeId).collect();
    memory.forget(&forgotten).unwrap();
    memory
}

/// Conditions of every kind, each used or not.
fn conditions() -> impl Strategy<Value = Conditions> {
    let ranges = (prop::option::of((0..50i64, 0..50i64)), prop::option::of((-1.0..1.0f32, -1.0..1.0f32)));
    let names = prop::array::uniform4(prop::bool::weighted(0.2));
    let rest = (prop::option::of(0.4..1.1f32), prop::option::of(0.9..1.2f64), prop::bool::weighted(0.3), any::<bool>());
    (ranges, names, rest).prop_map(
        |((time, valence), [ids, keys, sources, tags], (similarity, strength, exclude, within))| {
            let mut conditions = Conditions::new();
            if let Some((first, last)) = time {
                conditions = conditions.time(first..last);
            }
            if let Some((low, high)) = valence {
                conditions = conditions.valence(low..=high);
            }
            if ids {
                conditions = conditions.ids((0..60).step_by(2).map(EpisodeId));
            }
            if keys {
                conditions = conditions.keys((0..40).map(Key::from));
            }
            if sources {
                conditions = conditions.sources([[1_u8]]);
            }
            if tags {
                conditions = conditions.tags(["a"]);
            }
            if let Some(similarity) = similarity {
                conditions = conditions.min_similarity(similarity);
            }
            if let Some(strength) = strength {
                conditions = conditions.min_strength(strength);
            }
            if exclude {
                conditions = conditions.exclude([EpisodeId(3), EpisodeId(7)]);
            }
            if within { conditions.exactness(Exactness::Within(1e-9)) } else { conditions }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_given_search_finds_what_the_memory_does(
        seed: u64,
        count in prop_oneof![Just(0u64), 1..300u64],
        k in prop_oneof![0..9usize, Just(usize::MAX)],
        conditions in prop::collection::vec(conditions(), 4),
    ) {
        let plain = memory(seed, count).snapshot();
        let search = Counting::of(&plain);
        let given = plain.with_search(Arc::clone(&search) as _).unwrap();
        let cues: Vec<HV16> = (0..3).map(|cue| HV16::random(seed % 30 + cue)).collect();
        prop_assert_eq!(given.recall(&cues[0], k).unwrap(), plain.recall(&cues[0], k).unwrap());
        prop_assert_eq!(given.recall_batch(&cues, k).unwrap(), plain.recall_batch(&cues, k).unwrap());
        for conditions in conditions {
            let found = plain.recall_batch_where(&cues, k, &conditions).unwrap();
            prop_assert_eq!(&given.recall_batch_where(&cues, k, &conditions).unwrap(), &found);
            prop_assert_eq!(&given.recall_where(&cues[1], k, &conditions).unwrap(), &found[1]);
        }
    }
}

#[test]
fn each_recall_is_one_call() {
    let memory = memory(1, 100);
    let snapshot = memory.snapshot();
    assert!(snapshot.vectors().flatten().count() > snapshot.len(), "forgotten ones take space");
    let search = Counting::of(&snapshot);
    let given = snapshot.with_search(Arc::clone(&search) as _).unwrap();
    let cues = [1, 2, 3].map(HV16::random);
    given.recall(&cues[0], 5).unwrap();
    given.recall_batch(&cues, 5).unwrap();
    given.clone().recall_where(&cues[0], 5, &Conditions::new().time(9..)).unwrap();
    let told = given.explain_recall(&cues, 5, &Conditions::new()).unwrap();
    assert!(told.iter().all(|told| (told.method, told.read_in_full) == (Method::Given, search.len() as u64)));
    assert_eq!((search.calls.load(Ordering::Relaxed), search.filtered.load(Ordering::Relaxed)), (4, 4));
    // What can have no answer asks nobody.
    given.recall(&cues[0], 0).unwrap();
    given.recall_batch(&[], 5).unwrap();
    given.recall_where(&cues[0], 5, &Conditions::new().min_similarity(1.5)).unwrap();
    given.recall_where(&cues[0], 5, &Conditions::new().min_similarity(f32::NAN)).unwrap_err();
    assert_eq!(search.calls.load(Ordering::Relaxed), 4);
    // Where all may be found, there is no filter.
    memory.compact().unwrap();
    let snapshot = memory.snapshot();
    let search = Counting::of(&snapshot);
    snapshot.with_search(Arc::clone(&search) as _).unwrap().recall(&cues[0], 5).unwrap();
    assert_eq!((search.calls.load(Ordering::Relaxed), search.filtered.load(Ordering::Relaxed)), (1, 0));
}

/// What a device has uploaded stays right exactly while a later snapshot begins with it.
#[test]
fn a_later_snapshot_begins_with_an_earlier_one_until_vectors_are_dropped() {
    let vectors = |snapshot: &Snapshot| snapshot.vectors().flatten().copied().collect::<Vec<HV16>>();
    let memory = memory(3, 60);
    let mut earlier = memory.snapshot();
    for step in 0..30 {
        match step % 5 {
            0 | 1 => drop(memory.store_batch(&vec![episode(step); 1 + 700 * step as usize]).unwrap()),
            2 => drop(memory.forget(&[EpisodeId(step), EpisodeId(60 + step)]).unwrap()),
            3 => drop(memory.recollect(&HV16::ZERO, 3, &Conditions::new(), &RecollectPolicy::new(), 70).unwrap()),
            _ => memory.compact().unwrap(),
        }
        let later = memory.snapshot();
        let (before, now) = (vectors(&earlier), vectors(&later));
        assert_eq!(later.begins_with(&earlier), step % 5 != 4, "{step}");
        assert!(!later.begins_with(&earlier) || now.starts_with(&before));
        assert!(earlier.begins_with(&earlier) && !earlier.begins_with(&EpisodicMemory::in_memory().snapshot()));
        earlier = later;
    }
}

/// A search that says one thing whatever it is asked.
struct Says(usize, Option<Hits>);

impl Search for Says {
    fn len(&self) -> usize {
        self.0
    }

    fn find_top_k(&self, _: &[HV16], _: usize, _: Bound, _: Option<&Bitmap>) -> Result<Hits, SearchError> {
        self.1.clone().ok_or_else(|| SearchError::new("the device is gone"))
    }
}

#[test]
fn a_search_that_is_wrong_or_fails_is_an_error() {
    let memory = EpisodicMemory::in_memory();
    memory.store_batch(&[episode(0), episode(1)]).unwrap();
    memory.forget(&[EpisodeId(0)]).unwrap();
    let snapshot = memory.snapshot();
    for vectors in [0, 1, 3] {
        let error = snapshot.with_search(Arc::new(Says(vectors, None))).unwrap_err();
        assert!(matches!(error, MemoryError::WrongSearch { expected: 2, .. }), "{error}");
    }
    let hits = |slot| {
        let mut hits = Hits::new();
        hits.reset(1, 1);
        hits.set(0, [(slot, 5)]);
        Some(hits)
    };
    for (says, what) in
        [(None, "the device is gone"), (hits(2), "vector 2"), (hits(0), "vector 0"), (Some(Hits::new()), "0 of 1")]
    {
        let given = snapshot.with_search(Arc::new(Says(2, says))).unwrap();
        let error = given.recall(&HV16::random(1), 1).unwrap_err();
        assert!(matches!(error, MemoryError::Search(_)) && error.to_string().contains(what), "{error}");
    }
    let given = snapshot.with_search(Arc::new(Says(2, hits(1)))).unwrap();
    assert_eq!(given.recall(&HV16::random(1), 1).unwrap()[0].id, EpisodeId(1));
}
