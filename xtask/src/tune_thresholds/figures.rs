//! The tables of figures that `--write` updates: see `hv_parallel::for_storage::figure` for their form.

use hv_memory::internal::Costs;
use hv_parallel::{Backend, Operation as Field, Thresholds};

use crate::files;
use crate::machine::Machine;
use crate::outcome::Outcome;

/// The tables, from the root of the repository: the thresholds of hv-parallel, the figures of hv-memory's planner, and from
/// how many queries on hv-simd scans tiles.
pub const FILES: [&str; 3] =
    ["crates/hv-parallel/src/defaults.txt", "crates/hv-memory/src/planner.txt", "crates/hv-simd/src/tiles.txt"];

/// The names of some figures with their values.
type Figures = Vec<(&'static str, String)>;

/// Replaces the figures of a backend in all tables.
pub fn update(
    backend: Backend,
    (thresholds, costs, min_queries): (&Thresholds, &Costs, usize),
    machine: &Machine,
) -> Outcome {
    for (name, figures) in FILES.into_iter().zip([of_thresholds(thresholds), of_costs(costs), of_tiles(min_queries)]) {
        let path = files::root().join(name);
        let text = std::fs::read_to_string(&path).map_err(|error| format!("cannot read {name}: {error}"))?;
        files::save(&path, &replaced(&text, backend, &figures, machine))?;
    }
    Ok(())
}

/// A table with the lines of one backend replaced, or added where it has none.
fn replaced(text: &str, backend: Backend, figures: &Figures, machine: &Machine) -> String {
    let figures = figures.iter().map(|(name, value)| format!("{backend} {name} {value}"));
    let own: Vec<String> = std::iter::once(format!("# {backend}: {machine}")).chain(figures).collect();
    let is_own = |line: &&str| line.starts_with(&format!("# {backend}: ")) || line.starts_with(&format!("{backend} "));
    let before = text.lines().take_while(|line| !is_own(line)).map(str::to_owned);
    let after = text.lines().skip_while(|line| !is_own(line)).filter(|line| !is_own(line)).map(str::to_owned);
    before.chain(own).chain(after).map(|line| line + "\n").collect()
}

fn of_thresholds(thresholds: &Thresholds) -> Figures {
    Field::ALL.iter().map(|&field| (field.name(), number(thresholds[field]))).collect()
}

fn of_costs(costs: &Costs) -> Figures {
    vec![
        ("prefix_vectors", number(costs.prefix_vectors)),
        ("prefix_vectors_of_batch", number(costs.prefix_vectors_of_batch)),
        ("prefix_share", costs.prefix_share.to_string()),
        ("prefix_share_of_batch", costs.prefix_share_of_batch.to_string()),
        ("scattered", number(costs.scattered)),
        ("many_cues", number(costs.many_cues)),
        ("left_early", number(costs.left_early.into())),
    ]
}

fn of_tiles(min_queries: usize) -> Figures {
    vec![("min_queries", number(min_queries))]
}

/// A figure, or `never` where nothing is as large.
pub fn number(number: usize) -> String {
    if number == usize::MAX { "never".to_owned() } else { number.to_string() }
}

#[cfg(test)]
#[path = "../../tests/units/figures.rs"]
mod tests;
