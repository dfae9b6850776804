//! What is nearest, and all that is near.
//!
//! One query streams the memory once. More go over it in passes: the first is as short as the list of a query has room, and
//! each later one is as much longer as the bounds allow that earlier ones have lowered, so that few vectors are listed.

use std::ops::Range;

use cudarc::driver::CudaSlice;

use super::buffers::{Buffers, download};
use super::device::Device;
use super::failure::failure;
use super::kernels::Argument;
use super::memory::{Memory, TILE, upload_filter};
use crate::backend::{Found, Scan};
use crate::error::GpuError;

/// Maximum number of queries at once: a multiple of a tile, so that parts of vectors that are taken as queries begin at a tile.
pub(super) const MOST_QUERIES: usize = 8192;
/// Maximum `k` that the device selects.
pub(super) const MOST_K: usize = 1024;
/// Maximum `k` of a single query that streams: each block keeps this many.
const STREAMED_K: usize = 128;
/// Vectors that a block of `stream_top_k` looks at before it tells others its bound.
const STEP: usize = 512;
/// Queries up to which ones are counted one by one; tensor cores take 32 at once, and are as fast from five on.
const FEW: usize = 4;
/// Entries of all lists where everything near is wanted: 128 MiB.
const LISTED: usize = 1 << 24;
/// How many times as long as all before it a pass is at most.
const GROWTH: usize = 16;

/// For each query the `k` nearest, or all that its bound admits; `None` where its list has too little room.
pub(super) fn find(
    device: &Device,
    buffers: &mut Buffers,
    memory: &Memory,
    scan: &Scan<'_>,
    k: Option<usize>,
) -> Result<Vec<Option<Vec<Found>>>, GpuError> {
    let n = scan.queries.len();
    let Buffers { queries, query_ones, bounds, filter, lists, counts, overflowed, best, .. } = buffers;
    let keys: Vec<u64> = scan.bounds.iter().map(|bound| u64::from(bound.limit()) << 32).collect();
    let search = Search {
        device,
        memory,
        queries: queries.upload(device, bytemuck::cast_slice(scan.queries))?,
        query_ones: query_ones.room(device, n)?,
        bounds: bounds.upload(device, &keys)?,
        filter: upload_filter(device, filter, scan.filter)?,
        n,
    };
    if n > FEW {
        let arguments = [search.queries.into(), 0.into(), (n as u32).into(), search.query_ones.into()];
        // SAFETY: both buffers have room for the queries, and stay until a download has waited.
        unsafe { device.kernels.count_ones.start(&device.stream, (n.div_ceil(16) as u32, 1), &arguments) }?;
    }
    let Some(k) = k else {
        let room = (LISTED / n).clamp(MOST_K, scan.range.len().max(MOST_K));
        let (lists, counts) = (lists.room(device, n * room)?, counts.zeros(device, n)?);
        search.scan(&scan.range, lists, counts, room)?;
        return listed(device, lists, &download(device, counts, n)?, room);
    };
    let (room, overflowed) = (room(k), overflowed.zeros(device, n)?);
    let best = best.room(device, n * (k + 1))?;
    if n == 1 && k <= STREAMED_K {
        let blocks = (scan.range.len().div_ceil(STEP)).min(4 * device.multiprocessors as usize);
        let (lists, counts) = (lists.room(device, blocks * k)?, counts.upload(device, &[(blocks * k) as u32])?);
        search.stream(&scan.range, lists, blocks, k)?;
        search.select(lists, counts, overflowed, best, blocks * k, k)?;
    } else {
        let (lists, counts) = (lists.room(device, n * room)?, counts.zeros(device, n)?);
        for pass in passes(&scan.range, k, room) {
            search.scan(&pass, lists, counts, room)?;
            search.select(lists, counts, overflowed, best, room, k)?;
        }
    }
    let best = download(device, best, n * (k + 1))?;
    // A row says how many results it has, above which is whether the list has overflowed.
    let row = |row: &[u64]| Some(found(row.get(1..=row[0] as usize).filter(|_| row[0] >> 32 == 0)?));
    Ok(best.chunks_exact(k + 1).map(row).collect())
}

/// Entries that the list of a query has room for.
fn room(k: usize) -> usize {
    (4 * k).next_power_of_two().max(MOST_K)
}

/// The passes of a range. A list never overflows in the first; after `seen` vectors in random order, about `k / seen` of the later
/// ones are below the bound, and they are to fill half of its room.
fn passes(range: &Range<u32>, k: usize, room: usize) -> Vec<Range<u32>> {
    let (mut passes, mut start, end) = (Vec::new(), range.start as usize, range.end as usize);
    while start < end {
        let seen = start - range.start as usize;
        let next = if seen == 0 { room } else { seen * ((room - k) / (2 * k)).clamp(1, GROWTH) };
        // To the end of a tile.
        let stop = ((start + next) / TILE * TILE).min(end);
        passes.push(start as u32..stop as u32);
        start = stop;
    }
    passes
}

/// The grid of the kernels that count ones: tiles, and queries four by four.
pub(super) fn few_grid(device: &Device, range: &Range<u32>, queries: usize) -> (u32, u32) {
    let groups = queries.div_ceil(FEW) as u32;
    (blocks_for(device, range, groups), groups)
}

