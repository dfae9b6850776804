//! What `Codes` holds, which every search reads.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hv_memory::HV16;
use pyo3::prelude::*;

/// Vectors that stay aligned in memory, to be searched again and again. Every search of the package takes Codes in place
/// of an array.
///
/// Args:
///     array: an array of uint8 with shape (n, 256), which is copied; nothing for no vectors.
#[pyclass(module = "hv", frozen)]
pub struct Codes {
    /// Shared with searches and arrays, which see the vectors of the moment they were made.
    vectors: Mutex<Arc<Vec<HV16>>>,
}

impl Codes {
    pub fn vectors(&self) -> Arc<Vec<HV16>> {
        Arc::clone(&self.lock())
    }

    pub fn from_vec(vectors: Vec<HV16>) -> Self {
        Self { vectors: Mutex::new(Arc::new(vectors)) }
    }

    /// Locked for short whiles only, in which no other thread may fork.
    pub fn lock(&self) -> MutexGuard<'_, Arc<Vec<HV16>>> {
        self.vectors.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
