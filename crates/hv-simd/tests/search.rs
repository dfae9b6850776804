//! Nearest, top-k and the scan on every backend against the reference.

mod common;

use common::{MANY, all_kernels, random, tied};
use hv_simd::hv_core::reference;
use hv_simd::workspace_internals::{Kernels, Prefix};
use hv_simd::{Bound, HV16, TopK};
use proptest::prelude::*;

fn assert_searches_agree(kernels: &Kernels, queries: &[HV16], memory: &[HV16]) {
    let backend = kernels.backend();
    let n = memory.len();
    let ranked: Vec<_> = queries.iter().map(|query| reference::find_top_k(query, memory, n)).collect();
    for k in [0, 1, 2, 5, n, n + 1, usize::MAX] {
        let expected: Vec<_> = ranked.iter().map(|all| all[..k.min(n)].to_vec()).collect();
        assert_eq!(kernels.batch_find_top_k(queries, memory, k), expected, "{backend}, n = {n}, k = {k}");
        for (query, expected) in queries.iter().zip(&expected) {
            assert_eq!(kernels.find_top_k(query, memory, k), *expected, "{backend}, n = {n}, k = {k}");
        }
    }
    let nearest: Vec<_> = ranked.iter().map(|all| all.first().copied()).collect();
    let mut found = vec![Some((9, 9.0)); queries.len()];
    kernels.batch_find_most_similar_into(queries, memory, &mut found);
    assert_eq!(found, nearest, "{backend}, n = {n}");
    for (query, expected) in queries.iter().zip(nearest) {
        assert_eq!(kernels.find_most_similar(query, memory), expected, "{backend}, n = {n}");
    }
}

#[test]
fn searches_at_every_size() {
    let memory = random(300, 1);
    let queries = random(9, 2);
    for kernels in all_kernels() {
        for n in (0..=40).chain([63, 64, 65, 127, 128, 129, 255, 256]) {
            // Sub-slices, so that a block is not always where the allocation starts.
            assert_searches_agree(kernels, &queries[n % 3..][..n % 7], &memory[n % 5..][..n]);
        }
    }
}

#[test]
fn many_queries_pass_the_tile_and_block_boundaries() {
    let memory = random(70, 3);
    for kernels in all_kernels() {
        for q in [0, 1, 3, 4, 5, 8, 11, 12, 13, 15, 16, 17, 33, 255, 256, 257, 261] {
            let queries = random(q, 4);
            assert_searches_agree(kernels, &queries, &memory[..if q > 100 { 17 } else { 70 }]);
        }
    }
}

/// More queries than have their bounds on the stack at a time.
#[test]
fn batches_of_hundreds_are_answered_whole() {
    let (queries, memory) = (random(1_025, 14), tied(20, 15));
    let expected: Vec<_> = queries.iter().map(|query| reference::find_top_k(query, &memory, 3)).collect();
    for kernels in all_kernels() {
        for q in [511, 512, 513, 1_025] {
            assert_eq!(kernels.batch_find_top_k(&queries[..q], &memory, 3), expected[..q], "{}", kernels.backend());
            let mut found = vec![None; q];
            kernels.batch_find_most_similar_into(&queries[..q], &memory, &mut found);
            assert!(
                found.iter().map(Option::as_ref).eq(expected[..q].iter().map(|all| all.first())),
                "{}",
                kernels.backend()
            );
        }
    }
}

/// What a scan under constant bounds reports for each query.
fn reported(
    kernels: &Kernels,
    queries: &[HV16],
    memory: &[HV16],
    bound: impl Fn(usize) -> Bound,
) -> Vec<Vec<(usize, u16)>> {
    let mut bounds: Vec<Bound> = (0..queries.len()).map(&bound).collect();
    let mut found = vec![Vec::new(); queries.len()];
    kernels.scan(queries, memory, 7, &mut bounds, &mut |q, index, distance| {
        found[q].push((index, distance));
        bound(q)
    });
    found
}

/// Of a tile only what is as near as the last of the wanted is reported.
#[test]
fn a_scan_for_the_nearest_reports_few() {
    let (queries, memory) = (random(MANY, 12), random(512, 13));
    for kernels in all_kernels() {
        assert!(kernels.tile(MANY) > 64, "{}: these are not many", kernels.backend());
        let tile = &memory[..kernels.tile(MANY)];
        for wanted in [1, 2, 10, 100] {
            let mut nearest = vec![TopK::new(wanted); queries.len()];
            let mut told = vec![Vec::new(); queries.len()];
            kernels.scan_nearest(
                wanted,
                &queries,
                tile,
                0,
                &mut vec![Bound::NONE; queries.len()],
                &mut |q, index, distance| {
                    told[q].push(distance);
                    nearest[q].offer(distance, index)
                },
            );
            for ((query, nearest), told) in queries.iter().zip(nearest).zip(told) {
                let last = nearest.bound().limit();
                let as_near = tile.iter().filter(|v| reference::hamming(query, v) <= u32::from(last)).count();
                assert!(told.len() <= as_near && told.iter().all(|&d| d <= last), "{}", kernels.backend());
            }
        }
    }
}

