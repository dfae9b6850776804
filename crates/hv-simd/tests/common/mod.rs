//! What every test here needs: the backends that this CPU has, named where it lacks one, and random vectors.

// Each test file uses a part of this.
#![allow(dead_code)]

use std::io::Write;
use std::sync::Mutex;

use hv_simd::hv_core::rand_core::{Rng, SeedableRng};
use hv_simd::workspace_internals::Kernels;
use hv_simd::{Backend, HV16};

/// Queries enough for what a backend has for many of them.
pub const MANY: usize = 60;

/// The tables of all backends that this CPU has. One that it lacks is named in the output, and is a failure where
/// `HV_REQUIRE` lists it (`HV_REQUIRE=avx2,avx512`).
pub fn all_kernels() -> Vec<&'static Kernels> {
    let required = std::env::var("HV_REQUIRE").unwrap_or_default();
    let required: Vec<Backend> =
        required.split(',').filter(|name| !name.is_empty()).map(|name| name.parse().unwrap()).collect();
    let mut found = Vec::new();
    for &backend in Backend::ALL {
        match Kernels::for_backend(backend) {
            Some(kernels) => {
                assert_eq!(kernels.backend(), backend, "the table must be the backend's own");
                found.push(kernels);
            }
            None if required.contains(&backend) => panic!("HV_REQUIRE: this CPU or build lacks {backend}"),
            None => name_once(backend),
        }
    }
    found
}

/// Says that a backend could not be tested, once a process and past the test harness, which hides what passing tests
/// print with `eprintln!`.
fn name_once(backend: Backend) {
    static NAMED: Mutex<Vec<Backend>> = Mutex::new(Vec::new());
    let mut named = NAMED.lock().unwrap();
    if !named.contains(&backend) {
        named.push(backend);
        let line = format!("not tested: this CPU or build lacks {backend}\n");
        std::io::stderr().write_all(line.as_bytes()).unwrap();
    }
}

/// `n` random vectors of a seed.
pub fn random(n: usize, seed: u64) -> Vec<HV16> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    (0..n).map(|_| HV16::random_from(&mut rng)).collect()
}

/// `n` vectors near one another, with many equal ones and complements: ties in ranking and in bundles.
pub fn tied(n: usize, seed: u64) -> Vec<HV16> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let centre = HV16::random_from(&mut rng);
    let mut vectors: Vec<HV16> = Vec::new();
    for _ in 0..n {
        let previous = vectors.get(rng.next_u64() as usize % vectors.len().max(1)).copied().unwrap_or(centre);
        let mut next = [previous, !previous, centre, HV16::ZERO, HV16::ONES][rng.next_u64() as usize % 5];
        for _ in 0..rng.next_u64() % 3 {
            let bit = rng.next_u64() as usize % HV16::DIM;
            next.set_bit(bit, !next.bit(bit));
        }
        vectors.push(next);
    }
    vectors
}

pub use rand_chacha::ChaCha8Rng;
