//! Where the nodes of a cluster read tables and keep temporary files.

use std::path::PathBuf;
use std::sync::Arc;

use datafusion::error::Result;
use datafusion::execution::runtime_env::{RuntimeEnv, RuntimeEnvBuilder};

/// A runtime that reads files, and with the feature `s3` buckets; temporary files go into a folder where one is given.
///
/// # Errors
///
/// If the folder cannot be used.
pub fn runtime(temporary: Option<PathBuf>) -> Result<Arc<RuntimeEnv>> {
    let mut builder = RuntimeEnvBuilder::new();
    if let Some(folder) = temporary {
        builder = builder.with_temp_file_path(folder);
    }
    #[cfg(feature = "s3")]
    {
        builder = builder.with_object_store_registry(Arc::new(super::buckets::Buckets::default()));
    }
    builder.build_arc()
}
