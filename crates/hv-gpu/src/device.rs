//! What a device is called, and how it is reached.

use std::fmt;

/// The way to a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Interface {
    /// NVIDIA's own.
    Cuda,
    /// AMD, Intel, NVIDIA, and software, on Linux and Windows.
    Vulkan,
    /// Apple.
    Metal,
    /// Windows.
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

/// What kind of device it is, the fastest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// With memory of its own.
    Discrete,
    /// With the memory of the computer.
    Integrated,
    /// Shared by virtual machines, or of a kind that the driver does not tell.
    Other,
    /// A program on the CPU, such as llvmpipe: right, and slower than this workspace on the same CPU.
    Software,
}

/// A device that is there. Its text names the device and the interface, and says `software` where it is that.
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

    /// The way to the device. One device may be in the list twice, by two ways.
    #[must_use]
    pub fn interface(&self) -> Interface {
        self.interface
    }

    /// What kind of device it is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Whether a program on the CPU takes the place of a device.
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
