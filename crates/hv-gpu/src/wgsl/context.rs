//! An open device of wgpu, whose faults are errors.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use std::{io, thread};

use pollster::block_on;
use wgpu::{
    Buffer, BufferDescriptor, BufferUsages, CommandBuffer, CommandEncoder, Device, DeviceLostReason, Error,
    ErrorFilter, MapMode, PollError, PollType, Queue, SubmissionIndex,
};

use crate::error::GpuError;

/// Something that a driver may take long for.
type Job = Box<dyn FnOnce() + Send>;

/// A device and its queue. After a fault that leaves it in an unknown state, every call fails with that fault.
pub(crate) struct Context {
    device: Device,
    queue: Queue,
    timeout: Duration,
    fault: Arc<OnceLock<GpuError>>,
    /// A thread that submits work: some drivers, llvmpipe among them, return only when the work is done.
    submitter: Sender<Job>,
}

impl Context {
    /// # Errors
    ///
    /// If the system gives no thread.
    pub(crate) fn new(device: Device, queue: Queue, timeout: Duration) -> io::Result<Self> {
        let fault = Arc::new(OnceLock::new());
        let lost = Arc::clone(&fault);
        device.set_device_lost_callback(move |why, said| {
            let destroyed = why == DeviceLostReason::Destroyed;
            let reason = if destroyed || said.is_empty() { "it was destroyed".to_owned() } else { said };
            let _ = lost.set(GpuError::Lost { reason });
        });
        let uncaptured = Arc::clone(&fault);
        device.on_uncaptured_error(Arc::new(move |error: Error| {
            let _ = uncaptured.set(GpuError::Failed { reason: error.to_string() });
        }));
        let (submitter, jobs) = channel::<Job>();
        thread::Builder::new().spawn(move || jobs.into_iter().for_each(|job| job()))?;
        Ok(Self { device, queue, timeout, fault, submitter })
    }

    pub(crate) fn device(&self) -> &Device {
        &self.device
    }

    /// Does `work` with the device, and returns what went wrong.
    pub(crate) fn checked<T>(&self, work: impl FnOnce(&Device) -> T) -> Result<T, GpuError> {
        self.sound()?;
        let result = checked(&self.device, || work(&self.device))?;
        self.sound().map(|()| result)
    }

    /// A buffer, with zeros.
    pub(crate) fn buffer(&self, bytes: u64, usage: BufferUsages) -> Result<Buffer, GpuError> {
        let descriptor = BufferDescriptor { label: None, size: bytes, usage, mapped_at_creation: false };
        self.checked(|device| device.create_buffer(&descriptor))
    }

    /// A buffer that shaders read, with these bytes, a multiple of 4.
    pub(crate) fn buffer_of(&self, bytes: &[u8], usage: BufferUsages) -> Result<Buffer, GpuError> {
        let buffer = self.buffer(bytes.len() as u64, usage | BufferUsages::COPY_DST)?;
        self.checked(|_| self.queue.write_buffer(&buffer, 0, bytes))?;
        Ok(buffer)
    }

    /// Writes bytes into a buffer, and waits.
    pub(crate) fn write(&self, buffer: &Buffer, offset: u64, bytes: &[u8]) -> Result<(), GpuError> {
        self.checked(|_| self.queue.write_buffer(buffer, offset, bytes))?;
        let index = self.submit_recorded(None)?;
        self.wait(index)
    }

    /// Records and submits work.
    pub(crate) fn submit(&self, record: impl FnOnce(&mut CommandEncoder)) -> Result<SubmissionIndex, GpuError> {
        let recorded = self.checked(|device| {
            let mut encoder = device.create_command_encoder(&Default::default());
            record(&mut encoder);
            encoder.finish()
        })?;
        self.submit_recorded(Some(recorded))
    }

    fn submit_recorded(&self, recorded: Option<CommandBuffer>) -> Result<SubmissionIndex, GpuError> {
        self.sound()?;
        let (device, queue) = (self.device.clone(), self.queue.clone());
        let (sender, submitted) = channel();
        let job = move || {
            let _ = sender.send(checked(&device, || queue.submit(recorded)));
        };
        // Where nobody takes the job, or it ends before it has sent, the channel is closed.
        let _ = self.submitter.send(Box::new(job));
        match submitted.recv_timeout(self.timeout) {
            Ok(index) => index,
            Err(RecvTimeoutError::Timeout) => Err(self.failed(GpuError::TimedOut(self.timeout))),
            Err(RecvTimeoutError::Disconnected) => Err(self.failed(lost())),
        }
    }