/// All distances, for as few and as many queries and vectors as a backend may treat otherwise.
#[test]
fn all_distances_are_told_in_order() {
    let sides = [0, 1, 6, 7, 10, 11, 31, 47, 48, 63, 64, 65, 127, 128, 129, 255, 256, 257, 384, 513];
    let (queries, mut memory) = (random(513, 5), random(770, 6));
    memory[40] = queries[3];
    memory[300] = !queries[3];
    let expected: Vec<Vec<u16>> =
        queries.iter().map(|q| memory.iter().map(|v| reference::hamming(q, v) as u16).collect()).collect();
    for kernels in all_kernels() {
        for q in sides {
            for n in sides.into_iter().chain([770]) {
                let mut told = vec![Vec::new(); q];
                kernels.scan_distances(&queries[..q], &memory[..n], &mut |query, first, distances| {
                    assert_eq!(first, told[query].len());
                    told[query].extend_from_slice(distances);
                });
                let expected: Vec<&[u16]> = expected[..q].iter().map(|row| &row[..n]).collect();
                assert_eq!(told, expected, "{}, {q} x {n}", kernels.backend());
            }
        }
    }
}

/// Backends may search otherwise for many queries: as few as that take, and passes of them, over whole tiles and parts
/// of one, with distances of 0 and 2,048 among them.
#[test]
fn very_many_queries_agree_with_few() {
    let sides = [0, 1, 6, 7, 10, 11, 31, 47, 48, 49, 64, 127, 128, 129, 192, 255, 256, 257, 384, 513];
    let mut memory = random(770, 5);
    let queries = random(770, 6);
    for (i, query) in queries.iter().enumerate().step_by(5) {
        memory[i] = *query;
        memory[i + 1] = !*query;
    }
    let distances_of = |query| memory.iter().map(|v| reference::hamming(query, v) as u16).collect::<Vec<_>>();
    let distances: Vec<Vec<u16>> = queries.iter().map(distances_of).collect();
    let check = |kernels: &Kernels, q: usize, n: usize, bound: &dyn Fn(usize) -> Bound| {
        let found = reported(kernels, &queries[..q], &memory[..n], bound);
        for (i, found) in found.into_iter().enumerate() {
            let all = distances[i][..n].iter().copied().enumerate().map(|(j, distance)| (7 + j, distance));
            let below: Vec<_> = all.filter(|&(_, distance)| bound(i).admits(distance)).collect();
            assert_eq!(found, below, "{}, {q} queries, {n} vectors, query {i}", kernels.backend());
        }
    };
    for kernels in all_kernels() {
        for side in sides {
            for other in [12, MANY, 130] {
                let every_bound = |q| Bound::below((q * 7 % (HV16::DIM + 2)) as u16);
                check(kernels, side, other, &|_| Bound::NONE);
                check(kernels, side, other, &every_bound);
                check(kernels, other, side, &|_| Bound::NONE);
                check(kernels, other, side, &every_bound);
            }
        }
        check(kernels, 770, 770, &|q| Bound::below(900 + q as u16));
    }
}

