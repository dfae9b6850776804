//! All pairs of a collection that are at least this similar: `cargo run -p hv-parallel --example 02_near_duplicates`.

use hv_parallel::{HV16, parallel_find_similar_pairs};

fn main() {
    let mut vectors: Vec<HV16> = (0..1_000).map(HV16::random).collect();
    // Number 1,000 is number 7 with one bit in sixteen flipped.
    let mut copy = vectors[7];
    (0..HV16::DIM).step_by(16).for_each(|i| copy.set_bit(i, !copy.bit(i)));
    vectors.push(copy);

    let pairs = parallel_find_similar_pairs(&vectors, 0.9);
    for (i, j, similarity) in &pairs {
        println!("{i} and {j}: {similarity}");
    }
    assert_eq!(pairs, [(7, 1_000, 0.9375)]);
}
