//! Pins what a seed means: stored vectors must keep their meaning across releases and machines.

use hv_encode::{ItemMemory, NgramEncoder, Symbol};
use hv_parallel::HV16;

/// A digest of all 256 bytes, so that a change anywhere in a vector shows.
fn digest(v: &HV16) -> u64 {
    v.0.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}

fn bytes_of<S: Symbol + ?Sized>(symbol: &S) -> Vec<u8> {
    symbol.with_bytes(<[u8]>::to_vec)
}

#[test]
fn the_bytes_of_symbols() {
    assert_eq!(bytes_of("né"), [b'n', 0xc3, 0xa9]);
    assert_eq!(bytes_of(&'é'), [0xc3, 0xa9]);
    assert_eq!(bytes_of(&String::from("a")), bytes_of(&'a'));
    assert_eq!(bytes_of(&[1u8, 2][..]), bytes_of(&vec![1u8, 2]));
    assert_eq!(bytes_of(&[1u8, 2]), [1, 2]);
    assert_eq!(bytes_of(&&&"x"), b"x");
    let [mark, rest @ ..] = &bytes_of(&0x0102_u16)[..] else { panic!("no bytes") };
    assert_eq!((*mark, rest), (0xff, &[2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0][..]));
    assert_eq!(bytes_of(&-1i8), [0xff; 17]);
    assert_eq!(bytes_of(&7usize), bytes_of(&7i64));
    assert_ne!(bytes_of(&u64::MAX), bytes_of(&-1i64));
}

/// The vector of (seed, symbol) is `HV16::random` of a SipHash-2-4, here from the hash's published test vector:
/// key 00 01 .. 0f gives a129ca6149be45e5 for the bytes 00 .. 0e. Our key's high half is 0, so the pinned values
/// below are the rest of the proof.
#[test]
fn the_hash_is_siphash_2_4() {
    let hasher = siphasher::sip::SipHasher24::new_with_key(&std::array::from_fn(|i| i as u8));
    let bytes: [u8; 15] = std::array::from_fn(|i| i as u8);
    assert_eq!(hasher.hash(&bytes), 0xa129_ca61_49be_45e5);
    let keyed = siphasher::sip::SipHasher24::new_with_keys(5, 0);
    assert_eq!(ItemMemory::new(5).vector("abc"), HV16::random(keyed.hash(b"abc")));
}

#[test]
fn item_vectors_are_pinned() {
    let items = ItemMemory::new(42);
    let vectors =
        [items.vector(&'a'), items.vector("hello"), items.vector(&7), items.vector(&[0xffu8; 3]), items.vector("")];
    let digests = vectors.map(|v| digest(&v));
    assert_eq!(digests, ITEMS, "{digests:#018x?}");
}

const ITEMS: [u64; 5] =
    [0xf7dc_03f9_d28a_0158, 0x0984_0551_30f5_52b8, 0x7579_1405_59f9_e1ca, 0xefeb_80fe_096a_1fca, 0xd705_22a7_1add_eb40];

#[test]
fn encoded_texts_are_pinned() {
    let verse = "In the beginning God created the heaven and the earth.";
    let digests = [(3, 1, verse), (4, 1, verse), (3, 2, verse), (3, 1, "Ça va, Ελλάς?"), (5, 1, "a")]
        .map(|(n, seed, text)| digest(&NgramEncoder::new(n, seed).encode(text).unwrap()));
    assert_eq!(digests, TEXTS, "{digests:#018x?}");
}

const TEXTS: [u64; 5] =
    [0x1f0f_d53f_7148_d202, 0x2a5e_632b_b4d7_cdd4, 0xdfd6_6d81_bc1c_516d, 0xa38e_ca1c_bd46_b80c, 0xdd18_e17d_0177_77a2];
