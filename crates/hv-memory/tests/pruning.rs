//! Pruned recall: the exact form is the plain one, and the other misses no more than it promised.
//!
//! `HV_PLANTED=1000000` sets how many matches the experiment plants.

mod common;

use common::Random;
use hv_memory::internal::{Costs, PlaneCut};
use hv_memory::{Conditions, EpisodeId, EpisodicMemory, Exactness, HV16, Method, NewEpisode, Options};
use proptest::prelude::*;

/// `cue` with exactly `distance` random bits flipped.
fn at_distance(cue: &HV16, distance: usize, random: &mut Random) -> HV16 {
    let mut v = *cue;
    let mut positions: Vec<u16> = (0..2048).collect();
    for i in 0..distance {
        let j = i + random.below(2048 - i as u64) as usize;
        positions.swap(i, j);
        let bit = usize::from(positions[i]);
        v.set_bit(bit, !v.bit(bit));
    }
    v
}

fn memory_of(contents: impl Iterator<Item = HV16>) -> EpisodicMemory {
    let memory = Options::new().prefix_plane(true).in_memory();
    let batch: Vec<NewEpisode> = contents
        .enumerate()
        .map(|(i, content)| NewEpisode {
            content,
            time: i as i64,
            valence: 0.0,
            payload: Vec::new(),
            ..NewEpisode::default()
        })
        .collect();
    memory.store_batch(&batch).unwrap();
    memory
}

/// Unrelated vectors, and one in `every` at a distance of up to 400.
fn mixed(cue: &HV16, n: u64, every: u64, seed: u64) -> EpisodicMemory {
    let mut random = Random(seed);
    memory_of((0..n).map(|i| match i % every {
        1 => at_distance(cue, random.below(400) as usize, &mut random),
        _ => HV16::random(i),
    }))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn exact_pruning_finds_what_the_plain_scan_does(
        seed: u64,
        n in 14_000..24_000u64,
        every in prop_oneof![Just(1u64), 2..6u64, 20..400u64],
        similarity in prop_oneof![0.8..1.0f32, Just(0.885f32), Just(0.9f32)],
        k in prop_oneof![0..9usize, Just(usize::MAX)],
        times in prop_oneof![Just((0i64, 30_000i64)), (0..5_000i64, 3_000..24_000i64)],
    ) {
        let cue = HV16::random(seed);
        let memory = mixed(&cue, n, every, seed);
        memory.forget(&[EpisodeId(1), EpisodeId(every + 1)]).unwrap();
        let exact = Conditions::new().min_similarity(similarity).time(times.0..times.1);
        let pruned = memory.recall_where(&cue, k, &exact).unwrap();
        let mut plain = memory.recall(&cue, usize::MAX).unwrap();
        plain.retain(|m| m.similarity() >= similarity && (times.0..times.1).contains(&(m.id.0 as i64)));
        plain.truncate(k);
        prop_assert_eq!(&pruned, &plain);
        let within = memory.recall_where(&cue, k, &exact.exactness(Exactness::Within(1e-12))).unwrap();
        prop_assert_eq!(&within, &plain);
    }

    /// Whatever way each of both goes.
    #[test]
    fn a_batch_finds_what_its_cues_do(
        seed: u64,
        n in 30_000..40_000u64,
        every in prop_oneof![Just(1u64), 20..400u64],
        similarity in prop_oneof![0.5..1.0f32, Just(0.885f32), Just(0.89f32)],
        k in prop_oneof![0..9usize, Just(usize::MAX)],
        times in prop_oneof![Just((0i64, 50_000i64)), (0..5_000i64, 3_000..40_000i64)],
        exactness in prop_oneof![Just(Exactness::Exact), Just(Exactness::Within(1e-12))],
        unrelated in 0..9u64,
    ) {
        let cue = HV16::random(seed);
        let memory = mixed(&cue, n, every, seed);
        memory.forget(&[EpisodeId(1), EpisodeId(every + 1)]).unwrap();
        let mut cues: Vec<HV16> = (0..unrelated).map(HV16::random).collect();
        cues.push(cue);
        let conditions =
            Conditions::new().min_similarity(similarity).time(times.0..times.1).exclude([EpisodeId(9)]).exactness(exactness);
        let batch = memory.recall_batch_where(&cues, k, &conditions).unwrap();
        prop_assert_eq!(batch.len(), cues.len());
        for (cue, batch) in cues.iter().zip(&batch) {
            prop_assert_eq!(batch, &memory.recall_where(cue, k, &conditions).unwrap());
        }
    }
}

#[test]
fn the_result_says_how_it_was_found() {
    let cue = HV16::random(3);
    let memory = mixed(&cue, 20_000, 500, 7);
    let ask = |similarity, exactness| {
        let conditions = Conditions::new().min_similarity(similarity).exactness(exactness);
        let found = memory.snapshot().explain_recall(&[cue], usize::MAX, &conditions).unwrap();
        (found[0].method, found[0].read_in_full)
    };
    assert_eq!(ask(0.7, Exactness::Exact), (Method::Scan, 20_000));
    assert_eq!(ask(0.6, Exactness::Within(1e-9)).0, Method::Scan);
    assert_eq!(memory.stats().plane_bytes, 16_384 * 64);
    // What lies in chunks too small for a plane is read in full.
    let small = 20_000 % 4_096;
    let (method, read) = ask(0.92, Exactness::Exact);
    assert!(method == Method::Pruned && (small..small + 50).contains(&read), "{read}");
    let (method, read) = ask(0.7, Exactness::Within(1e-9));
    assert!(method == Method::PrunedWithin(1e-9) && (small..small + 50).contains(&read), "{read}");
    assert_eq!(ask(1.5, Exactness::Exact), (Method::Scan, 0));
}

