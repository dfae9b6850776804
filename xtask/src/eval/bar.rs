//! A figure with the bar that it must reach.

/// A figure and what its mean must reach, in percent.
pub struct Bar {
    pub name: &'static str,
    pub least: f64,
    pub by_seed: Vec<f64>,
}

impl Bar {
    pub const fn new(name: &'static str, least: f64) -> Self {
        Self { name, least, by_seed: Vec::new() }
    }

    pub fn mean(&self) -> f64 {
        self.by_seed.iter().sum::<f64>() / self.by_seed.len() as f64
    }

    pub fn holds(&self, slack: f64) -> bool {
        self.mean() + slack >= self.least
    }
}
