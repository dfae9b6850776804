//! Progress: what a reader of the counter sees while a call runs, that all is done at its end, and results as without one.

mod common;

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use common::{Random, episode, episodes};
use hv_memory::{
    CausalPolicy, Changes, Conditions, ConsolidatePolicy, EpisodeId, EpisodicMemory, HV16, MemoryError, NewEpisode,
    Options, Progress, RecollectPolicy,
};

/// Tells a reader that a call has ended, also by a panic.
struct Ended<'a>(&'a AtomicBool);

impl Drop for Ended<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Makes a call while another thread reads the counter. Returns what the call did, and all of its work.
fn watched<T>(call: impl FnOnce(&Progress) -> T) -> (T, u64) {
    let (progress, ended) = (Progress::new(), AtomicBool::new(false));
    let made = thread::scope(|scope| {
        scope.spawn(|| {
            let (mut last, mut of) = (0, 0);
            while !ended.load(Ordering::Relaxed) {
                let (before, done, after) = (progress.all(), progress.done(), progress.all());
                if before == after && after > 0 {
                    assert!(done <= after, "{done} of {after}");
                    assert!(before != of || done >= last, "{done} of {before} after {last} of {of}");
                    (last, of) = (done, before);
                }
                thread::yield_now();
            }
        });
        let _ended = Ended(&ended);
        call(&progress)
    });
    assert_eq!(progress.done(), progress.all());
    (made, progress.all())
}

/// Makes a call again and again until a reader has seen it on its way.
fn is_seen_on_its_way(call: impl Fn(&Progress)) {
    let late = Instant::now() + Duration::from_secs(60);
    let (progress, seen) = (Progress::new(), AtomicBool::new(false));
    thread::scope(|scope| {
        scope.spawn(|| {
            while !seen.load(Ordering::Relaxed) && Instant::now() < late {
                let (all, done) = (progress.all(), progress.done());
                if 0 < done && done < all {
                    seen.store(true, Ordering::Relaxed);
                }
            }
        });
        let _ended = Ended(&seen);
        while !seen.load(Ordering::Relaxed) && Instant::now() < late {
            call(&progress);
        }
    });
    assert!(seen.into_inner(), "nobody saw a part of the work done");
}

fn pairs(n: u64) -> u64 {
    n * n.saturating_sub(1) / 2
}

/// Near-duplicates in threes, every fourth forgotten: 3/4 of `n` live.
fn fill(memory: &EpisodicMemory, n: u64) {
    let near = |number: u64| {
        let mut content = HV16::random(number / 3);
        let mut random = Random(number);
        (0..40).for_each(|_| content.set_bit(random.below(2048) as usize, false));
        NewEpisode { content, time: 0, ..episode(number) }
    };
    memory.store_batch(&(0..n).map(near).collect::<Vec<_>>()).unwrap();
    memory.forget(&(0..n).step_by(4).map(EpisodeId).collect::<Vec<_>>()).unwrap();
}

/// Runs a check on a memory of `n` episodes without a folder and with one; it gets another that is equal, too.
fn with_memories(n: u64, check: impl Fn(&EpisodicMemory, &EpisodicMemory)) {
    let folder = tempfile::tempdir().unwrap();
    let open = |name: &str| EpisodicMemory::open(folder.path().join(name)).unwrap();
    for (memory, other) in [(EpisodicMemory::in_memory(), EpisodicMemory::in_memory()), (open("a"), open("b"))] {
        fill(&memory, n);
        fill(&other, n);
        check(&memory, &other);
    }
}

/// Whether two memories hold the same.
fn are_equal(a: &EpisodicMemory, b: &EpisodicMemory) -> bool {
    a.snapshot().episodes().map(Result::unwrap).eq(b.snapshot().episodes().map(Result::unwrap))
}

#[test]
fn similar_pairs() {
    for n in [0, 1, 5, 1_000] {
        with_memories(n, |memory, _| {
            let snapshot = memory.snapshot();
            let (found, all) = watched(|progress| snapshot.similar_pairs_with(0.9, progress).unwrap());
            assert_eq!(all, pairs(n));
            assert_eq!(found, snapshot.similar_pairs(0.9).unwrap());
            assert_eq!(found.is_empty(), n < 5);
            // Where no pair can be found.
            let (found, all) = watched(|progress| snapshot.similar_pairs_with(1.5, progress).unwrap());
            assert!(found.is_empty() && all == 0);
        });
    }
}

