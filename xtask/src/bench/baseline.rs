//! Results of the suites that are kept under a name, to compare later ones with.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use hv_benches::suites::Estimate;

use crate::files::{root, save};
use crate::outcome::Outcome;

/// The medians in nanoseconds, by [`Estimate::name`].
pub struct Baseline(BTreeMap<String, f64>);

/// The file of a name.
pub fn path(name: &str) -> Result<PathBuf, String> {
    let fits = (1..=100).contains(&name.len());
    if !fits || !name.chars().all(|c| c.is_alphanumeric() || "-_.".contains(c)) || name.starts_with('.') {
        return Err(format!(
            "{name:?} cannot be the name of a file; take 1 to 100 letters, digits, '-', '_' and '.', not starting with '.'"
        ));
    }
    Ok(root().join("target/benchmarks").join(format!("{name}.json")))
}

impl Baseline {
    pub fn of(estimates: &[Estimate]) -> Self {
        Self(estimates.iter().map(|estimate| (estimate.name(), estimate.median)).collect())
    }

    pub fn read(name: &str) -> Result<Self, String> {
        let text = std::fs::read_to_string(path(name)?).map_err(|error| {
            format!("cannot read the results kept as {name:?}: {error}; keep some with --save {name}")
        })?;
        serde_json::from_str(&text)
            .map(Self)
            .map_err(|error| format!("the results kept as {name:?} are damaged: {error}"))
    }

    pub fn save(&self, path: &Path) -> Outcome {
        save(path, &serde_json::to_string_pretty(&self.0)?)
    }

    /// The change of a median since then, as a fraction; `None` for a benchmark that is newer.
    pub fn change(&self, estimate: &Estimate) -> Option<f64> {
        self.0.get(&estimate.name()).map(|before| estimate.median / before - 1.0)
    }
}

#[cfg(test)]
#[path = "../../tests/units/baseline.rs"]
mod tests;
