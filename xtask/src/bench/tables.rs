//! The results as tables in Markdown, aligned so that they read as well in a terminal.

use std::fmt;

use hv_benches::bars::{Bar, Measured, MeasuredLimits, Row};
use hv_benches::suites::Estimate;

/// A table: the first column to the left, the others to the right.
pub struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    fn new(header: &[&str]) -> Self {
        Self { rows: vec![header.iter().map(ToString::to_string).collect()] }
    }

    fn add(&mut self, row: Vec<String>) {
        self.rows.push(row);
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = |column: usize| self.rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
        let widths: Vec<usize> = (0..self.rows[0].len()).map(width).collect();
        for (i, row) in self.rows.iter().enumerate() {
            for (column, (cell, &width)) in row.iter().zip(&widths).enumerate() {
                if column == 0 { write!(f, "| {cell:<width$} |")? } else { write!(f, " {cell:>width$} |")? }
            }
            writeln!(f)?;
            if i == 0 {
                writeln!(f, "| {} |{}", "-".repeat(widths[0]), rules(&widths[1..]))?;
            }
        }
        Ok(())
    }
}

fn rules(widths: &[usize]) -> String {
    widths.iter().map(|width| format!(" {}: |", "-".repeat(width - 1))).collect()
}

/// The table of bars.
pub fn bars(rows: &[Row]) -> Table {
    let peers: Vec<&str> = rows
        .iter()
        .map(|row| &row.peers)
        .max_by_key(|peers| peers.len())
        .map_or(Vec::new(), |peers| peers.iter().map(|(name, _)| *name).collect());
    let mut header = vec!["work", "unit", "bar here", "measured", "verdict", "limit", "of the limit"];
    header.extend(&peers);
    header.push("undisturbed");
    let mut table = Table::new(&header);
    for row in rows {
        let bar = row.bar.map_or(String::new(), |bar| match bar {
            Bar::AtMost(bar) => format!("<= {}", digits(bar)),
            Bar::AtLeast(bar) => format!(">= {}", digits(bar)),
        });
        let verdict = row.is_met().map_or("", |met| if met { "met" } else { "missed" });
        let mut cells = vec![row.work.clone(), row.unit.into(), bar, digits(row.measured), verdict.into()];
        cells.push(row.limit.map_or(String::new(), digits));
        cells.push(row.share().map_or(String::new(), percent));
        cells.extend(peers.iter().map(|name| {
            row.peers.iter().find(|(peer, _)| peer == name).map_or(String::new(), |(_, ratio)| format!("{ratio:.2} x"))
        }));
        cells.push(percent(row.quiet));
        table.add(cells);
    }
    table
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
    let mut groups: Vec<&str> = Vec::new(); // in the order in which they were measured
    for estimate in &measured.estimates {
        if !groups.contains(&estimate.group.as_str()) {
            groups.push(&estimate.group);
        }
    }
    let section = |group: &&str| {
        let mut sorted: Vec<&Estimate> =
            measured.estimates.iter().filter(|estimate| estimate.group == *group).collect();
        sorted.sort_by_key(|estimate| estimate.size);
        format!("### {group}\n\n{}\n", group_table(&sorted, &measured.limits))
    };
    let sections: String = groups.iter().map(section).collect();
    format!("{sections}### speedup\n\n{}\n", speedups(&measured.estimates))
}

fn group_table(estimates: &[&Estimate], limits: &MeasuredLimits) -> Table {
    let mut table = Table::new(&["path", "size", "median", "spread", "an item", "of the limit", "published"]);
    for estimate in estimates {
        let Estimate { group, function, size, items, median, spread } = estimate;
        let published = PUBLISHED.iter().find(|(name, at, ..)| name == group && at == size);
        let published = published.and_then(|(.., one, eight)| match function.as_str() {
            "sequential" | "sequential into" => Some(format!("{}, 1 core", time(*one))),
            "parallel" | "parallel into" => Some(format!("{}, 8 cores", time(*eight))),
            _ => None,
        });
        let share = limit(estimate, limits).map(|limit| limit / median);
        let mut cells = vec![function.clone(), size.to_string(), time(*median), format!("± {}", percent(*spread))];
        cells.push(items.map_or(String::new(), |items| time(median / items as f64)));
        cells.push(share.map_or(String::new(), percent));
        cells.push(published.unwrap_or_default());
        table.add(cells);
    }
    table
}

/// Parallel over sequential, at the published sizes.
fn speedups(estimates: &[Estimate]) -> Table {
    let mut table = Table::new(&["operation", "size", "sequential", "parallel", "speed-up"]);
    for (group, size, ..) in PUBLISHED {
        let median = |path| {
            let found = estimates.iter().find(|e| e.group == group && e.size == size && e.function == path)?;
            Some(found.median)
        };
        if let (Some(one), Some(all)) = (median("sequential"), median("parallel")) {
            table.add(vec![group.into(), size.to_string(), time(one), time(all), format!("{:.2} x", one / all)]);
        }
    }
    table
}

/// The least time that this CPU could take for a benchmark, in nanoseconds, where a limit is known: copies for binds and
/// rotations, reads for bundles, reads or counting for one query, counting for many; shared by the pool's threads where all
/// may be used. The adaptive path has none, since it is not told here how many it took. The limits were measured before,
/// and on one thread: the page says so.
fn limit(estimate: &Estimate, limits: &MeasuredLimits) -> Option<f64> {
    let (items, function) = (estimate.items?, estimate.function.as_str());
    let threads = match (estimate.group.as_str(), function) {
        (_, "adaptive") => return None,
        ("recall", _) | (_, "parallel" | "parallel into") => rayon::current_num_threads() as f64,
        _ => 1.0,
    };
    let an_item = match (estimate.group.as_str(), function) {
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