#[test]
fn a_dry_run() {
    let fading = ConsolidatePolicy::new().capacity(100);
    let merging = fading.merge(0.9);
    for n in [0, 1, 8, 1_000] {
        with_memories(n, |memory, _| {
            let snapshot = memory.snapshot();
            let (planned, all) = watched(|progress| snapshot.plan_consolidation_with(&merging, 0, progress).unwrap());
            assert_eq!(all, pairs(memory.len() as u64));
            assert_eq!(planned, snapshot.plan_consolidation(&merging, 0).unwrap());
            assert_eq!(planned.absorbed.is_empty(), n < 8);
            let (planned, all) = watched(|progress| snapshot.plan_consolidation_with(&fading, 0, progress).unwrap());
            assert_eq!(planned, snapshot.plan_consolidation(&fading, 0).unwrap());
            assert_eq!(all, 0);
        });
    }
}

#[test]
fn consolidating() {
    let fading = ConsolidatePolicy::new().capacity(6_000);
    let merging = fading.merge(0.9);
    for (n, policy) in [(0, fading), (0, merging), (10, merging), (12_000, fading), (12_000, merging)] {
        with_memories(n, |memory, other| {
            let live = memory.len() as u64;
            let (done, all) = watched(|progress| memory.consolidate_with(&policy, 0, progress).unwrap());
            let compared = if policy == merging { pairs(live) } else { 0 };
            let merged = done.absorbed.len() > 1;
            assert_eq!(merged, n > 0 && policy == merging);
            let written = all - compared;
            // Vectors and payloads, of all where it is not known before what will be left.
            let least = memory.len() as u64 * 256 + memory.stats().payload_bytes;
            assert!(if merged { written > least } else { written == least }, "{written}, {least}");
            assert_eq!(done, other.consolidate(&policy, 0).unwrap());
            assert!(are_equal(memory, other));
        });
    }
}

#[test]
fn compacting() {
    for n in [0, 1, 12_000] {
        with_memories(n, |memory, other| {
            let ((), all) = watched(|progress| memory.compact_with(progress).unwrap());
            assert_eq!(all, memory.len() as u64 * 256 + memory.stats().payload_bytes);
            other.compact().unwrap();
            assert!(are_equal(memory, other));
        });
    }
}

#[test]
fn exporting_importing_and_verifying() {
    for n in [0, 700] {
        with_memories(n, |memory, other| {
            let folder = tempfile::tempdir().unwrap();
            let (export, store) = (folder.path().join("export"), folder.path().join("store"));
            let ((), all) = watched(|progress| memory.export_with(&export, progress).unwrap());
            assert_eq!(all, memory.len() as u64);
            let imported = EpisodicMemory::open(&store).unwrap();
            let (count, all) = watched(|progress| imported.import_with(&export, progress).unwrap());
            assert!(count == memory.len() && all == count as u64 && are_equal(&imported, other));
            let (found, bytes) = watched(|progress| imported.verify_with(progress).unwrap());
            assert!(found.is_sound() && (bytes > 0) == (n > 0), "{found:?}, {bytes}");
            drop(imported);
            let (found, all) = watched(|progress| hv_memory::verify_with(&store, progress).unwrap());
            assert!(found.is_sound() && all == bytes, "{found:?}, {all} and {bytes}");
        });
    }
}

#[test]
fn long_calls_are_seen_on_their_way() {
    let folder = tempfile::tempdir().unwrap();
    let memory = EpisodicMemory::open(folder.path()).unwrap();
    fill(&memory, 12_000);
    let snapshot = memory.snapshot();
    let merging = ConsolidatePolicy::new().merge(0.9);
    is_seen_on_its_way(|progress| drop(snapshot.similar_pairs_with(0.9, progress).unwrap()));
    is_seen_on_its_way(|progress| drop(snapshot.plan_consolidation_with(&merging, 0, progress).unwrap()));
    is_seen_on_its_way(|progress| memory.compact_with(progress).unwrap());
    is_seen_on_its_way(|progress| drop(memory.verify_with(progress).unwrap()));
    is_seen_on_its_way(|progress| {
        let export = tempfile::tempdir().unwrap();
        memory.export_with(export.path(), progress).unwrap();
    });
}

