//! An open device of wgpu, whose faults are errors.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::channel;
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::Duration;

use pollster::block_on;
use wgpu::{
    Buffer, BufferDescriptor, BufferUsages, CommandBuffer, CommandEncoder, Device, DeviceLostReason, Error,
    ErrorFilter, MapMode, PollError, PollType, Queue, SubmissionIndex,
};

use crate::error::GpuError;

/// A device and its queue. After a fault that leaves it in an unknown state, every call fails with that fault.
pub(crate) struct Context {
    device: Device,
    queue: Queue,
    timeout: Duration,
    fault: Arc<OnceLock<GpuError>>,
}

impl Context {
    pub(crate) fn new(device: Device, queue: Queue, timeout: Duration) -> Self {
        let fault = Arc::new(OnceLock::new());
        let lost = Arc::clone(&fault);
        device.set_device_lost_callback(move |why, message| {
            // Dropping a device counts as losing it.
            let said = if message.is_empty() { format!("{why:?}") } else { message };
            let reason = if why == DeviceLostReason::Destroyed { "it was destroyed".to_owned() } else { said };
            let _ = lost.set(GpuError::Lost { reason });
        });
        let uncaptured = Arc::clone(&fault);
        device.on_uncaptured_error(Arc::new(move |error: Error| {
            let _ = uncaptured.set(GpuError::Failed { reason: error.to_string() });
        }));
        Self { device, queue, timeout, fault }
    }

    pub(crate) fn device(&self) -> &Device {
        &self.device
    }

    /// Does `work` with the device, and returns what went wrong.
    pub(crate) fn checked<T>(&self, work: impl FnOnce(&Device, &Queue) -> T) -> Result<T, GpuError> {
        self.sound()?;
        let filters = [ErrorFilter::Internal, ErrorFilter::Validation, ErrorFilter::OutOfMemory];
        let mut scopes = filters.map(|filter| Some(self.device.push_error_scope(filter)));
        let result = work(&self.device, &self.queue);
        // Those that were opened last are closed first.
        let errors = scopes.iter_mut().rev().filter_map(|scope| block_on(scope.take()?.pop()));
        match errors.reduce(|first, _| first) {
            Some(Error::OutOfMemory { .. }) => Err(GpuError::OutOfMemory),
            Some(error) => Err(GpuError::Failed { reason: error.to_string() }),
            None => self.sound().map(|()| result),
        }
    }

    /// A buffer, with zeros.
    pub(crate) fn buffer(&self, bytes: u64, usage: BufferUsages) -> Result<Buffer, GpuError> {
        let descriptor = BufferDescriptor { label: None, size: bytes, usage, mapped_at_creation: false };
        self.checked(|device, _| device.create_buffer(&descriptor))
    }

    /// A buffer that shaders read, with these bytes, of which there are a multiple of 4.
    pub(crate) fn buffer_of(&self, bytes: &[u8], usage: BufferUsages) -> Result<Buffer, GpuError> {
        let buffer = self.buffer(bytes.len() as u64, usage | BufferUsages::COPY_DST)?;
        self.checked(|_, queue| queue.write_buffer(&buffer, 0, bytes))?;
        Ok(buffer)
    }

    /// Writes bytes into a buffer, and waits.
    pub(crate) fn write(&self, buffer: &Buffer, offset: u64, bytes: &[u8]) -> Result<(), GpuError> {
        let index = self.checked(|_, queue| {
            queue.write_buffer(buffer, offset, bytes);
            queue.submit([])
        })?;
        self.wait(index)
    }

    /// Records and submits work.
    pub(crate) fn submit(&self, record: impl FnOnce(&mut CommandEncoder)) -> Result<SubmissionIndex, GpuError> {
        self.checked(|device, queue| queue.submit([self.recorded(device, record)]))
    }

    fn recorded(&self, device: &Device, record: impl FnOnce(&mut CommandEncoder)) -> CommandBuffer {
        let mut encoder = device.create_command_encoder(&Default::default());
        record(&mut encoder);
        encoder.finish()
    }

    /// The bytes of pieces of a buffer, given as offsets and lengths in multiples of 4, one after the other.
    pub(crate) fn read(&self, buffer: &Buffer, pieces: &[(u64, u64)]) -> Result<Vec<u8>, GpuError> {
        let bytes = pieces.iter().map(|(_, len)| len).sum();
        if bytes == 0 {
            return Ok(Vec::new());
        }
        let copy = self.buffer(bytes, BufferUsages::MAP_READ | BufferUsages::COPY_DST)?;
        self.submit(|encoder| {
            let mut at = 0;
            for &(offset, len) in pieces.iter().filter(|(_, len)| *len > 0) {
                encoder.copy_buffer_to_buffer(buffer, offset, &copy, at, len);
                at += len;
            }
        })?;
        let (sender, mapped) = channel();
        let index = self.checked(|_, queue| {
            copy.slice(..).map_async(MapMode::Read, move |result| {
                let _ = sender.send(result);
            });
            queue.submit([])
        })?;
        self.wait(index)?;
        let unread = |reason: String| self.sound().err().unwrap_or(GpuError::Failed { reason });
        match mapped.try_recv() {
            Ok(Ok(())) => {
                let view = copy.slice(..).get_mapped_range();
                Ok(view.map_err(|error| unread(error.to_string()))?.to_vec())
            }
            Ok(Err(error)) => Err(unread(error.to_string())),
            Err(_) => Err(unread("it has not handed over what was computed".to_owned())),
        }
    }

    /// Waits until work is done, at most for the time-out.
    fn wait(&self, index: SubmissionIndex) -> Result<(), GpuError> {
        let wait = PollType::Wait { submission_index: Some(index), timeout: Some(self.timeout) };
        // wgpu panics where a wait finds that the device is lost.
        let waited = catch_unwind(AssertUnwindSafe(|| self.device.poll(wait)));
        let fault = match waited {
            Ok(Ok(_)) => return self.sound(),
            Ok(Err(PollError::Timeout)) => GpuError::TimedOut(self.timeout),
            Ok(Err(error)) => GpuError::Failed { reason: error.to_string() },
            Err(_) => GpuError::Lost { reason: "it did not come back from its work".to_owned() },
        };
        Err(self.fault.get_or_init(|| fault).clone())
    }

    /// The fault that the device has had, if any.
    fn sound(&self) -> Result<(), GpuError> {
        self.fault.get().map_or(Ok(()), |fault| Err(fault.clone()))
    }
}

impl Drop for Context {
    /// A queue that is dropped waits for its work. Where that takes too long, a thread waits.
    fn drop(&mut self) {
        if let Some(GpuError::TimedOut(_)) = self.fault.get() {
            let (device, queue) = (self.device.clone(), self.queue.clone());
            let wait = move || {
                let _ = catch_unwind(AssertUnwindSafe(|| device.poll(PollType::wait_indefinitely())));
                drop(queue);
            };
            let _ = thread::Builder::new().spawn(wait);
        }
    }
}
