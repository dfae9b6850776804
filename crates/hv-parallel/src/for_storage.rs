//! What hv-memory is built on: search over vectors that lie in several slices, work
//! under a lock, and tables of measured figures.
//!
//! For hv-memory alone: everything here may change with any release.

pub use hv_simd::workspace_internals::figure;

pub use crate::adaptive_map::adaptive_map;
pub use crate::first_within::adaptive_first_within_into;
pub use crate::pairs::{
    segments_find_similar_pairs, segments_find_similar_pairs_of, segments_find_similar_pairs_with_progress,
};
pub use crate::pool::note_process;
pub use crate::pruned::{Pruned, WithPrefixes, segments_find_pruned};
pub use crate::sequential_scope::SequentialScope;
pub use crate::top_k::segments_find_top_k;
