//! Runs a query, here or on a cluster, until its whole result is spooled.

use std::time::{Duration, Instant};

use datafusion::execution::context::SQLOptions;
use datafusion::prelude::{DataFrame, SessionContext};
use futures::StreamExt;
use hv_datafusion::cluster;

use super::args::Arguments;
use super::failure::Failure;
use super::spool::Spool;
use super::tables::{Table, tasks};

/// How long to wait for the first executor.
const WAIT: Duration = Duration::from_secs(10);

/// The result of a statement.
///
/// # Errors
///
/// If a table cannot be read, the statement is wrong, or its query fails.
pub async fn answer(arguments: &Arguments, statement: &str) -> Result<Spool, Failure> {
    let tables: Vec<Table> =
        arguments.table.iter().map(|(name, path)| Table::find(name, path)).collect::<Result<_, _>>()?;
    let Some(scheduler) = &arguments.cluster else {
        let context = cluster::local().map_err(|error| Failure::failed(error.to_string()))?;
        return spooled(plan(&context, &tables, statement).await?).await.map_err(Failure::from);
    };
    if let Some(store) = tables.iter().find(|table| table.is_store()) {
        let text = format!("--table {}: a store is read in this process alone; leave --cluster out", store.name());
        return Err(Failure::usage(text));
    }
    let context =
        cluster::remote(scheduler, tasks(&tables)).await.map_err(|error| Failure::failed(error.to_string()))?;
    let frame = plan(&context, &tables, statement).await?;
    wait_for_executors(scheduler).await?;
    match spooled(frame.clone()).await {
        Err(error) if !is_of_the_job(&error.to_string()) => {
            // The job was done, and its results were lost while they came: their executor is gone.
            wait_for_executors(scheduler).await?;
            spooled(frame).await.map_err(Failure::from)
        }
        result => result.map_err(Failure::from),
    }
}

/// Plans the statement; most errors in it are found here.
async fn plan(context: &SessionContext, tables: &[Table], statement: &str) -> Result<DataFrame, Failure> {
    for table in tables {
        table.register(context).await?;
    }
    let queries_only = SQLOptions::new().with_allow_ddl(false).with_allow_dml(false).with_allow_statements(false);
    Ok(context.sql_with_options(statement, queries_only).await?)
}

async fn spooled(frame: DataFrame) -> datafusion::error::Result<Spool> {
    let mut stream = frame.execute_stream().await?;
    let mut spool = Spool::new(stream.schema());
    while let Some(batch) = stream.next().await {
        spool.push(batch?)?;
    }
    Ok(spool)
}

/// Whether the job itself failed, and not the fetching of its results.
fn is_of_the_job(error: &str) -> bool {
    error.contains(" failed: ") || error.contains("without job completing")
}

async fn wait_for_executors(scheduler: &str) -> Result<(), Failure> {
    let start = Instant::now();
    loop {
        let status = cluster::status(scheduler).await.map_err(|error| Failure::failed(error.to_string()))?;
        if status.executors > 0 {
            return Ok(());
        }
        if start.elapsed() > WAIT {
            let refused: String = status.refused.iter().map(|reason| format!("; {reason}")).collect();
            return Err(Failure::failed(format!(
                "the cluster at {scheduler} has no executor; start one with hv-executor{refused}"
            )));
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}
