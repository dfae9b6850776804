//! The arguments of `cargo xtask bench`.

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
    HV_BACKEND=avx2 cargo xtask bench    another backend\n\n\
    The suites alone, printed as lines: cargo bench")]
pub struct Args {
    /// Measure for a fraction of the time, and write to target/benchmarks, not to docs.
    #[arg(long)]
    pub quick: bool,
    /// Only the table of bars: nothing is written.
    #[arg(long)]
    pub bars: bool,
    /// Measure other libraries on the same shapes too; builds C code, so it needs a C compiler.
    #[arg(long)]
    pub peers: bool,
}
