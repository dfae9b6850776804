//! The scans beneath the searches.

use hv_simd::workspace_internals::{Kernels, Prefix};
use hv_simd::{Bound, HV16, TopK};

use super::backends;
use super::vectors::{distances, queries_and_memory};
use crate::input::Input;

/// What a scan is asked.
struct Scan {
    queries: Vec<HV16>,
    memory: Vec<HV16>,
    distances: Vec<Vec<u16>>,
    /// The number of the first vector of memory.
    first: usize,
    /// Two bounds, which the queries have in turn.
    bounds: [Bound; 2],
    wanted: usize,
}

pub(super) fn check(input: &mut Input<'_>) {
    let first = [0, 7, 1 << 40][input.below(3)];
    let bounds = [bound(input), bound(input)];
    let wanted = match input.below(4) {
        0 => usize::MAX,
        1 => input.below(600),
        _ => input.below(12),
    };
    let (queries, memory) = queries_and_memory(input);
    let distances = distances(&queries, &memory);
    let scan = Scan { queries, memory, distances, first, bounds, wanted };
    for kernels in backends() {
        scan.all_below_the_bound(kernels);
        scan.the_nearest(kernels);
        scan.all_distances(kernels);
        scan.prefixes(kernels);
    }
}

fn bound(input: &mut Input<'_>) -> Bound {
    match input.below(4) {
        0 => Bound::NONE,
        1 => Bound::below(input.u16()),
        _ => Bound::below(input.u16() % (HV16::DIM as u16 + 2)),
    }
}

impl Scan {
    fn bound(&self, query: usize) -> Bound {
        self.bounds[query % 2]
    }

    fn all_bounds(&self) -> Vec<Bound> {
        (0..self.queries.len()).map(|query| self.bound(query)).collect()
    }

    /// What a query's bound admits, as `(index, distance)`.
    fn admitted(&self, query: usize) -> Vec<(usize, u16)> {
        let all = (self.first..).zip(self.distances[query].iter().copied());
        all.filter(|&(_, distance)| self.bound(query).admits(distance)).collect()
    }

    /// With bounds that stay all that they admit is reported, whatever is wanted.
    fn all_below_the_bound(&self, kernels: &Kernels) {
        let Self { queries, memory, first, wanted, .. } = self;
        let (mut plain, mut nearest) = (vec![Vec::new(); queries.len()], vec![Vec::new(); queries.len()]);
        kernels.scan(queries, memory, *first, &mut self.all_bounds(), &mut |query, index, distance| {
            plain[query].push((index, distance));
            self.bound(query)
        });
        kernels.scan_nearest(
            *wanted,
            queries,
            memory,
            *first,
            &mut self.all_bounds(),
            &mut |query, index, distance| {
                nearest[query].push((index, distance));
                self.bound(query)
            },
        );
        for (query, (plain, nearest)) in plain.into_iter().zip(nearest).enumerate() {
            let expected = self.admitted(query);
            assert!(plain == expected, "{}, query {query}", kernels.backend());
            // Those of one distance are in order of the index, and nothing else is promised.
            let mut by_distance = nearest;
            by_distance.sort_by_key(|&(_, distance)| distance);
            let mut ranked = expected;
            ranked.sort_by_key(|&(index, distance)| (distance, index));
            assert!(by_distance == ranked, "{}, query {query}, {wanted} wanted", kernels.backend());
        }
    }

    /// Whoever lowers bounds gets the nearest.
    fn the_nearest(&self, kernels: &Kernels) {
        let Self { queries, memory, first, wanted, .. } = self;
        let mut nearest = vec![TopK::new(*wanted); queries.len()];
        let mut bounds: Vec<Bound> =
            nearest.iter().enumerate().map(|(query, nearest)| nearest.bound().min(self.bound(query))).collect();
        kernels.scan_nearest(*wanted, queries, memory, *first, &mut bounds, &mut |query, index, distance| {
            nearest[query].offer(distance, index)
        });
        for (query, nearest) in nearest.into_iter().enumerate() {
            let mut expected = self.admitted(query);
            expected.sort_by_key(|&(index, distance)| (distance, index));
            expected.truncate(*wanted);
            assert_eq!(bounds[query], nearest.bound().min(self.bound(query)), "{}, query {query}", kernels.backend());
            assert!(nearest.into_sorted() == expected, "{}, query {query}, {wanted} wanted", kernels.backend());
        }
    }

    fn all_distances(&self, kernels: &Kernels) {
        let mut told = vec![Vec::new(); self.queries.len()];
        kernels.scan_distances(&self.queries, &self.memory, &mut |query, first, distances| {
            assert!(first == told[query].len() && distances.len() <= 512, "{}", kernels.backend());
            told[query].extend_from_slice(distances);
        });
        assert!(told == self.distances, "{}", kernels.backend());
    }

    fn prefixes(&self, kernels: &Kernels) {
        let Some(query) = self.queries.first().map(Prefix::of) else { return };
        let plane: Vec<Prefix> = self.memory.iter().map(Prefix::of).collect();
        let distance = |prefix: &Prefix| prefix.0.iter().zip(&query.0).map(|(a, b)| (a ^ b).count_ones() as u16).sum();
        let bound = self.bound(0);
        let all = (self.first..).zip(plane.iter().map(distance));
        let expected: Vec<(usize, u16)> = all.filter(|&(_, distance)| bound.admits(distance)).collect();
        let mut found = Vec::new();
        let last = kernels.scan_prefixes(&query, &plane, self.first, bound, &mut |index, distance| {
            found.push((index, distance));
            // One that is higher leaves it as it is.
            Bound::NONE
        });
        assert!(found == expected && last == bound, "{}", kernels.backend());
        let mut best = None;
        kernels.scan_prefixes(&query, &plane, self.first, bound, &mut |index, distance| {
            best = Some((index, distance));
            Bound::below(distance)
        });
        let nearest = expected.into_iter().min_by_key(|&(index, distance)| (distance, index));
        assert_eq!(best, nearest, "{}", kernels.backend());
    }
}