/// No question makes planes: they come with the vectors, from whatever these come.
#[test]
fn planes_come_with_the_vectors() {
    let dir = tempfile::tempdir().unwrap();
    let planes = |memory: &EpisodicMemory| memory.stats().plane_bytes / 64;
    let memory = Options::new().prefix_plane(true).open(dir.path().join("m")).unwrap();
    let episode = |i| NewEpisode {
        content: HV16::random(i),
        time: i as i64,
        valence: 0.0,
        payload: Vec::new(),
        ..NewEpisode::default()
    };
    let batch: Vec<NewEpisode> = (0..9_000).map(episode).collect();
    memory.store_batch(&batch[..4_095]).unwrap();
    assert_eq!(planes(&memory), 0);
    memory.store_batch(&batch[4_095..]).unwrap();
    assert_eq!(planes(&memory), 8_192);
    drop(memory);
    let memory = Options::new().prefix_plane(true).open(dir.path().join("m")).unwrap();
    assert_eq!(planes(&memory), 8_192);
    memory.forget(&(0..900).map(EpisodeId).collect::<Vec<_>>()).unwrap();
    memory.compact().unwrap();
    assert_eq!((memory.len(), planes(&memory)), (8_100, 4_096));
}

/// Many cues share a scan, which is then hard to beat.
#[test]
fn a_batch_prunes_where_that_pays() {
    let memory = memory_of((0..33_000).map(HV16::random));
    let asked = |cues: u64, conditions: Conditions| {
        let cues: Vec<HV16> = (0..cues).map(|i| HV16::random(1 << 40 | i)).collect();
        let found = memory.snapshot().explain_recall(&cues, usize::MAX, &conditions).unwrap();
        assert!(found.iter().all(|recall| recall.method == found[0].method));
        found[0].method
    };
    let methods = |cues, similarity| asked(cues, Conditions::new().min_similarity(similarity));
    let costs = Costs::of(hv_memory::hv_parallel::hv_simd::active_backend());
    // The smallest similarities whose cuts leave the largest shares with which one cue and many may use the plane.
    let least = |share| {
        let largest = (0..=256).rev().find(|&distance| PlaneCut::exact(distance).noise_share() <= share).unwrap();
        1.0 - f32::from(largest) / 2_048.0
    };
    let (one, many) = (least(costs.prefix_share), least(costs.prefix_share_of_batch));
    assert!(one < many);
    assert_eq!([1, 2, 5].map(|cues| methods(cues, one)), [Method::Pruned, Method::Scan, Method::Scan]);
    assert_eq!([1, 2, 5].map(|cues| methods(cues, many)), [Method::Pruned; 3]);
    assert_eq!([1, 2].map(|cues| methods(cues, one - 1.0 / 2_048.0)), [Method::Scan; 2]);
    // Many cues leave the plain scan early, but not where the distance is large.
    if costs.many_cues < 1_000 {
        let last = costs.many_cues as u64;
        assert_eq!([last - 1, last].map(|cues| methods(cues, 0.92)), [Method::Pruned, Method::Scan]);
    }
    let within = Conditions::new().min_similarity(0.7).exactness(Exactness::Within(1e-9));
    let expected = if costs.left_early < 614 { Method::PrunedWithin(1e-9) } else { Method::Scan };
    assert_eq!(asked(64, within), expected);
}

/// Vectors exactly as far as a query goes: of these, and only of these, as many as promised may be missed.
#[test]
fn no_more_is_missed_than_promised() {
    let planted: u64 = std::env::var("HV_PLANTED").map_or(100_000, |n| n.parse().expect("a number"));
    const BATCH: u64 = 50_000;
    let promises = [1e-2, 1e-3, 1e-4];
    let mut missed = [0u64; 3];
    for batch in 0..planted.div_ceil(BATCH) {
        let mut random = Random(batch);
        let cue = HV16::random(1_000_000 + batch);
        // Whole blocks, so that each is in a plane.
        let n = BATCH.next_multiple_of(4_096);
        let memory = memory_of((0..n).map(|_| at_distance(&cue, 614, &mut random)));
        for (promise, missed) in promises.into_iter().zip(&mut missed) {
            let conditions = Conditions::new().min_similarity(0.7).exactness(Exactness::Within(promise));
            let found = memory.snapshot().explain_recall(&[cue], usize::MAX, &conditions).unwrap().remove(0);
            assert_eq!(found.method, Method::PrunedWithin(promise));
            assert!(found.matches.iter().all(|m| m.distance == 614));
            // Those of the first `BATCH` count.
            *missed += BATCH - found.matches.iter().filter(|m| m.id.0 < BATCH).count() as u64;
        }
    }
    let n = planted.div_ceil(BATCH) * BATCH;
    for (promise, missed) in promises.into_iter().zip(missed) {
        let rate = missed as f64 / n as f64;
        // 95 % confidence by the normal approximation.
        let interval = 1.96 * (rate * (1.0 - rate) / n as f64).sqrt();
        println!("promised {promise:.0e}: missed {missed} of {n}, {rate:.2e} ± {interval:.1e}");
        assert!(rate - interval <= promise, "missed {rate} ± {interval}, promised {promise}");
    }
    assert!(missed[0] > 0, "a promise of 1 % that misses nothing reads too much");
}