/// The call waits for nobody who reads the counter, so a reader may do what it likes.
#[test]
fn a_reader_may_ask_and_change_the_memory_meanwhile() {
    let memory = EpisodicMemory::in_memory();
    memory.store_batch(&episodes(0..300)).unwrap();
    let policy = ConsolidatePolicy::new().merge(0.9).floor(0.0);
    let (progress, ended) = (Progress::new(), AtomicBool::new(false));
    thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut stored = 0;
            while !ended.load(Ordering::Relaxed) {
                assert!(progress.fraction() <= 1.0 && !memory.recall(&HV16::random(7), 3).unwrap().is_empty());
                memory.store(episode(1_000 + stored)).unwrap();
                stored += 1;
            }
            stored
        });
        let working = Ended(&ended);
        (0..20).for_each(|_| drop(memory.consolidate_with(&policy, 0, &progress).unwrap()));
        drop(working);
        let stored = reader.join().unwrap();
        assert_eq!(memory.len() as u64, 300 + stored);
    });
}

#[test]
fn recalling() {
    for n in [0, 700] {
        with_memories(n, |memory, _| {
            let (snapshot, cues) = (memory.snapshot(), [HV16::random(1), HV16::random(2)]);
            for conditions in [Conditions::new(), Conditions::new().exclude([EpisodeId(3)]).min_similarity(0.5)] {
                let (found, _) =
                    watched(|progress| snapshot.explain_recall_with(&cues, 5, &conditions, progress).unwrap());
                assert_eq!(found, snapshot.explain_recall(&cues, 5, &conditions).unwrap());
            }
        });
    }
}

#[test]
fn storing() {
    for n in [0, 5, 9_000] {
        with_memories(0, |memory, other| {
            let (some, more) = (episodes(0..n), Changes::new().store_batch(episodes(n..2 * n)));
            let (stored, all) = watched(|progress| memory.store_batch_with(&some, progress).unwrap());
            assert_eq!((stored, all), (other.store_batch(&some).unwrap(), n));
            for more in [more.clone(), more.compact()] {
                let (applied, all) = watched(|progress| memory.apply_with(&more, progress).unwrap());
                assert_eq!((applied, all), (other.apply(&more).unwrap(), n));
            }
            assert!(are_equal(memory, other));
        });
    }
}

/// Whether a batch is stored before it is stopped depends on the threads; what was stopped is not there.
#[test]
fn storing_that_has_begun_can_be_stopped() {
    with_memories(10, |memory, _| {
        let batch = episodes(0..20_000);
        let stopped_on_its_way = (0..200).any(|_| {
            let (progress, before) = (Progress::new(), memory.len());
            let stored = thread::scope(|scope| {
                let storing = scope.spawn(|| memory.store_batch_with(&batch, &progress));
                while progress.done() == 0 && !storing.is_finished() {
                    thread::yield_now();
                }
                progress.stop();
                storing.join().unwrap()
            });
            match stored {
                Err(MemoryError::Stopped) => assert_eq!(memory.len(), before),
                stored => assert_eq!(memory.len(), before + stored.unwrap().len()),
            }
            memory.len() == before && progress.done() > 0
        });
        assert!(stopped_on_its_way);
        let before = memory.len();
        memory.store_batch(&batch).unwrap();
        assert!(memory.len() == before + 20_000 && memory.verify().unwrap().is_sound());
    });
}

