//! Cuts of pruned recall against exact arithmetic, and an experiment with planted matches.

use crate::HV16;
use crate::analysis::PlaneCut;
use hv_parallel::hv_simd::simd_hamming;

const PROMISES: [f64; 6] = [1e-15, 1e-9, 1e-4, 1e-3, 1e-2, 0.5];

/// The smallest cuts for the six promises at a limiting distance, from Python's integers and fractions. SciPy 1.17's
/// `hypergeom.isf(promise, 2048, distance, 512)` gives the same but for (800, 1e-15), where its 276 has a tail of
/// 1.07e-15.
const CUTS: [(u16, [u16; 6]); 12] = [
    (1, [1, 1, 1, 1, 1, 0]),
    (2, [2, 2, 2, 2, 2, 0]),
    (100, [61, 52, 41, 39, 35, 25]),
    (204, [101, 88, 74, 70, 65, 51]),
    (512, [197, 180, 160, 155, 148, 128]),
    (614, [226, 208, 187, 181, 175, 153]),
    (716, [254, 236, 214, 208, 201, 179]),
    (800, [277, 258, 236, 230, 222, 200]),
    (1024, [333, 315, 292, 286, 279, 256]),
    (1500, [441, 425, 407, 401, 395, 375]),
    (2047, [512, 512, 512, 512, 512, 512]),
    (2048, [512, 512, 512, 512, 512, 512]),
];

/// The share of noise up to a plane distance, from Python's integers and fractions.
const SHARES: [(u16, f64); 9] = [
    (0, 7.458340731200207e-155),
    (100, 2.8105401122509596e-46),
    (163, 6.813404177921972e-17),
    (200, 4.233381375909642e-07),
    (240, 0.0853099496464208),
    (245, 0.17668918267900804),
    (246, 0.20055271521419918),
    (300, 0.9999597065345704),
    (512, 1.0),
];

fn cut(distance: u16, promise: f64) -> u16 {
    PlaneCut::within(distance, promise).unwrap().max_plane_distance()
}

#[test]
fn cuts_are_those_of_exact_arithmetic() {
    for (distance, cuts) in CUTS {
        assert_eq!(PROMISES.map(|promise| cut(distance, promise)), cuts, "at distance {distance}");
    }
}

#[test]
fn the_exact_cut_and_the_share_of_noise() {
    for (distance, share) in SHARES {
        let exact = PlaneCut::exact(distance);
        assert_eq!(exact.max_plane_distance(), distance);
        assert!((exact.noise_share() / share - 1.0).abs() < 1e-12, "{} at {distance}", exact.noise_share());
    }
    assert_eq!(PlaneCut::exact(u16::MAX), PlaneCut::exact(512));
}

#[test]
fn cuts_grow_with_the_distance_and_shrink_with_the_promise() {
    for promise in [1e-15, 3e-12, 1e-9, 1e-6, 1e-3, 0.1, 0.5] {
        let cuts: Vec<u16> = (0..=2048).map(|distance| cut(distance, promise)).collect();
        assert!(cuts.is_sorted(), "for {promise}");
        assert!((0..=2048).zip(&cuts).all(|(distance, &cut)| cut <= distance.min(512)), "for {promise}");
        assert_eq!(cut(u16::MAX, promise), 512);
    }
    for distance in [1, 90, 300, 614, 1024, 2000] {
        let cuts: Vec<u16> = (1..=50).map(|i| cut(distance, 2f64.powi(-i).max(1e-15))).collect();
        assert!(cuts.is_sorted(), "at {distance}");
    }
}

#[test]
fn a_promise_that_cannot_be_kept_is_refused() {
    for promise in [0.0, -1.0, 9e-16, 0.51, 1.0, f64::NAN] {
        let error = PlaneCut::within(614, promise).unwrap_err();
        assert!(error.to_string().ends_with("but must be from 1e-15 to 0.5"), "{error}");
    }
}

/// splitmix64, by Sebastiano Vigna.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }
}

/// A random choice of `count` of the 2,048 bits: bits that are ones with about the right probability, then
/// random ones are added or removed. No position is preferred in either step.
fn random_bits(random: &mut Random, count: u32) -> HV16 {
    let parts = count.div_ceil(64);
    let mut bits = HV16::ZERO;
    for bytes in bits.0.chunks_exact_mut(8) {
        // Each round halves the probability p, or takes it to (1 + p) / 2; after five it is `parts` / 32.
        let rounds = (0..5).map(|bit| parts >> bit & 1 == 1);
        let word = rounds.fold(0, |word, one| if one { word | random.next() } else { word & random.next() });
        bytes.copy_from_slice(&word.to_le_bytes());
    }
    let mut ones = simd_hamming(&bits, &HV16::ZERO);
    while ones != count {
        let position = (random.next() >> 53) as usize;
        let add = ones < count;
        if bits.bit(position) != add {
            bits.set_bit(position, add);
            ones = if add { ones + 1 } else { ones - 1 };
        }
    }
    bits
}

/// The 99.9 % interval of a probability from `hits` in `n` trials (Wilson, JASA 22, 1927).
fn interval(hits: u32, n: u32) -> (f64, f64) {
    let (n, z2) = (f64::from(n), 3.2905f64 * 3.2905);
    let p = f64::from(hits) / n;
    let centre = p + z2 / (2.0 * n);
    let spread = (z2 * (p * (1.0 - p) + z2 / (4.0 * n)) / n).sqrt();
    ((centre - spread) / (1.0 + z2 / n), (centre + spread) / (1.0 + z2 / n))
}

/// A million vectors exactly at the limiting distance of similarity 0.65, the hardest ones to keep: no more are missed
/// than promised, and as many as the exact tails say. `cargo test -p hv-memory --test plane_cut -- --nocapture`
/// prints the figures.
#[test]
fn a_million_planted_matches() {
    const N: u32 = 1_000_000;
    const DISTANCE: u16 = 716;
    // Promise, and the exact probability to be missed by its cut, as above.
    let promises = [(1e-2, 0.008276873352322946), (1e-3, 0.0008550884383192751), (1e-4, 8.187077831152813e-05)];
    let cuts = promises.map(|(promise, _)| cut(DISTANCE, promise));
    let mut missed = [0; 3];
    let mut random = Random(2048);
    let cue = HV16::random(1);
    for _ in 0..N {
        let planted = cue ^ random_bits(&mut random, DISTANCE.into());
        assert_eq!(simd_hamming(&cue, &planted), u32::from(DISTANCE));
        let differing = cue.0[..64].iter().zip(&planted.0[..64]).map(|(a, b)| (a ^ b).count_ones()).sum::<u32>();
        for (missed, &cut) in missed.iter_mut().zip(&cuts) {
            *missed += u32::from(differing > u32::from(cut));
        }
    }
    for (((promise, exact), missed), cut) in promises.into_iter().zip(missed).zip(cuts) {
        let (low, high) = interval(missed, N);
        println!(
            "promise {promise}: cut {cut}, missed {missed} of {N}: {low:.2e} to {high:.2e} at 99.9 %, exactly {exact:.3e}"
        );
        assert!(f64::from(missed) <= promise * f64::from(N), "{missed} missed, promised {promise}");
        assert!(low <= exact && exact <= high, "{missed} missed, expected a share of {exact}");
    }
}
