//! An executor: Ballista's, with our functions.

use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ballista_core::ids::new_instance_id;
use ballista_core::registry::BallistaFunctionRegistry;
use ballista_executor::executor_process::{ExecutorProcessConfig, start_executor_process};

use super::error::Error;
use super::identity::Identity;
use super::runtime::runtime;
use super::settings;
use super::status::status;
use crate::functions::aggregate_functions;
use crate::scalar::scalar_functions;

/// How long an executor waits for its scheduler.
const WAIT: Duration = Duration::from_secs(10);

/// How an executor runs.
#[derive(Clone, Debug)]
pub struct ExecutorOptions {
    /// The scheduler, as `ADDR:PORT`.
    pub scheduler: String,
    /// Where to listen, an IPv4 address; the port after it is used too. Other nodes and clients must reach both.
    pub bind: SocketAddr,
    /// How many tasks run at a time; at least 1.
    pub slots: usize,
    /// Where to make a folder for results that wait to be fetched; the system's folder for temporary files by default. What
    /// the executor makes there it removes when it ends.
    pub work_dir: Option<PathBuf>,
}

/// Runs an executor until it gets SIGINT or SIGTERM. `ready` is called with its id once it may register.
///
/// # Errors
///
/// If the scheduler does not answer within 10 s, has another version or other functions, or refuses the executor; if a port
/// is in use; if the folder cannot be made.
pub async fn run_executor(options: ExecutorOptions, ready: impl FnOnce(&str)) -> Result<(), Error> {
    let (bind, work) = (options.bind, options.work_dir);
    let second = bind.port().checked_add(1).filter(|_| bind.port() > 0);
    let Some(second) = second else {
        return Err(
            format!("an executor listens on its port and the next, and {bind} has none; give 1 to 65534").into()
        );
    };
    if bind.is_ipv6() {
        return Err(format!("Ballista's executors do not listen on IPv6, as {bind} is; give an IPv4 address").into());
    }
    // Ballista ends without an error where it cannot listen.
    for address in [bind, SocketAddr::new(bind.ip(), second)] {
        TcpListener::bind(address)
            .map_err(|error| format!("cannot listen on {address}: {error}; give another --bind"))?;
    }
    wait_for(&options.scheduler).await?;
    let folder = work_folder(work)?;
    let Some((host, port)) = options.scheduler.rsplit_once(':') else {
        return Err(format!("{} is no ADDR:PORT", options.scheduler).into());
    };
    let temporary = folder.path().to_owned();
    let id = format!("{};{}", Identity::own().to_text(), new_instance_id());
    let config = ExecutorProcessConfig {
        executor_id: id.clone(),
        bind_host: bind.ip().to_string(),
        external_host: (!bind.ip().is_unspecified()).then(|| bind.ip().to_string()),
        port: bind.port(),
        grpc_port: second,
        scheduler_host: host.to_owned(),
        scheduler_port: port.parse()?,
        vcores: options.slots.max(1),
        work_dir: Some(folder.path().to_string_lossy().into_owned()),
        executor_heartbeat_interval_seconds: settings::HEARTBEAT.as_secs(),
        grpc_max_decoding_message_size: settings::MAX_MESSAGE,
        grpc_max_encoding_message_size: settings::MAX_MESSAGE,
        override_function_registry: Some(Arc::new(functions())),
        override_runtime_producer: Some(Arc::new(move |_| runtime(Some(temporary.clone())))),
        override_config_producer: Some(Arc::new(|| settings::session_config().unwrap_or_default())),
        override_create_grpc_client_endpoint: Some(settings::override_endpoint()),
        ..ExecutorProcessConfig::default()
    };
    ready(&id);
    start_executor_process(Arc::new(config)).await?;
    Ok(())
}

/// Waits until the scheduler answers, and compares it with this program.
async fn wait_for(scheduler: &str) -> Result<(), Error> {
    let start = Instant::now();
    loop {
        match status(scheduler).await {
            Ok(_) => return Ok(()),
            Err(error) if start.elapsed() > WAIT || !error.to_string().contains("does not answer") => {
                return Err(error);
            }
            Err(_) => tokio::time::sleep(Duration::from_millis(250)).await,
        }
    }
}

fn work_folder(parent: Option<PathBuf>) -> Result<tempfile::TempDir, Error> {
    let parent = parent.unwrap_or_else(std::env::temp_dir);
    let made = std::fs::create_dir_all(&parent)
        .and_then(|()| tempfile::Builder::new().prefix("hv-executor-").tempdir_in(&parent));
    made.map_err(|error| {
        format!("cannot make a folder in {}: {error}; give another --work-dir", parent.display()).into()
    })
}

/// The functions of DataFusion, and ours.
fn functions() -> BallistaFunctionRegistry {
    let mut functions = BallistaFunctionRegistry::default();
    for function in scalar_functions() {
        functions.scalar_functions.insert(function.name().to_owned(), Arc::new(function));
    }
    for function in aggregate_functions() {
        functions.aggregate_functions.insert(function.name().to_owned(), Arc::new(function));
    }
    functions
}
