//! Measures searches on a GPU, next to the device's own limits, to the CPU of the same machine, and to FAISS where Python has
//! it with CUDA. Prints tables.
//!
//! `cargo xtask bench --gpu` runs it, and the script `on_a_device` where there is no Rust: `bench [VECTORS]`, where VECTORS
//! is the largest memory, by default 100 million. `HV_GPU` chooses the device. It ends within ten minutes: what would begin after six is
//! left out, and said to be.

use std::error::Error;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};
use std::{env, fmt};

use hv_gpu::for_benchmarks::{Rates, random_memory, random_vector, rates};
use hv_gpu::hv_parallel::adaptive_batch_find_top_k_into;
use hv_gpu::{Bound, Gpu, GpuError, GpuMemory, HV16, Hits};
use rayon::prelude::*;

const K: usize = 10;
/// After this no row is begun.
const ENOUGH: Duration = Duration::from_secs(360);
const FAISS: &str = include_str!("time_faiss.py");

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let start = Instant::now();
    let gpu = Gpu::open()?;
    let usual = if gpu.device().is_software() { 20_000 } else { 100_000_000 };
    let largest = match env::args().nth(1) {
        Some(n) => {
            n.parse().ok().filter(|&n| n >= 100).ok_or(format!("{n}: give a number of vectors, at least 100"))?
        }
        None => usual,
    };
    println!("{}, k = {K}\n", gpu.device());
    let limits = rates(&gpu)?;
    let Rates { read, upload: bus, counted, compared } = limits;
    let cores = compared.map(|pairs| format!(", and its tensor cores compare {pairs:.2e} pairs of vectors"));
    println!(
        "It reads {:.1} GB/s of its memory and takes {:.1} GB/s over the bus; it counts the ones of {counted:.2e} words of 32 \
         bits a second{}.\n",
        read / 1e9,
        bus / 1e9,
        cores.unwrap_or_default()
    );
    let table = Table { limits, faiss: faiss(largest / 100), faiss_over: largest / 100, start };
    println!("| queries | vectors | GPU | of the limit | CPU | FAISS on the GPU |\n|---|---|---|---|---|---|");
    for vectors in [largest / 100, largest / 10, largest] {
        let Some(memory) = made(&gpu, vectors)? else { continue };
        let host = if fits(vectors) { host(0, vectors) } else { Vec::new() };
        table.row(&memory, &host, 1)?;
        if vectors == largest / 100 {
            for queries in [10, 100, 1_000, 10_000] {
                table.row(&memory, &host, queries)?;
            }
            drop(memory);
            upload(&gpu, &host, &table)?;
        }
    }
    if let Err(why) = &table.faiss {
        println!("\nFAISS was not measured: {why}");
    }
    println!("\n{:.0} s in all", start.elapsed().as_secs_f64());
    Ok(())
}

