//! What the resonator network factors, for docs/resonator.md.
//!
//! `HV_GOLDEN=write cargo test -p hv-encode --test resonator_range -- --ignored` measures for some minutes and writes the page and
//! its plot. Without the variable it compares them.

mod plot;

use std::fmt::Write;

use hv_encode::{HV16, ItemMemory, Resonator};
use plot::{Panel, Series, golden, svg};

/// The limits that are measured, fewer rounds than the defaults.
const ROUNDS: u32 = 100;
const RESTARTS: u32 = 10;

/// Whether the resonator factors 99 of 100 products of `factors` codebooks of `size`.
fn factors_99_of_100(factors: usize, size: usize) -> bool {
    let right = |seed: u64| {
        let items = ItemMemory::new(seed);
        let codebooks: Vec<Vec<HV16>> =
            (0..factors).map(|factor| (0..size).map(|i| items.vector(&(factor << 32 | i))).collect()).collect();
        let index = |factor: usize| usize::from(HV16::random(seed << 8 | factor as u64).0[0]) % size;
        let indices: Vec<usize> = (0..factors).map(index).collect();
        let product = indices.iter().zip(&codebooks).fold(HV16::ZERO, |product, (&i, items)| product ^ items[i]);
        let network = Resonator::new(&codebooks, seed).unwrap().with_limits(ROUNDS, RESTARTS);
        network.factor(&product).is_some_and(|found| found.indices == indices)
    };
    // The second that is not found decides.
    (0..100).filter(|&seed| !right(seed)).nth(1).is_none()
}

/// The largest of some sizes of codebooks, each about a fifth larger than the one before, up to which 99 of 100 products are
/// factored.
fn range(factors: usize) -> usize {
    let sizes = (8..).map(|step| 2f64.powf(f64::from(step) / 4.0).round() as usize);
    sizes.take_while(|&size| factors_99_of_100(factors, size)).last().unwrap_or(0)
}

/// Codebooks for which IBM's repository in-memory-factorizer records at least 99 % (`experiments/300a_assymetric_cb`): vectors
/// of 256 numbers, and up to some hundred thousand rounds.
const PUBLISHED: [(usize, f64); 3] = [(2, 31_623.0), (3, 999.0), (4, 261.0)];

#[test]
#[ignore = "measures for some minutes"]
fn the_page_is_as_measured() {
    let mut page = include_str!("resonator.md").to_owned();
    let (mut rows, mut points) = (String::new(), Vec::new());
    for factors in 2..=5 {
        let most = range(factors);
        if most == 0 {
            writeln!(rows, "| {factors} | under 4 | |").unwrap();
            continue;
        }
        writeln!(rows, "| {factors} | {most} | {:.1e} |", (most as f64).powi(factors as i32)).unwrap();
        points.push((factors as f64, most as f64));
    }
    page = page.replace("{range}", rows.trim_end());
    let published: Vec<(f64, f64)> = PUBLISHED.map(|(factors, size)| (factors as f64, size)).to_vec();
    let series = vec![
        Series { name: "hv, 2,048 bits".into(), curve: points.clone(), measured: points },
        Series { name: "in-memory-factorizer, 256 numbers".into(), curve: published.clone(), measured: published },
    ];
    let title = "Largest codebooks with 99 % found, by factors".into();
    let plots = [Panel { title, x: 1.5..5.5, y: 4.0..100_000.0, log: true, series }];
    golden("resonator.svg", &svg(&plots).unwrap());
    golden("resonator.md", &page);
}
