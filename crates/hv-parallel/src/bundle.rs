//! Bundling many sets, and one large one.

use std::sync::{Mutex, PoisonError};

use hv_simd::{Accumulator, HV16, simd_bundle};

use crate::in_force::threads_for;
use crate::parallel_for::{lock, parallel_for};
use crate::parts::{Parts, Ranges};
use crate::pool;
use crate::same_length::same_length;
use crate::thresholds::{Operation, Thresholds};

/// Vectors of a part of one large bundle, at least: some microseconds of work, so that merging its counters, a
/// ripple a plane, does not count.
const GRAIN: usize = 256;

/// The bundle of every set, in parallel; `None` where a set is empty.
#[must_use]
pub fn parallel_batch_bundle<S: AsRef<[HV16]> + Sync>(sets: &[S]) -> Vec<Option<HV16>> {
    let mut out = vec![None; sets.len()];
    parallel_batch_bundle_into(sets, &mut out);
    out
}

/// [`parallel_batch_bundle`] into a caller's slice.
///
/// # Panics
///
/// If `out` is not as long as `sets`.
pub fn parallel_batch_bundle_into<S: AsRef<[HV16]> + Sync>(sets: &[S], out: &mut [Option<HV16>]) {
    batch_bundle_into(sets, out, pool::threads());
}

/// The bundle of every set, `None` where a set is empty; in parallel from
/// [`Thresholds::bundle`](crate::Thresholds::bundle) on.
///
/// ```
/// use hv_parallel::{HV16, adaptive_batch_bundle, hv_simd::simd_bundle};
///
/// let memory: Vec<HV16> = (0..1_000).map(HV16::random).collect();
/// let sets: Vec<&[HV16]> = memory.chunks(10).collect();
/// let bundles = adaptive_batch_bundle(&sets);
/// assert_eq!((bundles.len(), bundles[7]), (100, simd_bundle(sets[7])));
/// ```
#[must_use]
pub fn adaptive_batch_bundle<S: AsRef<[HV16]> + Sync>(sets: &[S]) -> Vec<Option<HV16>> {
    let threads = threads_for(work(sets), Operation::Bundle);
    if threads == 1 {
        // Results that come one after the other need no room before.
        return sets.iter().map(|set| simd_bundle(set.as_ref())).collect();
    }
    let mut out = vec![None; sets.len()];
    batch_bundle_into(sets, &mut out, threads);
    out
}

/// [`adaptive_batch_bundle`] into a caller's slice.
///
/// # Panics
///
/// If `out` is not as long as `sets`.
pub fn adaptive_batch_bundle_into<S: AsRef<[HV16]> + Sync>(sets: &[S], out: &mut [Option<HV16>]) {
    batch_bundle_into(sets, out, threads_for(work(sets), Operation::Bundle));
}

/// The work of a batch, as [`Thresholds::bundle`] counts it.
fn work<S: AsRef<[HV16]>>(sets: &[S]) -> usize {
    let vectors = sets.iter().map(|set| set.as_ref().len()).fold(0, usize::saturating_add);
    vectors.saturating_add(sets.len().saturating_mul(Thresholds::SET_WORK))
}

pub(crate) fn batch_bundle_into<S: AsRef<[HV16]> + Sync>(sets: &[S], out: &mut [Option<HV16>], threads: usize) {
    same_length("batch bundle", sets.len(), out.len());
    parallel_for(threads, Parts::shrinking(out, 1, 1, threads), |parts| {
        for (range, out) in parts {
            for (set, out) in sets[range].iter().zip(out) {
                *out = simd_bundle(set.as_ref());
            }
        }
    });
}

/// The bundle of one large set, in parallel: every thread counts its share, and the counts are added. `None` of
/// nothing.
///
/// ```
/// use hv_parallel::{HV16, parallel_bundle, hv_simd::simd_bundle};
///
/// let memory: Vec<HV16> = (0..1_000).map(HV16::random).collect();
/// assert_eq!(parallel_bundle(&memory), simd_bundle(&memory));
/// assert_eq!(parallel_bundle(&[]), None);
/// ```
#[must_use]
pub fn parallel_bundle(vectors: &[HV16]) -> Option<HV16> {
    parallel_counts(vectors).majority()
}

/// How often each bit is one in a large set, in parallel: every thread counts its share, and the counts are added.
#[must_use]
pub fn parallel_counts(vectors: &[HV16]) -> Accumulator {
    let counted = Mutex::new(Vec::new());
    let threads = pool::threads();
    parallel_for(threads, Ranges::shrinking(vectors.len(), GRAIN, GRAIN, threads), |parts| {
        let mut counts = Accumulator::new();
        for range in parts {
            counts.add_many(&vectors[range]);
        }
        // Merged by the caller: merging here, under the lock, would put the other threads to sleep.
        lock(&counted).push(counts);
    });
    let counted = counted.into_inner().unwrap_or_else(PoisonError::into_inner);
    let merge = |mut all: Accumulator, counts: Accumulator| {
        all.merge(&counts);
        all
    };
    counted.into_iter().reduce(merge).unwrap_or_default()
}