    /// The bytes of pieces of a buffer, given as offsets and lengths in multiples of 4, one after the other.
    pub(crate) fn read(&self, buffer: &Buffer, pieces: &[(u64, u64)]) -> Result<Vec<u8>, GpuError> {
        let bytes = pieces.iter().map(|(_, len)| len).sum();
        if bytes == 0 {
            return Ok(Vec::new());
        }
        let copy = self.buffer(bytes, BufferUsages::MAP_READ | BufferUsages::COPY_DST)?;
        let index = self.submit(|encoder| {
            let mut at = 0;
            for &(offset, len) in pieces.iter().filter(|(_, len)| *len > 0) {
                encoder.copy_buffer_to_buffer(buffer, offset, &copy, at, len);
                at += len;
            }
        })?;
        let (sender, mapped) = channel();
        self.checked(|_| {
            copy.slice(..).map_async(MapMode::Read, move |result| {
                let _ = sender.send(result);
            });
        })?;
        self.wait(index)?;
        let view = match mapped.try_recv() {
            Ok(Ok(())) => copy.slice(..).get_mapped_range().map_err(|error| error.to_string()),
            Ok(Err(error)) => Err(error.to_string()),
            Err(_) => Err("it has not handed over what it computed".to_owned()),
        };
        let unread = |reason| self.sound().err().unwrap_or(GpuError::Failed { reason });
        Ok(view.map_err(unread)?.to_vec())
    }

    /// Waits until work is done, at most for the time-out.
    pub(crate) fn wait(&self, index: SubmissionIndex) -> Result<(), GpuError> {
        let wait = PollType::Wait { submission_index: Some(index), timeout: Some(self.timeout) };
        // wgpu panics where a wait finds that the device is lost.
        match catch_unwind(AssertUnwindSafe(|| self.device.poll(wait))) {
            Ok(Ok(_)) => self.sound(),
            Ok(Err(PollError::Timeout)) => Err(self.failed(GpuError::TimedOut(self.timeout))),
            // The work was not taken.
            Ok(Err(PollError::WrongSubmissionIndex(..))) | Err(_) => Err(self.failed(lost())),
        }
    }

    /// Gives the device up, for this fault or an earlier one.
    fn failed(&self, fault: GpuError) -> GpuError {
        self.fault.get_or_init(|| fault).clone()
    }

    /// The fault that the device has had, if any.
    fn sound(&self) -> Result<(), GpuError> {
        self.fault.get().map_or(Ok(()), |fault| Err(fault.clone()))
    }
}

impl Drop for Context {
    /// A queue that is dropped waits for its work. Where that takes too long, the other thread waits.
    fn drop(&mut self) {
        if let Some(GpuError::TimedOut(_)) = self.fault.get() {
            let (device, queue) = (self.device.clone(), self.queue.clone());
            let wait = move || {
                let _ = catch_unwind(AssertUnwindSafe(|| device.poll(PollType::wait_indefinitely())));
                drop(queue);
            };
            let _ = self.submitter.send(Box::new(wait));
        }
    }
}

fn lost() -> GpuError {
    GpuError::Lost { reason: "it takes no work any more".to_owned() }
}

/// Does `work` with a device, and returns what went wrong. `work` must not change threads: each has its own scopes for errors.
fn checked<T>(device: &Device, work: impl FnOnce() -> T) -> Result<T, GpuError> {
    let filters = [ErrorFilter::Internal, ErrorFilter::Validation, ErrorFilter::OutOfMemory];
    let mut scopes = filters.map(|filter| Some(device.push_error_scope(filter)));
    let result = work();
    // Those that were opened last are closed first.
    let errors = scopes.iter_mut().rev().filter_map(|scope| block_on(scope.take()?.pop()));
    match errors.fold(None, |first, error| first.or(Some(error))) {
        Some(Error::OutOfMemory { .. }) => Err(GpuError::OutOfMemory),
        Some(error) => Err(GpuError::Failed { reason: error.to_string() }),
        None => Ok(result),
    }
}
