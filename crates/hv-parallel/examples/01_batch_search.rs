//! Many questions in one call share the reads of the memory: `cargo run --release -p hv-parallel --example 01_batch_search`.

use std::time::Instant;

use hv_parallel::{HV16, adaptive_batch_find_top_k, parallelism_info};

fn main() {
    let memory: Vec<HV16> = (0..100_000).map(HV16::random).collect();
    // Each question is a stored vector with 400 of its bits flipped.
    let questions: Vec<HV16> = memory[..100].iter().map(noisy).collect();

    let start = Instant::now();
    let one_by_one: Vec<_> = questions.iter().map(|q| adaptive_batch_find_top_k(&[*q], &memory, 1).remove(0)).collect();
    let apart = start.elapsed();
    let start = Instant::now();
    let together = adaptive_batch_find_top_k(&questions, &memory, 1);
    println!("on {}: one by one {apart:.1?}, in one call {:.1?}", parallelism_info(), start.elapsed());

    assert_eq!(together, one_by_one, "the way never changes the answer");
    assert!(together.iter().enumerate().all(|(i, found)| found[0].0 == i), "each finds the vector that it was made of");
}

fn noisy(v: &HV16) -> HV16 {
    let mut noisy = *v;
    (0..400).for_each(|i| noisy.set_bit(5 * i, !v.bit(5 * i)));
    noisy
}
