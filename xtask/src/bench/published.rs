//! The figures that the system hv follows has published, in nanoseconds.

/// Times of one operation at one size.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Published {
    /// On one core.
    pub sequential: f64,
    /// On eight.
    pub eight_cores: f64,
}

/// By criterion's group and size.
const FIGURES: [(&str, u64, f64, f64); 6] = [
    ("batch bind", 1_000, 10e3, 1.4e3),
    ("batch similarity", 1_000, 12e3, 1.6e3),
    ("batch bundle of 10", 100, 500e3, 70e3),
    ("nearest of 1000", 100, 1.2e6, 160e3),
    ("top-k of 100 x 10000, by k", 10, 120e6, 15e6),
    ("cycle", 1, 63e3, 7.9e3),
];

/// The published figure of a benchmark, where there is one.
pub fn figure(group: &str, size: u64) -> Option<Published> {
    let (.., sequential, eight_cores) = *FIGURES.iter().find(|(name, at, ..)| *name == group && *at == size)?;
    Some(Published { sequential, eight_cores })
}
