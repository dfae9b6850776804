//! Measures what a memory of a million episodes promises, and exits with 1 where a bar is missed.
//!
//! `cargo run --release -p hv-benches --example million [-- FOLDER [EPISODES]]`; the folder is one that may be filled, by
//! default a temporary one. Everything runs on one thread (the program starts itself with `RAYON_NUM_THREADS=1`), so
//! that it compares with `simd_find_top_k`.

use std::cell::Cell;
use std::hint::black_box;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use hv_benches::bars::Bar;
use hv_benches::inputs::{HugeVectors, vectors};
use hv_benches::quiet::Cores;
use hv_benches::rounds::{Effort, Rounds};
use hv_memory::hv_parallel::hv_simd::simd_find_top_k;
use hv_memory::{Conditions, ConsolidatePolicy, EpisodicMemory, Exactness, HV16, MemoryError, NewEpisode};

type Outcome = Result<bool, Box<dyn std::error::Error>>;

const MIB: f64 = (1 << 20) as f64;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match words[..] {
        _ if env::var_os("RAYON_NUM_THREADS").is_none() => again(&words),
        ["open", store] => open(store.as_ref()),
        ["rewrite", store] => rewrite(store.as_ref()),
        [] => tempfile::tempdir().map_err(Into::into).and_then(|folder| all(folder.path(), 1_000_000)),
        [folder] => all(folder.as_ref(), 1_000_000),
        [folder, n, ..] => n.parse().map_err(Into::into).and_then(|n| all(folder.as_ref(), n)),
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

/// The same on one thread in a process of its own, which has a peak of memory of its own.
fn again(words: &[&str]) -> Outcome {
    Ok(Command::new(env::current_exe()?).args(words).env("RAYON_NUM_THREADS", "1").status()?.success())
}

fn all(folder: &Path, n: usize) -> Outcome {
    let folder = folder.join("bars");
    let store = folder.join("store");
    fill(&EpisodicMemory::open(&store)?, n)?;
    println!("memory after storing {n}: {:.0} MiB at most", status("VmHWM:") / MIB);
    let mut met = true;
    for what in ["open", "open", "open", "rewrite"] {
        met &= again(&[what, &store.to_string_lossy()])?;
    }
    let memory = EpisodicMemory::open(&store)?;
    met &= recalls(&memory, n)? & reader_next_to_writer(&memory)? & consolidates(memory, "durable", 3.0)?;
    fs::remove_dir_all(&folder)?;
    let (memory, episodes) = (EpisodicMemory::open(folder.join("large"))?, batch(0..100_000, 1_024));
    let start = Instant::now();
    memory.store_batch(&episodes)?;
    let rate = episodes.len() as f64 / start.elapsed().as_secs_f64();
    met &= bar("store_batch of 100,000 with 1 KiB", rate, "episodes a second", Bar::AtLeast(200_000.0));
    drop((memory, episodes));
    fs::remove_dir_all(&folder)?;
    let memory = EpisodicMemory::in_memory();
    fill(&memory, n)?;
    Ok(met & consolidates(memory, "in memory", 1.0)?)
}

/// Stores `n` episodes, in batches.
fn fill(memory: &EpisodicMemory, n: usize) -> Result<(), MemoryError> {
    (0..n).step_by(10_000).try_for_each(|first| {
        memory.store_batch(&batch(first..n.min(first + 10_000), 20))?;
        Ok(())
    })
}

fn batch(range: std::ops::Range<usize>, payload: usize) -> Vec<NewEpisode> {
    let new = |i: usize| NewEpisode {
        content: HV16::random(i as u64),
        time: i as i64 * 1_000_000,
        payload: vec![i as u8; payload],
        ..NewEpisode::default()
    };
    range.map(new).collect()
}

/// Prints a figure with its bar, and says whether that is met.
fn bar(what: &str, figure: f64, unit: &str, bar: Bar) -> bool {
    let (met, words) = match bar {
        Bar::AtMost(bar) => (figure <= bar, format!("at most {bar}")),
        Bar::AtLeast(bar) => (figure >= bar, format!("at least {bar}")),
    };
    println!("{what}: {figure:.3} {unit} ({words}, {})", if met { "met" } else { "MISSED" });
    met
}

/// Memory of this process in bytes: the most that it has had, `VmHWM:`, or what it has, `VmRSS:`. 0 except on Linux.
fn status(name: &str) -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<f64>().ok()).unwrap_or(0.0) * 1024.0
}

fn open(store: &Path) -> Outcome {
    let start = Instant::now();
    let memory = EpisodicMemory::open(store)?;
    let met = bar("open", start.elapsed().as_secs_f64(), "s", Bar::AtMost(1.5));
    let n = memory.len() as f64;
    let most = Bar::AtMost(384.0 + 64.0 * MIB / n);
    Ok(met & bar("peak memory, planes included", status("VmHWM:") / n, "bytes an episode", most))
}

