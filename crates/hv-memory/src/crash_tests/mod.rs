//! Random histories of a memory on a failing disk, and power lost at every point of them: what was acknowledged is there,
//! and what was under way is there whole or not at all.
//!
//! A seed is a whole history: the operations, the failures among them, and the states of the disk after each power loss.
//! Only the ids of stores are random beyond it. A failure prints the seed:
//!
//! - `HV_CRASH_SEED=123 cargo test -p hv-memory crash_states` runs the history of a seed;
//! - `HV_CRASH_SECONDS=60` runs as many as there is time for, from a seed that the clock gives and that is printed.

mod counts;
mod history;
mod states;

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

use counts::Counts;

/// Seeds that every run of the tests tries: some small stores, one with blocks, and an upgrade.
const SEEDS: [u64; 4] = [0, 4, 5, 33];

/// Whether a history has failed.
static FAILED: AtomicBool = AtomicBool::new(false);

/// Says how to repeat a history that fails.
struct Repeat(u64);

impl Drop for Repeat {
    fn drop(&mut self) {
        if std::thread::panicking() {
            FAILED.store(true, Ordering::Relaxed);
            eprintln!("to repeat this: HV_CRASH_SEED={} cargo test -p hv-memory crash_states", self.0);
        }
    }
}

/// The number in an environment variable.
fn number(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} is a number, not {text:?}")))
}

fn history(seed: u64) -> Counts {
    let repeat = Repeat(seed);
    let mut counts = Counts::default();
    history::run(seed, &mut counts);
    drop(repeat);
    counts
}

/// Runs the histories of the seeds from `first` on, until the time is up, on all cores.
fn run_for(time: Duration, first: u64) -> Counts {
    let (end, next, all) = (Instant::now() + time, AtomicU64::new(first), Mutex::new(Counts::default()));
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while Instant::now() < end && !FAILED.load(Ordering::Relaxed) {
                    let counts = history(next.fetch_add(1, Ordering::Relaxed));
                    *all.lock().unwrap() += counts;
                }
            });
        }
    });
    all.into_inner().unwrap()
}

#[test]
fn crash_states() {
    let start = Instant::now();
    let counts = match (number("HV_CRASH_SEED"), number("HV_CRASH_SECONDS")) {
        (Some(seed), _) => history(seed),
        (None, Some(seconds)) => {
            let first = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_millis() as u64;
            println!("seeds from {first}");
            run_for(Duration::from_secs(seconds), first)
        }
        (None, None) => {
            let mut all = Counts::default();
            SEEDS.into_iter().for_each(|seed| all += history(seed));
            all
        }
    };
    println!("{counts}, in {:.1} s", start.elapsed().as_secs_f64());
}
