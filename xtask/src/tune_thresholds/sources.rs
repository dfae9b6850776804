//! The source files whose figures `--write` replaces.

use std::path::PathBuf;

use hv_memory::internal::Costs;
use hv_parallel::{Backend, Operation as Field, Thresholds};

use crate::files;
use crate::machine::Machine;
use crate::outcome::Outcome;

/// The files, from the root of the repository: the thresholds of hv-parallel, and the planner of hv-memory.
pub const FILES: [&str; 2] = ["crates/hv-parallel/src/defaults.rs", "crates/hv-memory/src/planner.rs"];

/// Replaces the figures of a backend in both files.
pub fn update(
    paths: &[PathBuf; 2],
    backend: Backend,
    (thresholds, costs): (&Thresholds, &Costs),
    machine: &Machine,
) -> Outcome {
    let sets = [("Thresholds", of_thresholds(thresholds)), ("Costs", of_costs(costs))];
    for ((path, name), (kind, fields)) in paths.iter().zip(FILES).zip(sets) {
        let text = std::fs::read_to_string(path).map_err(|error| format!("cannot read {name}: {error}"))?;
        let set = Set { backend, kind, fields, machine };
        files::save(path, &set.replaced_in(&text).map_err(|error| format!("{name} {error}"))?)?;
    }
    Ok(())
}

/// The figures of one backend.
struct Set<'a> {
    backend: Backend,
    /// The type that holds them.
    kind: &'static str,
    /// Each field with its value, as Rust writes it.
    fields: Vec<(&'static str, String)>,
    machine: &'a Machine,
}

impl Set<'_> {
    /// A text with the paragraph that defines this set replaced.
    fn replaced_in(&self, text: &str) -> Result<String, String> {
        let Self { backend, kind, fields, machine } = self;
        let definition = format!("const {}: {kind}", backend.name().to_uppercase());
        let mut paragraphs: Vec<String> = text.split("\n\n").map(ToOwned::to_owned).collect();
        let found = paragraphs.iter_mut().find(|paragraph| paragraph.contains(&definition));
        let fields: String = fields.iter().map(|(name, value)| format!("    {name}: {value},\n")).collect();
        *found.ok_or(format!("has no `{definition}` to update"))? =
            format!("/// {machine}\n#[rustfmt::skip]\n{definition} = {kind} {{\n{fields}}};");
        Ok(paragraphs.join("\n\n").trim_end().to_owned() + "\n")
    }
}

fn of_thresholds(thresholds: &Thresholds) -> Vec<(&'static str, String)> {
    Field::ALL.iter().map(|&field| (field.name(), number(thresholds[field]))).collect()
}

fn of_costs(costs: &Costs) -> Vec<(&'static str, String)> {
    vec![
        ("prefix_vectors", number(costs.prefix_vectors)),
        ("prefix_vectors_of_batch", number(costs.prefix_vectors_of_batch)),
        ("prefix_share", format!("{:?}", costs.prefix_share)),
        ("prefix_share_of_batch", format!("{:?}", costs.prefix_share_of_batch)),
        ("scattered", number(costs.scattered)),
        ("many_cues", number(costs.many_cues)),
        ("left_early", number(costs.left_early.into())),
    ]
}

fn number(number: usize) -> String {
    if number == usize::MAX { "usize::MAX".to_owned() } else { with_underscores(number) }
}

fn with_underscores(number: usize) -> String {
    let digits = number.to_string();
    let groups: Vec<&str> = digits.as_bytes().rchunks(3).rev().filter_map(|g| std::str::from_utf8(g).ok()).collect();
    groups.join("_")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::root;

    fn machine() -> Machine {
        Machine { cpu: "C".into(), parallelism: "P".into(), date: "D".into() }
    }

    /// Checks that a set replaces that of its backend, and nothing else of a file.
    fn only_its_own(name: &str, kind: &'static str, fields: &[(&'static str, String)], values: &str) {
        let (machine, present) = (machine(), std::fs::read_to_string(root().join(name)).unwrap());
        for &backend in Backend::ALL {
            let set = Set { backend, kind, fields: fields.to_vec(), machine: &machine };
            let written = set.replaced_in(&present).unwrap();
            let definition = format!("const {}: {kind} = {kind} {{", backend.name().to_uppercase());
            let paragraph = format!("/// C; P; D\n#[rustfmt::skip]\n{definition}\n    {values}\n}};");
            let (before, after) = written.split_once(&paragraph).unwrap_or_else(|| panic!("{written}"));
            assert!(present.starts_with(before) && present.ends_with(after), "{written}");
            assert_eq!(present.matches("const ").count(), written.matches("const ").count());
            assert_eq!(set.replaced_in(&written).as_ref(), Ok(&written));
        }
        let set = Set { backend: Backend::Avx2, kind, fields: fields.to_vec(), machine: &machine };
        assert!(set.replaced_in("no such text").unwrap_err().contains("has no `const"));
    }

    #[test]
    fn only_the_set_of_the_backend_is_written() {
        let tuned = Thresholds { bind: 1_234_567, similarity: 8, bundle: 700, nearest: 9_000, top_k: usize::MAX };
        let values =
            "bind: 1_234_567,\n    similarity: 8,\n    bundle: 700,\n    nearest: 9_000,\n    top_k: usize::MAX,";
        only_its_own(FILES[0], "Thresholds", &of_thresholds(&tuned), values);
        let costs = Costs {
            prefix_vectors: 5_000,
            prefix_vectors_of_batch: usize::MAX,
            prefix_share: 0.07,
            prefix_share_of_batch: 0.0,
            scattered: 9,
            many_cues: 64,
            left_early: 410,
        };
        let values = [
            "prefix_vectors: 5_000,",
            "prefix_vectors_of_batch: usize::MAX,",
            "prefix_share: 0.07,",
            "prefix_share_of_batch: 0.0,",
            "scattered: 9,",
            "many_cues: 64,",
            "left_early: 410,",
        ];
        only_its_own(FILES[1], "Costs", &of_costs(&costs), &values.join("\n    "));
    }

    #[test]
    fn numbers_are_written_as_rust_groups_them() {
        assert_eq!(
            [0, 999, 1_000, 12_345, 1_234_567].map(with_underscores),
            ["0", "999", "1_000", "12_345", "1_234_567"]
        );
    }
}
