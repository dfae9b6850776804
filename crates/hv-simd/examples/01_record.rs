//! A record is the bundle of its fields, and unbinding asks for one: `cargo run -p hv-simd --example 01_record`.

use hv_simd::{HV16, simd_bundle, simd_find_top_k};

fn main() {
    let names = ["Ada", "Charles", "London", "Paris", "1815", "1791"];
    let known: Vec<HV16> = (10..).take(names.len()).map(HV16::random).collect();
    let [name, city, born] = [1, 2, 3].map(HV16::random);

    // Three bindings in one vector of 256 bytes.
    let fields = [name ^ known[0], city ^ known[2], born ^ known[4]];
    let record = simd_bundle(&fields).expect("a bundle of three");

    // Unbinding gives the value with noise; the nearest known vector is the value without.
    for (question, role) in [("name", name), ("city", city), ("born", born)] {
        let (index, similarity) = simd_find_top_k(&(record ^ role), &known, 1)[0];
        println!("{question}: {} ({similarity:.3} similar; unrelated vectors: 0.5)", names[index]);
        assert!(similarity > 0.7);
    }
}
