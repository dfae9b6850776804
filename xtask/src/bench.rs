//! `cargo xtask bench`: how fast hv is here, against this CPU's limits, its bars, and the published figures.

mod chart;
mod faiss;
mod page;
mod tables;

use std::time::Instant;

use hv_benches::bars;
use hv_benches::rounds::Effort;

use self::faiss::Faiss;
use crate::cargo::{cargo, succeed};
use crate::files::root;
use crate::machine::Machine;
use crate::outcome::Outcome;
use crate::say::say;

/// Measure how fast hv is on this machine, and write docs/benchmarks.md with its plots and the chart of the README.
///
/// First the table of bars: what hv promises, next to what this CPU could do at best (a register-only
/// xor-popcount-add loop over vectors in L1, plain reads and copies of the same memory), interleaved with each group
/// of like work. Bars in nanoseconds scale with the measured limit. Then the suites: single operations, batches by path
/// and size, and the episodic memory. A few minutes in all; the machine should be quiet, since other work shows.
///
/// The chart has FAISS next to hv where python3 has the package faiss (`pip install faiss-cpu`), and other crates with
/// --peers; it says what is missing. To compare two builds, take the share of the limit, which a run measures with each row.
///
/// No bar fails the command: times depend on the machine.
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  \
    cargo xtask bench                    everything, for the record\n  \
    cargo xtask bench --quick            a first look, in a fraction of the time; written to target/benchmarks\n  \
    cargo xtask bench --bars --peers     only the table of bars, with other libraries\n  \
    cargo xtask bench --gpu              searches on the GPU that HV_GPU names, or the best one\n  \
    HV_BACKEND=avx2 cargo xtask bench    another backend\n\n\
    The suites alone, printed as lines: cargo bench")]
pub struct Args {
    /// Measure for a fraction of the time, and write to target/benchmarks, not to docs.
    #[arg(long)]
    quick: bool,
    /// Only the table of bars: nothing is written.
    #[arg(long)]
    bars: bool,
    /// Measure other libraries on the same shapes too; builds C code, so it needs a C compiler.
    #[arg(long)]
    peers: bool,
    /// Only searches on a GPU, next to its own limits, to this CPU, and to FAISS where Python has it with CUDA: up to 100
    /// million vectors, up to 10,000 queries. Nothing is written.
    #[arg(long, conflicts_with_all = ["quick", "bars", "peers"])]
    gpu: bool,
    /// The largest number of vectors for --gpu.
    #[arg(long, value_name = "N", requires = "gpu")]
    vectors: Option<u64>,
}

/// Measures, prints and writes.
pub fn run(args: &Args) -> Outcome {
    if args.gpu {
        return on_a_gpu(args.vectors);
    }
    if args.peers && !cfg!(feature = "peers") {
        return again_with_peers();
    }
    hv_parallel::init()?;
    let folder = root().join(if args.quick { "target/benchmarks" } else { "docs" });
    if !args.bars {
        page::check(&folder)?;
    }
    let machine = Machine::here();
    say!("{machine}\n");
    let start = Instant::now();
    let progress = |step: &str| eprintln!("[{:>3} s] {step}", start.elapsed().as_secs());
    let effort = if args.quick { Effort::QUICK } else { Effort::FULL };
    let measured = bars::measure(effort, args.bars, &progress)?;
    progress("done");
    say!("{}\n", tables::bars(&measured.rows));
    if args.bars {
        return Ok(());
    }
    say!("\n{}", tables::suites(&measured));
    let faiss = Faiss::measure();
    if let Err(why) = &faiss {
        say!("FAISS is not in the chart: {why}");
    }
    page::write(&folder, &machine, &measured, &faiss)
}

/// The alias builds without peers, so that nobody needs a C compiler who did not ask for them.
fn again_with_peers() -> Outcome {
    let arguments = std::env::args_os().skip(1);
    let mut cargo = cargo();
    cargo.args(["run", "--release", "--package", "xtask", "--features", "peers", "--"]).args(arguments);
    succeed(cargo, "the run with peers")
}

/// An example of hv-gpu, since nothing of xtask needs what it links to.
fn on_a_gpu(vectors: Option<u64>) -> Outcome {
    let mut cargo = cargo();
    cargo.args(["run", "--release", "--package", "hv-gpu", "--example", "bench", "--"]);
    cargo.args(vectors.map(|n| n.to_string()));
    succeed(cargo, "the benchmark on a GPU")
}
