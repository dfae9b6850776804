//! The binomial distribution.

/// How many of `n` independent events happen, each with probability `p`.
pub(super) struct Binomial {
    n: u32,
    p: f64,
}

impl Binomial {
    pub(super) fn new(n: u32, p: f64) -> Self {
        Self { n, p }
    }

    /// The probability of exactly `k`.
    pub(super) fn at(&self, k: u32) -> f64 {
        let (n, p) = (self.n, self.p);
        // 0 ln 0 is 0 here.
        let times = |count: u32, log: f64| if count == 0 { 0.0 } else { f64::from(count) * log };
        let factorial = |count: u32| libm::lgamma(f64::from(count) + 1.0);
        let choose = factorial(n) - factorial(k) - factorial(n - k);
        libm::exp(choose + times(k, libm::log(p)) + times(n - k, libm::log1p(-p)))
    }

    /// The probability of `k` or fewer.
    pub(super) fn at_most(&self, k: u32) -> f64 {
        // The smaller tail is summed, its smallest terms first, so that a small probability keeps its digits.
        if f64::from(k) < f64::from(self.n) * self.p {
            (0..=k).map(|k| self.at(k)).sum::<f64>().min(1.0)
        } else {
            1.0 - (k + 1..=self.n).rev().map(|k| self.at(k)).sum::<f64>()
        }
    }

    /// The probabilities of `k` or fewer, for each `k` from 0 to `n`.
    pub(super) fn cumulative(&self) -> Vec<f64> {
        let mut sum = 0.0;
        let rising = (0..=self.n).map(|k| {
            sum += self.at(k);
            sum.min(1.0)
        });
        let mut cumulative: Vec<f64> = rising.collect();
        cumulative[self.n as usize] = 1.0;
        cumulative
    }
}
