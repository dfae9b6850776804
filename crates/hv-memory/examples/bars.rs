//! Measures what a memory of a million episodes promises, and exits with 1 where a bar is missed.
//!
//! `cargo run --release -p hv-memory --example bars [-- FOLDER [EPISODES]]`; the folder is one that may be filled, by
//! default a temporary one. Everything runs on one thread (the program starts itself with `RAYON_NUM_THREADS=1`), so
//! that it compares with `simd_find_top_k`. Times are medians of interleaved runs.

use std::process::{Command, ExitCode};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use hv_memory::hv_parallel::hv_simd::simd_find_top_k;
use hv_memory::internal::coactivations;
use hv_memory::{Conditions, ConsolidatePolicy, EpisodeId, EpisodicMemory, Exactness, HV16, NewEpisode};
use memmap2::MmapMut;

type Outcome = Result<bool, Box<dyn std::error::Error>>;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if env::var_os("RAYON_NUM_THREADS").is_none() {
        let this = env::current_exe().expect("this program");
        let status = Command::new(this).args(&arguments).env("RAYON_NUM_THREADS", "1").status().expect("it starts");
        return if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }
    let outcome = match arguments.first().map(String::as_str) {
        Some("open") => open(&arguments[1]),
        Some("rewrite") => rewrite(&arguments[1]),
        folder => all(folder, arguments.get(1).map_or(1_000_000, |n| n.parse().expect("a number of episodes"))),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn all(folder: Option<&str>, n: usize) -> Outcome {
    let temporary = tempfile::tempdir()?;
    let folder = folder.map_or(temporary.path().to_path_buf(), Into::into).join("bars");
    let store = folder.join("store");
    let mut met = true;

    let memory = EpisodicMemory::open(&store)?;
    for first in (0..n).step_by(10_000) {
        memory.store_batch(&batch(first..n.min(first + 10_000), 20))?;
    }
    println!("memory after storing {n}: {:.0} MiB at most", peak() as f64 / f64::from(1 << 20));
    drop(memory);
    // In processes of their own, for their peaks of memory.
    for what in ["open", "open", "open", "rewrite"] {
        met &= Command::new(env::current_exe()?).args([what, &store.to_string_lossy()]).status()?.success();
    }
    let memory = EpisodicMemory::open(&store)?;
    met &= recalls(&memory, n)?;
    met &= reader_beside_writer(&memory)?;
    met &= consolidates(memory, "durable", 3.0)?;
    fs::remove_dir_all(&folder)?;

    met &= stores(&folder.join("large"))?;
    fs::remove_dir_all(&folder)?;
    let memory = EpisodicMemory::in_memory();
    for first in (0..n).step_by(10_000) {
        memory.store_batch(&batch(first..n.min(first + 10_000), 20))?;
    }
    met &= consolidates(memory, "in memory", 1.0)?;
    Ok(met & coactivates())
}

fn batch(range: std::ops::Range<usize>, payload: usize) -> Vec<NewEpisode> {
    let new = |i: usize| NewEpisode {
        content: HV16::random(i as u64),
        time: i as i64 * 1_000_000,
        valence: 0.0,
        payload: vec![i as u8; payload],
        ..NewEpisode::default()
    };
    range.map(new).collect()
}

/// Prints a figure against its bar.
fn bar(what: &str, figure: f64, unit: &str, most: bool, limit: f64) -> bool {
    let met = if most { figure <= limit } else { figure >= limit };
    let (sign, word) = (if most { "at most" } else { "at least" }, if met { "met" } else { "MISSED" });
    println!("{what}: {figure:.3} {unit} (bar: {sign} {limit} {unit}, {word})");
    met
}

/// The most memory that this process has had, in bytes; Linux only, elsewhere 0.
fn peak() -> u64 {
    status("VmHWM:")
}

fn status(name: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok()).unwrap_or(0) * 1024
}

fn open(store: &str) -> Outcome {
    let start = Instant::now();
    let memory = EpisodicMemory::open(store)?;
    let met = bar("open", start.elapsed().as_secs_f64(), "s", true, 1.5);
    let allowed = 384.0 + f64::from(64 << 20) / memory.len() as f64;
    Ok(met
        & bar("peak memory, planes included", peak() as f64 / memory.len() as f64, "bytes an episode", true, allowed))
}

/// Compaction and consolidation at most double the memory in use, and 16 MiB.
fn rewrite(store: &str) -> Outcome {
    let memory = EpisodicMemory::open(store)?;
    let mut met = true;
    for what in ["compact", "consolidate, all stay"] {
        let before = status("VmRSS:");
        // Sets the peak back to what is in use. Where that is not possible the peak is that of opening too.
        let _ = fs::write("/proc/self/clear_refs", "5");
        match what {
            "compact" => memory.compact()?,
            _ => drop(memory.consolidate(&ConsolidatePolicy::new().floor(0.0), 1 << 50)?),
        }
        let mib = |bytes: u64| bytes as f64 / f64::from(1 << 20);
        let limit = (2.0 * mib(before) + 16.0).round();
        met &= bar(&format!("peak memory, {what}, from {:.0} MiB", mib(before)), mib(peak()), "MiB", true, limit);
    }
    Ok(met)
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times[times.len() / 2].as_secs_f64()
}

