//! What breaks while a query runs, and the query after it.

use std::path::Path;
use std::time::Duration;

use hv_datafusion::hv_memory::HV16;

use crate::nodes::{Cluster, Query, folder_of, local};
use crate::{table, top_k};

/// A vector for each row that takes long to compute: a number is written `work` times, and the text encoded.
fn slow(work: usize) -> String {
    format!("hv_encode_text(repeat(CAST(id + 5000 AS VARCHAR), {work}))")
}

/// A search whose first stage takes long.
fn in_the_first_stage(work: usize) -> String {
    top_k(&HV16::random(1), 20).replace("(id, v,", &format!("(id, hv_bind(v, {}),", slow(work)))
}

/// The same after the rows of the first stage have been exchanged.
fn in_the_second_stage(work: usize) -> String {
    format!(
        "SELECT id, hv_hex(hv_bind(b, {})) AS h FROM (SELECT id, hv_bundle(v) AS b FROM t GROUP BY id) ORDER BY id",
        slow(work)
    )
}

/// Starts a query that still runs after a while, so that what happens then is in its middle.
fn in_its_middle(cluster: &Cluster, path: &Path, statement: impl Fn(usize) -> String) -> Query {
    query_and_work(cluster, path, statement, 200).0
}

/// The same from this much work on; returns the work that it takes, too.
fn query_and_work(
    cluster: &Cluster,
    path: &Path,
    statement: impl Fn(usize) -> String,
    mut work: usize,
) -> (Query, usize) {
    loop {
        let mut query = cluster.start(path, &statement(work));
        std::thread::sleep(Duration::from_millis(1_500));
        if query.0.is_running() {
            return (query, work);
        }
        query.right();
        work *= 4;
    }
}

#[derive(Clone, Copy, Debug)]
enum Fault {
    Kill,
    Stop,
}

/// Does it to the first executor.
fn happens(cluster: &mut Cluster, fault: Fault) {
    match fault {
        Fault::Kill => cluster.executors.remove(0).kill(),
        Fault::Stop => cluster.executors[0].signal("STOP"),
    }
}

/// One of two executors is lost in the middle of a query; this one is right, and the next one, too.
///
/// A query that ends before it needs the lost executor is right as well, but does not show that it runs again. Then the test
/// tries one with four times the work. If none ever runs again, the work outlasts the query's time-out, and the test fails.
fn loses_one(statement: impl Fn(usize) -> String, fault: Fault) {
    let (_folder, path) = folder_of(&table(4_000), 8, 500);
    let mut least = 200;
    loop {
        let mut cluster = Cluster::new(2);
        let (query, work) = query_and_work(&cluster, &path, &statement, least);
        happens(&mut cluster, fault);
        let (found, said) = query.right_and_said();
        assert_eq!(found, local(&path, &statement(work)), "{fault:?}");
        let next = top_k(&HV16::random(9), 10);
        assert_eq!(cluster.answer(&path, &next), local(&path, &next), "{fault:?}");
        if said.contains("an executor was lost; the query runs again") {
            return;
        }
        assert_eq!(said, "", "{fault:?}");
        least = work * 4;
    }
}

#[test]
fn an_executor_killed_in_the_first_stage() {
    loses_one(in_the_first_stage, Fault::Kill);
}

#[test]
fn an_executor_stopped_in_the_first_stage() {
    loses_one(in_the_first_stage, Fault::Stop);
}

#[test]
fn an_executor_killed_in_the_second_stage() {
    loses_one(in_the_second_stage, Fault::Kill);
}

#[test]
fn an_executor_stopped_in_the_second_stage() {
    loses_one(in_the_second_stage, Fault::Stop);
}

#[test]
fn an_executor_lost_while_idle() {
    let (_folder, path) = folder_of(&table(1_000), 4, 500);
    let statement = top_k(&HV16::random(1), 20);
    for fault in [Fault::Kill, Fault::Stop] {
        let mut cluster = Cluster::new(2);
        assert_eq!(cluster.answer(&path, &statement), local(&path, &statement));
        happens(&mut cluster, fault);
        assert_eq!(cluster.answer(&path, &statement), local(&path, &statement), "{fault:?}");
        assert_eq!(cluster.answer(&path, &statement), local(&path, &statement), "{fault:?}, the next");
    }
}