#[test]
fn recollecting_and_what_is_asked_of_recollections() {
    for n in [0, 700] {
        with_memories(n, |memory, other| {
            let (conditions, policy) = (Conditions::new().exclude([EpisodeId(3)]), RecollectPolicy::new());
            for now in 0..5 {
                let cue = HV16::random(now as u64);
                let recollect =
                    |progress: &Progress| memory.recollect_with(&cue, 3, &conditions, &policy, now, progress).unwrap();
                let (found, all) = watched(recollect);
                assert_eq!((found.len(), all), (3.min(n as usize), n));
                assert_eq!(found, other.recollect(&cue, 3, &conditions, &policy, now).unwrap());
            }
            assert!(are_equal(memory, other));
            let (snapshot, window) = (memory.snapshot(), Duration::from_micros(1));
            let (together, all) = watched(|progress| snapshot.coactivations_with(window, 1, progress).unwrap());
            assert_eq!((together.is_empty(), all), (n == 0, snapshot.retrieval_log().unwrap().len() as u64));
            assert_eq!(together, snapshot.coactivations(window, 1).unwrap());
            let causes = CausalPolicy::new();
            let chain = |progress: &Progress| snapshot.causal_chain_with(EpisodeId(5), &causes, progress).unwrap();
            let (chain, all) = watched(chain);
            assert_eq!((chain.is_some(), all), if n > 0 { (true, 16) } else { (false, 0) });
            assert_eq!(chain, snapshot.causal_chain(EpisodeId(5), &causes).unwrap());
        });
    }
}

/// A call that is stopped before it begins ends at its first unit of work, and changes nothing.
#[test]
fn stopped_calls_change_nothing() {
    let stopped = Progress::new();
    stopped.stop();
    let is_stopped = |error: Option<MemoryError>| matches!(error, Some(MemoryError::Stopped));
    with_memories(6_000, |memory, other| {
        let policies = [ConsolidatePolicy::new().merge(0.9), ConsolidatePolicy::new().capacity(100)];
        for policy in policies {
            assert!(is_stopped(memory.snapshot().plan_consolidation_with(&policy, 0, &stopped).err()));
            assert!(is_stopped(memory.consolidate_with(&policy, 0, &stopped).err()));
        }
        let conditions = Conditions::new();
        assert!(is_stopped(memory.snapshot().explain_recall_with(&[HV16::ZERO], 1, &conditions, &stopped).err()));
        let (cue, policy) = (HV16::ZERO, RecollectPolicy::new());
        assert!(is_stopped(memory.store_batch_with(&episodes(0..3), &stopped).err()));
        for changes in [Changes::new().forget([EpisodeId(1)]), Changes::new().store(episode(1)).compact()] {
            assert!(is_stopped(memory.apply_with(&changes, &stopped).err()));
        }
        assert!(is_stopped(memory.recollect_with(&cue, 5, &conditions, &policy, 9, &stopped).err()));
        assert_eq!(memory.stats().retrievals, 0);
        assert!(is_stopped(memory.snapshot().coactivations_with(Duration::MAX, 1, &stopped).err()));
        let causes = CausalPolicy::new();
        assert!(is_stopped(memory.snapshot().causal_chain_with(EpisodeId(5), &causes, &stopped).err()));
        let folder = tempfile::tempdir().unwrap();
        let (export, store) = (folder.path().join("export"), folder.path().join("store"));
        assert!(is_stopped(memory.export_with(&export, &stopped).err()));
        assert_eq!(std::fs::read_dir(&export).unwrap().count(), 0);
        memory.export(&export).unwrap();
        assert!(is_stopped(EpisodicMemory::import_new_with(&store, &export, &stopped).err()));
        assert!(!store.exists());
        assert!(are_equal(memory, other) && memory.stats().forgotten == 1_500);
    });
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    let memory = EpisodicMemory::open(&store).unwrap();
    fill(&memory, 6_000);
    assert!(is_stopped(memory.compact_with(&stopped).err()));
    assert!(is_stopped(memory.verify_with(&stopped).err()));
    assert_eq!(memory.stats().forgotten, 1_500);
    // What is stopped leaves the store as able as before.
    memory.store(episode(7)).unwrap();
    memory.compact().unwrap();
    assert_eq!((memory.len(), memory.stats().forgotten), (4_501, 0));
    drop(memory);
    assert!(is_stopped(Options::new().open_with(&store, &stopped).err()));
    assert!(is_stopped(Options::new().open_read_only_with(&store, &stopped).err()));
    assert!(is_stopped(hv_memory::verify_with(&store, &stopped).err()));
    assert!(is_stopped(Options::new().salvage(&store, &stopped).err()));
    assert_eq!(EpisodicMemory::open(&store).unwrap().len(), 4_501);
}
