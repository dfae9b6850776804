//! `cargo bench`: the suites. Words that are no options choose benchmarks: `cargo bench -- 'batch bind/sequential'`.

use hv_benches::rounds::Effort;
use hv_benches::suites::Estimate;
use hv_benches::{memory, suites};

fn main() {
    let chosen: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    for suite in [suites::kernels, |effort| suites::batches(effort).0, memory::measure] {
        for Estimate { group, function, size, median, spread, .. } in suite(Effort::FULL) {
            let name = format!("{group}/{function}/{size}");
            if chosen.is_empty() || chosen.iter().any(|word| name.contains(word)) {
                println!("{name:<60} {median:>14.1} ns ± {:.0} %", 100.0 * spread);
            }
        }
    }
}
