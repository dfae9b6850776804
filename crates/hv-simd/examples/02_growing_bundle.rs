//! An accumulator is a bundle that grows, and that others are merged into: `cargo run -p hv-simd --example 02_growing_bundle`.

use hv_simd::{Accumulator, HV16, simd_bundle, simd_similarity};

fn main() {
    let vectors: Vec<HV16> = (0..101).map(HV16::random).collect();

    // Two halves, counted apart, perhaps by two machines.
    let [mut first, mut second] = [Accumulator::new(), Accumulator::new()];
    vectors[..50].iter().for_each(|v| first.add(v));
    vectors[50..].iter().for_each(|v| second.add(v));
    first.merge(&second);

    let majority = first.majority().expect("101 vectors");
    assert_eq!(Some(majority), simd_bundle(&vectors), "in any parts, the result is the same");
    println!("{} vectors in one: {:.3} similar to each", first.len(), simd_similarity(&majority, &vectors[0]));
}
