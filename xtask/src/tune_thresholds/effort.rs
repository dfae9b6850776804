//! What `cargo xtask tune-thresholds` measures, and for how long.

use hv_benches::paths::Path;

/// What to measure, and for how long.
#[derive(Clone, Copy)]
pub struct Effort {
    /// The paths to time, in the order of [`Path::ALL`].
    pub paths: &'static [Path],
    /// Of the sizes of an operation, every so many.
    pub step: usize,
    /// Passes over all operations: a machine's clock and load drift over seconds, and what is timed in one go would
    /// all be of one mood.
    pub rounds: usize,
    /// Timings of each path at a size in a round, taken in turn.
    pub repeats: usize,
    /// Seconds that one timing lasts, or two calls.
    pub timing: f64,
}

impl Effort {
    pub const FULL: Self =
        Self { paths: &[Path::Sequential, Path::Parallel], step: 1, rounds: 7, repeats: 11, timing: 300e-6 };
    pub const QUICK: Self = Self { step: 2, rounds: 3, repeats: 3, timing: 150e-6, ..Self::FULL };

    /// Two paths alone, and fewer timings: a scan of a segment takes long.
    pub fn plain(self) -> Self {
        Self { paths: Self::FULL.paths, rounds: self.rounds.min(3), repeats: self.repeats.min(5), ..self }
    }

    /// With the adaptive path beside the others.
    pub fn with_adaptive(self) -> Self {
        Self { paths: &Path::ALL, ..self }
    }
}
