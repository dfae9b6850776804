//! Consolidation and compaction: what stays is what the plan says, in memory, on disk, and after reopening.

mod common;

use std::time::Duration;

use common::history::{Change, Focus, Model};
use common::{Random, episode, episodes, files};
use hv_memory::hv_parallel::hv_simd::simd_bundle;
use hv_memory::{
    Conditions, ConsolidatePolicy, EpisodeId, EpisodicMemory, HV16, MemoryError, NewEpisode, RecollectPolicy,
};
use proptest::prelude::*;

const DAY: i64 = 86_400_000_000;
const A_DAY: Duration = Duration::from_micros(DAY as u64);

proptest! {
    #![proptest_config(ProptestConfig::with_cases(5))]

    #[test]
    fn histories_leave_what_the_model_says(seed: u64, focus in 0..3usize) {
        let focus = [Focus::Stores, Focus::Compaction, Focus::Consolidation][focus];
        let folder = tempfile::tempdir().unwrap();
        let memories = [EpisodicMemory::in_memory(), EpisodicMemory::open(folder.path()).unwrap()];
        let (mut random, mut model) = (Random(seed), Model::default());
        for now in 0..25 {
            let change = model.next(&mut random, focus, 5_000);
            let before = memories[1].snapshot();
            let ids = before.episodes().map(|episode| episode.unwrap().id).collect::<Vec<_>>();
            memories.iter().for_each(|memory| model.run(memory, &change, now).unwrap());
            model.apply(&change, now);
            // A snapshot from before reads what it did, payloads of an older generation included.
            prop_assert!(before.episodes().map(|episode| episode.unwrap().id).eq(ids));
        }
        prop_assert_eq!(&Model::of(&memories[0]), &model);
        prop_assert_eq!(&Model::of(&memories[1]), &model);
        prop_assert!(memories[1].verify().unwrap().is_sound());
        drop(memories);
        prop_assert_eq!(&Model::of(&EpisodicMemory::open(folder.path()).unwrap()), &model);
        prop_assert_eq!(files(folder.path()).keys().filter(|name| *name != "reserve").count(), 6);
    }
}

/// The strength of the one episode at 1,000, recollected and consolidated at some times on the way, where both policies
/// have the same half-life.
fn strength_after(
    recollected: &[i64],
    consolidated: &[i64],
    recollect: &RecollectPolicy,
    half_life: Option<Duration>,
) -> f64 {
    let memory = EpisodicMemory::in_memory();
    memory.store(NewEpisode { time: 0, ..episode(0) }).unwrap();
    let policy = ConsolidatePolicy::new().floor(0.0);
    let policy = half_life.map_or(policy.without_fading(), |half_life| policy.half_life(half_life));
    let recollect = half_life.map_or(*recollect, |half_life| recollect.half_life(half_life));
    // Of one moment, the consolidations come first where the order is by this, and last where it is not.
    let mut calls: Vec<(i64, bool)> = recollected.iter().map(|&time| (time, true)).collect();
    calls.extend(consolidated.iter().map(|&time| (time, false)));
    calls.sort_by_key(|&(time, recollects)| (time, recollects == (time % 2 == 0)));
    for (now, recollects) in calls {
        if recollects {
            memory.recollect(&episode(0).content, usize::MAX, &Conditions::new(), &recollect, now).unwrap();
        } else {
            memory.consolidate(&policy, now).unwrap();
        }
    }
    memory.consolidate(&policy, 1_000).unwrap();
    memory.get(EpisodeId(0)).unwrap().unwrap().strength
}

proptest! {
    /// With the same half-life in both policies, a strength is what its retrievals make it.
    #[test]
    fn consolidations_on_the_way_change_no_strength(
        recollected in prop::collection::vec(0i64..1_000, 0..8),
        consolidated in prop::collection::vec(0i64..1_000, 0..8),
        half_life in prop::option::weighted(0.75, 10_000..2_000_000u64),
        boost in 0.0..2.0f64,
        cap in prop_oneof![Just(1e9), 1.0..4.0f64],
    ) {
        let policy = RecollectPolicy::new().boost(boost).cap(cap);
        let half_life = half_life.map(Duration::from_nanos);
        let (often, once) =
            (strength_after(&recollected, &consolidated, &policy, half_life), strength_after(&recollected, &[], &policy, half_life));
        prop_assert!((often - once).abs() <= 1e-9 * once.max(1.0), "{} and {}", often, once);
        if cap == 1e9 {
            let micros = half_life.map_or(f64::INFINITY, |half_life| half_life.as_nanos() as f64 / 1e3);
            let left = |time: i64| ((time - 1_000) as f64 / micros).exp2();
            let expected = left(0) + recollected.iter().map(|&time| boost * left(time)).sum::<f64>();
            prop_assert!((once - expected).abs() <= 1e-9 * expected, "{} is not {}", once, expected);
        }
    }
}

