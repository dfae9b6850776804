//! The algebra of the type and of the reference, on random vectors.

use hv_core::{HV16, LengthError, reference};
use proptest::prelude::*;

fn hv() -> impl Strategy<Value = HV16> {
    prop_oneof![
        8 => any::<u64>().prop_map(HV16::random),
        1 => Just(HV16::ZERO),
        1 => Just(HV16::ONES),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn bind_is_its_own_inverse_and_keeps_distances(a in hv(), b in hv(), key in hv()) {
        prop_assert_eq!(a ^ b ^ b, a);
        let (x, y) = (&a, &b);
        prop_assert_eq!([a ^ y, x ^ b, x ^ y], [b ^ a; 3]);
        prop_assert_eq!(reference::hamming(&(a ^ key), &(b ^ key)), reference::hamming(&a, &b));
        let mut c = a;
        c ^= b;
        prop_assert_eq!(c, a ^ b);
        prop_assert_eq!(!a, a ^ HV16::ONES);
    }

    #[test]
    fn permute_agrees_with_the_reference_and_undoes_itself(v in hv(), n in prop_oneof![any::<i32>(), -4100..4100i32]) {
        prop_assert_eq!(v.permute(n), reference::permute(&v, n));
        // -i32::MIN does not exist, but wraps to itself, which is a multiple of 2,048.
        prop_assert_eq!(v.permute(n).permute(n.wrapping_neg()), v);
    }

    #[test]
    fn bits_are_least_significant_first(v in hv(), i in 0..HV16::DIM, value: bool) {
        prop_assert_eq!(v.bit(i), v.0[i / 8] & (1 << (i % 8)) != 0);
        let mut changed = v;
        changed.set_bit(i, value);
        prop_assert_eq!(changed.bit(i), value);
        prop_assert_eq!(reference::hamming(&v, &changed), u32::from(v.bit(i) != value));
    }

    #[test]
    fn bundle_depends_on_no_order_and_commutes_with_permute(
        seeds in prop::collection::vec(any::<u64>(), 1..9),
        n: i32,
    ) {
        let vectors: Vec<HV16> = seeds.iter().map(|&s| HV16::random(s)).collect();
        let bundle = reference::bundle(&vectors).unwrap();
        let reversed: Vec<HV16> = vectors.iter().rev().copied().collect();
        prop_assert_eq!(reference::bundle(&reversed), Some(bundle));
        let permuted: Vec<HV16> = vectors.iter().map(|v| v.permute(n)).collect();
        prop_assert_eq!(reference::bundle(&permuted), Some(bundle.permute(n)));
    }
}

#[test]
fn bundle_of_few() {
    let (a, b) = (HV16::random(1), HV16::random(2));
    assert_eq!(reference::bundle(&[]), None);
    assert_eq!(reference::bundle(&[a]), Some(a));
    assert_eq!(reference::bundle(&[a, a]), Some(a));
    assert_eq!(reference::bundle(&[a, a, b]), Some(a));
}

/// Tie-to-zero would make unrelated bundles of two 62.5 % alike; the tie rule keeps them at chance.
#[test]
fn ties_fall_evenly() {
    let pair = |seed| reference::bundle(&[HV16::random(seed), HV16::random(seed + 1)]).unwrap();
    let similarity = reference::similarity(&pair(10), &pair(20));
    assert!((similarity - 0.5).abs() < 0.055, "{similarity}");
}

/// The tie rule bit by bit, on counts chosen by hand: {a, b} with bits 0, 1, 2 = (1,1), (1,0), (1,0).
#[test]
fn a_tie_reads_its_two_left_neighbours() {
    let (mut a, mut b) = (HV16::ZERO, HV16::ZERO);
    for (v, bits) in [(&mut a, [true, true, true]), (&mut b, [true, false, false])] {
        for (i, bit) in bits.into_iter().enumerate() {
            v.set_bit(i, bit);
        }
    }
    let bundle = reference::bundle(&[a, b]).unwrap();
    assert!(bundle.bit(0)); // 2 of 2
    assert!(!bundle.bit(1)); // tie: c_0 = 2 is even, c_2047 = 0 is no majority
    assert!(!bundle.bit(2)); // tie: c_1 = 1 is odd, flipped because c_0 = 2 is a clear majority
}

#[test]
fn ranking_is_by_distance_then_index() {
    let (near, far) = (HV16::ZERO, HV16::ONES);
    let memory = [far, near, far, near];
    let ranked = [(1, 1.0), (3, 1.0), (0, 0.0), (2, 0.0)];
    for k in [0, 1, 3, 4, 5, usize::MAX] {
        assert_eq!(reference::find_top_k(&near, &memory, k), ranked[..k.min(4)]);
    }
    assert_eq!(reference::find_top_k(&near, &[], 3), []);
}

#[test]
fn wrong_lengths_are_errors_that_state_both() {
    for actual in [0, 1, 255, 257, 512] {
        let bytes = vec![7; actual];
        let error: LengthError = HV16::try_from(&bytes[..]).unwrap_err();
        assert_eq!((error.expected, error.actual), (256, actual));
        assert!(error.to_string().contains("256") && error.to_string().contains(&actual.to_string()), "{error}");
    }
    assert_eq!(HV16::try_from(&[255; 256][..]), Ok(HV16::ONES));
}

#[test]
fn unrelated_vectors_are_near_half() {
    for seed in 0..50 {
        let similarity = reference::similarity(&HV16::random(seed), &HV16::random(seed + 1_000));
        assert!((similarity - 0.5).abs() < 0.055, "seed {seed}: {similarity} is 5 standard deviations from chance");
    }
}

/// Among them whole words, at which the shift of a word by 64 would be none.
#[test]
fn permute_by_every_amount() {
    let v = HV16::random(3);
    for n in -2_050..=2_050 {
        assert_eq!(v.permute(n), reference::permute(&v, n), "by {n}");
    }
}

#[test]
fn debug_fits_a_line() {
    assert_eq!(format!("{:?}", HV16::random(42)), "HV16(a15b5d39b5bf90ae… 984 ones)");
    assert_eq!(format!("{:#?}", HV16::ONES), format!("HV16({})", "ff".repeat(256)));
}

#[test]
#[should_panic(expected = "bits 0 to 2047")]
fn bit_2048_panics() {
    let _ = HV16::ZERO.bit(2048);
}

#[cfg(feature = "serde")]
#[test]
fn serde_round_trips_and_rejects_other_lengths() {
    let v = HV16::random(3);
    let text = serde_json::to_string(&v).unwrap();
    assert_eq!(serde_json::from_str::<HV16>(&text).unwrap(), v);
    for length in [0, 255, 257] {
        let text = serde_json::to_string(&vec![1u8; length]).unwrap();
        let error = serde_json::from_str::<HV16>(&text).unwrap_err().to_string();
        assert!(error.contains("256 bytes"), "{error}");
    }
}

/// JSON has no byte strings; binary formats do.
#[cfg(feature = "serde")]
#[test]
fn serde_reads_byte_strings() {
    use serde::de::{Deserialize, value};

    let read = |bytes| HV16::deserialize(value::BytesDeserializer::<value::Error>::new(bytes));
    let v = HV16::random(3);
    assert_eq!(read(&v.0), Ok(v));
    for length in [0, 255, 257] {
        let error = read(&[1; 257][..length]).unwrap_err().to_string();
        assert!(error.contains(&format!("length {length}")) && error.contains("256 bytes"), "{error}");
    }
}

#[cfg(feature = "bytemuck")]
#[test]
fn bytemuck_casts_without_a_copy_and_refuses_unaligned_bytes() {
    let vectors = [HV16::random(1), HV16::random(2)];
    let bytes: &[u8] = bytemuck::cast_slice(&vectors);
    assert_eq!(bytes[..256], vectors[0].0);
    assert_eq!(bytemuck::cast_slice::<u8, HV16>(bytes), vectors);
    assert!(bytemuck::try_cast_slice::<u8, HV16>(&bytes[1..257]).is_err());
}
