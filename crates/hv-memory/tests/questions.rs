//! Queries, forgetting, recollecting and the analyses, against a model that does the obvious.

mod common;

use std::collections::HashSet;
use std::ops::Bound::{Excluded, Included, Unbounded};
use std::ops::ControlFlow;
use std::time::Duration;

use common::{Random, check_all, episode, episodes, files, is, write_files};
use hv_memory::CausalPolicy;
use hv_memory::hv_parallel::hv_simd::hv_core::reference;
use hv_memory::internal::coactivations;
use hv_memory::{
    Conditions, EpisodeId, EpisodicMemory, Exactness, HV16, Match, MemoryError, NewEpisode, Options, Progress,
    RecollectPolicy,
};

/// An episode as the model keeps it.
#[derive(Clone)]
struct Known {
    id: u64,
    given: NewEpisode,
    strength: f64,
}

/// Some episodes with contents that tie, times that repeat, and valences that repeat.
fn some(count: u64, ascending: bool) -> Vec<NewEpisode> {
    (0..count)
        .map(|number| {
            let mut random = Random(number ^ 0x5eed);
            let content = HV16::random(random.below(40)) ^ if random.below(2) == 0 { HV16::ZERO } else { few(number) };
            let time = if ascending { number as i64 / 3 } else { random.below(100) as i64 };
            NewEpisode { content, time, valence: random.below(5) as f32 / 2.0 - 1.0, ..episode(number) }
        })
        .collect()
}

/// A vector of few ones.
fn few(seed: u64) -> HV16 {
    let mut v = HV16::ZERO;
    let mut random = Random(seed);
    (0..random.below(300)).for_each(|_| v.set_bit(random.below(2048) as usize, true));
    v
}

fn matches(known: &[Known], cue: &HV16, k: usize, keep: impl Fn(&Known, f32) -> bool) -> Vec<(u64, u32)> {
    let mut found: Vec<(u32, u64)> = known
        .iter()
        .filter(|known| keep(known, reference::similarity(cue, &known.given.content)))
        .map(|known| (reference::hamming(cue, &known.given.content), known.id))
        .collect();
    found.sort_unstable();
    found.truncate(k);
    found.into_iter().map(|(distance, id)| (id, distance)).collect()
}

fn pairs(found: &[Match]) -> Vec<(u64, u32)> {
    found.iter().map(|m| (m.id.0, u32::from(m.distance))).collect()
}

/// Runs every kind of condition, alone and together.
fn ask_everything(memory: &EpisodicMemory, known: &[Known]) {
    let mut random = Random(7);
    for round in 0..60 {
        let cue = HV16::random(random.below(40)) ^ few(random.below(9));
        let (first, last) = (random.below(110) as i64 - 5, random.below(110) as i64 - 5);
        let (low, high) = (random.below(5) as f32 / 2.0 - 1.0, random.below(5) as f32 / 2.0 - 1.0);
        let similarity = [0.4, 0.5, 0.52, 0.75, 0.9, 0.95, 1.0, 1.1, -1.0][random.below(9) as usize];
        let strength = [0.0, 1.0, 1.05, 1.2, 9.0][random.below(5) as usize];
        let excluded: HashSet<u64> = (0..random.below(200)).map(|_| random.below(400)).collect();
        let k = [0, 1, 3, 20, usize::MAX][random.below(5) as usize];
        let use_of: [bool; 6] = std::array::from_fn(|i| round == i || round > 6 && random.below(2) == 0);

        let k = if use_of[0] { k } else { usize::MAX };
        let mut conditions = Conditions::new();
        if use_of[1] {
            conditions = conditions.min_similarity(similarity);
        }
        if use_of[2] {
            conditions = conditions.time(first..=last);
        }
        if use_of[3] {
            conditions = conditions.valence(low..=high);
        }
        if use_of[4] {
            conditions = conditions.min_strength(strength);
        }
        if use_of[5] {
            conditions = conditions.exclude(excluded.iter().map(|&id| EpisodeId(id)));
        }
        let expected = matches(known, &cue, k, |known, at| {
            (!use_of[1] || at >= similarity)
                && (!use_of[2] || (first..=last).contains(&known.given.time))
                && (!use_of[3] || (low..=high).contains(&known.given.valence))
                && (!use_of[4] || known.strength >= strength)
                && (!use_of[5] || !excluded.contains(&known.id))
        });
        let found = memory.recall_where(&cue, k, &conditions).unwrap();
        assert_eq!(pairs(&found), expected, "round {round}: {conditions:?}");
        let cues = [HV16::random(round as u64), cue, cue, HV16::random(7)];
        let (snapshot, batch) = (memory.snapshot(), memory.recall_batch_where(&cues, k, &conditions).unwrap());
        let explained = snapshot.explain_recall(&cues, k, &conditions).unwrap();
        assert_eq!((batch.len(), explained.len()), (cues.len(), cues.len()));
        for ((cue, batch), explained) in cues.into_iter().zip(batch).zip(explained) {
            let alone = snapshot.explain_recall(&[cue], k, &conditions).unwrap().remove(0);
            assert_eq!(batch, memory.recall_where(&cue, k, &conditions).unwrap(), "round {round}: {conditions:?}");
            assert_eq!((explained.matches, &alone.matches), (batch.clone(), &batch));
            assert_eq!((explained.method, explained.read_in_full), (alone.method, alone.read_in_full));
        }
        assert_eq!(snapshot.episodes_of(&found).count(), found.len());
        for (episode, found) in snapshot.episodes_of(&found).zip(&found) {
            let model = known.iter().find(|known| known.id == found.id.0).unwrap();
            assert!(is(&episode.unwrap(), &model.given));
        }
    }
}

