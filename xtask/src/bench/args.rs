//! The arguments of `cargo xtask bench`.

/// Measure how fast hv is on this machine, and write docs/benchmarks.md with its plots.
///
/// First the table of bars: what hv promises, next to what this CPU could do at best (a register-only
/// xor-popcount-add loop over vectors in L1, plain reads and copies of the same memory), interleaved with each group
/// of like work. Bars in nanoseconds scale with the measured limit. Then the suites: single operations, batches by path
/// and size, and the episodic memory. A few minutes in all; the machine should be quiet, since other work shows.
///
/// No bar fails the command: times depend on the machine.
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  \
    cargo xtask bench                    everything, for the record\n  \
    cargo xtask bench --quick            a first look, in a fraction of the time; written to target/benchmarks\n  \
    cargo xtask bench --bars --peers     only the table of bars, with other libraries\n  \
    cargo xtask bench --save before      keep the suites' results under a name ...\n  \
    cargo xtask bench --compare before   ... and show what has changed since\n  \
    HV_BACKEND=avx2 cargo xtask bench    another backend\n\n\
    The suites alone, printed as lines: cargo bench")]
pub struct Args {
    /// Measure for a fraction of the time, and write to target/benchmarks, not to docs.
    #[arg(long)]
    pub quick: bool,
    /// Only the table of bars: nothing is written.
    #[arg(long, conflicts_with_all = ["save", "compare"])]
    pub bars: bool,
    /// Measure other libraries on the same shapes too; builds C code, so it needs a C compiler.
    #[arg(long)]
    pub peers: bool,
    /// Keep the suites' results under NAME, in target/benchmarks/NAME.json.
    #[arg(long, value_name = "NAME", conflicts_with = "compare")]
    pub save: Option<String>,
    /// Compare the suites' results with those kept under NAME.
    #[arg(long, value_name = "NAME")]
    pub compare: Option<String>,
}
