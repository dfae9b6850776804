//! The devices that wgpu shows.

use std::sync::Arc;

use pollster::block_on;
use wgpu::{
    Adapter, Backends, DeviceDescriptor, DeviceType, DownlevelFlags, ExperimentalFeatures, Features, Instance,
    InstanceDescriptor, InstanceFlags, MemoryBudgetThresholds, MemoryHints, Trace,
};

use super::context::Context;
use super::pipelines::Pipelines;
use super::vectors::WgpuBackend;
use crate::backend::{Backend, Candidate};
use crate::device::{GpuDevice, Interface, Kind};
use crate::error::GpuError;
use crate::options::GpuOptions;

/// The percentage of the device's memory from which on the driver need not be asked for more.
const FULL: u8 = 95;

/// The devices.
pub(crate) fn candidates() -> Vec<Candidate> {
    let candidate = |(adapter, device): (Adapter, GpuDevice)| {
        let shown = device.clone();
        let open = move |options: &GpuOptions| -> Result<Arc<dyn Backend>, GpuError> {
            Ok(open(&adapter, &shown, options, adapter.features())?)
        };
        Candidate { device, open: Box::new(open) }
    };
    adapters().into_iter().map(candidate).collect()
}

/// The devices that can compute.
pub(super) fn adapters() -> Vec<(Adapter, GpuDevice)> {
    if Instance::enabled_backend_features().is_empty() {
        return Vec::new(); // no way for this system
    }
    let instance = Instance::new(InstanceDescriptor {
        backends: Backends::VULKAN | Backends::METAL | Backends::DX12,
        flags: InstanceFlags::empty(),
        memory_budget_thresholds: MemoryBudgetThresholds { for_resource_creation: Some(FULL), for_device_loss: None },
        ..InstanceDescriptor::new_without_display_handle()
    });
    let mut adapters: Vec<(Adapter, GpuDevice)> = Vec::new();
    for adapter in block_on(instance.enumerate_adapters(Backends::all())) {
        let Some(interface) = interface(adapter.get_info().backend) else { continue };
        if !adapter.get_downlevel_capabilities().flags.contains(DownlevelFlags::COMPUTE_SHADERS) {
            continue;
        }
        let number = adapters.iter().filter(|(_, device)| device.interface == interface).count();
        let device = device(&adapter, interface, number);
        adapters.push((adapter, device));
    }
    adapters
}

fn interface(backend: wgpu::Backend) -> Option<Interface> {
    match backend {
        wgpu::Backend::Vulkan => Some(Interface::Vulkan),
        wgpu::Backend::Metal => Some(Interface::Metal),
        wgpu::Backend::Dx12 => Some(Interface::Dx12),
        _ => None,
    }
}

fn device(adapter: &Adapter, interface: Interface, number: usize) -> GpuDevice {
    let info = adapter.get_info();
    let kind = match info.device_type {
        DeviceType::DiscreteGpu => Kind::Discrete,
        DeviceType::IntegratedGpu => Kind::Integrated,
        DeviceType::VirtualGpu | DeviceType::Other => Kind::Other,
        DeviceType::Cpu => Kind::Software,
    };
    GpuDevice { name: info.name, interface, kind, number }
}

/// Opens a device, with the shaders compiled for it. Of its `features`, subgroups are used.
pub(super) fn open(
    adapter: &Adapter,
    device: &GpuDevice,
    options: &GpuOptions,
    features: Features,
) -> Result<Arc<WgpuBackend>, GpuError> {
    let failed = |reason| GpuError::Open { device: device.to_string(), reason };
    let subgroups = features & Features::SUBGROUP;
    let opened = block_on(adapter.request_device(&DeviceDescriptor {
        label: None,
        required_features: subgroups,
        // All that the adapter has: a binding of the usual 128 MiB would be half a million vectors.
        required_limits: adapter.limits(),
        experimental_features: ExperimentalFeatures::disabled(),
        memory_hints: MemoryHints::MemoryUsage,
        trace: Trace::Off,
    }));
    let (device, queue) = opened.map_err(|error| failed(error.to_string()))?;
    let context = Context::new(device, queue, options.timeout).map_err(|error| failed(error.to_string()))?;
    let pipelines = Pipelines::new(&context, !subgroups.is_empty()).map_err(|error| failed(error.to_string()))?;
    Ok(Arc::new(WgpuBackend::new(context, pipelines)))
}
