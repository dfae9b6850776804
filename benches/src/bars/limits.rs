//! This CPU's limits as they were measured, and how bars scale with them.

use crate::paths::Cycle;
use crate::rounds::{Case, Times};

/// Nanoseconds a vector of the AVX-512 xor-popcount loop on the machine that the bars were set for.
pub const REFERENCE_LIMIT: f64 = 1.66;

/// The AVX2 limit of that machine, which the bars for AVX2 scale with: its AVX2 loop takes 16 cycles a vector (measured on
/// Zen 3, whose 256-bit pipes Zen 4 shares), its AVX-512 loop 6. Not the limit of AVX-512, since a CPU that does more of
/// that in a cycle need not do more of AVX2: Zen 5 takes 3 cycles and 17.
pub const REFERENCE_LIMIT_AVX2: f64 = REFERENCE_LIMIT * 16.0 / 6.0;

/// This CPU's limits, in nanoseconds a vector on one thread.
#[derive(Clone, Debug)]
pub struct MeasuredLimits {
    /// The xor-popcount-add loop of the active backend.
    pub xor_popcount: f64,
    /// Plain reads: the number of vectors, from few in L1 up to a million in huge pages, and the time.
    pub read: Vec<(usize, f64)>,
    /// A plain copy: the number of vectors, from few in L1 up, and the time.
    pub copy: Vec<(usize, f64)>,
}

impl MeasuredLimits {
    /// Plain reads of a vector, one of `n`.
    #[must_use]
    pub fn read_of(&self, n: usize) -> f64 {
        of_size(&self.read, n)
    }

    /// A plain copy of a vector, one of `n`.
    #[must_use]
    pub fn copy_of(&self, n: usize) -> f64 {
        of_size(&self.copy, n)
    }

    /// The least time a vector of a distance to each of `n`: they are read, and their bits are counted.
    #[must_use]
    pub fn distance_of(&self, n: usize) -> f64 {
        self.xor_popcount.max(self.read_of(n))
    }

    /// The least time of a published cycle on one thread, in nanoseconds: a copy for its binds, distances, and reads
    /// for its bundles, of vectors that the distances have moved out of L1.
    #[must_use]
    pub fn cycle(&self) -> f64 {
        let (binds, n, bundled) = (Cycle::BINDS, Cycle::SIMILARITIES, Cycle::BUNDLES * Cycle::BUNDLES);
        binds as f64 * self.copy_of(binds) + n as f64 * self.distance_of(n) + bundled as f64 * self.read_of(n)
    }
}

/// The time of the least size that is not under `n`, or else of the largest.
fn of_size(times: &[(usize, f64)], n: usize) -> f64 {
    times.iter().find(|(size, _)| n <= *size).or(times.last()).map_or(0.0, |(_, time)| *time)
}

/// Scales bars with the measured limit of the active backend.
#[derive(Clone, Copy)]
pub(super) struct Scale(f64);

impl Scale {
    /// By the forms of the active backend's xor-popcount loop, in the rounds that count for `case`.
    pub(super) fn of(times: &Times, forms: &[Case], case: Case) -> Self {
        Self(times.beside(times.fastest(forms), &[case]))
    }

    /// A bar in the units in which it was set.
    pub(super) fn bar(self, reference: f64) -> f64 {
        reference * self.0 / REFERENCE_LIMIT
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_scale_with_the_limit() {
        assert_eq!(Scale(REFERENCE_LIMIT).bar(2.5), 2.5);
        assert_eq!(Scale(2.0 * REFERENCE_LIMIT).bar(2.5), 5.0);
    }
}