/// Among how many blocks the tiles of a range are shared out, where each has `groups` of queries. Enough for all multiprocessors
/// several times, so that the last ones wait little for each other.
fn blocks_for(device: &Device, range: &Range<u32>, groups: u32) -> u32 {
    let tiles = range.len().div_ceil(TILE) as u32 + 1;
    tiles.min((8 * device.multiprocessors).div_ceil(groups))
}

/// A search, with what is on the device for it.
struct Search<'a> {
    device: &'a Device,
    memory: &'a Memory,
    queries: &'a CudaSlice<u8>,
    query_ones: &'a CudaSlice<u16>,
    bounds: &'a CudaSlice<u64>,
    filter: Option<&'a CudaSlice<u32>>,
    n: usize,
}

impl Search<'_> {
    /// Lists what is below the bounds.
    fn scan(
        &self,
        range: &Range<u32>,
        lists: &CudaSlice<u64>,
        counts: &CudaSlice<u32>,
        room: usize,
    ) -> Result<(), GpuError> {
        let Self { device, memory, n, .. } = self;
        let (codes, filter, queries, count) = (&memory.codes, self.filter, self.queries, *n as u32);
        let (start, end, room) = (range.start, range.end, room as u32);
        if *n <= FEW {
            let arguments: [Argument; 10] = [
                codes.into(),
                filter.into(),
                start.into(),
                end.into(),
                queries.into(),
                count.into(),
                self.bounds.into(),
                lists.into(),
                counts.into(),
                room.into(),
            ];
            // SAFETY: the buffers have what the kernel reads and writes for `n` queries, and stay until a download has waited.
            return unsafe { device.kernels.scan_few.start(&device.stream, few_grid(device, range, *n), &arguments) };
        }
        // Warps of a block that have different queries: the fewest for which one block has them all.
        let across = count.div_ceil(32).next_power_of_two().min(8);
        let groups = count.div_ceil(32 * across);
        let arguments: [Argument; 13] = [
            codes.into(),
            (&memory.ones).into(),
            filter.into(),
            start.into(),
            end.into(),
            queries.into(),
            self.query_ones.into(),
            count.into(),
            across.into(),
            self.bounds.into(),
            lists.into(),
            counts.into(),
            room.into(),
        ];
        let grid = (groups, blocks_for(device, range, groups));
        // SAFETY: as above.
        unsafe { device.kernels.scan_many.start(&device.stream, grid, &arguments) }
    }

    /// Keeps the `k` best of each list.
    fn select(
        &self,
        lists: &CudaSlice<u64>,
        counts: &CudaSlice<u32>,
        overflowed: &CudaSlice<u32>,
        best: &CudaSlice<u64>,
        room: usize,
        k: usize,
    ) -> Result<(), GpuError> {
        let arguments: [Argument; 7] = [
            lists.into(),
            counts.into(),
            self.bounds.into(),
            overflowed.into(),
            best.into(),
            (room as u32).into(),
            (k as u32).into(),
        ];
        // SAFETY: as in `scan`.
        unsafe { self.device.kernels.select_top_k.start(&self.device.stream, (self.n as u32, 1), &arguments) }
    }

    /// Has each block list the `k` best that it sees for the first query.
    fn stream(&self, range: &Range<u32>, lists: &CudaSlice<u64>, blocks: usize, k: usize) -> Result<(), GpuError> {
        let arguments: [Argument; 8] = [
            (&self.memory.codes).into(),
            self.filter.into(),
            range.start.into(),
            range.end.into(),
            self.queries.into(),
            (k as u32).into(),
            self.bounds.into(),
            lists.into(),
        ];
        // SAFETY: as in `scan`.
        unsafe { self.device.kernels.stream_top_k.start(&self.device.stream, (blocks as u32, 1), &arguments) }
    }
}

/// What the lists hold.
fn listed(
    device: &Device,
    lists: &CudaSlice<u64>,
    counts: &[u32],
    room: usize,
) -> Result<Vec<Option<Vec<Found>>>, GpuError> {
    let mut all = Vec::with_capacity(counts.len());
    for (query, &count) in counts.iter().enumerate() {
        let count = count as usize;
        let mut keys = vec![0; if count > room { 0 } else { count }];
        if !keys.is_empty() {
            let list = lists.slice(query * room..query * room + count);
            device.stream.memcpy_dtoh(&list, &mut keys[..]).map_err(failure)?;
        }
        all.push((count <= room).then_some(keys));
    }
    device.stream.synchronize().map_err(failure)?;
    Ok(all.into_iter().map(|keys| keys.map(|keys| found(&keys))).collect())
}

fn found(keys: &[u64]) -> Vec<Found> {
    keys.iter().map(|key| (*key as u32, (key >> 32) as u16)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passes_cover_a_range_and_the_first_fits() {
        for k in [1, 10, 300, MOST_K] {
            let room = room(k);
            for (start, end) in [(0, 1), (0, 1_000_000), (77, 78), (77, 1_000), (128, 1_152), (1, 100_000_000)] {
                let passes = passes(&(start..end), k, room);
                assert_eq!((passes[0].start, passes[passes.len() - 1].end), (start, end));
                assert!(passes[0].len() <= room);
                assert!(
                    passes.windows(2).all(|two| two[0].end == two[1].start && two[0].end.is_multiple_of(TILE as u32))
                );
                assert!(passes.iter().all(|pass| !pass.is_empty()) && passes.len() < 30, "{passes:?}");
            }
        }
    }
}