fn recalls(memory: &EpisodicMemory, n: usize) -> Outcome {
    let mut map = MmapMut::map_anon(n * 256 + (2 << 20))?;
    let start = map.as_ptr().align_offset(2 << 20);
    #[cfg(target_os = "linux")]
    map.advise(memmap2::Advice::HugePage)?;
    let flat: &mut [HV16] = bytemuck::cast_slice_mut(&mut map[start..start + n * 256]);
    for (i, out) in flat.iter_mut().enumerate() {
        *out = HV16::random(i as u64);
    }
    let flat = &*flat;
    let near = Conditions::new().min_similarity(0.92);
    let within = Conditions::new().min_similarity(0.7).exactness(Exactness::Within(1e-9));
    let all = Conditions::new().valence(-1.0..);
    let futile = Conditions::new().min_similarity(0.4).exactness(Exactness::Within(1e-9));
    let cues: Vec<HV16> = (0..41).map(|i| HV16::random(1 << 40 | i)).collect();
    let mut times: [Vec<Duration>; 6] = Default::default();
    for cue in &cues {
        let mut time = |which: usize, run: &mut dyn FnMut()| {
            let start = Instant::now();
            run();
            times[which].push(start.elapsed());
        };
        time(0, &mut || assert_eq!(simd_find_top_k(cue, flat, 10).len(), 10));
        time(1, &mut || assert_eq!(memory.recall(cue, 10).map(|found| found.len()).ok(), Some(10)));
        time(2, &mut || drop(memory.recall_where(cue, usize::MAX, &near)));
        time(3, &mut || drop(memory.recall_where(cue, usize::MAX, &within)));
        time(4, &mut || drop(memory.recall_where(cue, 10, &all)));
        time(5, &mut || drop(memory.recall_where(cue, 10, &futile)));
    }
    let [flat, exact, pruned, within, all, futile] = times.map(median);
    println!(
        "flat {:.2} ms, recall {:.2} ms, pruned at 0.92 {:.2} ms, within 1e-9 at 0.7 {:.2} ms",
        flat * 1e3,
        exact * 1e3,
        pruned * 1e3,
        within * 1e3
    );
    let met = bar("recall, of simd_find_top_k over a flat array", exact / flat, "times", true, 1.1);
    let met = met & bar("a recall with a condition that all meet, of recall", all / exact, "times", true, 1.05);
    let met = met & bar("a recall for which pruning cannot pay, of recall", futile / exact, "times", true, 1.05);
    let met = met & bar("exact pruning at 0.92", exact / pruned, "times as fast as the scan", false, 3.0);
    Ok(met & bar("Within(1e-9) at 0.7", exact / within, "times as fast as the scan", false, 3.0))
}

/// Recalls a second, alone and beside a writer, in turns.
fn reader_beside_writer(memory: &EpisodicMemory) -> Outcome {
    let mut rates = [Vec::new(), Vec::new()];
    for round in 0..10 {
        let (writing, done) = (round % 2 == 1, AtomicBool::new(false));
        let recalls = AtomicU64::new(0);
        thread::scope(|scope| {
            if writing {
                scope.spawn(|| {
                    while !done.load(Ordering::Relaxed) {
                        let start = Instant::now();
                        let _ = memory.store_batch(&batch(0..100, 20));
                        thread::sleep(Duration::from_millis(10).saturating_sub(start.elapsed()));
                    }
                });
            }
            let start = Instant::now();
            while start.elapsed() < Duration::from_millis(700) {
                let _ = memory.recall(&HV16::random(recalls.fetch_add(1, Ordering::Relaxed)), 10);
            }
            done.store(true, Ordering::Relaxed);
        });
        rates[usize::from(writing)].push(Duration::from_secs_f64(0.7 / recalls.into_inner() as f64));
    }
    let [alone, beside] = rates.map(median);
    Ok(bar("a reader's throughput beside a writer", alone / beside, "of that alone", false, 0.85))
}

fn stores(store: &std::path::Path) -> Outcome {
    let episodes = batch(0..100_000, 1_024);
    let memory = EpisodicMemory::open(store)?;
    let start = Instant::now();
    memory.store_batch(&episodes)?;
    let rate = episodes.len() as f64 / start.elapsed().as_secs_f64();
    Ok(bar("store_batch of 100,000 with 1 KiB", rate, "episodes a second", false, 200_000.0))
}

fn consolidates(memory: EpisodicMemory, how: &str, limit: f64) -> Outcome {
    let policy = ConsolidatePolicy::new().floor(0.0).capacity(memory.len() / 2);
    let start = Instant::now();
    let report = memory.consolidate(&policy, 1 << 50)?;
    println!("{} of {} stay", report.kept, report.kept + report.surplus.len());
    Ok(bar(&format!("consolidate to half, {how}"), start.elapsed().as_secs_f64(), "s", true, limit))
}

fn coactivates() -> bool {
    let events: Vec<(EpisodeId, i64)> = (0..100_000u64).map(|i| (EpisodeId(i * 7919 % 5_000), i as i64)).collect();
    let start = Instant::now();
    let found = coactivations(&events, Duration::from_micros(10), 1);
    let matches: u64 = found.iter().map(|pair| pair.count).sum();
    let met = bar("coactivations of 100,000", start.elapsed().as_secs_f64() * 1e3, "ms", true, 100.0);
    println!("{matches} matches");
    met
}
