//! The cluster on loopback: the same bits as in one process, whatever breaks.
#![cfg(all(unix, feature = "cluster"))]

#[path = "../common/mod.rs"]
mod common;
mod faults;
mod nodes;
mod refusals;

use common::{Row, literal, nearest};
use hv_datafusion::hv_memory::HV16;
use nodes::{Cluster, folder_of, local, local_wrong};

/// Ids in no order, some twice, and many equal vectors.
fn table(rows: i64) -> Vec<Row> {
    (0..rows).map(|i| (i * 7_919 % (rows - 3) - rows / 2, HV16::random(i as u64 % 300))).collect()
}

fn top_k(query: &HV16, k: usize) -> String {
    format!(
        "SELECT r['id'] AS id, r['distance'] AS distance FROM \
         (SELECT unnest(hv_top_k(id, v, {}, {k})) AS r FROM t) ORDER BY distance, id",
        literal(query)
    )
}

#[test]
fn one_to_three_executors_give_the_bits_of_one_process() {
    let query = HV16::random(1_000);
    let rows = table(2_000);
    let batch = format!(
        "SELECT unnest(unnest(hv_batch_top_k(id, v, [{}, {}], 7))) AS r FROM t",
        literal(&query),
        literal(&HV16::random(3))
    );
    let statements = [
        top_k(&query, 50),
        format!("SELECT r['id'] AS id, r['distance'] AS distance FROM ({batch}) ORDER BY distance, id"),
        "SELECT id % 7 AS part, hv_hex(hv_bundle(v)) AS bundle FROM t GROUP BY part ORDER BY part".to_owned(),
        "SELECT hv_bundle(v) FROM t".to_owned(),
        format!("SELECT id, hv_hamming(v, {}) AS d FROM t WHERE id < 50 ORDER BY d, id", literal(&query)),
    ];
    let folders = [folder_of(&rows[..200], 2, 1), folder_of(&rows, 5, 7), folder_of(&rows, 1, 5_000)];
    let expected: String =
        nearest(&rows, &query, 50).iter().map(|(distance, id)| format!("{id},{distance}\n")).collect();
    assert_eq!(local(&folders[1].1, &statements[0]), format!("id,distance\n{expected}"));
    let mut cluster = Cluster::new(0);
    for executors in 1..=3 {
        cluster.add_executor();
        for (_, folder) in &folders {
            for statement in &statements {
                assert_eq!(cluster.answer(folder, statement), local(folder, statement), "{executors}: {statement}");
            }
        }
    }
}

#[test]
fn two_queries_at_once_do_not_disturb_each_other() {
    let (_folder, path) = folder_of(&table(3_000), 6, 500);
    let cluster = Cluster::new(2);
    let statements = [top_k(&HV16::random(1), 20), top_k(&HV16::random(2), 30)];
    let running: Vec<_> = statements.iter().map(|statement| cluster.start(&path, statement)).collect();
    for (query, statement) in running.into_iter().zip(&statements) {
        assert_eq!(query.right(), local(&path, statement));
    }
}

#[test]
fn parameters_come_from_files_of_numpy() {
    let rows = table(500);
    let (folder, path) = folder_of(&rows, 2, 100);
    let queries: Vec<HV16> = (0..3).map(|seed| HV16::random(seed + 50)).collect();
    let write = |name: &str, vectors: &[HV16]| {
        let header = format!("{{'descr': '|u1', 'fortran_order': False, 'shape': ({}, 256), }}\n", vectors.len());
        let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
        bytes.extend((header.len() as u16).to_le_bytes());
        bytes.extend(header.as_bytes());
        vectors.iter().for_each(|vector| bytes.extend(vector.0));
        let file = folder.path().join(name);
        std::fs::write(&file, bytes).unwrap();
        file
    };
    let (one, many) = (write("one.npy", &queries[..1]), write("many.npy", &queries));
    let run = |cluster: &[&str], sql: &str| {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_hv-sql"))
            .args(cluster)
            .args(["--format", "json", "--table", &format!("t={}", path.display()), sql])
            .args(["--param", &format!("q={}", if sql.contains("batch") { &many } else { &one }.display())])
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let entry = |(distance, id): &(u16, i64)| format!("{{\"id\":{id},\"distance\":{distance}}}");
    let list = |query: &HV16| format!("[{}]", nearest(&rows, query, 4).iter().map(entry).collect::<Vec<_>>().join(","));
    let expected_one = format!("{{\"r\":{}}}\n", list(&queries[0]));
    let expected_many = format!("{{\"r\":[{}]}}\n", queries.iter().map(list).collect::<Vec<_>>().join(","));
    let cluster = Cluster::new(1);
    for arguments in [&[][..], &["--cluster", &cluster.address]] {
        assert_eq!(run(arguments, "SELECT hv_top_k(id, v, $q, 4) AS r FROM t"), expected_one);
        assert_eq!(run(arguments, "SELECT hv_batch_top_k(id, v, $q, 4) AS r FROM t"), expected_many);
    }
}

#[test]
fn wrong_calls_end_with_two_and_failures_with_one() {
    let (_folder, path) = folder_of(&table(10), 1, 5);
    let wrong = |arguments: &[&str], sql: &str, code: i32, why: &str| {
        let (found, error) = local_wrong(arguments, &path, sql);
        assert!(found == Some(code) && error.contains(why), "{arguments:?} {sql}: {found:?} {error}");
    };
    wrong(&[], "SELECT hv_top_k(id, v, X'00', 5) FROM t", 1, "a value has 1 bytes; a vector has 256");
    wrong(&[], "SELECT nothing FROM t", 1, "nothing");
    wrong(&[], "SELEC 1", 1, "SELEC");
    wrong(&[], "DROP TABLE t", 1, "DDL");
    wrong(&[], "SELECT hv_top_k(id, v, $q, 5) FROM t", 2, "--param q=FILE.npy");
    wrong(&["--param", "q"], "SELECT 1", 2, "NAME=PATH");
    wrong(&["--param", "q=/no/such.npy"], "SELECT $q", 1, "/no/such.npy");
    wrong(&["--table", "u=/no/such"], "SELECT 1", 1, "/no/such");
    wrong(&["--format", "xml"], "SELECT 1", 2, "xml");
    wrong(&["--cluster", "here"], "SELECT 1", 2, "ADDR:PORT");
    wrong(&["--cluster", "127.0.0.1:1"], "SELECT 1", 1, "does not answer");
    wrong(&[], "SELECT hv_top_k(id, v, v, 5) FROM t", 1, "query must be a constant");
    wrong(&["--format", "csv"], "SELECT [1, 2] AS list", 2, "cannot be used multiple times");
    wrong(&[], "SELECT [1, 2] AS list", 1, "the column list is nested");
}
