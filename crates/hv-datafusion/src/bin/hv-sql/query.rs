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
    let before = wait_for_executors(scheduler).await?;
    match undisturbed(scheduler, before, frame.clone()).await? {
        Some(Err(error)) if is_of_the_job(&error.to_string()) => Err(error.into()),
        Some(Ok(spool)) => Ok(spool),
        // An executor was lost, or results while they came. Ballista runs a lost part again by itself, but may then give rows twice.
        _ => {
            eprintln!("hv-sql: an executor was lost; the query runs again");
            let before = wait_for_executors(scheduler).await?;
            let again = undisturbed(scheduler, before, frame).await?;
            again.map_or_else(
                || Err(Failure::failed("executors were lost twice while the query ran; ask again".to_owned())),
                |result| result.map_err(Failure::from),
            )
        }
    }
}

/// The result of a query, or `None` where an executor was lost since `before` while it ran. The query is cancelled then.
async fn undisturbed(
    scheduler: &str,
    before: u64,
    frame: DataFrame,
) -> Result<Option<datafusion::error::Result<Spool>>, Failure> {
    let result = tokio::select! {
        result = spooled(frame) => result,
        lost = loss(scheduler, before) => return lost.map(|()| None),
    };
    Ok((status(scheduler).await?.lost == before).then_some(result))
}

/// Waits until an executor is lost.
async fn loss(scheduler: &str, before: u64) -> Result<(), Failure> {
    while status(scheduler).await?.lost == before {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    Ok(())
}

async fn status(scheduler: &str) -> Result<cluster::Status, Failure> {
    cluster::status(scheduler).await.map_err(|error| Failure::failed(error.to_string()))
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

/// Waits until there is an executor, and returns how often one was lost until then.
async fn wait_for_executors(scheduler: &str) -> Result<u64, Failure> {
    let start = Instant::now();
    loop {
        let status = status(scheduler).await?;
        if status.executors > 0 {
            return Ok(status.lost);
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
