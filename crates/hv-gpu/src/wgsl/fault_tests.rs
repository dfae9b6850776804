//! Faults that only the inside of a device can cause.

use std::sync::Arc;
use std::time::{Duration, Instant};

use hv_parallel::{Bound, HV16};

use super::adapters::{adapters, open};
use super::vectors::WgpuBackend;
use crate::backend::{Backend, Scan};
use crate::error::GpuError;
use crate::options::GpuOptions;

/// All devices, with a time-out.
fn backends(timeout: Duration) -> Vec<Arc<WgpuBackend>> {
    let options = GpuOptions::new().timeout(timeout);
    adapters().iter().map(|(adapter, device)| open(adapter, device, &options, adapter.features()).unwrap()).collect()
}

/// What a scan of vectors that are all zero says. Their number makes it take long.
fn scan(backend: &dyn Backend, vectors: usize, queries: usize) -> Result<(), GpuError> {
    let range = 0..vectors as u32;
    let vectors = backend.allocate(vectors)?;
    let (queries, bounds) = (vec![HV16::ONES; queries], vec![Bound::NONE; queries]);
    vectors.find(&Scan { queries: &queries, bounds: &bounds, range, filter: None }, Some(1)).map(|_| ())
}

#[test]
fn a_device_that_takes_too_long_is_given_up() {
    let timeout = Duration::from_millis(1);
    for backend in backends(timeout) {
        let vectors = backend.max_vectors().min(1 << 19);
        assert_eq!(scan(&*backend, vectors, backend.max_queries()), Err(GpuError::TimedOut(timeout)));
        // From now on it fails at once, and is dropped without waiting for the work.
        let start = Instant::now();
        assert_eq!(scan(&*backend, vectors, 1), Err(GpuError::TimedOut(timeout)));
        drop(backend);
        println!("dropped after {:?}", start.elapsed());
    }
}

#[test]
fn a_lost_device_is_an_error() {
    for backend in backends(Duration::from_secs(30)) {
        let vectors = backend.allocate(64).unwrap();
        vectors.write(0, &[HV16::ONES]).unwrap();
        backend.shared.context.device().destroy();
        let lost = |error: GpuError| assert!(matches!(error, GpuError::Lost { .. }), "{error}");
        lost(vectors.write(0, &[HV16::ONES]).unwrap_err());
        lost(vectors.read(0, &mut [HV16::ZERO]).unwrap_err());
        lost(backend.allocate(64).err().unwrap());
        let scan = Scan { queries: &[HV16::ONES], bounds: &[Bound::NONE], range: 0..1, filter: None };
        lost(vectors.find(&scan, Some(1)).unwrap_err());
        lost(vectors.count(&scan).unwrap_err());
        lost(vectors.count_ones(0..1, None).unwrap_err());
        lost(vectors.distances_into(&HV16::ONES, 0, &mut [0]).unwrap_err());
    }
}

#[test]
fn what_the_driver_refuses_is_an_error() {
    for backend in backends(Duration::from_secs(30)) {
        let device = backend.shared.context.device();
        let too_large = backend.shared.context.buffer(device.limits().max_buffer_size + 4, wgpu::BufferUsages::STORAGE);
        assert!(matches!(too_large.unwrap_err(), GpuError::Failed { .. }));
        // The device goes on.
        backend.allocate(64).unwrap().write(0, &[HV16::ONES]).unwrap();
    }
}
