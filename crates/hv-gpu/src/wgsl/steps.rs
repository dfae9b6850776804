//! What a device does: shaders with their buffers.

use wgpu::{BindGroup, BindGroupDescriptor, BindGroupEntry, Buffer, ComputePipeline, SubmissionIndex};

use super::context::Context;
use crate::error::GpuError;

/// A shader with its buffers and the number of its workgroups.
#[derive(Clone)]
pub(super) struct Step<'a> {
    pipeline: &'a ComputePipeline,
    bind_group: BindGroup,
    groups: [u32; 2],
}

impl<'a> Step<'a> {
    pub(super) fn new(
        context: &Context,
        pipeline: &'a ComputePipeline,
        buffers: &[(u32, &Buffer)],
        groups: [u32; 2],
    ) -> Result<Self, GpuError> {
        let entries: Vec<BindGroupEntry<'_>> = buffers
            .iter()
            .map(|(binding, buffer)| BindGroupEntry { binding: *binding, resource: buffer.as_entire_binding() })
            .collect();
        let bind_group = context.checked(|device| {
            let layout = pipeline.get_bind_group_layout(0);
            device.create_bind_group(&BindGroupDescriptor { label: None, layout: &layout, entries: &entries })
        })?;
        Ok(Self { pipeline, bind_group, groups })
    }
}

/// Has the device do some steps, one after the other, and does not wait.
pub(super) fn submit<'a>(
    context: &Context,
    steps: impl IntoIterator<Item = Step<'a>>,
) -> Result<SubmissionIndex, GpuError> {
    context.submit(|encoder| {
        let mut pass = encoder.begin_compute_pass(&Default::default());
        for step in steps {
            pass.set_pipeline(step.pipeline);
            pass.set_bind_group(0, &step.bind_group, &[]);
            pass.dispatch_workgroups(step.groups[0], step.groups[1], 1);
        }
    })
}

/// Workgroups for `n` vectors, `each` a group.
pub(super) fn groups(n: usize, each: u32) -> u32 {
    (n as u32).div_ceil(each)
}
