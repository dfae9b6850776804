//! What one allocation has that is near, in full: also where a device has no room for all results at once.

use std::ops::Range;

use hv_parallel::{Bound, HV16};

use crate::backend::{Backend, Found, Scan, Vectors};
use crate::error::GpuError;

/// For each query the `k` nearest of the vectors that count, and maybe more, in any order.
///
/// A `k` that is too large for the device's own selection is found by counting: how many vectors there are at each of the
/// 2,049 distances says how far the `k` nearest reach, and how many of those at that last distance are among them.
pub(crate) fn nearest(
    backend: &dyn Backend,
    vectors: &dyn Vectors,
    scan: &Scan<'_>,
    k: usize,
) -> Result<Vec<Vec<Found>>, GpuError> {
    let mut wanted = wanted(scan);
    if k >= scan.range.len() {
        collect(vectors, scan.filter, scan.range.clone(), wanted.iter_mut().collect())?;
        return Ok(wanted.into_iter().map(|wanted| wanted.found).collect());
    }
    let mut left = Vec::new();
    if k <= backend.max_k() {
        for (wanted, found) in wanted.iter_mut().zip(vectors.find(scan, Some(k))?) {
            match found {
                Some(found) => wanted.found = found,
                None => left.push(wanted),
            }
        }
    } else {
        left.extend(wanted.iter_mut());
    }
    if !left.is_empty() {
        limit(vectors, scan, k, &mut left)?;
        collect(vectors, scan.filter, scan.range.clone(), left)?;
    }
    Ok(wanted.into_iter().map(|wanted| wanted.found).collect())
}

/// For each query all vectors that count, in any order.
pub(crate) fn all(vectors: &dyn Vectors, scan: &Scan<'_>) -> Result<Vec<Vec<Found>>, GpuError> {
    let mut wanted = wanted(scan);
    collect(vectors, scan.filter, scan.range.clone(), wanted.iter_mut().collect())?;
    Ok(wanted.into_iter().map(|wanted| wanted.found).collect())
}

/// A query, and what of the vectors it wants.
struct Wanted {
    query: HV16,
    bound: Bound,
    /// The distance at which only the first `ties` vectors are wanted.
    last: u16,
    ties: u32,
    found: Vec<Found>,
}

fn wanted(scan: &Scan<'_>) -> Vec<Wanted> {
    let wanted = |(&query, &bound)| Wanted { query, bound, last: u16::MAX, ties: 0, found: Vec::new() };
    scan.queries.iter().zip(scan.bounds).map(wanted).collect()
}

impl Wanted {
    /// Takes the vectors of the next range.
    fn take(&mut self, mut found: Vec<Found>) {
        found.sort_unstable();
        for (index, distance) in found {
            if distance == self.last {
                let Some(ties) = self.ties.checked_sub(1) else { continue };
                self.ties = ties;
            }
            self.found.push((index, distance));
        }
        if self.ties == 0 {
            self.bound = self.bound.min(Bound::below(self.last));
        }
    }
}

/// Limits each query to its `k` nearest, by counting.
fn limit(vectors: &dyn Vectors, scan: &Scan<'_>, k: usize, wanted: &mut [&mut Wanted]) -> Result<(), GpuError> {
    let (queries, bounds) = (queries(wanted), bounds(wanted));
    let histograms = vectors.count(&Scan { queries: &queries, bounds: &bounds, ..scan.clone() })?;
    for (wanted, histogram) in wanted.iter_mut().zip(histograms) {
        let mut nearer = 0;
        for (distance, &count) in histogram.iter().enumerate() {
            let with = nearer + count as usize;
            if with >= k {
                // In bounds: fewer than 2^32 vectors have this distance.
                (wanted.last, wanted.ties) = (distance as u16, (k - nearer) as u32);
                wanted.bound = wanted.bound.min(Bound::within(distance as u16));
                break;
            }
            nearer = with;
        }
    }
    Ok(())
}

/// Finds all that the queries want, in ascending ranges where the device has no room for the whole range.
fn collect(
    vectors: &dyn Vectors,
    filter: Option<&[u64]>,
    range: Range<u32>,
    mut wanted: Vec<&mut Wanted>,
) -> Result<(), GpuError> {
    wanted.retain(|wanted| wanted.bound != Bound::NOTHING);
    if wanted.is_empty() || range.is_empty() {
        return Ok(());
    }
    let (queries, bounds) = (queries(&wanted), bounds(&wanted));
    let found = vectors.find(&Scan { queries: &queries, bounds: &bounds, range: range.clone(), filter }, None)?;
    let mut left = Vec::new();
    for (wanted, found) in wanted.into_iter().zip(found) {
        match found {
            Some(found) => wanted.take(found),
            None => left.push(wanted),
        }
    }
    if left.is_empty() {
        return Ok(());
    }
    if range.len() == 1 {
        return Err(GpuError::Failed { reason: "it has no room for a single result".to_owned() });
    }
    let middle = range.start + range.len() as u32 / 2;
    collect(vectors, filter, range.start..middle, left.iter_mut().map(|wanted| &mut **wanted).collect())?;
    collect(vectors, filter, middle..range.end, left)
}

fn queries(wanted: &[&mut Wanted]) -> Vec<HV16> {
    wanted.iter().map(|wanted| wanted.query).collect()
}

fn bounds(wanted: &[&mut Wanted]) -> Vec<Bound> {
    wanted.iter().map(|wanted| wanted.bound).collect()
}