#[test]
fn conditions_come_before_the_ranking() {
    for ascending in [true, false] {
        let folder = tempfile::tempdir().unwrap();
        for memory in [EpisodicMemory::in_memory(), EpisodicMemory::open(folder.path()).unwrap()] {
            ask_everything(&memory, &[]);
            let given = some(320, ascending);
            memory.store_batch(&given).unwrap();
            let mut known: Vec<Known> =
                (0..).zip(given).map(|(id, given)| Known { id, given, strength: 1.0 }).collect();
            ask_everything(&memory, &known);

            let policy = RecollectPolicy::new().boost(0.15).cap(1.25);
            for seed in 0..20 {
                let (cue, unpleasant) = (HV16::random(seed), Conditions::new().valence(-1.0..=0.0));
                let found = memory.recollect(&cue, 9, &unpleasant, &policy, 1_000 + seed as i64).unwrap();
                let expected = matches(&known, &cue, 9, |known, _| known.given.valence <= 0.0);
                assert_eq!(pairs(&found), expected);
                for known in known.iter_mut().filter(|known| expected.iter().any(|&(id, _)| id == known.id)) {
                    known.strength = (known.strength + 0.15).min(1.25);
                }
            }
            ask_everything(&memory, &known);

            let forgotten: Vec<u64> = known.iter().map(|known| known.id).filter(|id| id % 3 != 1).collect();
            let ids: Vec<EpisodeId> = forgotten.iter().map(|&id| EpisodeId(id)).collect();
            assert_eq!(memory.forget(&ids[..5]).unwrap(), 5);
            assert_eq!(memory.forget(&[&ids[..], &ids[..], &[EpisodeId(999)]].concat()).unwrap(), ids.len() - 5);
            known.retain(|known| known.id % 3 == 1);
            ask_everything(&memory, &known);
            assert_eq!(memory.len(), known.len());
            assert_eq!(memory.get(EpisodeId(3)).unwrap(), None);
            assert!(memory.snapshot().episodes().map(|e| e.unwrap().id.0).eq(known.iter().map(|known| known.id)));
            assert_eq!(memory.store(episode(320)).unwrap(), EpisodeId(320));
        }
    }
}

