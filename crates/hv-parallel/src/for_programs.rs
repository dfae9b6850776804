//! What the programs of this workspace are built on: searches whose memory comes in parts.
//!
//! For crates of this workspace alone: everything here may change with any release.

pub use hv_simd::workspace_internals::TanimotoTopK;

pub use crate::tanimoto::TanimotoSearch;
