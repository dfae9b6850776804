//! The measured defaults of [`Thresholds`]: the work from which waking the pool pays.
//!
//! A set for each backend, because faster kernels make the same work shorter. `cargo xtask tune-thresholds --write`
//! measures and writes the set of the backend in use, and no other; no threshold is less than 3.5 us of work. Units,
//! and what makes the operations differ, stand with the fields of `Thresholds`.
//!
//! Two kinds are by hand, as they would lie where two threads take more time than one in one run and less in the next:
//! those of bind, where 750 to 770 was measured, but two threads take 3 to 6 us for a bind of 1,000, and one 4.7; and that
//! of bundle with AVX-512, where 1,900 was measured, but they take 3.5 to 6.2 us for 200 sets of 10, and one 4.7.

use hv_simd::Backend;

use crate::thresholds::Thresholds;

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
            _ => SCALAR,
        }
    }

    /// What a result of top-k costs, in pairs: some 50 ns for its places in a heap, which are the more pairs the faster the
    /// kernels of the backend compare one.
    #[must_use]
    pub fn result_work(backend: Backend) -> usize {
        // Of 1,000 vectors a result takes some 50 ns, where a pair takes 0.9 to 1.4 with AVX-512, 4.4 with AVX2, 12 with
        // SSE2 and 19 without (AMD EPYC, family 26 model 2, 2026-11-26). With AVX-512 half of that counts: each thread
        // finds results of its own, so they are the part of the work that is shared least.
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

/// AMD EPYC (family 26, model 2); 2 cores, 2 hardware threads, pool of 2, avx512 kernels; 2026-11-26
#[rustfmt::skip]
const AVX512: Thresholds = Thresholds {
    bind: 1_100,
    similarity: 2_800,
    bundle: 2_900,
    nearest: 3_600,
    top_k: 4_200,
};

/// AMD EPYC (family 26, model 2); 2 cores, 2 hardware threads, pool of 2, avx2 kernels; 2026-11-26
#[rustfmt::skip]
const AVX2: Thresholds = Thresholds {
    bind: 1_100,
    similarity: 780,
    bundle: 1_200,
    nearest: 1_000,
    top_k: 810,
};

/// AMD EPYC (family 26, model 2); 2 cores, 2 hardware threads, pool of 2, sse2 kernels; 2026-11-26
#[rustfmt::skip]
const SSE2: Thresholds = Thresholds {
    bind: 1_100,
    similarity: 280,
    bundle: 590,
    nearest: 310,
    top_k: 380,
};

/// AMD EPYC (family 26, model 2); 2 cores, 2 hardware threads, pool of 2, scalar kernels; 2026-11-26
#[rustfmt::skip]
const SCALAR: Thresholds = Thresholds {
    bind: 1_100,
    similarity: 220,
    bundle: 560,
    nearest: 220,
    top_k: 270,
};
