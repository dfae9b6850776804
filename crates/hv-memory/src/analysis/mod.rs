//! What can be computed from episodes, apart from how they are stored: pure functions.
//!
//! Nothing here changes or stores anything, and no result depends on threads or hash seeds.

mod coactivations;

pub use coactivations::{Coactivation, coactivations};