/// What the default promises: the boost is added to the strength as of its last update.
#[test]
fn without_a_half_life_a_recollection_forgives_what_faded() {
    let memory = EpisodicMemory::in_memory();
    memory.store(NewEpisode { time: 0, ..episode(0) }).unwrap();
    let recollect = |policy, now| {
        memory.recollect(&episode(0).content, usize::MAX, &Conditions::new(), &policy, now).unwrap();
        let found = memory.get(EpisodeId(0)).unwrap().unwrap();
        (found.strength, found.updated)
    };
    assert_eq!(recollect(RecollectPolicy::default(), 10 * DAY), (1.1, 10 * DAY));
    let fading = RecollectPolicy::new().boost(0.5).half_life(A_DAY);
    assert_eq!(recollect(fading, 11 * DAY), (1.05, 11 * DAY));
    // An earlier time is as that of the last update, also for the fading.
    assert_eq!(recollect(fading, 5 * DAY), (1.55, 11 * DAY));
}

#[test]
fn strengths_fade_by_time_and_not_by_calls() {
    let folder = tempfile::tempdir().unwrap();
    let policy = ConsolidatePolicy::new().half_life(A_DAY).floor(0.1);
    for memory in [EpisodicMemory::in_memory(), EpisodicMemory::open(folder.path()).unwrap()] {
        memory.store_batch(&[0, 0, 0].map(|time| NewEpisode { time, ..episode(0) })).unwrap();
        memory.store(NewEpisode { time: 5 * DAY, ..episode(1) }).unwrap();
        for _ in 0..10 {
            memory.consolidate(&policy, DAY).unwrap();
        }
        let strength = |id| memory.get(EpisodeId(id)).unwrap().unwrap().strength;
        // The last one lies in the future, where nothing fades.
        assert_eq!([0, 1, 2, 3].map(strength), [0.5, 0.5, 0.5, 1.0]);
        let boosting = RecollectPolicy::new().boost(1.5).cap(9.0);
        memory.recollect(&episode(0).content, 1, &Conditions::new(), &boosting, 2 * DAY).unwrap();
        assert_eq!(strength(0), 2.0);
        let planned = memory.snapshot().plan_consolidation(&policy, 4 * DAY).unwrap();
        assert_eq!(memory.len(), 4);
        let report = memory.consolidate(&policy, 4 * DAY).unwrap();
        assert_eq!(report, planned);
        assert_eq!((report.kept, &report.faded[..]), (2, &[EpisodeId(1), EpisodeId(2)][..]));
        assert_eq!([0, 3].map(strength), [0.5, 1.0]);
        assert_eq!(memory.snapshot().retrievals(EpisodeId(0)).unwrap(), [2 * DAY]);
        assert_eq!(memory.store(episode(4)).unwrap(), EpisodeId(4));
        assert!(matches!(memory.consolidate(&policy.half_life(Duration::ZERO), 0), Err(MemoryError::InvalidPolicy(_))));
    }
}

#[test]
fn near_duplicates_become_one() {
    let folder = tempfile::tempdir().unwrap();
    let memory = EpisodicMemory::open(folder.path()).unwrap();
    let near = |seed: u64| {
        let mut content = HV16::random(1);
        let mut random = Random(seed);
        (0..40).for_each(|_| content.set_bit(random.below(2048) as usize, false));
        content
    };
    let contents = [near(1), HV16::random(2), near(2), near(3)];
    memory.store_batch(&contents.map(|content| NewEpisode { content, time: 0, ..episode(9) })).unwrap();
    memory.recollect(&contents[2], 1, &Conditions::new(), &RecollectPolicy::default(), 0).unwrap();
    let policy = ConsolidatePolicy::new().without_fading().merge(0.9);
    let report = memory.consolidate(&policy, 0).unwrap();
    assert_eq!(report.absorbed, [(EpisodeId(0), EpisodeId(2)), (EpisodeId(3), EpisodeId(2))]);
    drop(memory);
    let memory = EpisodicMemory::open(folder.path()).unwrap();
    let merged = memory.get(EpisodeId(2)).unwrap().unwrap();
    assert_eq!(merged.content, simd_bundle(&[contents[0], contents[2], contents[3]]).unwrap());
    assert!((merged.strength - 3.1).abs() < 1e-12 && merged.payload == episode(9).payload);
    assert_eq!((memory.len(), memory.stats().next_id), (2, 4));
}

