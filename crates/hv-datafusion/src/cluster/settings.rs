//! Settings that make the loss of a node cost seconds: Ballista's defaults wait for three minutes.

use std::sync::Arc;
use std::time::Duration;

use ballista_core::extension::{EndpointOverrideFn, SessionConfigExt};
use datafusion::error::Result;
use datafusion::prelude::SessionConfig;
use tonic::transport::Endpoint;

/// How often an executor says that it lives.
pub const HEARTBEAT: Duration = Duration::from_secs(1);

/// How long it may say nothing before it counts as lost.
pub const LOST_AFTER: Duration = Duration::from_secs(6);

/// How long it may say nothing before a query that runs is run again. Shorter than what makes Ballista run parts of it again.
pub const SILENT_AFTER: Duration = Duration::from_secs(4);

/// How long jobs wait for an executor when all are lost.
pub const GRACE: Duration = Duration::from_secs(10);

/// The largest message: a thousand queries are 256 KiB, and a plan names all files of its tables.
pub const MAX_MESSAGE: u32 = 64 << 20;

/// Connections that notice when the other side is stopped, which a plain TCP connection never does.
pub fn endpoint(endpoint: Endpoint) -> Endpoint {
    endpoint
        .connect_timeout(Duration::from_secs(4))
        .http2_keep_alive_interval(Duration::from_secs(2))
        .keep_alive_timeout(Duration::from_secs(4))
        .keep_alive_while_idle(true)
        .tcp_nodelay(true)
}

/// The same as Ballista takes it.
pub fn override_endpoint() -> EndpointOverrideFn {
    Arc::new(|given| Ok(endpoint(given)))
}

/// The settings of a session, on the client and on every node.
///
/// # Errors
///
/// If Ballista does not know a setting.
pub fn session_config() -> Result<SessionConfig> {
    let mut config = SessionConfig::new_with_ballista()
        // Where the adaptive planner is on, a query whose finished output is lost with its executor waits for ever.
        .with_ballista_adaptive_query_planner(false)
        .with_ballista_grpc_client_max_message_size(MAX_MESSAGE as usize)
        .with_ballista_override_create_grpc_client_endpoint(override_endpoint());
    let settings = [("ballista.client.io_retries_times", "1"), ("ballista.client.io_retry_wait_time_ms", "500")];
    for (name, value) in settings {
        config.options_mut().set(name, value)?;
    }
    Ok(config)
}
