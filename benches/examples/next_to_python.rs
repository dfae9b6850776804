//! How much longer a search takes from Python: `hv.Codes.top_k` next to the function of Rust, in turns.
//!
//! `cargo run --release -p hv-benches --example next_to_python -- PYTHON`, where the interpreter `PYTHON` has the package `hv`, built
//! for release. The interpreter runs next to this program and searches each time it is told to; what telling it costs, some ten
//! microseconds, counts as its own.

use std::cell::Cell;
use std::env;
use std::error::Error;
use std::hint::black_box;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use hv_benches::quiet::Cores;
use hv_benches::rounds::{Effort, Rounds};
use hv_parallel::{HV16, adaptive_batch_find_top_k};

const QUERIES: u64 = 300;
const MEMORY: u64 = 50_000;
const K: usize = 10;
/// The first seed of the queries; the memory's is 0.
const FIRST: u64 = 1 << 40;

/// Searches for each line, and says which vectors it found.
const SCRIPT: &str = "
import sys, hv
first, queries, memory, k = map(int, sys.argv[1:])
memory, queries = hv.Codes(hv.random(0, memory)), hv.random(first, queries)
for _ in sys.stdin:
    print(memory.top_k(queries, k).indices.sum(), flush=True)
";

fn main() -> Result<(), Box<dyn Error>> {
    let python = env::args().nth(1).ok_or("give the Python interpreter that has the package hv")?;
    let numbers = [FIRST, QUERIES, MEMORY, K as u64].map(|number| number.to_string());
    let mut child =
        Command::new(python).args(["-c", SCRIPT]).args(numbers).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let (Some(mut ask), Some(answer)) = (child.stdin.take(), child.stdout.take()) else {
        return Err("the interpreter has no pipes".into());
    };
    let mut answer = BufReader::new(answer).lines();
    let mut from_python = move || -> Result<usize, Box<dyn Error>> {
        writeln!(ask)?;
        Ok(answer.next().ok_or("the interpreter has ended; has it the package hv?")??.parse()?)
    };

    let vectors = |first: u64, n: u64| (first..first + n).map(HV16::random).collect::<Vec<_>>();
    let (queries, memory) = (vectors(FIRST, QUERIES), vectors(0, MEMORY));
    let found: usize = adaptive_batch_find_top_k(&queries, &memory, K).iter().flatten().map(|&(index, _)| index).sum();
    if from_python()? != found {
        return Err("Python has found other vectors than Rust".into());
    }

    let failed = Cell::new(false);
    let mut rounds = Rounds::default();
    let rust = rounds.add(Cores::All, 1, || drop(black_box(adaptive_batch_find_top_k(&queries, &memory, K))));
    let python = rounds.add(Cores::All, 1, || failed.set(failed.get() || from_python().is_err()));
    let times = rounds.measure(Effort { rounds: 101, ..Effort::FULL });
    if failed.get() {
        return Err("the interpreter has ended before its time".into());
    }
    println!("{QUERIES} queries over {MEMORY} vectors, the {K} nearest of each");
    println!("Rust:   {:6.2} ms", times.median_with(rust, &[python]) / 1e6);
    println!("Python: {:6.2} ms", times.median_with(python, &[rust]) / 1e6);
    let quiet = 100.0 * times.quiet(&[rust, python]);
    println!(
        "Python takes {:.3} times as long; {quiet:.0} % of the rounds were undisturbed",
        times.ratio(python, rust)
    );
    Ok(())
}
