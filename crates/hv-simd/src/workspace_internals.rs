//! What this workspace alone uses: the table of kernels of one backend, the scans, the loops that benchmarks compare
//! kernels with, and tables of measured figures.
//!
//! Not part of the public interface. Anything here may change or go in any release.

#[cfg(feature = "alloc")]
pub use crate::by_ones::ByOnes;
pub use crate::figures::figure;
pub use crate::kernels::Kernels;
#[cfg(feature = "std")]
pub use crate::limits::{Limits, Read, XorPopcount};
pub use crate::prefix::Prefix;
pub use crate::report::{OnDistances, OnMatch, OnPrefix};
pub use crate::tanimoto_score::rank as tanimoto_rank;
#[cfg(feature = "alloc")]
pub use crate::tanimoto_top_k::TanimotoTopK;
