//! The results as tables in Markdown, aligned so that they read as well in a terminal.

use std::fmt;

use hv_benches::bars::{Bar, MeasuredLimits, Row};

use super::published;
use super::suites::Estimate;

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

/// The suites' results: a heading and a table for each group.
pub fn suites(estimates: &[Estimate], limits: &MeasuredLimits) -> String {
    let mut groups: Vec<&str> = estimates.iter().map(|estimate| estimate.group.as_str()).collect();
    groups.sort_by_key(|group| (order(group, &GROUPS), *group));
    groups.dedup();
    let section = |group: &&str| {
        let mut of_group: Vec<&Estimate> = estimates.iter().filter(|estimate| estimate.group == *group).collect();
        of_group.sort_by_key(|estimate| (estimate.size, order(&estimate.function, &FUNCTIONS), &estimate.function));
        let table = if *group == "speedup" { speedups(&of_group) } else { group_table(&of_group, limits) };
        format!("### {}\n\n{table}\n", group)
    };
    groups.iter().map(section).collect()
}

const GROUPS: [&str; 15] = [
    "single",
    "bundle",
    "permute",
    "batch bind",
    "batch similarity",
    "batch bundle of 10",
    "nearest of 1000",
    "top-k of 50 x 1000, by k",
    "top-k of 100 x 10000, by k",
    "cycle",
    "speedup",
    "store batch",
    "recall",
    "analyses",
    "causal chain",
];

const FUNCTIONS: [&str; 5] = ["sequential", "parallel", "adaptive", "sequential into", "parallel into"];

/// The place of a name in a list; what is not in it comes last.
fn order(name: &str, list: &[&str]) -> usize {
    list.iter().position(|other| *other == name).unwrap_or(list.len())
}

fn group_table(estimates: &[&Estimate], limits: &MeasuredLimits) -> Table {
    let compared = estimates.iter().any(|estimate| estimate.change.is_some());
    let mut header = vec!["path", "size", "median", "spread", "an item", "of the limit", "published"];
    header.extend(compared.then_some("change"));
    let mut table = Table::new(&header);
    for estimate in estimates {
        let Estimate { group, function, size, items, median, spread, change } = estimate;
        let published = published::figure(group, *size).and_then(|figure| match function.as_str() {
            "sequential" | "sequential into" => Some((figure.sequential, "1 core")),
            "parallel" | "parallel into" => Some((figure.eight_cores, "8 cores")),
            _ => None,
        });
        let share = limit(estimate, limits).map(|limit| limit / median);
        let mut cells = vec![function.clone(), size.to_string(), time(*median), format!("± {}", percent(*spread))];
        cells.push(items.map_or(String::new(), |items| time(median / items as f64)));
        cells.push(share.map_or(String::new(), percent));
        cells.push(published.map_or(String::new(), |(ns, cores)| format!("{}, {cores}", time(ns))));
        if compared {
            cells.push(change.map_or("new".into(), |change| format!("{:+.1} %", 100.0 * change)));
        }
        table.add(cells);
    }
    table
}

/// Parallel over sequential, by operation.
fn speedups(estimates: &[&Estimate]) -> Table {
    let mut table = Table::new(&["operation", "size", "sequential", "parallel", "speed-up"]);
    for sequential in estimates {
        let Some(name) = sequential.function.strip_suffix(", sequential") else { continue };
        let twin = format!("{name}, parallel");
        if let Some(parallel) = estimates.iter().find(|other| other.function == twin && other.size == sequential.size) {
            let speedup = format!("{:.2} x", sequential.median / parallel.median);
            let (one, all) = (time(sequential.median), time(parallel.median));
            table.add(vec![name.into(), sequential.size.to_string(), one, all, speedup]);
        }
    }
    table
}

