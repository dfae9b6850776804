//! Running the criterion suites, and reading criterion's estimates back.

use std::collections::BTreeSet;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde_json::Value;

use super::args::Args;
use crate::cargo::{cargo, succeed};

/// The suites, as targets of the package `hv-benches`.
const SUITES: [&str; 3] = ["kernels", "parallel_benchmark", "memory"];

/// Bytes of a baseline's name at most: every file system allows so long a name of a folder.
const LONGEST: usize = 100;

/// Names that criterion uses for its own.
const RESERVED: [&str; 4] = ["new", "base", "change", "report"];

/// What criterion multiplies a median absolute deviation by, so that it estimates a standard deviation.
const NORMAL: f64 = 1.4826;

/// One benchmark's result.
#[derive(Clone, Debug)]
pub struct Estimate {
    /// The group, for example "batch bind".
    pub group: String,
    /// The benchmark in it, mostly the path: "sequential".
    pub function: String,
    /// The size or parameter; 1 where there is none.
    pub size: u64,
    /// Items that a run handles, where its time goes by them.
    pub items: Option<u64>,
    /// The median, in nanoseconds a run.
    pub median: f64,
    /// Half of the samples lie within this fraction of the median.
    pub spread: f64,
    /// The change of the median since the baseline, as a fraction, where one was compared with.
    pub change: Option<f64>,
}

/// Where criterion keeps its results.
pub struct Home(PathBuf);

impl Home {
    /// The place where criterion would look by itself, so that plain `cargo bench` shares the baselines.
    pub fn new(root: &Path) -> Self {
        let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |dir| root.join(dir));
        Self(std::env::var_os("CRITERION_HOME").map_or_else(|| target.join("criterion"), |dir| root.join(dir)))
    }

    /// Fails where no baseline has this name, and names those that there are.
    pub fn check_baseline(&self, name: &str) -> Result<(), Box<dyn Error>> {
        let names = self.baselines();
        if names.contains(name) {
            return Ok(());
        }
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let there_are =
            if names.is_empty() { "there are none".into() } else { format!("there are: {}", names.join(", ")) };
        Err(format!("there is no baseline {name:?}, {there_are}; make it with --save {name}").into())
    }

    /// Fails where criterion did not keep results under this name: it says why, and goes on.
    pub fn check_saved(&self, name: &str) -> Result<(), Box<dyn Error>> {
        if self.baselines().contains(name) {
            return Ok(());
        }
        Err(format!("criterion kept nothing as {name:?}; its messages above say why").into())
    }

    fn baselines(&self) -> BTreeSet<String> {
        files(&self.0, "estimates.json")
            .iter()
            .filter_map(|file| Some(file.parent()?.file_name()?.to_string_lossy().into_owned()))
            .filter(|name| !RESERVED.contains(&name.as_str()))
            .collect()
    }
}

/// Fails for a name that criterion could not keep results under.
pub fn check_name(name: &str) -> Result<(), Box<dyn Error>> {
    let fits = (1..=LONGEST).contains(&name.len());
    if !fits || name.contains(['/', '\\']) || name.starts_with(['.', '-']) || RESERVED.contains(&name) {
        return Err(format!(
            "a baseline cannot be called {name:?}: criterion makes a folder of that name beside its own, {}; take 1 to \
             {LONGEST} bytes that start with neither '.' nor '-', without '/' and '\\'",
            RESERVED.join(", ")
        )
        .into());
    }
    Ok(())
}

/// Runs the suites, and returns what they measured.
pub fn run(home: &Home, args: &Args) -> Result<Vec<Estimate>, Box<dyn Error>> {
    let start = SystemTime::now();
    let mut cargo = cargo();
    // Criterion's lines show how far it is. They are no part of the tables, and it panics where nobody reads them on.
    cargo.stdout(std::io::stderr());
    cargo.env("CRITERION_HOME", &home.0).args(["bench", "--package", "hv-benches"]);
    cargo.args(SUITES.iter().flat_map(|suite| ["--bench", suite])).args(["--", "--quiet"]);
    if args.quick {
        cargo.args([
            "--warm-up-time",
            "0.05",
            "--measurement-time",
            "0.2",
            "--sample-size",
            "10",
            "--nresamples",
            "2000",
        ]);
    }
    if let Some(name) = &args.save {
        cargo.args(["--save-baseline", name]);
    }
    if let Some(name) = &args.compare {
        // A benchmark that is newer than the baseline is measured all the same.
        cargo.args(["--baseline-lenient", name]);
    }
    succeed(cargo, "the run of the suites")?;
    estimates(home, start, args.compare.is_some())
}

/// The estimates written since `start`: older ones may be of benchmarks that are no more.
fn estimates(home: &Home, start: SystemTime, compared: bool) -> Result<Vec<Estimate>, Box<dyn Error>> {
    let mut estimates = Vec::new();
    for file in files(&home.0, "benchmark.json") {
        let is_result = file.parent().is_some_and(|folder| folder.ends_with("new"));
        if is_result && is_since(start, &file) {
            let estimate = estimate(&file, compared.then_some(start));
            estimates.push(estimate.map_err(|error| format!("{}: {error}", file.display()))?);
        }
    }
    if estimates.is_empty() {
        return Err(format!("the suites left no results in {}", home.0.display()).into());
    }
    Ok(estimates)
}

