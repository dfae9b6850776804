//! Binding ties two vectors together, and permuting marks a position: `cargo run -p hv-core --example 01_bind_and_permute`.

use hv_core::HV16;
use hv_core::reference::similarity;

fn main() {
    // A role and its filler. The bound vector is unlike both, and binding again with one gives the other back.
    let (name, ada) = (HV16::random(1), HV16::random(2));
    let bound = name ^ ada;
    println!("bound with its role again: {:.3} similar to the filler", similarity(&(bound ^ name), &ada));
    println!("bound:                     {:.3} similar to the filler", similarity(&bound, &ada));

    // "ab" and "ba" are different sequences, because each position is a rotation of its own.
    let (a, b) = (HV16::random(3), HV16::random(4));
    let (ab, ba) = (a.permute(1) ^ b, b.permute(1) ^ a);
    println!("ab and ba:                 {:.3} similar", similarity(&ab, &ba));
    assert_eq!(bound ^ name, ada);
    assert_eq!(a.permute(1).permute(-1), a);
}
