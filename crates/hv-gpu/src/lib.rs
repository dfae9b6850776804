//! Exact search and bundling of hypervectors on a GPU, bit for bit what the CPU gives.
//!
//! [`Gpu::open`] takes the best device, and [`GpuMemory`] keeps vectors there: it finds the nearest vectors, all within a
//! distance, similar pairs, and the bundle. It implements [`Search`], so a snapshot of hv-memory can be given a device.
//!
//! There are two ways to a device, each a feature that is on by default:
//!
//! - `wgpu`: Vulkan, Metal and DX12, for devices of AMD, Apple, Intel and NVIDIA. Tested on Mesa's llvmpipe, a device in
//!   software; nothing has run on a hardware device, nor by Metal or DX12.
//! - `cuda`: devices of NVIDIA with compute capability 8.0 or higher. The driver is loaded at run time, so neither building
//!   nor starting needs CUDA. The kernels are tested on the CPU; they have not run on a device.
//!
//! Results do not depend on the device, its driver or the number of devices.
//!
//! # Environment
//!
//! `HV_GPU` chooses the device: see [`Gpu::open`].
//!
//! # Errors
//!
//! Without a device, and with one that is lost, out of memory or too slow, a call returns a [`GpuError`]: never a panic, never
//! a wrong answer.

#![cfg_attr(not(feature = "cuda"), forbid(unsafe_code))]

mod backend;
mod bundle;
mod choice;
#[cfg(feature = "cuda")]
mod cuda;
mod device;
mod error;
mod exact;
#[doc(hidden)]
pub mod for_benchmarks;
mod gpu;
mod memory;
mod options;
mod pairs;
mod parts;
mod rates;
mod search;
#[cfg(feature = "wgpu")]
mod wgsl;

/// The example of the README, as a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

pub use device::{GpuDevice, Interface, Kind};
pub use error::GpuError;
pub use gpu::Gpu;
pub use memory::{GpuMemory, GpuView};
pub use options::GpuOptions;

pub use hv_parallel::{self, Bitmap, Bound, HV16, Hits, Progress, Search, SearchError};
