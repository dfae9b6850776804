//! What a device is called, and how it is reached.

use std::fmt;

/// The way to a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Interface {
    /// CUDA: devices of NVIDIA.
    Cuda,
    /// Vulkan: devices of AMD, Intel and NVIDIA, and software such as llvmpipe, on Linux and Windows.
    Vulkan,
    /// Metal: devices of Apple.
    Metal,
    /// Direct3D 12: devices on Windows.
    Dx12,
}

impl Interface {
    /// All interfaces.
    pub const ALL: [Self; 4] = [Self::Cuda, Self::Vulkan, Self::Metal, Self::Dx12];

    /// The name that `HV_GPU` takes.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cuda => "cuda",
            Self::Vulkan => "vulkan",
            Self::Metal => "metal",
            Self::Dx12 => "dx12",
        }
    }
}

impl fmt::Display for Interface {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The kind of a device. Ordered: the fastest kind first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// A device with its own memory.
    Discrete,
    /// A device that uses the computer's memory.
    Integrated,
    /// A device that virtual machines share, or whose kind the driver does not tell.
    Other,
    /// A program on the CPU, such as llvmpipe. Its results are right, but hv's own search on that CPU is faster.
    Software,
}

/// A device that is there.
///
/// Shown as its name and interface, as in `NVIDIA H200 (cuda)`; software says so, as in `llvmpipe (vulkan, software)`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct GpuDevice {
    /// The name that the driver gives.
    pub(crate) name: String,
    pub(crate) interface: Interface,
    pub(crate) kind: Kind,
    /// Which of the devices of its interface it is.
    pub(crate) number: usize,
}

impl GpuDevice {
    /// The name that the driver gives.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The way to the device. One device may be listed twice, once by CUDA and once by Vulkan.
    #[must_use]
    pub fn interface(&self) -> Interface {
        self.interface
    }

    /// The kind of the device.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Whether the device is a program on the CPU.
    #[must_use]
    pub fn is_software(&self) -> bool {
        self.kind == Kind::Software
    }
}

impl fmt::Display for GpuDevice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let software = if self.is_software() { ", software" } else { "" };
        write!(f, "{} ({}{software})", self.name, self.interface)
    }
}