#[test]
fn bounds_of_ranges_are_included_or_not() {
    let memory = EpisodicMemory::in_memory();
    let times = [i64::MIN, i64::MIN + 1, 0, i64::MAX - 1, i64::MAX];
    let new =
        |(time, valence)| NewEpisode { content: HV16::ZERO, time, valence, payload: vec![], ..NewEpisode::default() };
    memory.store_batch(&times.into_iter().zip([-1.0, -0.5, 0.0, 0.5, 1.0]).map(new).collect::<Vec<_>>()).unwrap();
    let found = |conditions: Conditions| -> Vec<u64> {
        memory.recall_where(&HV16::ZERO, usize::MAX, &conditions).unwrap().iter().map(|found| found.id.0).collect()
    };
    let none: [u64; 0] = [];
    let time = |from, to| found(Conditions::new().time((from, to)));
    assert_eq!(time(Excluded(i64::MIN), Excluded(i64::MAX)), [1, 2, 3]);
    assert_eq!(time(Excluded(i64::MIN + 1), Excluded(i64::MAX - 1)), [2]);
    assert_eq!(time(Included(i64::MIN), Excluded(i64::MIN + 1)), [0]);
    assert_eq!(time(Excluded(i64::MAX - 1), Included(i64::MAX)), [4]);
    assert_eq!(time(Unbounded, Excluded(i64::MIN)), none);
    assert_eq!(time(Excluded(i64::MAX), Unbounded), none);
    assert_eq!(time(Excluded(0), Excluded(1)), none);
    assert_eq!(time(Included(1), Included(0)), none);
    assert_eq!(time(Unbounded, Unbounded), [0, 1, 2, 3, 4]);
    let all = Conditions::new;
    assert_eq!(found(all().valence(-0.5..0.5)), [1, 2]);
    assert_eq!(found(all().valence(-0.5..=0.5)), [1, 2, 3]);
    assert_eq!(found(all().valence((Excluded(-0.5), Unbounded))), [2, 3, 4]);
    assert_eq!(found(all().valence(..0.0)), [0, 1]);
    assert_eq!(found(all().valence(..)), [0, 1, 2, 3, 4]);
}

#[test]
fn queries_that_make_no_sense() {
    let memory = EpisodicMemory::in_memory();
    let (cue, all) = (HV16::ZERO, Conditions::new);
    for wrong in [
        all().min_similarity(f32::NAN),
        all().valence(f32::NAN..=1.0),
        all().valence(-1.0..=f32::NAN),
        all().min_strength(f64::NAN),
        all().exactness(Exactness::Within(0.0)),
        all().exactness(Exactness::Within(1.0)),
        all().exactness(Exactness::Within(f64::NAN)),
    ] {
        let error = memory.recall_where(&cue, 1, &wrong).unwrap_err();
        assert!(matches!(error, MemoryError::InvalidQuery { .. }), "{error}");
        assert!(memory.recollect(&cue, 1, &wrong, &RecollectPolicy::default(), 0).is_err());
        assert!(memory.recall_batch_where(&[], 1, &wrong).is_err());
    }
    let fine = RecollectPolicy::default();
    for policy in [fine.boost(f64::NAN), fine.cap(0.5), fine.half_life(Duration::ZERO)] {
        let error = memory.recollect(&cue, 1, &all(), &policy, 0).unwrap_err();
        assert!(matches!(error, MemoryError::InvalidPolicy(_)), "{error}");
    }
    let miss = memory.recall_where(&cue, 1, &all().exactness(Exactness::Within(0.7))).unwrap_err().to_string();
    assert!(miss.contains("is 0.7; it must be from 1e-15 to 0.5"), "{miss}");
    let bound = memory.recall_where(&cue, 1, &all().valence(..f32::NAN)).unwrap_err().to_string();
    assert!(bound.contains("the upper bound of the valence is NaN"), "{bound}");
    assert!(memory.snapshot().similar_pairs(f32::NAN).is_err());
    assert!(memory.snapshot().causal_chain(EpisodeId(0), &CausalPolicy::new().tau(Duration::ZERO)).is_err());
}

