//! The cluster: Ballista's scheduler and executors with the functions of this crate.
//!
//! [`Scheduler`] and [`run_executor`] are what the programs `hv-scheduler` and `hv-executor` run, and [`local`] and
//! [`remote`] are the sessions of `hv-sql`. Any session of DataFusion can use such a cluster in the same way.
//!
//! Executors and clients compare their version and functions with the scheduler's ([`status`]), and the scheduler refuses
//! executors that differ, so none runs a task that it does not know.
//!
//! There is no authentication and no encryption: whoever reaches a port can run queries and read files. Listen on the
//! loopback interface, or on a network that only the cluster's nodes are in.

#[cfg(feature = "s3")]
mod buckets;
mod client;
mod error;
mod executor;
mod guard;
mod identity;
mod runtime;
mod scheduler;
mod settings;
mod status;

pub use client::{local, remote};
pub use error::Error;
pub use executor::{ExecutorOptions, run_executor};
pub use identity::Identity;
pub use scheduler::Scheduler;
pub use status::{Status, status};
