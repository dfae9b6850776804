//! The one error of the cluster.

/// What went wrong in the cluster, as a text for people.
pub type Error = Box<dyn std::error::Error + Send + Sync>;