/// Strength, log and what was forgotten are on disk, for full blocks and for the unfinished one, and after both.
#[test]
fn changes_outlive_the_process() {
    let folder = tempfile::tempdir().unwrap();
    let memory = EpisodicMemory::open(folder.path()).unwrap();
    memory.store_batch(&episodes(0..4_200)).unwrap();
    let ask = |memory: &EpisodicMemory, number: u64, now| {
        let (cue, policy) = (HV16::random(number), RecollectPolicy::default());
        let found = memory.recollect(&cue, 1, &Conditions::new(), &policy, now).unwrap();
        assert_eq!(found, [Match::new(EpisodeId(number), 0)]);
    };
    for (number, now) in [(7, 50), (4_100, 60), (7, 70), (4_199, 80), (8, 90), (4_101, 95)] {
        ask(&memory, number, now);
    }
    assert_eq!(memory.forget(&[EpisodeId(8), EpisodeId(4_101)]).unwrap(), 2);
    let check = |memory: &EpisodicMemory| {
        let strength = |number| memory.get(EpisodeId(number)).unwrap().unwrap().strength;
        assert_eq!([7, 4_100, 4_199, 9].map(strength), [1.0 + 0.1 + 0.1, 1.1, 1.1, 1.0]);
        assert_eq!(
            [7, 8, 9].map(|number| memory.snapshot().retrievals(EpisodeId(number)).unwrap()),
            [vec![50, 70], vec![], vec![]]
        );
        assert_eq!((memory.get(EpisodeId(8)).unwrap(), memory.get(EpisodeId(4_101)).unwrap()), (None, None));
        assert!(memory.verify().unwrap().is_sound());
    };
    check(&memory);
    // As a crash leaves it, and after the unfinished block became full.
    let copy = tempfile::tempdir().unwrap();
    write_files(copy.path(), &files(folder.path()));
    check(&EpisodicMemory::open_read_only(copy.path()).unwrap());
    memory.store_batch(&episodes(4_200..9_000)).unwrap();
    check(&memory);
    drop(memory);
    check(&EpisodicMemory::open(folder.path()).unwrap());
    assert_eq!(EpisodicMemory::open(folder.path()).unwrap().len(), 8_998);
}

#[test]
fn the_log_keeps_the_last_retrievals_of_each_episode() {
    let memory = Options::new().retrievals_kept(3).in_memory();
    memory.store_batch(&[episode(0), episode(1)]).unwrap();
    for now in 0..5 {
        let (k, policy) = (if now == 2 { 2 } else { 1 }, RecollectPolicy::default());
        memory.recollect(&HV16::random(0), k, &Conditions::new(), &policy, now).unwrap();
    }
    assert_eq!(memory.snapshot().retrievals(EpisodeId(0)).unwrap(), [2, 3, 4]);
    assert_eq!(memory.snapshot().retrievals(EpisodeId(1)).unwrap(), [2]);
    let found = memory.snapshot().coactivations(Duration::ZERO, 1).unwrap();
    assert_eq!((found.len(), found[0].count, found[0].mean_dt), (1, 1, Duration::ZERO));
}

/// Blocks of pairs are all pairs in their order, over several blocks, with forgotten episodes between, and until told to
/// stop.
#[test]
fn similar_pairs_block_by_block() {
    let memory = EpisodicMemory::in_memory();
    let content = |i: u64| HV16::random(i % 500);
    let given: Vec<NewEpisode> = (0..2_500)
        .map(|i| NewEpisode { content: content(i), time: 0, valence: 0.0, payload: vec![], ..NewEpisode::default() })
        .collect();
    memory.store_batch(&given).unwrap();
    memory.forget(&[EpisodeId(3), EpisodeId(1_100), EpisodeId(2_499)]).unwrap();
    let all = memory.snapshot().similar_pairs(0.9).unwrap();
    assert!(all.len() > 4_900, "{}", all.len());

    let (mut found, mut calls) = (Vec::new(), Vec::new());
    let progress = Progress::new();
    let visit = |pairs: &[_]| {
        found.extend_from_slice(pairs);
        calls.push((progress.done(), progress.all()));
        ControlFlow::<()>::Continue(())
    };
    assert_eq!(memory.snapshot().visit_similar_pairs(0.9, &progress, visit).unwrap(), ControlFlow::Continue(()));
    assert_eq!(found, all);
    let pairs = |n: u64| n * (n - 1) / 2;
    assert_eq!(calls, [2_500 - 1_024, 2_500 - 2_048, 1].map(|left| (pairs(2_500) - pairs(left), pairs(2_500))));

    let mut visited = 0;
    let stop = |pairs: &[_]| {
        visited += pairs.len();
        ControlFlow::Break("enough")
    };
    assert_eq!(memory.snapshot().visit_similar_pairs(0.9, &progress, stop).unwrap(), ControlFlow::Break("enough"));
    assert!(visited < all.len());
    let never = |_: &[_]| ControlFlow::<()>::Continue(());
    assert!(memory.snapshot().visit_similar_pairs(f32::NAN, &progress, never).is_err());
}

