//! A device that several threads and memories share.

use std::ops::DerefMut;
use std::sync::{Mutex, PoisonError};

use super::buffers::Buffers;
use super::device::Device;
use crate::error::GpuError;

/// One call at a time works on a device: who holds the buffers.
pub(super) struct Shared {
    pub device: Device,
    buffers: Mutex<Buffers>,
}

impl Shared {
    pub(super) fn new(device: Device) -> Self {
        Self { device, buffers: Mutex::default() }
    }

    /// The right to use the device, with its buffers.
    pub(super) fn lock(&self) -> Result<impl DerefMut<Target = Buffers>, GpuError> {
        let buffers = self.buffers.lock().unwrap_or_else(PoisonError::into_inner);
        self.device.check()?;
        Ok(buffers)
    }
}
