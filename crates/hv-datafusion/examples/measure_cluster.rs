//! Compares a cluster of two executors with one of one: `measure_cluster FOLDER`, with `hv-sql` and its cluster built next to it.
//!
//! The folder is one that `make_codes` wrote, in the page cache. Executors have one slot each. How much more two processes can
//! do on this machine is measured by two that decode all of the Parquet at once, next to one. All are measured in turn.

use std::error::Error;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use datafusion::physical_plan::execute_stream;
use datafusion::prelude::{SessionConfig, SessionContext};
use futures::StreamExt;

const ROUNDS: usize = 5;
const SCHEDULER: &str = "127.0.0.1:50650";
const EXECUTORS: [&str; 2] = ["127.0.0.1:50660", "127.0.0.1:50670"];

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match &arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [folder] => compare(folder),
        ["decode", folder] => decode(folder),
        _ => Err("measure_cluster FOLDER".into()),
    }
}

fn compare(folder: &str) -> Result<(), Box<dyn Error>> {
    let folder = std::fs::canonicalize(folder)?.display().to_string();
    let vector = "5a".repeat(256);
    let sql = format!("SELECT unnest(hv_top_k(id, v, X'{vector}', 10)) FROM t");
    let work = tempfile::tempdir()?;
    let work = work.path().to_str().ok_or("the temporary folder has no name in UTF-8")?;
    let mut seconds = [const { Vec::new() }; 4];
    for _ in 0..ROUNDS {
        for (executors, seconds) in [1, 2].into_iter().zip(&mut seconds) {
            let _scheduler = Node::start("hv-scheduler", &["--bind", SCHEDULER])?;
            let mut nodes = Vec::new();
            for address in &EXECUTORS[..executors] {
                let arguments = ["--scheduler", SCHEDULER, "--bind", address, "--slots", "1", "--work-dir", work];
                nodes.push(Node::start("hv-executor", &arguments)?);
            }
            std::thread::sleep(Duration::from_secs(3));
            let start = Instant::now();
            let table = format!("t={folder}");
            Node::start("hv-sql", &["--cluster", SCHEDULER, "--table", &table, "--format", "json", &sql])?.ends()?;
            seconds.push(start.elapsed().as_secs_f64());
        }
        for (processes, seconds) in [1, 2].into_iter().zip(&mut seconds[2..]) {
            let start = Instant::now();
            let mut decoding = Vec::new();
            for _ in 0..processes {
                decoding.push(Node::start("examples/measure_cluster", &["decode", &folder])?);
            }
            decoding.into_iter().try_for_each(Node::ends)?;
            seconds.push(start.elapsed().as_secs_f64());
        }
    }
    let [one, two, alone, both] = seconds.map(median);
    println!("one executor {one:.2} s, two {two:.2} s: {:.2} times as fast (bar: 1.7)", one / two);
    println!(
        "decoding alone: one process {alone:.2} s, two of all rows each {both:.2} s: {:.2} times",
        2.0 * alone / both
    );
    Ok(())
}

/// Decodes the two columns, on one thread.
#[tokio::main(flavor = "current_thread")]
async fn decode(folder: &str) -> Result<(), Box<dyn Error>> {
    let context = SessionContext::new_with_config(SessionConfig::new().with_target_partitions(1));
    context.register_parquet("t", folder, Default::default()).await?;
    let plan = context.sql("SELECT id, v FROM t").await?.create_physical_plan().await?;
    let mut stream = execute_stream(plan, context.task_ctx())?;
    while let Some(batch) = stream.next().await {
        batch?;
    }
    Ok(())
}

/// A process that is killed when it goes.
struct Node(Child);

impl Node {
    /// Starts a program from the folder above the examples.
    fn start(program: &str, arguments: &[&str]) -> Result<Self, Box<dyn Error>> {
        let examples = std::env::current_exe()?;
        let path: PathBuf = examples.ancestors().nth(2).ok_or("no folder above the examples")?.join(program);
        let started = Command::new(&path).args(arguments).stdout(Stdio::null()).spawn();
        Ok(Self(started.map_err(|error| format!("cannot start {}: {error}", path.display()))?))
    }

    fn ends(mut self) -> Result<(), Box<dyn Error>> {
        let status = self.0.wait()?;
        if status.success() { Ok(()) } else { Err(format!("a process ended with {status}").into()) }
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn median(mut seconds: Vec<f64>) -> f64 {
    seconds.sort_by(f64::total_cmp);
    seconds[seconds.len() / 2]
}
