//! From a vector back to what it was made of.

mod error;
mod resonator;
mod sparse_distributed;

pub use error::FactorError;
pub use resonator::{Factors, Resonator};
pub use sparse_distributed::SparseDistributedMemory;
