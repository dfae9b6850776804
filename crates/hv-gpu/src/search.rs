//! The nearest vectors of all parts on all devices.

use std::panic::resume_unwind;
use std::thread::{self, ScopedJoinHandle};

use hv_parallel::{Bitmap, Bound, HV16, Hits};

use crate::backend::Scan;
use crate::error::GpuError;
use crate::exact;
use crate::parts::{self, Part};

/// Vectors by distance, then by index.
type Ranked = Vec<(usize, u16)>;

/// For each query the `k` nearest of the vectors that `bound` and `filter` admit.
pub(crate) fn find_top_k(
    parts: &[Part],
    queries: &[HV16],
    k: usize,
    bound: Bound,
    filter: Option<&Bitmap>,
) -> Result<Hits, GpuError> {
    let k = k.min(parts::admitted(parts, filter)?);
    let mut hits = Hits::new();
    if k == 0 || queries.is_empty() || bound == Bound::NOTHING {
        hits.reset(queries.len(), 0);
        return Ok(hits);
    }
    let ask = &|device: &[&Part]| find_on_device(device, queries, k, bound, filter);
    let devices = parts::by_device(parts);
    let found = match &devices[..] {
        [device] => ask(device)?,
        devices => {
            let answers = thread::scope(|scope| {
                let start = |device| thread::Builder::new().spawn_scoped(scope, move || ask(device));
                let threads: Vec<_> = devices.iter().map(|device| (device, start(device))).collect();
                let answer = |(device, thread): (&Vec<&Part>, std::io::Result<ScopedJoinHandle<'_, _>>)| match thread {
                    Ok(thread) => thread.join().unwrap_or_else(|panic| resume_unwind(panic)),
                    // Where the system gives no thread.
                    Err(_) => ask(device),
                };
                threads.into_iter().map(answer).collect::<Vec<_>>()
            });
            let mut found = vec![Ranked::new(); queries.len()];
            for answer in answers {
                found.iter_mut().zip(answer?).for_each(|(found, more)| merge(found, more, k));
            }
            found
        }
    };
    hits.reset(queries.len(), found.iter().map(Vec::len).max().unwrap_or(0));
    for (query, found) in found.into_iter().enumerate() {
        hits.set(query, found);
    }
    Ok(hits)
}

/// The same on one device. Each part has a tighter bound where earlier ones have `k` results: a later vector that is only as near
/// as the last of these has a higher index.
fn find_on_device(
    device: &[&Part],
    queries: &[HV16],
    k: usize,
    bound: Bound,
    filter: Option<&Bitmap>,
) -> Result<Vec<Ranked>, GpuError> {
    let backend = device[0].allocation.gpu.backend();
    let mut all = Vec::with_capacity(queries.len());
    for queries in queries.chunks(backend.max_queries()) {
        let mut found = vec![Ranked::new(); queries.len()];
        for part in device {
            let tighter = |found: &Ranked| match found.last() {
                Some(&(_, last)) if found.len() == k => bound.min(Bound::below(last)),
                _ => bound,
            };
            let bounds: Vec<Bound> = found.iter().map(tighter).collect();
            let scan = Scan { queries, bounds: &bounds, range: 0..part.len as u32, filter: part.words(filter) };
            let nearest = exact::nearest(backend, &*part.allocation.vectors, &scan, k)?;
            for (found, nearest) in found.iter_mut().zip(nearest) {
                let nearest = nearest.into_iter().map(|(index, distance)| (part.first + index as usize, distance));
                merge(found, nearest.collect(), k);
            }
        }
        all.extend(found);
    }
    Ok(all)
}

/// The `k` nearest of both.
fn merge(found: &mut Ranked, more: Ranked, k: usize) {
    found.extend(more);
    found.sort_unstable_by_key(|&(index, distance)| (distance, index));
    found.truncate(k);
}

/// The distance of each vector to a query, none where the filter has a 0.
pub(crate) fn distances_into(
    parts: &[Part],
    query: &HV16,
    filter: Option<&Bitmap>,
    out: &mut [u16],
) -> Result<(), GpuError> {
    parts::admitted(parts, filter)?;
    let vectors = parts::len(parts);
    if out.len() != vectors {
        return Err(GpuError::WrongLength { len: out.len(), vectors });
    }
    for part in parts {
        let out = &mut out[part.first..part.first + part.len];
        part.allocation.vectors.distances_into(query, 0, out)?;
    }
    if let Some(filter) = filter {
        let out = out.iter_mut().enumerate().filter(|(index, _)| !filter.get(*index));
        out.for_each(|(_, distance)| *distance = Hits::NO_DISTANCE);
    }
    Ok(())
}