/// Compaction and consolidation at most double the memory in use, and 16 MiB.
fn rewrite(store: &Path) -> Outcome {
    let memory = EpisodicMemory::open(store)?;
    let peak_of = |what: &str, run: &dyn Fn() -> Outcome| -> Outcome {
        let before = status("VmRSS:") / MIB;
        // Sets the peak back to what is in use. Where that is not possible the peak is that of opening too.
        let _ = fs::write("/proc/self/clear_refs", "5");
        let what = format!("peak memory, {what}, from {before:.0} MiB");
        Ok(run()? & bar(&what, status("VmHWM:") / MIB, "MiB", Bar::AtMost((2.0 * before + 16.0).round())))
    };
    let met = peak_of("compact", &|| Ok(memory.compact().map(|()| true)?))?;
    let stay = ConsolidatePolicy::new().floor(0.0);
    Ok(met & peak_of("consolidate, all stay", &|| Ok(memory.consolidate(&stay, 1 << 50).map(|_| true)?))?)
}

fn recalls(memory: &EpisodicMemory, n: usize) -> Outcome {
    let (flat, cues) = (HugeVectors::new(n, 0)?, vectors(64, 1 << 8));
    let turn = Cell::new(0);
    let cue = || &cues[turn.replace(turn.get() + 1) % cues.len()];
    let within = |similarity| Conditions::new().min_similarity(similarity).exactness(Exactness::Within(1e-9));
    let mut rounds = Rounds::on(Cores::Caller);
    let array = rounds.add(1, || drop(black_box(simd_find_top_k(cue(), &flat, 10))));
    let recall = rounds.add(1, || drop(black_box(memory.recall(cue(), 10))));
    let mut when =
        |k, conditions: Conditions| rounds.add(1, move || drop(black_box(memory.recall_where(cue(), k, &conditions))));
    let near = when(usize::MAX, Conditions::new().min_similarity(0.92));
    let probable = when(usize::MAX, within(0.7));
    let every = when(10, Conditions::new().valence(-1.0..));
    let futile = when(10, within(0.4));
    let times = rounds.measure(Effort { rounds: 41, ..Effort::FULL });
    let named = [("flat", array), ("recall", recall), ("exact at 0.92", near), ("within 1e-9 at 0.7", probable)];
    for (name, case) in named {
        println!("{name}: {:.2} ms", times.median(case) / 1e6);
    }
    let bars = [
        ("recall, over a simd_find_top_k of a flat array", times.ratio(recall, array), Bar::AtMost(1.1)),
        ("a recall with a condition that all meet, over a recall", times.ratio(every, recall), Bar::AtMost(1.05)),
        ("a recall for which pruning cannot pay, over a recall", times.ratio(futile, recall), Bar::AtMost(1.05)),
        ("a recall, over exact pruning at 0.92", times.ratio(recall, near), Bar::AtLeast(3.0)),
        ("a recall, over Within(1e-9) at 0.7", times.ratio(recall, probable), Bar::AtLeast(3.0)),
    ];
    Ok(bars.into_iter().fold(true, |met, (what, ratio, most)| met & bar(what, ratio, "times", most)))
}

/// A reader next to a writer of 100 episodes each 10 ms, and alone, in turns.
fn reader_next_to_writer(memory: &EpisodicMemory) -> Outcome {
    let recalls_in = |writing: bool| {
        let done = AtomicBool::new(!writing);
        thread::scope(|scope| {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    let start = Instant::now();
                    let _ = memory.store_batch(&batch(0..100, 20));
                    thread::sleep(Duration::from_millis(10).saturating_sub(start.elapsed()));
                }
            });
            let start = Instant::now();
            let cues = (0..).take_while(|_| start.elapsed() < Duration::from_millis(700));
            let recalls = cues.filter(|&i| memory.recall(&HV16::random(i), 10).is_ok()).count();
            done.store(true, Ordering::Relaxed);
            recalls as f64
        })
    };
    let mut shares: Vec<f64> = (0..5).map(|_| (recalls_in(false), recalls_in(true))).map(|(a, b)| b / a).collect();
    shares.sort_by(f64::total_cmp);
    Ok(bar("a reader's throughput next to a writer", shares[2], "of that alone", Bar::AtLeast(0.85)))
}

fn consolidates(memory: EpisodicMemory, how: &str, most: f64) -> Outcome {
    let policy = ConsolidatePolicy::new().floor(0.0).capacity(memory.len() / 2);
    let start = Instant::now();
    let report = memory.consolidate(&policy, 1 << 50)?;
    println!("{} of {} stay", report.kept, report.kept + report.surplus.len());
    Ok(bar(&format!("consolidate to half, {how}"), start.elapsed().as_secs_f64(), "s", Bar::AtMost(most)))
}