/// The client is stopped before the job ends, so that its results still wait when the executor that has them is lost.
fn loses_results(fault: Fault) {
    let (_folder, path) = folder_of(&table(2_000), 4, 500);
    let statement = "SELECT id, hv_hex(v) AS h FROM t ORDER BY id, h";
    let expected = local(&path, statement);
    let mut cluster = Cluster::new(1);
    let slow = |work| statement.replace("FROM t", &format!("FROM t WHERE {} IS NOT NULL", slow(work)));
    let query = in_its_middle(&cluster, &path, slow);
    query.0.signal("STOP");
    // Another query waits for the one slot, so the first has ended when it has.
    cluster.answer(&path, statement);
    happens(&mut cluster, fault);
    cluster.add_executor();
    query.0.signal("CONT");
    assert_eq!(query.right(), expected, "{fault:?}");
    assert_eq!(cluster.answer(&path, statement), expected, "{fault:?}, the next");
}

#[test]
fn an_executor_killed_while_results_stream() {
    loses_results(Fault::Kill);
}

#[test]
fn an_executor_stopped_while_results_stream() {
    loses_results(Fault::Stop);
}

#[test]
fn all_executors_killed() {
    let (_folder, path) = folder_of(&table(4_000), 8, 500);
    let mut cluster = Cluster::new(2);
    let query = in_its_middle(&cluster, &path, in_the_first_stage);
    happens(&mut cluster, Fault::Kill);
    happens(&mut cluster, Fault::Kill);
    let (code, error) = query.wrong();
    assert!(code == Some(1) && error.contains("executor"), "{error}");
    cluster.add_executor();
    let next = top_k(&HV16::random(9), 10);
    assert_eq!(cluster.answer(&path, &next), local(&path, &next));
}

#[test]
fn the_scheduler_killed_and_restarted() {
    let (_folder, path) = folder_of(&table(4_000), 8, 500);
    let mut cluster = Cluster::new(2);
    let query = in_its_middle(&cluster, &path, in_the_first_stage);
    cluster.scheduler.take().unwrap().kill();
    assert_eq!(query.wrong().0, Some(1));
    cluster.restart_scheduler();
    let next = top_k(&HV16::random(9), 10);
    assert_eq!(cluster.answer(&path, &next), local(&path, &next));
}

#[test]
fn a_damaged_file_is_an_error_and_no_row() {
    let (_folder, path) = folder_of(&table(2_000), 4, 500);
    let statement = top_k(&HV16::random(1), 20);
    let expected = local(&path, &statement);
    let cluster = Cluster::new(2);
    let file = path.join("2.parquet");
    let sound = std::fs::read(&file).unwrap();
    // The headers of the first pages; and a file that ends too early.
    let mut headers = sound.clone();
    headers[4..64].fill(0xff);
    for damaged in [&headers[..], &sound[..sound.len() / 2]] {
        std::fs::write(&file, damaged).unwrap();
        let (code, error) = cluster.start(&path, &statement).wrong();
        assert!(code == Some(1) && !error.is_empty(), "{error}");
    }
    std::fs::write(&file, &sound).unwrap();
    assert_eq!(cluster.answer(&path, &statement), expected);
}

#[test]
fn an_interrupted_query_prints_nothing_and_leaves_the_cluster_free() {
    let (_folder, path) = folder_of(&table(4_000), 8, 500);
    let cluster = Cluster::new(1);
    let query = in_its_middle(&cluster, &path, in_the_first_stage);
    query.0.signal("INT");
    assert_eq!(query.wrong().0, Some(130));
    let next = top_k(&HV16::random(9), 10);
    assert_eq!(cluster.answer(&path, &next), local(&path, &next));
}