fn is_since(start: SystemTime, file: &Path) -> bool {
    fs::metadata(file).and_then(|data| data.modified()).is_ok_and(|time| time >= start)
}

/// Reads one benchmark's result, given its description, and its change where it was compared since then.
fn estimate(benchmark: &Path, compared: Option<SystemTime>) -> Result<Estimate, Box<dyn Error>> {
    let (id, folder) = (json(benchmark)?, benchmark.parent().ok_or("no folder")?);
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let estimates = json(&folder.join("estimates.json"))?;
    let figure =
        |name: &str| estimates[name]["point_estimate"].as_f64().ok_or_else(|| format!("no {name} in estimates.json"));
    Ok(Estimate {
        group: text(&id["group_id"]).ok_or("no group_id")?,
        function: text(&id["function_id"]).ok_or("no function_id")?,
        size: id["value_str"].as_str().map_or(Ok(1), str::parse)?,
        items: id["throughput"]["Elements"].as_u64(),
        median: figure("median")?,
        spread: figure("median_abs_dev")? / NORMAL / figure("median")?,
        change: compared.and_then(|start| change(folder, start)),
    })
}

/// The change of the median, where it is of this comparison: every run leaves one, and for a benchmark that the
/// baseline lacks criterion leaves that of the run before.
fn change(new: &Path, start: SystemTime) -> Option<f64> {
    let file = new.with_file_name("change").join("estimates.json");
    if is_since(start, &file) { json(&file).ok()?["median"]["point_estimate"].as_f64() } else { None }
}

fn json(file: &Path) -> Result<Value, Box<dyn Error>> {
    Ok(serde_json::from_str(&fs::read_to_string(file)?)?)
}

/// All files of a name under a folder; none where there is no folder.
fn files(folder: &Path, name: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .flat_map(|entry| match entry.path() {
            path if path.is_dir() => files(&path, name),
            path if path.ends_with(name) => vec![path],
            _ => Vec::new(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn write(file: PathBuf, text: &str) {
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }

    #[test]
    fn estimates_are_read_as_criterion_writes_them() {
        let folder = std::env::temp_dir().join(format!("hv-xtask-{}", std::process::id()));
        let bench = folder.join("batch bind/parallel/500");
        let id =
            r#"{"group_id":"batch bind","function_id":"parallel","value_str":"500","throughput":{"Elements":500}}"#;
        write(bench.join("new/benchmark.json"), id);
        write(
            bench.join("new/estimates.json"),
            r#"{"median":{"point_estimate":1234.5},"median_abs_dev":{"point_estimate":148.26}}"#,
        );
        write(bench.join("change/estimates.json"), r#"{"median":{"point_estimate":-0.25}}"#);
        write(bench.join("before/benchmark.json"), id);
        write(bench.join("before/estimates.json"), r#"{"median":{"point_estimate":1.0}}"#);
        let home = Home(folder.clone());

        let found = estimates(&home, SystemTime::UNIX_EPOCH, true).unwrap();
        assert_eq!(found.len(), 1, "the kept baseline is no result of this run");
        let Estimate { group, function, size, items, median, spread, change } = &found[0];
        assert_eq!((group.as_str(), function.as_str(), *size, *items), ("batch bind", "parallel", 500, Some(500)));
        assert_eq!((*median, *change), (1234.5, Some(-0.25)));
        assert!((spread * 1234.5 - 100.0).abs() < 1e-9);
        assert_eq!(estimates(&home, SystemTime::UNIX_EPOCH, false).unwrap()[0].change, None);
        assert!(estimates(&home, SystemTime::now(), true).is_err(), "old results are not this run's");

        let start = SystemTime::now() - Duration::from_secs(60);
        assert_eq!(estimates(&home, start, true).unwrap()[0].change, Some(-0.25));
        let change = fs::File::options().write(true).open(bench.join("change/estimates.json")).unwrap();
        change.set_modified(start - Duration::from_secs(60)).unwrap();
        assert_eq!(estimates(&home, start, true).unwrap()[0].change, None, "the change of another comparison");

        assert!(home.check_baseline("before").is_ok());
        assert!(home.check_saved("before").is_ok() && home.check_saved("after").is_err());
        let error = home.check_baseline("after").unwrap_err().to_string();
        assert!(error.contains("there are: before") && error.contains("--save after"), "{error}");
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn names_that_criterion_needs_are_refused() {
        let long = "x".repeat(LONGEST + 1);
        for name in ["", "new", "base", "a/b", "..", "change", "-x", &long] {
            assert!(check_name(name).is_err(), "{name:?}");
        }
        assert!(check_name("before").is_ok() && check_name(&long[1..]).is_ok());
    }
}
