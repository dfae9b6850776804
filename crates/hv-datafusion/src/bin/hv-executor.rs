//! The program `hv-executor`: runs tasks of queries.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use hv_datafusion::cluster::{ExecutorOptions, run_executor};

/// Runs tasks of the queries that a scheduler plans.
///
/// One that was lost for longer, for example with its network, may end: let something start it again, such as systemd.
/// There is no authentication: whoever reaches the ports can run queries and read files. Exit codes: 0 stopped by SIGINT or
/// SIGTERM, 1 failed, 2 wrong usage.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// Where hv-scheduler listens
    #[arg(long, value_name = "ADDR:PORT")]
    scheduler: String,
    /// Where to listen; the port after it is used, too. Other nodes and hv-sql must reach both
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:50051")]
    bind: SocketAddr,
    /// How many tasks run at a time [default: the number of cores]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=65_536))]
    slots: Option<u32>,
    /// Where to keep results that wait to be fetched, in a folder that is removed at exit [default: the system's folder for
    /// temporary files]
    #[arg(long, value_name = "DIR")]
    work_dir: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> ExitCode {
    let Arguments { scheduler, bind, slots, work_dir } = Arguments::parse();
    if !scheduler.rsplit_once(':').is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok()) {
        eprintln!("hv-executor: --scheduler {scheduler}: give ADDR:PORT, such as 127.0.0.1:50050");
        return ExitCode::from(2);
    }
    let cores = || std::thread::available_parallelism().map_or(1, usize::from);
    let slots = slots.map_or_else(cores, |slots| slots as usize);
    let options = ExecutorOptions { scheduler, bind, slots, work_dir };
    match run_executor(options, |id| eprintln!("hv-executor: {id} at {bind}")).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("hv-executor: {error}");
            ExitCode::FAILURE
        }
    }
}
