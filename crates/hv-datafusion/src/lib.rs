//! Hypervectors in DataFusion: functions for SQL, and tables over stores.
//!
//! [`register`] gives a session the functions. Vectors are columns of 256 bytes: `FixedSizeBinary(256)`, `Binary`,
//! `LargeBinary` or `BinaryView`. A value of another length is an error. A null gives a null.
//!
//! | function | returns |
//! |---|---|
//! | `hv_random(seed)` | the vector that `HV16::random` gives |
//! | `hv_bind(a, b)` | XOR |
//! | `hv_permute(v, n)` | `v` rotated by `n` bits |
//! | `hv_hamming(a, b)` | the differing bits, `UInt16` |
//! | `hv_similarity(a, b)` | `1 - hv_hamming(a, b) / 2048`, `Float32` |
//! | `hv_tanimoto(a, b)` | the Tanimoto score, `Float64` |
//! | `hv_hex(v)` | 512 hexadecimal digits |
//! | `hv_encode_text(text [, n [, seed]])` | the vector of a text, as `TextEncoder::new(n, seed)` encodes it: 3 and 0 by default |
//! | `hv_bundle(v)` | aggregate: the majority; null for no vectors |
//! | `hv_top_k(id, v, query, k)` | aggregate: a list of structs `id`, `distance` of the `k` nearest rows |
//! | `hv_batch_top_k(id, v, queries, k)` | aggregate: such a list for each query, in their order |
//!
//! The nearest rows come by distance, then by smaller id. An id is an integer or a text, in the order of its bytes; rows of
//! equal id and distance are all kept, a row without a vector is left out, and a null id is an error. `query`, `queries` and
//! `k` are constants; wrong ones are errors when planning. For many queries `hv_batch_top_k` takes far less time than many
//! `hv_top_k`.
//!
//! Results have the same bits on any partitioning, backend and number of nodes. States that travel between nodes are the
//! byte forms of hv-parallel's `TopK` and `Accumulator`, where ids are integers.
//!
//! ```
//! use datafusion::prelude::SessionContext;
//!
//! # tokio::runtime::Runtime::new()?.block_on(async {
//! let context = SessionContext::new();
//! hv_datafusion::register(&context);
//! let rows = context
//!     .sql(
//!         "SELECT unnest(hv_top_k(id, hv_random(id), hv_random(7), 2))['id'] AS id
//!          FROM (VALUES (6), (7), (8)) AS t (id) LIMIT 1",
//!     )
//!     .await?
//!     .collect()
//!     .await?;
//! assert_eq!(rows[0].num_rows(), 1);
//! # Ok::<(), datafusion::error::DataFusionError>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![forbid(unsafe_code)]

mod bundle;
#[cfg(feature = "cluster")]
pub mod cluster;
mod functions;
mod literals;
mod names;
mod nearest;
mod scalar;
mod store_table;
mod text_top_k;
mod top_k;
mod vectors;

pub use functions::{aggregate_functions, register};
pub use hv_memory;
pub use scalar::scalar_functions;
pub use store_table::StoreTable;