#[test]
fn the_analyses_see_what_is_stored() {
    let memory = EpisodicMemory::in_memory();
    let given = some(300, false);
    memory.store_batch(&given).unwrap();
    memory.forget(&[EpisodeId(5), EpisodeId(6), EpisodeId(200)]).unwrap();
    let mut events = Vec::new();
    for seed in 0..40 {
        let (cue, now) = (HV16::random(seed), 10 * seed as i64);
        let found = memory.recollect(&cue, 4, &Conditions::new(), &RecollectPolicy::default(), now).unwrap();
        events.extend(found.iter().map(|m| (m.id, now)));
    }
    memory.forget(&[events[0].0]).unwrap();
    let gone = events[0].0;
    events.retain(|&(id, _)| id != gone);
    let (together, window) = (memory.snapshot(), Duration::from_micros(15));
    assert_eq!(together.coactivations(window, 1).unwrap(), coactivations(&events, window, 1, &Progress::new()));
    assert!(!together.coactivations(window, 1).unwrap().is_empty());

    let alive = |id: u64| memory.get(EpisodeId(id)).unwrap().is_some();
    let mut expected = Vec::new();
    for (i, j) in (0..300).flat_map(|i| (i + 1..300).map(move |j| (i, j))) {
        let distance = reference::hamming(&given[i].content, &given[j].content) as u16;
        if distance <= 204 && alive(i as u64) && alive(j as u64) {
            expected.push((EpisodeId(i as u64), EpisodeId(j as u64), distance));
        }
    }
    assert_eq!(memory.snapshot().similar_pairs(0.9).unwrap(), expected);

    let policy = CausalPolicy::new().tau(Duration::from_micros(50)).threshold(0.05).max_len(5);
    let mut links = 0;
    for effect in (0..300).map(EpisodeId) {
        let chain = memory.snapshot().causal_chain(effect, &policy).unwrap();
        assert_eq!(chain.is_some(), alive(effect.0));
        let Some(chain) = chain else { continue };
        assert_eq!(chain.ids.last(), Some(&effect));
        assert!(chain.ids.iter().all(|id| alive(id.0)));
        links += chain.links.len();
    }
    assert!(links > 100, "{links}");
}

#[test]
fn verify_names_what_is_damaged() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let memory = EpisodicMemory::open(path).unwrap();
    memory.store_batch(&episodes(0..8_300)).unwrap();
    memory.recollect(&HV16::random(1), 3, &Conditions::new(), &RecollectPolicy::default(), 5).unwrap();
    let progress = Progress::new();
    let found = memory.verify_with(&progress).unwrap();
    let (done, all) = (progress.done(), progress.all());
    assert!(found.is_sound() && done == all && all > 2 << 20, "{found:?}, {done} of {all}");
    assert_eq!((found.episodes, found.blocks, found.retrievals), (8_300, 2, 3));
    drop(memory);
    assert_eq!(hv_memory::verify(path).unwrap(), found);

    let whole = files(path);
    let damage = |name: &str, byte: usize| {
        let mut damaged = whole.clone();
        damaged.get_mut(name).unwrap()[byte] ^= 4;
        write_files(path, &damaged);
        let found = hv_memory::verify(path).unwrap().damage;
        assert_eq!(files(path), damaged);
        write_files(path, &whole);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].path.ends_with(name));
        found[0].what.clone()
    };
    assert!(damage("vectors-0", 2 << 19).contains("block 1, the vectors of episodes 4096 to 8191"));
    assert!(damage("log-0", 25).contains("record 1, a retrieval"));
    let first_large = (0..8_300).find(|&number| !episode(number).payload.is_empty()).unwrap();
    let what = damage("payloads-0", 0);
    assert!(what.contains(&format!("the payload of episode {first_large} (")), "{what}");
    check_all_sound(path);
}

fn check_all_sound(path: &std::path::Path) {
    let memory = EpisodicMemory::open_read_only(path).unwrap();
    assert_eq!(memory.len(), 8_300);
    assert!(matches!(hv_memory::verify(path.join("none")), Err(MemoryError::NotFound { .. })));
    drop(memory);
    let empty = tempfile::tempdir().unwrap();
    let memory = EpisodicMemory::open(empty.path()).unwrap();
    check_all(&memory, 0);
    assert!(memory.verify().unwrap().is_sound());
}
