//! Search on every device, next to the reference and the CPU.

mod common;

use common::{Like, cpu_top_k, filter, gpus, reference_top_k, vectors};
use hv_core::reference;
use hv_gpu::for_benchmarks::{Rates, rates};
use hv_gpu::{Bitmap, Bound, Gpu, GpuError, GpuMemory, GpuOptions, HV16, Hits, Interface, Progress, Search};
use proptest::prelude::*;

/// Numbers of vectors: at the edges of words of a filter, of workgroups, and of the first rounds.
const SIZES: [usize; 16] = [0, 1, 2, 31, 63, 64, 65, 255, 256, 1_023, 1_024, 1_025, 2_047, 2_048, 2_049, 4_100];

/// Numbers of queries: at the edges of tiles.
const QUERIES: [usize; 9] = [0, 1, 2, 4, 5, 15, 16, 17, 33];

fn like() -> impl Strategy<Value = Like> {
    prop::sample::select(vec![Like::Random, Like::Tied, Like::Sparse])
}

fn bound() -> impl Strategy<Value = Bound> {
    prop_oneof![3 => Just(Bound::NONE), 1 => Just(Bound::NOTHING), 2 => (0..2_100_u16).prop_map(Bound::within)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn finds_what_the_reference_finds(
        n in prop::sample::select(SIZES.to_vec()),
        queries in prop::sample::select(QUERIES.to_vec()),
        k in prop_oneof![Just(0), Just(1), Just(10), Just(300), Just(1_024), Just(1_025), Just(usize::MAX)],
        bound in bound(),
        like in like(),
        every in prop::option::of(1..200_usize),
        seed in 0..1_000_u64,
    ) {
        let memory = vectors(n, like, seed);
        let queries: Vec<HV16> = (0..queries).map(|i| match memory.get(i * 7) {
            Some(&v) if i % 2 == 0 => v,
            _ => HV16::random(i as u64),
        }).collect();
        let filter = every.map(|every| filter(n, every, seed));
        let expected = reference_top_k(&queries, &memory, k, bound, filter.as_ref());
        for gpu in gpus() {
            let memory = GpuMemory::new(gpu, &memory).unwrap();
            let hits = memory.find_top_k(&queries, k, bound, filter.as_ref()).unwrap();
            prop_assert_eq!(hits.queries(), queries.len());
            prop_assert_eq!(hits.k(), expected.iter().map(Vec::len).max().unwrap_or(0));
            prop_assert_eq!(&hits.to_nested(), &expected, "{}", gpu.device());
        }
    }
}

/// All operations agree with the CPU.
fn agree(gpu: &Gpu, memory: &[HV16], queries: &[HV16], ks: &[usize], filter: Option<&Bitmap>) {
    let device = GpuMemory::new(gpu, memory).unwrap();
    assert_eq!(device.len(), memory.len());
    for &k in ks {
        let expected = cpu_top_k(queries, memory, k, Bound::NONE, filter);
        let found = device.find_top_k(queries, k, Bound::NONE, filter).unwrap();
        assert_eq!(found.to_nested(), expected.to_nested(), "k = {k}, n = {}", memory.len());
    }
    let mut distances = vec![0; memory.len()];
    device.distances_into(&queries[0], None, &mut distances).unwrap();
    let mut expected = vec![0; memory.len()];
    hv_gpu::hv_parallel::hv_simd::simd_distances_into(&queries[0], memory, &mut expected);
    assert!(distances == expected, "the distances of {} vectors", memory.len());
    let admitted = |i: &usize| filter.is_none_or(|filter| filter.get(*i));
    let bundled: Vec<HV16> = (0..memory.len()).filter(admitted).map(|i| memory[i]).collect();
    assert_eq!(device.bundle(filter).unwrap(), hv_gpu::hv_parallel::hv_simd::simd_bundle(&bundled));
}

/// llvmpipe cuts loops after 65,535 iterations.
#[test]
fn no_loop_runs_over_all_vectors() {
    for gpu in gpus() {
        for n in 65_533..=65_538 {
            let memory = vectors(n, Like::Random, 3);
            agree(gpu, &memory, &memory[n - 3..], &[1, 10, 2_000], None);
        }
    }
}

#[test]
fn finds_among_a_million() {
    let memory = vectors(1_000_000, Like::Random, 5);
    let queries = [memory[999_999], HV16::random(1), memory[7]];
    let filter = filter(memory.len(), 3, 5);
    for gpu in gpus() {
        agree(gpu, &memory, &queries, &[1, 10, 300], None);
        agree(gpu, &memory, &queries, &[10], Some(&filter));
    }
}

#[test]
fn many_queries_are_answered_in_blocks() {
    let memory = vectors(3_000, Like::Random, 6);
    for gpu in gpus() {
        for queries in [255, 256, 257, 600] {
            agree(gpu, &memory, &vectors(queries, Like::Random, 7), &[1, 10], None);
        }
    }
}

/// Vectors that come nearer and nearer to the query leave no room for the results of a round.
#[test]
fn vectors_in_the_worst_order_are_found() {
    let n = 60_000;
    let query = HV16::random(1);
    let nearer = |i: usize| {
        let mut v = query;
        (0..2_000 - i / 32).for_each(|bit| v.set_bit(bit, !query.bit(bit)));
        v
    };
    let memory: Vec<HV16> = (0..n).map(nearer).collect();
    for gpu in gpus() {
        agree(gpu, &memory, &[query, HV16::random(2)], &[1, 10, 300, 3_000, 50_000], None);
    }
}

#[test]
fn equal_vectors_come_by_index() {
    let memory = vec![HV16::random(4); 30_000];
    for gpu in gpus() {
        for filter in [None, Some(filter(memory.len(), 5, 1))] {
            agree(gpu, &memory, &[HV16::random(4), HV16::random(5)], &[1, 300, 5_000, 40_000], filter.as_ref());
        }
    }
}

#[test]
fn all_within_a_distance_are_found() {
    let memory = vectors(20_000, Like::Tied, 8);
    let queries = [memory[0], HV16::ZERO, HV16::random(1)];
    for gpu in gpus() {
        let device = GpuMemory::new(gpu, &memory).unwrap();
        for max_distance in [0, 1, 3, 1_000, 2_048] {
            let bound = Bound::within(max_distance);
            let expected = cpu_top_k(&queries, &memory, usize::MAX, bound, None);
            assert_eq!(device.find_within(&queries, bound, None).unwrap(), expected);
        }
        let expected = cpu_top_k(&queries, &memory, 1, Bound::NONE, None);
        assert_eq!(device.find_most_similar(&queries, None).unwrap(), expected);
    }
}

#[test]
fn a_filter_comes_before_the_distances_and_the_bundle() {
    let memory = vectors(700, Like::Random, 9);
    let filter = filter(700, 2, 9);
    for gpu in gpus() {
        let device = GpuMemory::new(gpu, &memory).unwrap();
        let mut distances = vec![0; 700];
        device.distances_into(&memory[0], Some(&filter), &mut distances).unwrap();
        for (i, &distance) in distances.iter().enumerate() {
            let expected = reference::hamming(&memory[0], &memory[i]) as u16;
            assert_eq!(distance, if filter.get(i) { expected } else { Hits::NO_DISTANCE });
        }
        let admitted: Vec<HV16> = (0..700).filter(|&i| filter.get(i)).map(|i| memory[i]).collect();
        assert_eq!(device.bundle(Some(&filter)).unwrap(), reference::bundle(&admitted));
        assert_eq!(device.bundle(Some(&Bitmap::new(700))).unwrap(), None);
    }
}

#[test]
fn bundles_tie_by_the_rule() {
    for gpu in gpus() {
        // Counters that are as full as they get.
        let ones = GpuMemory::new(gpu, &[HV16::ONES; 3_000]).unwrap();
        assert_eq!(ones.bundle(None).unwrap(), Some(HV16::ONES));
        for n in [0, 1, 2, 3, 4, 254, 255, 256, 2_039, 2_040, 2_041] {
            for like in [Like::Random, Like::Tied, Like::Sparse] {
                let memory = vectors(n, like, n as u64);
                let device = GpuMemory::new(gpu, &memory).unwrap();
                assert_eq!(device.bundle(None).unwrap(), reference::bundle(&memory), "{n} {like:?}");
            }
        }
    }
}

#[test]
fn similar_pairs_are_those_of_the_cpu() {
    use hv_gpu::hv_parallel::for_storage::segments_find_similar_pairs;
    for gpu in gpus() {
        for (n, like) in [(0, Like::Tied), (1, Like::Tied), (257, Like::Tied), (600, Like::Tied), (600, Like::Sparse)] {
            let memory = vectors(n, like, 10);
            let device = GpuMemory::new(gpu, &memory).unwrap();
            for max_distance in [0, 2, 30] {
                let expected = segments_find_similar_pairs(&[&memory], max_distance);
                assert_eq!(device.similar_pairs(Bound::within(max_distance), None).unwrap(), expected);
                let filter = filter(n, 2, 10);
                let both = |&(i, j, _): &(usize, usize, u16)| filter.get(i) && filter.get(j);
                let expected: Vec<_> = expected.into_iter().filter(both).collect();
                assert_eq!(device.similar_pairs(Bound::within(max_distance), Some(&filter)).unwrap(), expected);
            }
        }
    }
}

#[test]
fn appended_vectors_follow_and_views_stay() {
    let all = vectors(14_000, Like::Tied, 11);
    for gpu in gpus() {
        let device = GpuMemory::new(gpu, &[]).unwrap();
        assert!(device.is_empty() && device.bundle(None).unwrap().is_none());
        let mut len = 0;
        for more in [1, 1, 61, 1, 1, 4_000, 100, 5_000, 1, 3_000] {
            let view = device.view();
            let progress = Progress::new();
            let more = &all[len..len + more];
            let cut = len / 2;
            let slices = [&all[..cut], &[], &all[cut..len + more.len()]];
            let followed = device.follow(&slices, &progress).unwrap();
            assert_eq!((progress.done(), progress.all()), (more.len() as u64, more.len() as u64));
            assert_eq!(followed.len(), len + more.len());
            // A later call with an older memory gets a search over that one.
            assert_eq!(device.follow(&slices[..1], &progress).unwrap().len(), cut);
            assert_eq!(view.len(), len);
            let expected = cpu_top_k(&all[..3], &all[..len], 20, Bound::NONE, None);
            assert_eq!(view.find_top_k(&all[..3], 20, Bound::NONE, None).unwrap(), expected);
            len += more.len();
            assert_eq!(device.len(), len);
            for k in [20, usize::MAX] {
                let expected = cpu_top_k(&all[..3], &all[..len], k, Bound::NONE, None);
                assert_eq!(device.find_top_k(&all[..3], k, Bound::NONE, None).unwrap(), expected, "{len}");
            }
        }
        let filter = filter(len, 2, 12);
        let expected = hv_gpu::hv_parallel::for_storage::segments_find_similar_pairs(&[&all[..len]], 0);
        let both = |&(i, j, _): &(usize, usize, u16)| filter.get(i) && filter.get(j);
        let expected: Vec<_> = expected.into_iter().filter(both).collect();
        assert_eq!(device.similar_pairs(Bound::within(0), Some(&filter)).unwrap(), expected);
    }
}

/// The same device, opened three times.
#[test]
fn shards_on_several_devices_are_one_memory() {
    let memory = vectors(200_000, Like::Random, 13);
    let mut queries = vectors(5, Like::Random, 14);
    queries.extend([memory[0], memory[70_000], memory[199_999]]);
    for gpu in gpus() {
        let open = || Gpu::open_device(gpu.device(), &GpuOptions::new()).unwrap();
        let device = GpuMemory::shards(&[open(), open(), open()], &memory).unwrap();
        assert_eq!(device.gpus().len(), 3);
        for k in [1, 10, 2_000] {
            let expected = cpu_top_k(&queries, &memory, k, Bound::NONE, None);
            assert_eq!(device.find_top_k(&queries, k, Bound::NONE, None).unwrap(), expected);
        }
        assert_eq!(device.bundle(None).unwrap(), hv_gpu::hv_parallel::hv_simd::simd_bundle(&memory));
    }
}

#[test]
fn the_limits_of_a_device_are_measured() {
    for gpu in gpus() {
        let Rates { read, upload, counted, compared } = rates(gpu).unwrap();
        let rates = [read, upload, counted, compared.unwrap_or(1.0)];
        assert!(rates.iter().all(|rate| rate.is_finite() && *rate > 0.0), "{rates:?}");
        assert_eq!(compared.is_some(), gpu.device().interface() == Interface::Cuda);
    }
}

#[test]
fn wrong_lengths_are_errors() {
    assert_eq!(GpuMemory::shards(&[], &[]).unwrap_err(), GpuError::NoShards);
    for gpu in gpus() {
        let device = GpuMemory::new(gpu, &vectors(3, Like::Random, 1)).unwrap();
        let short = Bitmap::new(2);
        let wrong = GpuError::WrongFilter { bits: 2, vectors: 3 };
        assert_eq!(device.find_top_k(&[HV16::ZERO], 1, Bound::NONE, Some(&short)).unwrap_err(), wrong);
        assert_eq!(device.similar_pairs(Bound::NONE, Some(&short)).unwrap_err(), wrong);
        assert_eq!(device.bundle(Some(&short)).unwrap_err(), wrong);
        let search: &dyn Search = &device;
        let error = search.find_top_k(&[HV16::ZERO], 1, Bound::NONE, Some(&short)).unwrap_err();
        assert_eq!(error.to_string(), "the filter has 2 bits for 3 vectors: give it one bit for each vector");
        let wrong = GpuError::WrongLength { len: 2, vectors: 3 };
        assert_eq!(device.distances_into(&HV16::ZERO, None, &mut [0; 2]).unwrap_err(), wrong);
    }
}