/// Random vectors on the device; `None` where it has no room.
fn made(gpu: &Gpu, vectors: usize) -> Result<Option<GpuMemory>, GpuError> {
    match random_memory(gpu, vectors) {
        Ok(memory) => Ok(Some(memory)),
        Err(GpuError::TooMany { fit, .. }) => {
            println!("| 1 | {vectors} | only {fit} fit | | | |");
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// Whether the host has memory for that many vectors, and as much again.
fn fits(vectors: usize) -> bool {
    let available = std::fs::read_to_string("/proc/meminfo").ok().and_then(|text| {
        let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
        line.trim().strip_suffix(" kB")?.parse::<usize>().ok()
    });
    vectors * HV16::BYTES * 2 < available.map_or(4 << 30, |kib| kib << 10)
}

/// The same vectors on the host, from number `first` on.
fn host(first: usize, vectors: usize) -> Vec<HV16> {
    (first..first + vectors).into_par_iter().map(random_vector).collect()
}

struct Table {
    limits: Rates,
    /// Seconds by the number of queries, over this many vectors.
    faiss: Result<Vec<(usize, f64)>, String>,
    faiss_over: usize,
    start: Instant,
}

impl Table {
    fn row(&self, memory: &GpuMemory, host: &[HV16], queries: usize) -> Result<(), Box<dyn Error>> {
        let vectors = memory.len();
        if self.start.elapsed() > ENOUGH {
            println!("| {queries} | {vectors} | left out, for want of time | | | |");
            return Ok(());
        }
        // Not among the vectors, so that the nearest are about as far as in a real memory of unrelated ones.
        let asked = self::host(1 << 32, queries);
        let mut hits = Hits::new();
        let on_gpu = fastest(|| {
            hits = memory.find_top_k(&asked, K, Bound::NONE, None)?;
            Ok(())
        })?;
        let reading = (vectors * HV16::BYTES) as f64 / self.limits.read;
        let limit = reading.max((queries * vectors) as f64 / pairs(&self.limits));
        let on_cpu = if host.is_empty() {
            None
        } else {
            let mut expected = Hits::new();
            let time = fastest(|| {
                adaptive_batch_find_top_k_into(&asked, host, K, &mut expected);
                Ok(())
            })?;
            if hits != expected {
                return Err(
                    format!("{queries} queries over {vectors}: the GPU has found something else than the CPU").into()
                );
            }
            Some(time)
        };
        let faiss = self.faiss.as_ref().ok().filter(|_| vectors == self.faiss_over);
        let faiss = faiss.and_then(|times| times.iter().find(|&&(q, _)| q == queries)).map(|&(_, seconds)| seconds);
        println!(
            "| {queries} | {vectors} | {} | {:.0} % | {} | {} |",
            Ms(Some(on_gpu)),
            100.0 * limit / on_gpu,
            Ms(on_cpu),
            Ms(faiss)
        );
        Ok(())
    }
}

/// Pairs of vectors a second that the device can compare at most.
fn pairs(limits: &Rates) -> f64 {
    limits.compared.unwrap_or(limits.counted / (HV16::DIM / 32) as f64)
}

/// Seconds that a run takes: the fastest of at least three, and of half a second's.
fn fastest(mut run: impl FnMut() -> Result<(), GpuError>) -> Result<f64, GpuError> {
    let (mut least, mut runs, begin) = (f64::INFINITY, 0, Instant::now());
    while runs < 3 || begin.elapsed() < Duration::from_millis(500) {
        let start = Instant::now();
        run()?;
        least = least.min(start.elapsed().as_secs_f64());
        runs += 1;
    }
    Ok(least)
}

fn upload(gpu: &Gpu, host: &[HV16], table: &Table) -> Result<(), GpuError> {
    let empty = || GpuMemory::new(gpu, &[]);
    let seconds = fastest(|| {
        let memory = empty()?;
        memory.append(host)?;
        memory.find_top_k(&host[..1], 1, Bound::NONE, None).map(drop) // waits for what is under way
    })?;
    let rate = (host.len() * HV16::BYTES) as f64 / seconds;
    let share = 100.0 * rate / table.limits.upload;
    println!(
        "| upload | {} | {} ({:.1} GB/s, {share:.0} % of the bus) | | | |",
        host.len(),
        Ms(Some(seconds)),
        rate / 1e9
    );
    Ok(())
}

/// Seconds of FAISS by the number of queries, over `vectors` random vectors.
fn faiss(vectors: usize) -> Result<Vec<(usize, f64)>, String> {
    let run = Command::new("python3").args(["-c", FAISS, &vectors.to_string(), &K.to_string()]).output();
    let output = run.map_err(|error| format!("python3 cannot be run: {error}"))?;
    let (printed, said) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    if !output.status.success() {
        return Err(said.lines().last().unwrap_or("python3 has failed").to_owned());
    }
    let row = |line: &str| line.split_once(' ').and_then(|(q, s)| Some((q.parse().ok()?, s.trim().parse().ok()?)));
    printed.lines().map(row).collect::<Option<_>>().ok_or_else(|| "its script has printed something else".to_owned())
}

/// Seconds, shown in milliseconds.
struct Ms(Option<f64>);

impl fmt::Display for Ms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |seconds| write!(f, "{:.3} ms", seconds * 1e3))
    }
}
