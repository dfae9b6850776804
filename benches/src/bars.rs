//! What hv promises, measured: each piece of work with its bar and the CPU's limit, interleaved by groups of like work.
//!
//! Bars in nanoseconds are those of a machine whose xor-popcount limit is [`REFERENCE_LIMIT`], and scale with the
//! limit that the run measures; ratios and shares hold as they are.

mod adaptive;
mod large;
mod limits;
mod searches;
mod small;
mod table;

pub use self::limits::{MeasuredLimits, REFERENCE_LIMIT, REFERENCE_LIMIT_AVX2};
pub use self::table::{Bar, Row, Scaling, grouped};
use crate::rounds::Effort;

/// All that a run measured.
#[derive(Clone, Debug)]
pub struct Measured {
    /// The limits.
    pub limits: MeasuredLimits,
    /// The table of bars.
    pub rows: Vec<Row>,
    /// The curves of scaling with threads; plain reads are one of them.
    pub scaling: Vec<Scaling>,
}

/// Measures everything; `progress` is told what comes next.
///
/// Takes a minute or two, a quarter of that with [`Effort::QUICK`], and half a gigabyte of memory.
///
/// # Errors
///
/// If there is not enough memory.
pub fn measure(effort: Effort, progress: &dyn Fn(&str)) -> std::io::Result<Measured> {
    progress("searches in cache, one thread");
    let mut rows = searches::measure(effort);
    progress("searches of 100,000 and a million vectors, and scaling with threads");
    let large = large::measure(effort)?;
    progress("bundles, binds, single operations, the cycle");
    let small = small::measure(effort, large.read);
    progress("adaptive against the better of sequential and parallel");
    let adaptive = adaptive::measure(effort);
    rows.extend(large.rows.into_iter().chain(small.rows).chain([adaptive]));
    Ok(Measured { limits: small.limits, rows, scaling: large.scaling })
}
