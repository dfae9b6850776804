//! Batches over hypervectors on Rayon, parallel only where that pays.
//!
//! Every function here is equal to its sequential twin in `hv-simd` bit for bit, for every number of threads.

pub use hv_simd;
pub use hv_simd::{
    Accumulator, Backend, BackendError, HV16, Kernels, LengthError, Report, TopK, active_backend, hv_core,
    max_distance, simd_batch_find_most_similar_into, simd_batch_find_top_k, simd_bind, simd_bind_into,
    simd_bind_pairs_into, simd_bundle, simd_distances_into, simd_find_most_similar, simd_find_top_k, simd_hamming,
    simd_permute, simd_scan, simd_similarities_into, simd_similarity, similarity,
};
