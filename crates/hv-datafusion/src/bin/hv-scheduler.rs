//! The program `hv-scheduler`: plans queries and hands their tasks to executors.

use std::net::SocketAddr;
use std::process::ExitCode;

use clap::Parser;
use hv_datafusion::cluster::Scheduler;

/// Plans the queries of hv-sql, and hands their tasks to executors.
///
/// There is no authentication: whoever reaches the port can run queries and read files. Exit codes: 0 stopped by SIGINT or
/// SIGTERM, 1 failed, 2 wrong usage.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// Where to listen. With port 0 on any free port, which the first line of output names
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:50050")]
    bind: SocketAddr,
}

#[tokio::main]
async fn main() -> ExitCode {
    let Arguments { bind } = Arguments::parse();
    let run = async {
        let scheduler = Scheduler::bind(bind)?;
        eprintln!("hv-scheduler: listening on {}", scheduler.address());
        scheduler.serve().await
    };
    tokio::select! {
        result = run => match result {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("hv-scheduler: {error}");
                ExitCode::FAILURE
            }
        },
        () = stopped() => ExitCode::SUCCESS,
    }
}

/// Waits for SIGINT or SIGTERM.
async fn stopped() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}
