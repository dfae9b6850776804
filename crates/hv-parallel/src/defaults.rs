//! The measured defaults of [`Thresholds`]: the work from which waking the pool pays.
//!
//! A set for each backend, because faster kernels make the same work shorter. `cargo xtask tune-thresholds --write`
//! measures and writes the set of the backend in use, and no other; no threshold is less than 5 us of work. Units, and
//! what makes the operations differ, stand with the fields of `Thresholds`.

use hv_simd::Backend;

use crate::Thresholds;

pub(crate) fn measured(backend: Backend) -> Thresholds {
    match backend {
        Backend::Avx512 => AVX512,
        Backend::Avx2 => AVX2,
        Backend::Sse2 => SSE2,
        _ => SCALAR,
    }
}

/// Not measured: those of AVX2, times the ratio of what the kernels need for a vector (2.9; bundles 1.7; a bind is
/// bound by memory).
const AVX512: Thresholds = Thresholds {
    bind: AVX2.bind,
    similarity: AVX2.similarity.saturating_mul(29) / 10,
    bundle: AVX2.bundle.saturating_mul(17) / 10,
    nearest: AVX2.nearest.saturating_mul(29) / 10,
    top_k: AVX2.top_k.saturating_mul(29) / 10,
};

/// AMD EPYC (family 25, model 1); 2 cores, 2 hardware threads, pool of 2, avx2 kernels; 2026-11-22
/// (bind by hand: six runs gave 710 to 4,000, as a pool wakes in 3 us or in 20 here, run by run)
#[rustfmt::skip]
const AVX2: Thresholds = Thresholds {
    bind: 1_000,
    similarity: 1_400,
    bundle: 690,
    nearest: 3_200,
    top_k: 3_600,
};

/// AMD EPYC (family 25, model 1); 2 cores, 2 hardware threads, pool of 2, sse2 kernels; 2026-11-22
#[rustfmt::skip]
const SSE2: Thresholds = Thresholds {
    bind: 2_800,
    similarity: 700,
    bundle: 610,
    nearest: 1_000,
    top_k: 1_000,
};

/// AMD EPYC (family 25, model 1); 2 cores, 2 hardware threads, pool of 2, scalar kernels; 2026-11-22
#[rustfmt::skip]
const SCALAR: Thresholds = Thresholds {
    bind: 4_000,
    similarity: 700,
    bundle: 370,
    nearest: 700,
    top_k: 790,
};
