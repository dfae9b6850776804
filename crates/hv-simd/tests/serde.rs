//! Serde for the states: what was written is read, and what cannot be is an error.
#![cfg(feature = "serde")]

use hv_simd::{Accumulator, HV16, TopK};
use serde_json::{from_value, json, to_value};

#[test]
fn serde_gives_the_same_accumulator() {
    for n in [0, 1, 5, 200] {
        let counters: Accumulator = (0..n).map(HV16::random).collect();
        let value = to_value(&counters).unwrap();
        assert_eq!(
            (&value["len"], value["planes"].as_array().unwrap().len()),
            (&json!(n), n.checked_ilog2().map_or(0, |bits| bits as usize + 1))
        );
        assert_eq!(from_value::<Accumulator>(value).unwrap(), counters);
    }
}

#[test]
fn serde_checks_accumulators() {
    let error = |len: u64, planes: &[HV16]| {
        from_value::<Accumulator>(json!({ "len": len, "planes": planes })).unwrap_err().to_string()
    };
    assert_eq!(
        error(2, &[HV16::ONES]),
        "1 planes, but the counters of 2 vectors have 2, one for each bit of their number"
    );
    assert_eq!(error(2, &[HV16::ONES; 2]), "position 0 was set in 3 vectors, but there were only 2");
    assert!(error(u64::MAX, &[HV16::ZERO; 64]).contains("at most 2^63 vectors"));
}

#[test]
fn serde_gives_the_same_top_k() {
    for k in [0, 2, 7, usize::MAX] {
        let mut nearest = TopK::new(k);
        for (index, distance) in [900, 20, 20, 1024].into_iter().enumerate() {
            nearest.offer(distance, index);
        }
        let value = to_value(&nearest).unwrap();
        assert_eq!(value["k"], json!(k));
        assert_eq!(from_value::<TopK>(value).unwrap(), nearest);
    }
    let nearest: TopK = from_value(json!({ "k": 3, "kept": [[7, 5], [2, 6]] })).unwrap();
    assert_eq!(nearest.into_sorted(), [(7, 5), (2, 6)]);
}

#[test]
fn serde_checks_a_top_k() {
    let error = |value| from_value::<TopK>(value).unwrap_err().to_string();
    assert_eq!(error(json!({ "k": 1, "kept": [[7, 5], [2, 6]] })), "2 are kept, but k is 1");
    assert!(error(json!({ "k": 2, "kept": [[7, 6], [2, 5]] })).contains("pairs must ascend"));
    assert!(error(json!({ "k": 2, "kept": [[7, 5], [7, 6]] })).contains("kept twice"));
}
