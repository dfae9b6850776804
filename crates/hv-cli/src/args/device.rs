//! The device that an argument names.

use clap::ValueEnum;

/// Where vectors are searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DeviceArg {
    Cpu,
    Gpu,
}
