//! What hv promises, measured: each piece of work with its bar and the CPU's limit, interleaved by groups of like work.
//!
//! Bars in nanoseconds are those of a machine whose xor-popcount limit is [`REFERENCE_LIMIT`], and scale with the
//! limit that the run measures; ratios and shares hold as they are.

mod ltc;
mod searches;
mod small;
mod table;

use std::error::Error;

pub use self::table::{Bar, Row, grouped};
pub use crate::limits::{MeasuredLimits, REFERENCE_LIMIT, REFERENCE_LIMIT_AVX2};
use crate::memory;
use crate::rounds::Effort;
use crate::suites::{self, Estimate};

/// All that a run measured.
#[derive(Clone, Debug)]
pub struct Measured {
    /// The limits.
    pub limits: MeasuredLimits,
    /// The table of bars.
    pub rows: Vec<Row>,
    /// How many times as fast some work is by the number of threads: a name, and pairs of threads and the speed-up over
    /// one. Plain reads are one of them, and as many times as threads are another.
    pub scaling: Vec<(String, Vec<(f64, f64)>)>,
    /// The suites, without single operations and the memory where only bars were asked for.
    pub estimates: Vec<Estimate>,
}

/// Measures everything, or the table of bars alone; `progress` is told what comes next.
///
/// Takes a minute or two, a quarter of that with [`Effort::QUICK`], and half a gigabyte of memory.
///
/// # Errors
///
/// If there is not enough memory, or a pool cannot be started.
pub fn measure(effort: Effort, bars_alone: bool, progress: &dyn Fn(&str)) -> Result<Measured, Box<dyn Error>> {
    progress("searches, and how they scale with threads");
    let searches = searches::measure(effort)?;
    progress("bundles, binds, single operations, the cycle");
    let (limits, small) = small::measure(effort, searches.read);
    progress("steps of liquid networks");
    let steps = ltc::measure(effort);
    progress("batches by path");
    let (mut estimates, adaptive) = suites::batches(effort);
    let rows = searches.rows.into_iter().chain(small).chain(adaptive).chain(steps).collect();
    if !bars_alone {
        progress("single operations, and the episodic memory");
        estimates = [suites::kernels(effort), estimates, memory::measure(effort)].concat();
    }
    Ok(Measured { limits, rows, scaling: searches.scaling, estimates })
}
