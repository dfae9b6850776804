//! hv-core.

use hv_core::{HV16, reference};

#[test]
fn the_vector_and_its_bits() {
    let _: fn(u64) -> HV16 = HV16::random;
    let v: HV16 = HV16([0; 256]);
    assert_eq!((v, HV16::ZERO, !HV16::ONES), (HV16::ZERO, HV16::default(), HV16::ZERO));
    assert_eq!((HV16::DIM, HV16::BYTES), (2_048, 256));
    assert_eq!((size_of::<HV16>(), align_of::<HV16>()), (256, 64));
    assert_eq!(HV16::random(42).0[..8], [0xa1, 0x5b, 0x5d, 0x39, 0xb5, 0xbf, 0x90, 0xae]);
    let mut set = HV16::ZERO;
    set.set_bit(9, true);
    assert!(set.bit(9) && set.0[1] == 2, "bit 9 is bit 1 of byte 1");
}

#[test]
fn a_generator_gives_vectors_too() {
    struct Ones;
    impl hv_core::rand_core::TryRng for Ones {
        type Error = std::convert::Infallible;
        fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
            Ok(u32::MAX)
        }
        fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
            Ok(u64::MAX)
        }
        fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Self::Error> {
            bytes.fill(u8::MAX);
            Ok(())
        }
    }
    assert_eq!(HV16::random_from(&mut Ones), HV16::ONES);
}

#[test]
fn operators_and_rotation() {
    let (a, b) = (HV16::random(1), HV16::random(2));
    let mut bound = a;
    bound ^= b;
    let by_reference: HV16 = &a ^ &b;
    assert_eq!((bound, bound ^ b, by_reference), (a ^ b, a, bound));
    let moved = a.permute(3);
    assert!((0..HV16::DIM).all(|i| moved.bit((i + 3) % HV16::DIM) == a.bit(i)));
    assert_eq!(moved.permute(-3), a);
}

#[test]
fn bytes_in_and_out() {
    let v = HV16::random(7);
    let bytes: &[u8] = v.as_ref();
    assert_eq!(HV16::try_from(bytes), Ok(v));
    let error: hv_core::LengthError = HV16::try_from(&bytes[1..]).unwrap_err();
    assert!(error.to_string().contains("255"), "{error}");
}

#[test]
fn the_reference() {
    let (a, b) = (HV16::random(1), HV16::random(2));
    let distance = reference::hamming(&a, &b);
    assert_eq!(reference::similarity(&a, &b), 1.0 - distance as f32 / 2_048.0);
    assert_eq!(reference::permute(&a, 5), a.permute(5));
    assert_eq!((reference::bundle(&[a]), reference::bundle(&[])), (Some(a), None));
    assert_eq!(reference::find_top_k(&b, &[a, b, b], 2), [(1, 1.0), (2, 1.0)]);
}
