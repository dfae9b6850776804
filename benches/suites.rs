//! `cargo bench`: the suites. Words that are no options choose benchmarks: `cargo bench -- 'batch bind/sequential'`.

use hv_benches::rounds::Effort;
use hv_benches::{memory, suites};

fn main() {
    let chosen: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    for suite in [suites::kernels, |effort| suites::batches(effort).0, memory::measure] {
        for estimate in suite(Effort::FULL) {
            let name = estimate.name();
            if chosen.is_empty() || chosen.iter().any(|word| name.contains(word)) {
                println!("{name:<60} {:>14.1} ns ± {:.0} %", estimate.median, 100.0 * estimate.spread);
            }
        }
    }
}