#[test]
fn compaction_gives_back_space() {
    let folder = tempfile::tempdir().unwrap();
    let memory = EpisodicMemory::open(folder.path()).unwrap();
    let batch: Vec<NewEpisode> =
        (0..9_000).map(|number| NewEpisode { payload: vec![7; 700], ..episode(number) }).collect();
    memory.store_batch(&batch).unwrap();
    memory.forget(&(0..8_000).map(EpisodeId).collect::<Vec<_>>()).unwrap();
    let before = memory.stats();
    memory.compact().unwrap();
    let after = memory.stats();
    assert_eq!((before.episodes, before.forgotten, after.episodes, after.forgotten), (1_000, 8_000, 1_000, 0));
    assert_eq!((before.payload_bytes, after.payload_bytes), (6_300_000, 700_000));
    assert_eq!((before.vector_bytes, after.vector_bytes), (9_000 * 256, 1_000 * 256));
    assert_eq!(files(folder.path())["payloads-1"].len(), 700_000);
    assert!(!files(folder.path()).contains_key("payloads-0"));
    assert_eq!(memory.store_batch(&episodes(9_000..9_001)).unwrap(), [EpisodeId(9_000)]);
    memory.forget(&(0..10_000).map(EpisodeId).collect::<Vec<_>>()).unwrap();
    memory.compact().unwrap();
    drop(memory);
    let memory = EpisodicMemory::open(folder.path()).unwrap();
    assert!(memory.is_empty());
    assert_eq!(memory.store(episode(9_001)).unwrap(), EpisodeId(9_001));
}

/// Its rows are written next to the old ones, whose pages would stay in the file.
#[test]
fn compaction_makes_the_index_smaller() {
    let folder = tempfile::tempdir().unwrap();
    let memory = EpisodicMemory::open(folder.path()).unwrap();
    let new = |number| NewEpisode {
        content: HV16::random(number),
        time: 0,
        valence: 0.0,
        payload: Vec::new(),
        ..NewEpisode::default()
    };
    memory.store_batch(&(0..100_000).map(new).collect::<Vec<_>>()).unwrap();
    let index = || std::fs::metadata(folder.path().join("index.redb")).unwrap().len();
    let before = index();
    assert!(before > 6 << 20, "{before}");
    memory.forget(&(0..90_000).map(EpisodeId).collect::<Vec<_>>()).unwrap();
    memory.compact().unwrap();
    assert!(index() < before / 2, "{before}, then {}", index());
    memory.store(new(100_000)).unwrap();
    drop(memory);
    let memory = EpisodicMemory::open(folder.path()).unwrap();
    assert!(memory.len() == 10_001 && memory.verify().unwrap().is_sound());
}

#[test]
fn compaction_makes_no_store_larger() {
    for n in [1, 700, 4_097, 9_000] {
        let folder = tempfile::tempdir().unwrap();
        let memory = EpisodicMemory::open(folder.path()).unwrap();
        memory.store_batch(&episodes(0..n)).unwrap();
        drop(memory);
        let bytes = || files(folder.path()).values().map(Vec::len).sum::<usize>();
        let before = bytes();
        EpisodicMemory::open(folder.path()).unwrap().compact().unwrap();
        assert!(bytes() <= before, "{n}: {before}, then {}", bytes());
    }
}

#[test]
fn a_damaged_payload_stops_a_compaction_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let batch: Vec<NewEpisode> =
        (0..5_000).map(|number| NewEpisode { payload: vec![7; 700], ..episode(number) }).collect();
    let memory = EpisodicMemory::open(folder.path()).unwrap();
    memory.store_batch(&batch).unwrap();
    drop(memory);
    let mut bytes = files(folder.path())["payloads-0"].clone();
    bytes[700 * 4_000 + 3] ^= 1;
    std::fs::write(folder.path().join("payloads-0"), bytes).unwrap();
    let memory = EpisodicMemory::open(folder.path()).unwrap();
    let error = memory.compact().unwrap_err();
    assert!(error.to_string().contains("the payload of episode 4000"), "{error}");
    assert!(!files(folder.path()).contains_key("payloads-1"));
    assert_eq!(memory.len(), 5_000);
    memory.forget(&[EpisodeId(4_000)]).unwrap();
    memory.compact().unwrap();
    assert!(memory.verify().unwrap().is_sound());
    assert_eq!((memory.len(), memory.snapshot().episodes().filter(Result::is_ok).count()), (4_999, 4_999));
}

#[test]
fn an_empty_memory_consolidates_to_itself() {
    let folder = tempfile::tempdir().unwrap();
    for memory in [EpisodicMemory::in_memory(), EpisodicMemory::open(folder.path()).unwrap()] {
        memory.compact().unwrap();
        assert_eq!(memory.consolidate(&ConsolidatePolicy::default(), 0).unwrap().kept, 0);
        Model::default().run(&memory, &Change::Store(3), 0).unwrap();
        assert_eq!(memory.len(), 3);
    }
}
