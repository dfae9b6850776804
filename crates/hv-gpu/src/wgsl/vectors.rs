//! What a device of wgpu does, by the shaders.

use std::ops::Range;
use std::sync::Arc;

use bytemuck::{cast_slice, cast_slice_mut, pod_collect_to_vec};
use hv_parallel::{Bound, HV16};
use wgpu::{Buffer, BufferUsages};

use super::context::Context;
use super::pipelines::{BLOCK, BLOCKS, GROUP, Pipelines, ROOM, STEPS, TILES};
use super::rates;
use super::rounds::rounds;
use super::steps::{Step, groups, submit};
use crate::backend::{Backend, DISTANCES, Found, Histogram, Scan, Vectors};
use crate::error::GpuError;
use crate::rates::Rates;

/// Queries of a scan: their results have 16 MiB.
const QUERIES: usize = 256;

/// The largest `k`: the list of a query has room for the results of a round and of all earlier rounds.
const MAX_K: usize = ROOM as usize / 8;

/// Vectors in an allocation, so that workgroups can be numbered with 16 bits.
const MAX_VECTORS: u64 = 1 << 25;

/// Pairs of a query and a vector from which on a round is submitted before the next is recorded.
const LONG: usize = 1 << 24;

/// Vectors whose distances are read at a time.
const DISTANCES_READ: usize = 1 << 20;

/// An open device.
pub(crate) struct WgpuBackend {
    pub(super) shared: Arc<Shared>,
}

pub(super) struct Shared {
    pipelines: Pipelines,
    pub(super) context: Context,
}

impl WgpuBackend {
    pub(crate) fn new(context: Context, pipelines: Pipelines) -> Self {
        Self { shared: Arc::new(Shared { context, pipelines }) }
    }
}

impl Backend for WgpuBackend {
    fn max_vectors(&self) -> usize {
        let limits = self.shared.context.device().limits();
        let bytes = limits.max_storage_buffer_binding_size.min(limits.max_buffer_size);
        ((bytes / HV16::BYTES as u64).min(MAX_VECTORS) / 64 * 64) as usize
    }

    fn max_queries(&self) -> usize {
        QUERIES
    }

    fn max_k(&self) -> usize {
        MAX_K
    }

    fn allocate(&self, capacity: usize) -> Result<Box<dyn Vectors>, GpuError> {
        let usage = BufferUsages::STORAGE | BufferUsages::COPY_DST | BufferUsages::COPY_SRC;
        let buffer = self.shared.context.buffer(bytes_of(capacity), usage)?;
        Ok(Box::new(WgpuVectors { buffer, shared: Arc::clone(&self.shared) }))
    }

    fn rates(&self) -> Result<Rates, GpuError> {
        rates::measure(&self.shared.context, bytes_of(self.max_vectors()))
    }
}

/// Vectors in one buffer, one after the other.
struct WgpuVectors {
    buffer: Buffer,
    shared: Arc<Shared>,
}

impl Vectors for WgpuVectors {
    fn write(&self, first: usize, vectors: &[HV16]) -> Result<(), GpuError> {
        self.shared.context.write(&self.buffer, bytes_of(first), cast_slice(vectors))
    }

    fn read(&self, first: usize, out: &mut [HV16]) -> Result<(), GpuError> {
        let bytes = self.shared.context.read(&self.buffer, &[(bytes_of(first), bytes_of(out.len()))])?;
        cast_slice_mut(out).copy_from_slice(&bytes);
        Ok(())
    }

    fn find(&self, scan: &Scan<'_>, k: Option<usize>) -> Result<Vec<Option<Vec<Found>>>, GpuError> {
        let Shared { context, pipelines } = &*self.shared;
        let queries = scan.queries.len();
        let input = self.input(scan.queries, scan.bounds, scan.filter)?;
        let results = BufferUsages::STORAGE | BufferUsages::COPY_SRC;
        let lengths = context.buffer(4 * queries as u64, results)?;
        let found = context.buffer(RESULT * u64::from(ROOM) * queries as u64, results)?;
        let output = [(4, &input.bounds), (5, &lengths), (6, &found)];
        let tile = TILES.iter().position(|&tile| tile as usize >= queries).unwrap_or(TILES.len() - 1);
        let tiles = (queries as u32).div_ceil(TILES[tile]);
        let tighten = match k {
            Some(k) => {
                let params = context.buffer_of(cast_slice(&[k as u32, 0, 0, 0]), BufferUsages::UNIFORM)?;
                let buffers = [&[(0, &params)], &output[..]].concat();
                Some(Step::new(context, &pipelines.tighten, &buffers, [queries as u32, 1])?)
            }
            None => None,
        };
        let mut steps = Vec::new();
        for round in rounds(scan.range.clone(), queries, k.is_some()) {
            let groups = [groups(round.len(), GROUP * STEPS), tiles];
            let params = self.params(&round, queries, scan.filter)?;
            let buffers = [&self.all(&params, &input)[..], &output].concat();
            steps.push(Step::new(context, &pipelines.scan[tile], &buffers, groups)?);
            steps.extend(tighten.clone());
            if round.len() * queries >= LONG {
                submit(context, steps.drain(..))?;
            }
        }
        submit(context, steps)?;
        let lengths: Vec<u32> = pod_collect_to_vec(&context.read(&lengths, &[(0, 4 * queries as u64)])?);
        let is_whole = |&(_, &length): &(usize, &u32)| length <= ROOM;
        let piece =
            |(query, &length): (usize, &u32)| (query as u64 * u64::from(ROOM) * RESULT, u64::from(length) * RESULT);
        let pieces: Vec<(u64, u64)> = lengths.iter().enumerate().filter(is_whole).map(piece).collect();
        let results: Vec<[u32; 2]> = pod_collect_to_vec(&context.read(&found, &pieces)?);
        let mut results = results.into_iter().map(|[distance, vector]| (vector, distance as u16));
        let mut take = |length: u32| results.by_ref().take(length as usize).collect();
        Ok(lengths.into_iter().map(|length| (length <= ROOM).then(|| take(length))).collect())
    }

