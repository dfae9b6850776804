//! The measured defaults of [`Thresholds`]: the work from which waking the pool pays.
//!
//! The figures are in `defaults.txt`, one set for each backend, because faster kernels make the same work shorter. They
//! become constants when this is compiled.

use hv_simd::Backend;
use hv_simd::workspace_internals::figure;

use crate::thresholds::{Operation, Thresholds};

impl Thresholds {
    /// The measured defaults for the kernels of a backend.
    ///
    /// ```
    /// use hv_parallel::{Backend, Thresholds};
    ///
    /// assert_eq!(Thresholds::default(), Thresholds::for_backend(Backend::best()));
    /// ```
    #[must_use]
    pub fn for_backend(backend: Backend) -> Self {
        match backend {
            Backend::Avx512 => AVX512,
            Backend::Avx2 => AVX2,
            Backend::Sse2 => SSE2,
            Backend::Neon => NEON,
            Backend::Simd128 => SIMD128,
            _ => SCALAR,
        }
    }

    /// What a result of top-k costs, in pairs: some 50 ns for its places in a heap, which are the more pairs the faster the
    /// kernels of the backend compare one.
    #[must_use]
    pub fn result_work(backend: Backend) -> usize {
        // Some 50 ns in pairs (docs/tuning.md). With AVX-512 half of that: each thread finds results of its own, so they are
        // the part of the work that is shared least.
        match backend {
            Backend::Avx512 => 20,
            Backend::Avx2 => 12,
            _ => 4,
        }
    }
}

impl Default for Thresholds {
    /// The measured defaults for the best backend of this CPU, whatever the environment says. For the backend in use take
    /// [`for_backend`](Thresholds::for_backend) with [`active_backend`](hv_simd::active_backend).
    fn default() -> Self {
        Self::for_backend(Backend::best())
    }
}

const AVX512: Thresholds = of("avx512");
const AVX2: Thresholds = of("avx2");
const SSE2: Thresholds = of("sse2");
const NEON: Thresholds = of("neon");
const SIMD128: Thresholds = of("simd128");
const SCALAR: Thresholds = of("scalar");

/// The set of a backend in `defaults.txt`. A figure that is missing there is an error of the compiler.
const fn of(backend: &str) -> Thresholds {
    const fn figure_of(backend: &str, operation: Operation) -> usize {
        figure(include_str!("defaults.txt"), backend, operation.name()) as usize
    }
    Thresholds {
        bind: figure_of(backend, Operation::Bind),
        similarity: figure_of(backend, Operation::Similarity),
        bundle: figure_of(backend, Operation::Bundle),
        nearest: figure_of(backend, Operation::Nearest),
        top_k: figure_of(backend, Operation::TopK),
    }
}