/// A scan may stop early where all vectors of a tile are too far. Here the bits that differ come first or last.
#[test]
fn what_comes_near_its_bound_early_or_late_is_found() {
    let flipped = |v: &HV16, bits: std::ops::Range<usize>| {
        let mut v = *v;
        bits.for_each(|i| v.set_bit(i, !v.bit(i)));
        v
    };
    let check = |kernels: &Kernels, queries: &[HV16], memory: &[HV16], bound: Bound| {
        for (query, found) in queries.iter().zip(reported(kernels, queries, memory, |_| bound)) {
            let all = memory.iter().enumerate().map(|(i, v)| (7 + i, reference::hamming(query, v) as u16));
            let below: Vec<_> = all.filter(|&(_, distance)| bound.admits(distance)).collect();
            assert_eq!(found, below, "{}, {bound:?}", kernels.backend());
        }
    };
    let few = random(MANY, 9);
    for kernels in all_kernels() {
        for near in (0..HV16::DIM).step_by(89) {
            let bound = Bound::within(near as u16);
            let mut many = random(520, near as u64);
            many[100] = flipped(&few[3], 0..near);
            many[101] = flipped(&few[3], 0..near + 1);
            many[400] = flipped(&few[30], HV16::DIM - near..HV16::DIM);
            many[401] = flipped(&few[30], HV16::DIM - 1 - near..HV16::DIM);
            check(kernels, &few, &many, bound);
            check(kernels, &many, &few, bound);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn ties_rank_by_index(seed: u64, n in prop_oneof![0..150usize, 150..600usize], q in prop_oneof![0..10usize, 11..MANY, 130..300usize]) {
        let all = tied(n + q, seed);
        for kernels in all_kernels() {
            assert_searches_agree(kernels, &all[..q], &all[q..]);
        }
    }

    /// The scan reports exactly the pairs below a constant bound, in order for each query.
    #[test]
    fn a_scan_reports_all_below_the_bound(
        seed: u64,
        n in prop_oneof![0..150usize, 150..600usize],
        q in prop_oneof![0..10usize, 11..MANY, 130..300usize],
        limit in prop_oneof![0..2060u16, Just(u16::MAX)],
    ) {
        let all = tied(n + q, seed);
        let (queries, memory) = all.split_at(q);
        let bound = Bound::below(limit);
        let bound_of = |q: usize| if q.is_multiple_of(2) { bound } else { Bound::below(Bound::NONE.limit() - bound.limit()) };
        for kernels in all_kernels() {
            let mut found = vec![Vec::new(); q];
            let mut bounds: Vec<Bound> = (0..q).map(bound_of).collect();
            kernels.scan(queries, memory, 1_000, &mut bounds, &mut |q, index, distance| {
                found[q].push((index, distance));
                bound_of(q)
            });
            for (q, query) in queries.iter().enumerate() {
                let distances = memory.iter().enumerate().map(|(i, v)| (1_000 + i, reference::hamming(query, v) as u16));
                let expected: Vec<_> = distances.filter(|&(_, distance)| bound_of(q).admits(distance)).collect();
                prop_assert_eq!(&found[q], &expected, "{}", kernels.backend());
            }
        }
    }

    /// With a number of wanted a scan reports the same in another order, that of the index for each distance, and to
    /// whoever lowers bounds no less than the nearest.
    #[test]
    fn a_scan_for_the_nearest_leaves_out_none_of_them(
        seed: u64,
        n in prop_oneof![0..150usize, 150..600usize],
        q in prop_oneof![0..10usize, 11..MANY, 130..300usize],
        wanted in prop_oneof![0..12usize, 12..300usize, Just(usize::MAX)],
        limit in prop_oneof![0..2060u16, Just(u16::MAX)],
        kept in 1..7usize,
    ) {
        let all = tied(n + q, seed);
        let (queries, memory) = all.split_at(q);
        let bound = Bound::below(limit);
        // Some are not wanted after all.
        let keep = |index: usize| index.is_multiple_of(kept);
        for kernels in all_kernels() {
            let mut found = vec![Vec::new(); q];
            kernels.scan_nearest(wanted, queries, memory, 0, &mut vec![bound; q], &mut |q, index, distance| {
                found[q].push((distance, index));
                bound
            });
            let mut nearest = vec![TopK::new(wanted); q];
            kernels.scan_nearest(wanted, queries, memory, 0, &mut vec![bound; q], &mut |q, index, distance| {
                if keep(index) { nearest[q].offer(distance, index) } else { nearest[q].bound() }
            });
            for (q, (query, nearest)) in queries.iter().zip(nearest).enumerate() {
                let distances = memory.iter().enumerate().map(|(i, v)| (reference::hamming(query, v) as u16, i));
                let mut below: Vec<_> = distances.filter(|&(distance, _)| bound.admits(distance)).collect();
                below.sort_unstable();
                found[q].sort_by_key(|&(distance, _)| distance);
                prop_assert_eq!(&found[q], &below, "{}", kernels.backend());
                let expected: Vec<_> = below.into_iter().filter(|&(_, i)| keep(i)).map(|(d, i)| (i, d)).take(wanted).collect();
                prop_assert_eq!(nearest.into_sorted(), expected, "{}, {} wanted", kernels.backend(), wanted);
            }
        }
    }

    /// The scan of prefixes likewise, also while the bound tightens.
    #[test]
    fn a_scan_of_lines_reports_all_below_the_bound(
        seed: u64,
        n in 0..150usize,
        limit in prop_oneof![0..520u16, Just(u16::MAX)],
        tighten: bool,
    ) {
        let all = tied(n + 1, seed);
        let prefixes: Vec<Prefix> = all.iter().map(Prefix::of).collect();
        let (query, plane) = prefixes.split_first().unwrap();
        let distance = |prefix: &Prefix| {
            let pairs = prefix.0.iter().zip(&query.0);
            pairs.map(|(a, b)| (a ^ b).count_ones()).sum::<u32>() as u16
        };
        let bound = Bound::below(limit);
        let (mut expected, mut last) = (Vec::new(), bound);
        for (i, prefix) in plane.iter().enumerate().filter(|(_, prefix)| bound.admits(distance(prefix))) {
            if last.admits(distance(prefix)) {
                expected.push((7 + i, distance(prefix)));
                last = if tighten { Bound::below(distance(prefix)) } else { bound };
            }
        }
        for kernels in all_kernels() {
            let mut found = Vec::new();
            let returned = kernels.scan_prefixes(query, plane, 7, bound, &mut |index, distance| {
                found.push((index, distance));
                if tighten { Bound::below(distance) } else { bound }
            });
            prop_assert_eq!(&found, &expected, "{}", kernels.backend());
            prop_assert_eq!(returned, last);
        }
    }
}

/// A report that asks for a higher bound than there was gets none, on every backend and for few and many queries alike.
#[test]
fn bounds_never_rise() {
    let vectors = random(600, 8);
    for kernels in all_kernels() {
        for q in [1, 4, 12, 16, 19, MANY, 1300] {
            let queries = vec![vectors[0]; q];
            let (mut bounds, mut found) = (vec![Bound::below(10); q], vec![Vec::new(); q]);
            kernels.scan(&queries, &vectors, 0, &mut bounds, &mut |q, index, _| {
                found[q].push(index);
                Bound::NONE
            });
            assert_eq!(
                (bounds, found),
                (vec![Bound::below(10); q], vec![vec![0]; q]),
                "{}, {q} queries",
                kernels.backend()
            );
        }
        let prefixes: Vec<Prefix> = vectors.iter().map(Prefix::of).collect();
        let mut found = Vec::new();
        let bound = kernels.scan_prefixes(&prefixes[0], &prefixes, 0, Bound::below(10), &mut |index, _| {
            found.push(index);
            Bound::NONE
        });
        assert_eq!((bound, found), (Bound::below(10), vec![0]), "{}", kernels.backend());
    }
}

#[test]
fn a_report_may_scan() {
    let (few, many) = (random(MANY, 10), random(300, 11));
    for kernels in all_kernels() {
        for (queries, memory) in [(&few, &many), (&many, &few)] {
            let plain = reported(kernels, queries, memory, |_| Bound::NONE);
            let mut inner = None;
            let mut found = vec![Vec::new(); queries.len()];
            kernels.scan(queries, memory, 7, &mut vec![Bound::NONE; queries.len()], &mut |q, index, distance| {
                inner.get_or_insert_with(|| reported(kernels, queries, memory, |_| Bound::NONE));
                found[q].push((index, distance));
                Bound::NONE
            });
            assert!(found == plain && inner == Some(plain), "{}", kernels.backend());
        }
    }
}

/// Costs choose between ways to do the same: more work never counts as less, up to sizes that no memory has.
#[test]
fn the_cost_of_a_scan_grows_with_the_scan() {
    let sides = (0..600).step_by(7).chain([1_000, 10_000, 1_000_000, usize::MAX / 512, usize::MAX - 1]);
    for kernels in all_kernels() {
        for queries in sides.clone() {
            for vectors in sides.clone() {
                let cost = kernels.scan_cost(queries, vectors);
                let [wider, longer] = [(1, 0), (0, 1)].map(|(q, n)| kernels.scan_cost(queries + q, vectors + n));
                assert!(cost <= wider && cost <= longer, "{}, {queries} x {vectors}", kernels.backend());
            }
        }
        assert_eq!(kernels.scan_cost(1, 1_000_000), 2_000_000, "{}", kernels.backend());
        // The side that has more is cut into tiles.
        assert_eq!(kernels.scan_cost(1_000, 100), kernels.scan_cost(100, 1_000), "{}", kernels.backend());
    }
}

#[test]
#[should_panic(expected = "scan: 2 queries, but 1 bounds")]
fn too_few_bounds_panic() {
    Kernels::active().scan(&[HV16::ZERO; 2], &[], 0, &mut [Bound::NOTHING], &mut |_, _, _| Bound::NOTHING);
}
