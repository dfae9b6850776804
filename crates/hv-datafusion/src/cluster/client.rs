//! Sessions whose queries run in this process, or on the cluster.

use ballista::prelude::SessionContextExt as _;
use datafusion::execution::SessionStateBuilder;
use datafusion::prelude::{SessionConfig, SessionContext};

use super::error::Error;
use super::runtime::runtime;
use super::settings;
use crate::functions::register;

/// A session with the functions of this crate, whose queries run in this process.
///
/// # Errors
///
/// If there is no folder for temporary files.
pub fn local() -> Result<SessionContext, Error> {
    let context = SessionContext::new_with_config_rt(SessionConfig::new(), runtime(None)?);
    register(&context);
    Ok(context)
}

/// A session with the functions of this crate, whose queries run on the cluster of the scheduler at `ADDR:PORT`.
///
/// Where an executor is lost while a query runs, its rows may come twice. Compare [`lost`](super::Status::lost) of the
/// scheduler's [`status`](super::status) before and after it, and run the query again where that has changed, as `hv-sql` does.
///
/// `partitions` is into how many parts a table is cut at least: about the number of its files, or more for large ones.
///
/// # Errors
///
/// If `scheduler` is no such address. That it answers is not checked here; see [`status`](super::status).
pub async fn remote(scheduler: &str, partitions: usize) -> Result<SessionContext, Error> {
    let config = settings::session_config()?.with_target_partitions(partitions.max(1));
    let state =
        SessionStateBuilder::new().with_default_features().with_config(config).with_runtime_env(runtime(None)?).build();
    let context = SessionContext::remote_with_state(&format!("df://{scheduler}"), state).await?;
    // After the session is made: what it had of functions before is dropped.
    register(&context);
    Ok(context)
}