    fn count(&self, scan: &Scan<'_>) -> Result<Vec<Histogram>, GpuError> {
        let Shared { context, pipelines } = &*self.shared;
        let queries = scan.queries.len();
        let input = self.input(scan.queries, scan.bounds, scan.filter)?;
        let bytes = (queries * size_of::<Histogram>()) as u64;
        let totals = context.buffer(bytes, BufferUsages::STORAGE | BufferUsages::COPY_SRC)?;
        for round in rounds(scan.range.clone(), queries, false) {
            let groups = [groups(round.len(), GROUP * STEPS), queries as u32];
            let params = self.params(&round, queries, scan.filter)?;
            let buffers = [&self.all(&params, &input)[..], &[(4, &input.bounds), (5, &totals)]].concat();
            submit(context, [Step::new(context, &pipelines.count, &buffers, groups)?])?;
        }
        let counts: Vec<u32> = pod_collect_to_vec(&context.read(&totals, &[(0, bytes)])?);
        let histogram = |counts: &[u32]| std::array::from_fn(|distance| counts[distance]);
        Ok(counts.chunks_exact(DISTANCES).map(histogram).collect())
    }

    fn distances_into(&self, query: &HV16, first: usize, out: &mut [u16]) -> Result<(), GpuError> {
        let Shared { context, pipelines } = &*self.shared;
        let input = self.input(std::slice::from_ref(query), &[Bound::NONE], None)?;
        for (number, out) in out.chunks_mut(DISTANCES_READ).enumerate() {
            let first = (first + number * DISTANCES_READ) as u32;
            let range = first..first + out.len() as u32;
            let bytes = 4 * out.len().div_ceil(2) as u64;
            let distances = context.buffer(bytes, BufferUsages::STORAGE | BufferUsages::COPY_SRC)?;
            let params = self.params(&range, 1, None)?;
            let buffers = [(0, &params), (1, &self.buffer), (2, &input.queries), (4, &distances)];
            let groups = [groups(range.len(), 2 * GROUP), 1];
            submit(context, [Step::new(context, &pipelines.distances, &buffers, groups)?])?;
            let found: Vec<u16> = pod_collect_to_vec(&context.read(&distances, &[(0, bytes)])?);
            out.copy_from_slice(&found[..out.len()]);
        }
        Ok(())
    }

    fn count_ones(&self, range: Range<u32>, filter: Option<&[u64]>) -> Result<Vec<u32>, GpuError> {
        let Shared { context, pipelines } = &*self.shared;
        let input = self.input(&[HV16::ZERO], &[Bound::NONE], filter)?;
        let bytes = 4 * HV16::DIM as u64;
        let totals = context.buffer(bytes, BufferUsages::STORAGE | BufferUsages::COPY_SRC)?;
        let params = self.params(&range, 1, filter)?;
        let buffers = [(0, &params), (1, &self.buffer), (3, &input.filter), (4, &totals)];
        let groups = [groups(range.len(), BLOCK * BLOCKS), 1];
        submit(context, [Step::new(context, &pipelines.count_ones, &buffers, groups)?])?;
        Ok(pod_collect_to_vec(&context.read(&totals, &[(0, bytes)])?))
    }
}

/// Bytes of a result: the distance and the vector.
const RESULT: u64 = 8;

/// What a call gives to the shaders.
struct Input {
    queries: Buffer,
    bounds: Buffer,
    /// Four words where there is no filter, which nobody reads.
    filter: Buffer,
}

impl WgpuVectors {
    fn input(&self, queries: &[HV16], bounds: &[Bound], filter: Option<&[u64]>) -> Result<Input, GpuError> {
        let context = &self.shared.context;
        let limits: Vec<u32> = bounds.iter().map(|bound| bound.limit().into()).collect();
        Ok(Input {
            queries: context.buffer_of(cast_slice(queries), BufferUsages::STORAGE)?,
            bounds: context.buffer_of(cast_slice(&limits), BufferUsages::STORAGE)?,
            filter: context.buffer_of(cast_slice(filter.unwrap_or(&[0; 2])), BufferUsages::STORAGE)?,
        })
    }

    fn params(&self, range: &Range<u32>, queries: usize, filter: Option<&[u64]>) -> Result<Buffer, GpuError> {
        let params = [range.start, range.end, queries as u32, filter.is_some().into()];
        self.shared.context.buffer_of(cast_slice(&params), BufferUsages::UNIFORM)
    }

    /// What common.wgsl declares.
    fn all<'a>(&'a self, params: &'a Buffer, input: &'a Input) -> [(u32, &'a Buffer); 4] {
        [(0, params), (1, &self.buffer), (2, &input.queries), (3, &input.filter)]
    }
}

fn bytes_of(vectors: usize) -> u64 {
    (vectors * HV16::BYTES) as u64
}
