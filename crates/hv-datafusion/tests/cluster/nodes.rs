//! A cluster of processes on loopback.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use hv_datafusion::cluster;

use crate::common::wait;

/// A process that is killed when it goes.
pub struct Node(Child);

impl Node {
    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([&format!("-{name}"), &self.0.id().to_string()]).status().unwrap();
        assert!(sent.success(), "kill -{name}");
    }

    pub fn is_running(&mut self) -> bool {
        self.0.try_wait().unwrap().is_none()
    }

    pub fn kill(mut self) {
        let _ = self.0.kill();
        self.0.wait().unwrap();
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A scheduler and its executors.
pub struct Cluster {
    pub address: String,
    pub scheduler: Option<Node>,
    pub executors: Vec<Node>,
    /// For the executors that are killed, which cannot remove their own folders.
    work: tempfile::TempDir,
}

impl Cluster {
    /// A scheduler with this many executors of one slot each.
    pub fn new(executors: usize) -> Self {
        let (scheduler, address) = start_scheduler("127.0.0.1:0");
        let mut cluster =
            Self { address, scheduler: Some(scheduler), executors: Vec::new(), work: tempfile::tempdir().unwrap() };
        (0..executors).for_each(|_| cluster.add_executor());
        cluster
    }

    /// Starts one more, and waits until the scheduler knows it.
    pub fn add_executor(&mut self) {
        let before = self.heard_of();
        let bind = format!("127.0.0.1:{}", two_ports());
        let work = self.work.path().to_str().unwrap();
        let arguments = ["--scheduler", &self.address, "--bind", &bind, "--slots", "1", "--work-dir", work];
        self.executors.push(Node(started(env!("CARGO_BIN_EXE_hv-executor"), &arguments)));
        self.wait_until(|known| known > before);
    }

    /// Waits until the number of executors that the scheduler hears of is right.
    pub fn wait_until(&self, is_right: impl Fn(usize) -> bool) {
        while !is_right(self.heard_of()) {
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    fn heard_of(&self) -> usize {
        wait(cluster::status(&self.address)).unwrap().executors
    }

    pub fn restart_scheduler(&mut self) {
        let (scheduler, address) = start_scheduler(&self.address);
        assert_eq!(address, self.address);
        self.scheduler = Some(scheduler);
    }

    /// Starts a query on the cluster.
    pub fn start(&self, table: &Path, sql: &str) -> Query {
        Query::start(&["--cluster", &self.address, "--timeout", "60"], table, sql)
    }

    /// The result of a query on the cluster.
    pub fn answer(&self, table: &Path, sql: &str) -> String {
        self.start(table, sql).right()
    }
}

/// A query that runs.
pub struct Query(pub Node);

impl Query {
    fn start(arguments: &[&str], table: &Path, sql: &str) -> Self {
        let table = format!("t={}", table.display());
        let arguments = [arguments, &["--format", "csv", "--table", &table, sql]].concat();
        Self(Node(started(env!("CARGO_BIN_EXE_hv-sql"), &arguments)))
    }

    fn output(self) -> Output {
        let mut node = std::mem::ManuallyDrop::new(self.0);
        let (mut out, mut err) = (String::new(), String::new());
        let reader = node.0.stderr.take().map(|mut stderr| {
            std::thread::spawn(move || {
                let mut text = String::new();
                std::io::Read::read_to_string(&mut stderr, &mut text).map(|_| text)
            })
        });
        if let Some(stdout) = &mut node.0.stdout {
            std::io::Read::read_to_string(stdout, &mut out).unwrap();
        }
        if let Some(reader) = reader {
            err = reader.join().unwrap().unwrap();
        }
        Output { status: node.0.wait().unwrap(), stdout: out.into_bytes(), stderr: err.into_bytes() }
    }

    /// Its output, if all went well.
    pub fn right(self) -> String {
        self.right_and_said().0
    }

    /// Its output, if all went well, and what it said on standard error.
    pub fn right_and_said(self) -> (String, String) {
        let output = self.output();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{said}");
        (String::from_utf8(output.stdout).unwrap(), said)
    }

    /// Its exit code and error; nothing must have been printed.
    pub fn wrong(self) -> (Option<i32>, String) {
        let output = self.output();
        assert!(!output.status.success() && output.stdout.is_empty());
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    }
}

/// The result of a query in one process.
pub fn local(table: &Path, sql: &str) -> String {
    Query::start(&[], table, sql).right()
}

/// A query in one process that fails.
pub fn local_wrong(arguments: &[&str], table: &Path, sql: &str) -> (Option<i32>, String) {
    Query::start(arguments, table, sql).wrong()
}

fn started(program: &str, arguments: &[&str]) -> Child {
    let piped = || if program.ends_with("hv-executor") { Stdio::null() } else { Stdio::piped() };
    Command::new(program).args(arguments).stdin(Stdio::null()).stdout(piped()).stderr(piped()).spawn().unwrap()
}

fn start_scheduler(bind: &str) -> (Node, String) {
    let mut child = started(env!("CARGO_BIN_EXE_hv-scheduler"), &["--bind", bind]);
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let line = lines.next().expect("a line").unwrap();
    let address = line.strip_prefix("hv-scheduler: listening on ").unwrap_or_else(|| panic!("{line}")).to_owned();
    std::thread::spawn(move || lines.for_each(drop));
    let node = Node(child);
    while wait(cluster::status(&address)).is_err() {
        std::thread::sleep(Duration::from_millis(50));
    }
    (node, address)
}

/// A free port whose next one is free, too.
pub fn two_ports() -> u16 {
    loop {
        let first = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = first.local_addr().unwrap().port();
        if port < u16::MAX && TcpListener::bind(("127.0.0.1", port + 1)).is_ok() {
            return port;
        }
    }
}

/// A folder of files of Parquet with rows `id`, `v`.
pub fn folder_of(table: &[crate::common::Row], files: usize, row_group: usize) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    for (i, rows) in table.chunks(table.len().div_ceil(files).max(1)).enumerate() {
        crate::common::write_parquet(&folder.path().join(format!("{i}.parquet")), rows, row_group);
    }
    let path = folder.path().to_owned();
    (folder, path)
}
