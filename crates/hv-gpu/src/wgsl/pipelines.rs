//! The shaders, and what they are compiled to.

use wgpu::{
    ComputePipeline, ComputePipelineDescriptor, PipelineCompilationOptions, ShaderModuleDescriptor, ShaderSource,
};

use super::context::Context;
use crate::backend::DISTANCES;
use crate::error::GpuError;

/// Invocations of a workgroup of all shaders but `tighten`.
pub(crate) const GROUP: u32 = 64;

/// Vectors that an invocation of `scan` and `count` looks at, one after the other.
///
/// llvmpipe cuts the loops of an invocation after 65,535 iterations in all, and says nothing. One of `scan` has at most
/// 16 * (16 * 16 + 16) + 4, one of `count_ones` 8 * (255 * 9 + 32), whatever the number of vectors.
pub(crate) const STEPS: u32 = 16;

/// Queries of a workgroup of `scan`, at most.
pub(crate) const TILES: [u32; 3] = [1, 4, 16];

/// Results that there is room for, for each query.
pub(crate) const ROOM: u32 = 8192;

/// Vectors that a counter of a byte can count.
pub(crate) const BLOCK: u32 = 255;

/// Blocks that a workgroup of `count_ones` counts.
pub(crate) const BLOCKS: u32 = 8;

/// Chunks of 16 bytes that an invocation of `read_all` reads.
pub(super) const READS: u32 = 16;

/// How many times an invocation of `count_rate` counts the ones of 8 words.
pub(super) const TURNS: u32 = 1024;

/// The shaders of a device.
pub(crate) struct Pipelines {
    /// For each size of a tile.
    pub scan: [ComputePipeline; TILES.len()],
    pub tighten: ComputePipeline,
    pub count: ComputePipeline,
    pub distances: ComputePipeline,
    pub count_ones: ComputePipeline,
}

impl Pipelines {
    pub(crate) fn new(context: &Context, subgroups: bool) -> Result<Self, GpuError> {
        let compile = |name: &str, constants: &[(&str, f64)]| compile(context, name, constants, subgroups);
        let [one, few, many] = TILES.map(|tile| compile("scan", &[("TILE", tile.into())]));
        Ok(Self {
            scan: [one?, few?, many?],
            tighten: compile("tighten", &[])?,
            count: compile("count", &[])?,
            distances: compile("distances", &[])?,
            count_ones: compile("count_ones", &[])?,
        })
    }
}

/// Compiles a shader for the device.
pub(super) fn compile(
    context: &Context,
    name: &str,
    constants: &[(&str, f64)],
    subgroups: bool,
) -> Result<ComputePipeline, GpuError> {
    context.checked(|device| {
        let source = ShaderSource::Wgsl(source(name, subgroups).into());
        let module = device.create_shader_module(ShaderModuleDescriptor { label: Some(name), source });
        device.create_compute_pipeline(&ComputePipelineDescriptor {
            label: Some(name),
            layout: None,
            module: &module,
            entry_point: Some("main"),
            compilation_options: PipelineCompilationOptions { constants, ..Default::default() },
            cache: None,
        })
    })
}

/// The names of all shaders.
#[cfg(test)]
pub(super) const NAMES: [&str; 7] = ["scan", "tighten", "count", "distances", "count_ones", "read_all", "count_rate"];

/// The source of a shader, by the name of its file.
pub(super) fn source(name: &str, subgroups: bool) -> String {
    let constants = [
        ("GROUP", GROUP),
        ("STEPS", STEPS),
        ("MAX_TILE", TILES[TILES.len() - 1]),
        ("ROOM", ROOM),
        ("BLOCK", BLOCK),
        ("BLOCKS", BLOCKS),
        ("DISTANCES", DISTANCES as u32),
        ("READS", READS),
        ("TURNS", TURNS),
    ];
    let constants = constants.map(|(name, value)| format!("const {name} = {value}u;\n")).concat();
    let filter = include_str!("shaders/filter.wgsl");
    let distance = include_str!("shaders/distance.wgsl");
    let keep = if subgroups { include_str!("shaders/keep_subgroups.wgsl") } else { include_str!("shaders/keep.wgsl") };
    let parts: &[&str] = match name {
        "scan" => &[filter, distance, keep, include_str!("shaders/scan.wgsl")],
        "tighten" => &[include_str!("shaders/tighten.wgsl")],
        "count" => &[filter, distance, include_str!("shaders/count.wgsl")],
        "distances" => &[filter, distance, include_str!("shaders/distances.wgsl")],
        "read_all" => &[include_str!("shaders/read_all.wgsl")],
        "count_rate" => &[include_str!("shaders/count_rate.wgsl")],
        _ => &[filter, include_str!("shaders/count_ones.wgsl")],
    };
    constants + &parts.concat()
}
