//! Batches over hypervectors on Rayon, parallel only where that pays.
//!
//! Every function gives the same bits as its sequential twin in [`hv_simd`], for every number of threads, threshold
//! and chunk size. Each batch operation has two forms, and each form has a variant that writes into room of the caller's:
//!
//! - `adaptive_*` shares only work that is worth it, by [`Thresholds`]. Take these unless you know better.
//! - `parallel_*` shares its work among the threads of the pool, however little it is, down to the some hundred
//!   nanoseconds of a single part. Waking a thread takes some microseconds where the pool was just used and 30 to 80
//!   where it sleeps, so for little work this is many times slower than one thread.
//! - `*_into` writes into a slice, and allocates nothing that grows with the input. That of top-k writes into [`Hits`],
//!   flat results that keep their memory.
//!
//! | operation | `adaptive_` | `parallel_` |
//! |---|---|---|
//! | bind with one key | [`adaptive_batch_bind`] | [`parallel_batch_bind`] |
//! | bind pair by pair | [`adaptive_batch_bind_pairs`] | [`parallel_batch_bind_pairs`] |
//! | similarities with one query | [`adaptive_batch_similarity`] | [`parallel_batch_similarity`], [`parallel_chunked_similarity`] |
//! | bundles of many sets | [`adaptive_batch_bundle`] | [`parallel_batch_bundle`] |
//! | the nearest vector | [`adaptive_batch_find_most_similar`] | [`parallel_batch_find_most_similar`] |
//! | the k nearest vectors | [`adaptive_batch_find_top_k`] | [`parallel_batch_find_top_k`] |
//! | the k best Tanimoto scores | [`adaptive_find_top_k_tanimoto`] | [`parallel_find_top_k_tanimoto`] |
//! | Tanimoto scores from a threshold on | [`adaptive_find_within_tanimoto`] | [`parallel_find_within_tanimoto`] |
//!
//! Four more have one form, on the pool, as they are made for large inputs: [`parallel_bundle`],
//! [`parallel_all_pairs_similarity`], [`parallel_find_similar_pairs`] and [`parallel_find_similar_pairs_tanimoto`], from
//! which [`butina_clusters`] makes clusters. [`Search`] is the search for the k nearest as a
//! trait, which a device can implement. Operations on one thread are in [`hv_simd`].
//!
//! ```
//! use hv_parallel::{HV16, adaptive_batch_bind, adaptive_batch_find_top_k};
//!
//! let memory: Vec<HV16> = (0..1_000).map(HV16::random).collect();
//! let key = HV16::random(1_000);
//! let bound = adaptive_batch_bind(&memory, &key);
//! let cues = [bound[7] ^ key, bound[8] ^ key];
//! let found = adaptive_batch_find_top_k(&cues, &memory, 1);
//! assert_eq!(found, [[(7, 1.0)], [(8, 1.0)]]);
//! ```
//!
//! # Threads
//!
//! The current Rayon pool is used: the one that the caller runs in (`ThreadPool::install`), else the global one,
//! whose size `RAYON_NUM_THREADS` sets. Calls may be nested in other parallel work, and a panic, for example of a
//! caller's filter, is passed on and leaves the pool usable. The calling thread works with the pool's. Do not hold a
//! lock that other work of the pool may want while such a call shares its work.
//!
//! A call that shares its work ends when the helpers that it asked for have run, even those that come when nothing is
//! left to do. A thread of the pool need not wait for them; any other does, until the pool comes to them. So while long
//! jobs keep all threads of a pool, short calls from outside of it wait for one of these jobs to end: make them from
//! within (`ThreadPool::install`), in a pool of their own, or with [`Thresholds`] that are never reached.
//!
//! Where the system gives no threads, the calling thread does all of the work.
//!
//! # Fork
//!
//! A child has none of the threads of its parent, so a pool that was started before the fork would never answer there.
//! Once a process has used a pool through this crate, calls in its children compute on the calling thread alone. That a
//! program has used Rayon by itself before it forks is not noticed: make one call here first, or run the child's
//! calls in a pool that the child has built. Do not run `ThreadPool::install` in a child on a pool of its parent; Rayon
//! waits for ever there.
//!
//! # Environment
//!
//! `HV_THRESHOLDS` sets [`Thresholds`], `HV_BACKEND` the kernels. A wrong value is an error and never ignored:
//! [`init`](fn@init) returns it; without that call the first function that needs the value panics with the same text.

mod adaptive_map;
mod best;
mod bind;
mod bitmap;
mod block;
mod bundle;
mod collect;
mod defaults;
mod engine;
mod fingerprints;
mod first_within;
#[doc(hidden)]
pub mod for_encoding;
#[doc(hidden)]
pub mod for_programs;
#[doc(hidden)]
pub mod for_storage;
mod hits;
mod in_force;
mod init;
mod init_error;
mod job;
mod measure;
mod nearest;
mod pairs;
mod parallel_for;
#[cfg(test)]
mod parallel_for_tests;
mod parts;
mod pool;
mod progress;
mod pruned;
mod room;
mod same_length;
mod search;
mod segments;
mod sequential_scope;
mod similarity;
mod slice_search;
mod split;
mod tanimoto;
mod threads;
mod thresholds;
mod top_k;

pub use bind::{
    adaptive_batch_bind, adaptive_batch_bind_into, adaptive_batch_bind_pairs, adaptive_batch_bind_pairs_into,
    parallel_batch_bind, parallel_batch_bind_into, parallel_batch_bind_pairs, parallel_batch_bind_pairs_into,
};
pub use bitmap::Bitmap;
pub use bundle::{
    adaptive_batch_bundle, adaptive_batch_bundle_into, parallel_batch_bundle, parallel_batch_bundle_into,
    parallel_bundle,
};
pub use fingerprints::{SimilarPairs, butina_clusters, max_min_picks, parallel_find_similar_pairs_tanimoto};
pub use hits::Hits;
pub use in_force::{set_thresholds, thresholds};
pub use init::{ParallelismInfo, init, parallelism_info};
pub use init_error::InitError;
pub use nearest::{
    adaptive_batch_find_most_similar, adaptive_batch_find_most_similar_into, parallel_batch_find_most_similar,
    parallel_batch_find_most_similar_into,
};
pub use pairs::parallel_find_similar_pairs;
pub use progress::Progress;
pub use search::{Search, SearchError};
pub use similarity::{
    adaptive_batch_similarity, adaptive_batch_similarity_into, parallel_all_pairs_similarity,
    parallel_batch_similarity, parallel_batch_similarity_into, parallel_chunked_similarity,
    parallel_chunked_similarity_into,
};
pub use slice_search::SliceSearch;
pub use tanimoto::{
    adaptive_find_top_k_tanimoto, adaptive_find_within_tanimoto, parallel_find_top_k_tanimoto,
    parallel_find_within_tanimoto,
};
pub use thresholds::{Operation, Thresholds, ThresholdsError};
pub use top_k::{
    adaptive_batch_find_top_k, adaptive_batch_find_top_k_into, parallel_batch_find_top_k,
    parallel_batch_find_top_k_into,
};

pub use hv_simd;
pub use hv_simd::{Backend, BackendError, Bound, HV16};
