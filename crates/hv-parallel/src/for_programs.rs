//! What the programs of this workspace are built on: searches whose memory, and bundles whose vectors, come in parts.
//!
//! For crates of this workspace alone: everything here may change with any release.

pub use hv_simd::workspace_internals::TanimotoTopK;

pub use crate::bundle::parallel_counts;
pub use crate::tanimoto::TanimotoSearch;
