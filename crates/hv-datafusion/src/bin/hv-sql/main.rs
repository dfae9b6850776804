//! The program `hv-sql`: SQL over files of vectors, on this machine or on a cluster.
//!
//! `args` is what can be typed. `npy` and `params` put the parameters into the statement, `tables` gives the session its
//! tables, `query` runs it, `spool` holds the result until all of it is there, and `output` prints it.

mod args;
mod failure;
mod npy;
mod output;
mod params;
mod query;
mod spool;
mod tables;

use std::process::ExitCode;

use clap::Parser;

use args::Arguments;
use failure::Failure;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let result = tokio::runtime::Runtime::new()
        .map_err(|error| Failure::failed(format!("cannot start threads: {error}")))
        .and_then(|runtime| {
            let result = runtime.block_on(run(arguments));
            // What is still running, such as a scan, need not be waited for.
            runtime.shutdown_background();
            result
        });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("hv-sql: {}", failure.text);
            ExitCode::from(failure.code)
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), Failure> {
    let statement = params::put_in(&arguments.sql, &arguments.param)?;
    let answer = query::answer(&arguments, &statement);
    let answer = async {
        match arguments.timeout {
            Some(seconds) => {
                tokio::time::timeout(std::time::Duration::from_secs(seconds), answer).await.map_err(|_| {
                    Failure::failed(format!("no result within {seconds} s; give more with --timeout, or ask for less"))
                })?
            }
            None => answer.await,
        }
    };
    // Whatever is dropped here is cancelled: the scheduler sees that the connection is gone, and cancels the job.
    let spool = tokio::select! {
        spool = answer => spool?,
        _ = tokio::signal::ctrl_c() => return Err(Failure { text: "stopped by SIGINT".to_owned(), code: 130 }),
    };
    output::print(spool, arguments.format)
}
