//! Executors that differ from the scheduler.

use std::process::Command;

use ballista_executor::executor_process::{ExecutorProcessConfig, start_executor_process};
use hv_datafusion::cluster::Identity;
use hv_datafusion::hv_memory::HV16;

use crate::common::wait;
use crate::nodes::{Cluster, folder_of, local, two_ports};
use crate::{table, top_k};

/// Runs a plain executor of Ballista with this id until it ends.
fn plain(cluster: &Cluster, id: &str) -> String {
    let port = two_ports();
    let work = tempfile::tempdir().unwrap();
    let config = ExecutorProcessConfig {
        executor_id: id.to_owned(),
        external_host: Some("127.0.0.1".to_owned()),
        port,
        grpc_port: port + 1,
        scheduler_host: "127.0.0.1".to_owned(),
        scheduler_port: cluster.address.rsplit_once(':').unwrap().1.parse().unwrap(),
        work_dir: Some(work.path().to_str().unwrap().to_owned()),
        ..ExecutorProcessConfig::default()
    };
    wait(start_executor_process(config.into())).unwrap_err().to_string()
}

#[test]
fn an_executor_without_our_functions_is_refused_and_the_client_is_told() {
    let mut cluster = Cluster::new(0);
    let (_folder, path) = folder_of(&table(100), 1, 50);
    let statement = top_k(&HV16::random(1), 5);
    assert!(plain(&cluster, "plain").contains("is no hv-executor; it was refused"));
    let older = Identity::own().to_text().replacen(";0.", ";999.0.", 1);
    assert!(plain(&cluster, &format!("{older};some-id")).contains("is of version 999.0."));
    let fewer = Identity::own().to_text().replace("+hv_top_k", "");
    assert!(plain(&cluster, &format!("{fewer};some-id")).contains("lacks the functions hv_top_k"));
    let (code, error) = cluster.start(&path, &statement).wrong();
    assert_eq!(code, Some(1));
    for reason in ["has no executor", "is no hv-executor", "is of version 999.0.", "lacks the functions hv_top_k"] {
        assert!(error.contains(reason), "{error}");
    }
    cluster.add_executor();
    assert_eq!(cluster.answer(&path, &statement), local(&path, &statement));
}

#[test]
fn an_executor_says_why_it_cannot_run() {
    let cluster = Cluster::new(0);
    let failed = |arguments: &[&str], code: i32, why: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_hv-executor")).args(arguments).output().unwrap();
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code() == Some(code) && error.contains(why), "{arguments:?}: {error}");
    };
    failed(&[], 2, "--scheduler");
    failed(&["--scheduler", "nowhere"], 2, "give ADDR:PORT");
    failed(&["--scheduler", &cluster.address, "--slots", "0"], 2, "--slots");
    failed(&["--scheduler", &cluster.address, "--bind", "127.0.0.1:0"], 1, "give 1 to 65534");
    failed(&["--scheduler", &cluster.address, "--bind", "[::1]:50060"], 1, "give an IPv4 address");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    failed(&["--scheduler", &cluster.address, "--bind", &taken], 1, "cannot listen on");
    let port = two_ports();
    let bind = format!("127.0.0.1:{port}");
    failed(&["--scheduler", &taken, "--bind", &bind], 1, "does not answer");
}
