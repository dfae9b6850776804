//! The limits of a device, by shaders that do nothing else.

use std::time::Instant;

use wgpu::{BufferUsages, SubmissionIndex};

use super::context::Context;
use super::pipelines::{GROUP, READS, TURNS, compile};
use super::steps::{Step, submit};
use crate::error::GpuError;
use crate::rates::Rates;

/// Bytes that are read, at most: much more than the device's cache holds.
const READ: u64 = 512 << 20;
/// Bytes that are uploaded, at most.
const UPLOADED: u64 = 64 << 20;
/// Seconds next to which what starting a shader takes is little.
const LONG: f64 = 2e-3;
/// Workgroups that count ones, at most.
const MOST_GROUPS: u32 = 1 << 14;

/// Measures with a buffer of `bytes` at most, a multiple of what a workgroup reads: `GROUP * READS` times 16 bytes.
pub(super) fn measure(context: &Context, bytes: u64) -> Result<Rates, GpuError> {
    let bytes = bytes.min(READ);
    let storage = BufferUsages::STORAGE | BufferUsages::COPY_DST;
    let (memory, sink) = (context.buffer(bytes, storage)?, context.buffer(4, storage)?);

    let pipeline = compile(context, "read_all", &[], false)?;
    let groups = (bytes / u64::from(GROUP * READS * 16)) as u32;
    let step = Step::new(context, &pipeline, &[(0, &memory), (1, &sink)], [groups, 1])?;
    let read = seconds(context, || submit(context, [step.clone()]))?;

    let uploaded = bytes.min(UPLOADED);
    let host = context.buffer(uploaded, BufferUsages::MAP_WRITE | BufferUsages::COPY_SRC)?;
    let upload =
        seconds(context, || context.submit(|encoder| encoder.copy_buffer_to_buffer(&host, 0, &memory, 0, uploaded)))?;

    let pipeline = compile(context, "count_rate", &[], false)?;
    let mut groups = GROUP;
    let counted = loop {
        let step = Step::new(context, &pipeline, &[(1, &sink)], [groups, 1])?;
        let counted = seconds(context, || submit(context, [step.clone()]))?;
        if counted > LONG || groups >= MOST_GROUPS {
            break f64::from(groups) * f64::from(GROUP * TURNS * 8) / counted;
        }
        groups *= 4;
    };
    Ok(Rates { read: bytes as f64 / read, upload: uploaded as f64 / upload, counted, compared: None })
}

/// The seconds that work takes: the least of some runs.
fn seconds(context: &Context, work: impl Fn() -> Result<SubmissionIndex, GpuError>) -> Result<f64, GpuError> {
    let mut least = f64::INFINITY;
    for _ in 0..5 {
        let start = Instant::now();
        context.wait(work()?)?;
        least = least.min(start.elapsed().as_secs_f64());
    }
    Ok(least)
}
