//! The results as tables.

use hv_benches::bars::{Bar, Measured, MeasuredLimits, Row};
use hv_benches::suites::Estimate;

use crate::table::Table;

/// The table of bars.
pub fn bars(rows: &[Row]) -> Table {
    // All rows with peers have the same.
    let peers: Vec<&str> = rows
        .iter()
        .find(|row| !row.peers.is_empty())
        .map_or(Vec::new(), |row| row.peers.iter().map(|it| it.0).collect());
    let head = ["work", "unit", "bar here", "measured", "verdict", "limit", "of the limit"];
    let header: Vec<&str> = head.into_iter().chain(peers.iter().copied()).chain(["undisturbed"]).collect();
    let cells = |row: &Row| {
        let bar = row.bar.map_or(String::new(), |bar| match bar {
            Bar::AtMost(bar) => format!("<= {}", digits(bar)),
            Bar::AtLeast(bar) => format!(">= {}", digits(bar)),
        });
        let verdict = row.is_met().map_or("", |met| if met { "met" } else { "missed" });
        let limit = [row.limit.map_or(String::new(), digits), row.share().map_or(String::new(), percent)];
        let of_peer = |i| row.peers.get(i).map_or(String::new(), |(_, ratio)| format!("{ratio:.2} x"));
        let start = [row.work.clone(), row.unit.into(), bar, digits(row.measured), verdict.into()];
        start.into_iter().chain(limit).chain((0..peers.len()).map(of_peer)).chain([percent(row.quiet)]).collect()
    };
    Table::new(&header, rows.iter().map(cells))
}

/// Times of Symthaea, the system that hv follows, in its report of 2025-12-22, in nanoseconds: group, size, on one core, and on
/// eight.
const PUBLISHED: [(&str, usize, f64, f64); 6] = [
    ("batch bind", 1_000, 10e3, 1.4e3),
    ("batch similarity", 1_000, 12e3, 1.6e3),
    ("batch bundle of 10", 100, 500e3, 70e3),
    ("nearest of 1000", 100, 1.2e6, 160e3),
    ("top-k of 100 x 10000, by k", 10, 120e6, 15e6),
    ("cycle", 1, 63e3, 7.9e3),
];

/// The suites' results: a heading and a table for each group, and how parallel compares with sequential.
pub fn suites(measured: &Measured) -> String {
    let section = |group: &[Estimate]| format!("### {}\n\n{}\n", group[0].group, group_table(group, &measured.limits));
    let sections: String = measured.estimates.chunk_by(|a, b| a.group == b.group).map(section).collect();
    format!("{sections}### speedup\n\n{}\n", speedups(&measured.estimates))
}

fn group_table(estimates: &[Estimate], limits: &MeasuredLimits) -> Table {
    let row = |estimate: &Estimate| {
        let Estimate { group, function, size, items, median, spread } = *estimate;
        let published = PUBLISHED.iter().find(|(name, at, ..)| *name == group && *at == size);
        let published = published.and_then(|(.., one, eight)| match function {
            "sequential" | "sequential into" => Some(format!("{}, 1 core", time(*one))),
            "parallel" | "parallel into" => Some(format!("{}, 8 cores", time(*eight))),
            _ => None,
        });
        vec![
            function.to_owned(),
            size.to_string(),
            time(median),
            format!("± {}", percent(spread)),
            items.map_or(String::new(), |items| time(median / items as f64)),
            limit(estimate, limits).map_or(String::new(), |limit| percent(limit / median)),
            published.unwrap_or_default(),
        ]
    };
    let header = ["path", "size", "median", "spread", "an item", "of the limit", "published"];
    Table::new(&header, estimates.iter().map(row))
}

/// Parallel over sequential, at the published sizes.
fn speedups(estimates: &[Estimate]) -> Table {
    let row = |(group, size, ..): (&str, usize, f64, f64)| {
        let median = |path| {
            let found = estimates.iter().find(|e| e.group == group && e.size == size && e.function == path)?;
            Some(found.median)
        };
        let (one, all) = (median("sequential")?, median("parallel")?);
        Some(vec![group.to_owned(), size.to_string(), time(one), time(all), format!("{:.2} x", one / all)])
    };
    let header = ["operation", "size", "sequential", "parallel", "speed-up"];
    Table::new(&header, PUBLISHED.into_iter().filter_map(row))
}

/// The least time that this CPU could take for a benchmark, in nanoseconds, where a limit is known: copies for binds and
/// rotations, reads for bundles, reads or counting for one query, counting for many; shared by the pool's threads where all
/// may be used. The adaptive path has none, since it is not told here how many it took. The limits were measured before,
/// and on one thread: the page says so.
fn limit(estimate: &Estimate, limits: &MeasuredLimits) -> Option<f64> {
    let (items, work) = (estimate.items?, (estimate.group, estimate.function));
    let threads = match work {
        (_, "adaptive") => return None,
        ("recall", _) | (_, "parallel" | "parallel into") => rayon::current_num_threads() as f64,
        _ => 1.0,
    };
    let an_item = match work {
        ("cycle", _) => limits.cycle(),
        ("batch bind", _) | ("permute", _) | ("single", "bind") => limits.copy_of(items),
        ("batch bundle of 10" | "bundle", _) => limits.read_of(items),
        ("recall", "one cue") | ("batch similarity", _) => limits.distance_of(items),
        // A quarter of each vector.
        ("recall", function) if function.starts_with("one cue, at least") => limits.read_of(items) / 4.0,
        ("recall", _) => limits.xor_popcount,
        (group, _) if group.starts_with("nearest") || group.starts_with("top-k") => limits.xor_popcount,
        _ => return None,
    };
    Some(an_item * items as f64 / threads)
}

/// A time with three digits and a unit that suits it.
pub fn time(ns: f64) -> String {
    match ns {
        _ if ns < 1e3 => format!("{} ns", digits(ns)),
        _ if ns < 1e6 => format!("{} us", digits(ns / 1e3)),
        _ => format!("{} ms", digits(ns / 1e6)),
    }
}

/// A number with about three digits.
fn digits(number: f64) -> String {
    match number.abs() {
        n if n < 10.0 => format!("{number:.2}"),
        n if n < 100.0 => format!("{number:.1}"),
        _ => format!("{number:.0}"),
    }
}

fn percent(share: f64) -> String {
    format!("{:.0} %", 100.0 * share)
}

#[cfg(test)]
#[path = "../../tests/units/tables.rs"]
pub mod tests;
