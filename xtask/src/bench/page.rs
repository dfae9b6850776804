//! Writing `docs/benchmarks.md` and its plots.

use std::path::Path;

use hv_benches::bars::{Measured, MeasuredLimits, grouped};

use super::suites::Estimate;
use super::{plots, tables};
use crate::files;
use crate::machine::Machine;
use crate::outcome::Outcome;

/// The page, with names in double braces where results go.
const TEMPLATE: &str = include_str!("page.md");

/// The page and its plots.
const FILES: [&str; 3] = ["benchmarks.md", "benchmarks-time.svg", "benchmarks-threads.svg"];

/// Fails where [`write()`] would, before there is anything to write.
pub fn check(folder: &Path) -> Outcome {
    FILES.iter().try_for_each(|name| files::check(&folder.join(name)))
}

/// Writes the page and the plots into a folder.
pub fn write(folder: &Path, machine: &Machine, measured: &Measured, estimates: &[Estimate]) -> Outcome {
    let caption = machine.to_string();
    let page = page(machine, measured, estimates);
    let texts = [page, plots::times(estimates, &caption)?, plots::threads(&measured.scaling, &caption)?];
    FILES.iter().zip(&texts).try_for_each(|(name, text)| files::save(&folder.join(name), text))
}

fn page(machine: &Machine, measured: &Measured, estimates: &[Estimate]) -> String {
    let Machine { cpu, parallelism, date } = machine;
    TEMPLATE
        .replace("{{machine}}", &format!("- CPU: {cpu}\n- Cores: {parallelism}\n- Date: {date}"))
        .replace("{{limits}}", &limits(&measured.limits))
        .replace("{{bars}}", tables::bars(&measured.rows).to_string().trim_end())
        .replace("{{suites}}", tables::suites(estimates, &measured.limits).trim_end())
}

fn limits(limits: &MeasuredLimits) -> String {
    let line = |what: &str, ns: f64| format!("- {what}: {} a vector", tables::time(ns));
    let reads = limits.read.iter().map(|(n, ns)| line(&format!("plain reads of {}", vectors(*n)), *ns));
    let copies = limits.copy.iter().map(|(n, ns)| line(&format!("a copy of {}", vectors(*n)), *ns));
    [line("xor-popcount", limits.xor_popcount)].into_iter().chain(reads).chain(copies).collect::<Vec<_>>().join("\n")
}

fn vectors(n: usize) -> String {
    format!("{} vectors", grouped(n))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_of_the_template_is_filled() {
        let machine = Machine { cpu: "some CPU".into(), parallelism: "2 cores".into(), date: "2026-01-02".into() };
        let limits = MeasuredLimits { xor_popcount: 2.0, read: vec![(10, 1.0)], copy: vec![(100, 3.0)] };
        let measured = Measured { limits, rows: Vec::new(), scaling: Vec::new() };
        let estimate = Estimate {
            group: "batch bind".into(),
            function: "sequential".into(),
            size: 100,
            items: Some(100),
            median: 600.0,
            spread: 0.02,
            change: None,
        };
        let page = page(&machine, &measured, &[estimate]);
        assert!(!page.contains("{{") && !page.contains("}}"), "{page}");
        for expected in ["some CPU", "2026-01-02", "2.00 ns a vector", "copy of 100", "### batch bind", "50 %"] {
            assert!(page.contains(expected), "{expected} is missing:\n{page}");
        }
    }
}
