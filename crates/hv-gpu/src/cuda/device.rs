//! An open device: its stream, its kernels, and how to wait for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use cudarc::driver::{CudaContext, CudaEvent, CudaStream, DriverError, sys};

use super::failure::failure;
use super::kernels::Kernels;
use crate::error::GpuError;

/// Bytes of the device's memory that vectors leave free, for what calls need and other programs; at most a sixteenth of all.
const LEFT_FREE: usize = 1 << 30;

/// How long a wait asks without pause: a search of a million vectors takes less.
const EAGER: Duration = Duration::from_millis(2);

/// All work is in one stream, where it is done in order.
pub(super) struct Device {
    pub context: Arc<CudaContext>,
    pub stream: Arc<CudaStream>,
    pub capability: (i32, i32),
    pub kernels: Kernels,
    pub multiprocessors: u32,
    timeout: Duration,
    given_up: AtomicBool,
}

impl Device {
    pub(super) fn open(ordinal: usize, capability: (i32, i32), timeout: Duration) -> Result<Self, DriverError> {
        let context = CudaContext::new(ordinal)?;
        // SAFETY: all work is in one stream, so no events are needed between uses of memory.
        unsafe { context.disable_event_tracking() };
        let stream = context.new_stream()?;
        let kernels = Kernels::load(&context, capability)?;
        let multiprocessors = context.attribute(sys::CUdevice_attribute::CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT)?;
        let multiprocessors = multiprocessors.unsigned_abs().max(1);
        let given_up = AtomicBool::new(false);
        Ok(Self { context, stream, capability, kernels, multiprocessors, timeout, given_up })
    }

    /// Nothing, unless it has been given up.
    pub(super) fn check(&self) -> Result<(), GpuError> {
        if self.is_given_up() { Err(GpuError::TimedOut(self.timeout)) } else { Ok(()) }
    }

    /// Whether it has not answered in time. It may still be at work, so what it works on must not be freed.
    pub(super) fn is_given_up(&self) -> bool {
        self.given_up.load(Ordering::Relaxed)
    }

    /// Whether vectors may take this many bytes more.
    pub(super) fn has_room(&self, bytes: usize) -> Result<bool, GpuError> {
        let (free, total) = self.context.mem_get_info().map_err(failure)?;
        Ok(bytes.saturating_add(LEFT_FREE.min(total / 16)) <= free)
    }

    /// Waits until all that was asked for is done.
    pub(super) fn wait(&self) -> Result<(), GpuError> {
        self.wait_for(&self.stream.record_event(None).map_err(failure)?)
    }

    /// Waits until what an event was recorded after is done.
    pub(super) fn wait_for(&self, event: &CudaEvent) -> Result<(), GpuError> {
        let start = Instant::now();
        while !event.try_is_complete().map_err(failure)? {
            let waited = start.elapsed();
            if waited > self.timeout {
                self.given_up.store(true, Ordering::Relaxed);
                return Err(GpuError::TimedOut(self.timeout));
            }
            if waited < EAGER { thread::yield_now() } else { thread::sleep(EAGER / 20) }
        }
        Ok(())
    }
}