/// The least time that this CPU could take for a benchmark, in nanoseconds, where a limit is known: copies for binds and
/// rotations, reads for bundles, reads or counting for one query, counting for many; shared by the pool's threads where all
/// may be used. The adaptive path has none, since it is not told here how many it took. The limits are of another process,
/// and of one thread: the page says so.
fn limit(estimate: &Estimate, limits: &MeasuredLimits) -> Option<f64> {
    let (items, function) = (estimate.items? as usize, estimate.function.as_str());
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
        // A line of each vector.
        ("recall", function) if function.starts_with("one cue, at least") => limits.read_of(items) / 4.0,
        ("recall", _) | ("single", "similarity") => limits.xor_popcount,
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
mod tests {
    use super::*;

    fn estimate(group: &str, function: &str, size: u64, items: u64, median: f64) -> Estimate {
        let (group, function, items) = (group.into(), function.into(), Some(items));
        Estimate { group, function, size, items, median, spread: 0.034, change: None }
    }

    fn limits() -> MeasuredLimits {
        let (read, copy) = (vec![(100, 1.0), (1_000, 2.5)], vec![(100, 3.0)]);
        MeasuredLimits { xor_popcount: 2.0, read, copy }
    }

    #[test]
    fn a_group_becomes_a_table() {
        let estimates = [
            estimate("nearest of 1000", "sequential", 100, 100_000, 400_000.0),
            estimate("nearest of 1000", "sequential", 10, 10_000, 40_000.0),
            Estimate { items: None, ..estimate("causal chain", "sequential", 100_000, 1, 40_000.0) },
            estimate("speedup", "cycle, sequential", 1, 1, 9_000.0),
            estimate("speedup", "cycle, parallel", 1, 1, 4_500.0),
        ];
        let expected = "\
### nearest of 1000

| path       | size |  median | spread | an item | of the limit |       published |
| ---------- | ---: | ------: | -----: | ------: | -----------: | --------------: |
| sequential |   10 | 40.0 us |  ± 3 % | 4.00 ns |         50 % |                 |
| sequential |  100 |  400 us |  ± 3 % | 4.00 ns |         50 % | 1.20 ms, 1 core |

### speedup

| operation | size | sequential | parallel | speed-up |
| --------- | ---: | ---------: | -------: | -------: |
| cycle     |    1 |    9.00 us |  4.50 us |   2.00 x |

### causal chain

| path       |   size |  median | spread | an item | of the limit | published |
| ---------- | -----: | ------: | -----: | ------: | -----------: | --------: |
| sequential | 100000 | 40.0 us |  ± 3 % |         |              |           |

";
        assert_eq!(suites(&estimates, &limits()), expected);
    }

    #[test]
    fn limits_are_of_the_operation_and_the_threads() {
        let of = |group, function, size, items| limit(&estimate(group, function, size, items, 1.0), &limits());
        assert_eq!(of("batch bind", "sequential", 100, 100), Some(300.0));
        assert_eq!(of("batch bundle of 10", "sequential into", 10, 100), Some(100.0));
        assert_eq!(of("bundle", "sequential", 101, 101), Some(252.5));
        assert_eq!(of("batch similarity", "sequential", 100, 100), Some(200.0));
        assert_eq!(of("batch similarity", "sequential", 5_000, 5_000), Some(12_500.0));
        assert_eq!(of("single", "similarity", 1, 1), Some(2.0));
        assert_eq!(of("single", "bind", 1, 1), Some(3.0));
        assert_eq!(of("permute", "sequential", 64, 1), Some(3.0));
        assert_eq!(of("analyses", "consolidate", 1_000, 1_000), None);
        assert_eq!(of("batch similarity", "adaptive", 100, 100), None);
        let threads = rayon::current_num_threads() as f64;
        assert_eq!(of("top-k of 50 x 1000, by k", "parallel", 5, 50_000), Some(100_000.0 / threads));
        assert_eq!(of("recall", "one cue", 1_000, 1_000), Some(2_500.0 / threads));
        assert_eq!(of("recall", "one cue, at least 0.92 similar", 1_000, 1_000), Some(625.0 / threads));
        assert_eq!(of("recall", "100 cues", 1_000, 100_000), Some(200_000.0 / threads));
    }

    #[test]
    fn numbers_have_three_digits() {
        assert_eq!(
            [0.5, 12.34, 999.4, 1_500.0, 2.5e7].map(time),
            ["0.50 ns", "12.3 ns", "999 ns", "1.50 us", "25.0 ms"]
        );
    }
}
