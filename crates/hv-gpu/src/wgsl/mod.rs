//! Devices by wgpu: Vulkan, Metal and DX12, with kernels in WGSL.

pub(crate) mod adapters;
mod context;
#[cfg(test)]
mod fault_tests;
mod pipelines;
mod rates;
mod rounds;
#[cfg(test)]
mod shader_tests;
mod steps;
#[cfg(test)]
mod subgroup_tests;
mod vectors;
