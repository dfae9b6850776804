//! Writing `docs/benchmarks.md` and its plots.

use std::path::Path;

use hv_benches::bars::{Measured, MeasuredLimits, grouped};
use hv_benches::operations::{OPERATIONS, Path as Choice};

use super::faiss::Faiss;
use super::{chart, tables};
use crate::files;
use crate::machine::Machine;
use crate::outcome::Outcome;
use crate::plot::{self, Panel};

/// The page, with names in double braces where results go.
const TEMPLATE: &str = include_str!("page.md");

/// The page and its plots.
const FILES: [&str; 4] = ["benchmarks.md", "benchmarks-time.svg", "benchmarks-threads.svg", "benchmarks-others.svg"];

/// Fails where [`write()`] would, before there is anything to write.
pub fn check(folder: &Path) -> Outcome {
    FILES.iter().try_for_each(|name| files::check(&folder.join(name)))
}

/// Writes the page and the plots into a folder.
pub fn write(folder: &Path, machine: &Machine, measured: &Measured, faiss: &Result<Faiss, String>) -> Outcome {
    let caption = machine.to_string();
    // Operations with several sizes come first.
    let panels = [0, 1, 2, 3].map(|i| times(measured, OPERATIONS[i].name, OPERATIONS[i].unit));
    let times = plot::svg(&caption, (480, 308), 2, &panels)?;
    let scaling = Panel { title: "speed-up over one thread, by threads".into(), curves: measured.scaling.clone() };
    let threads = plot::svg(&caption, (640, 456), 1, &[scaling])?;
    let bars = chart::groups(&measured.rows, faiss.as_ref().ok());
    let others = chart::svg(&chart::caption(machine, &measured.rows, faiss), &bars)?;
    let texts = [page(machine, measured), times, threads, others];
    FILES.iter().zip(&texts).try_for_each(|(name, text)| files::save(&folder.join(name), text))
}

/// Time against size.
fn times(measured: &Measured, group: &str, unit: &str) -> Panel {
    let curve = |path: Choice| {
        let chosen = measured.estimates.iter().filter(|e| e.group == group && e.function == path.name());
        (path.name().to_owned(), chosen.map(|e| (e.size as f64, e.median / 1e3)).collect())
    };
    Panel { title: format!("{group} (us by {unit})"), curves: Choice::MAKING.map(curve).into() }
}

fn page(machine: &Machine, measured: &Measured) -> String {
    let Machine { cpu, parallelism, date } = machine;
    TEMPLATE
        .replace("{{machine}}", &format!("- CPU: {cpu}\n- Cores: {parallelism}\n- Date: {date}"))
        .replace("{{limits}}", &limits(&measured.limits))
        .replace("{{bars}}", tables::bars(&measured.rows).to_string().trim_end())
        .replace("{{suites}}", tables::suites(measured).trim_end())
}

fn limits(limits: &MeasuredLimits) -> String {
    let line = |what: &str, ns: f64| format!("- {what}: {} a vector", tables::time(ns));
    let many = |what: &str, (n, ns): &(usize, f64)| line(&format!("{what} {} vectors", grouped(*n)), *ns);
    let reads = limits.read.iter().map(|read| many("plain reads of", read));
    let copies = limits.copy.iter().map(|copy| many("a copy of", copy));
    [line("xor-popcount", limits.xor_popcount)].into_iter().chain(reads).chain(copies).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
#[path = "../../tests/units/page.rs"]
mod tests;
