//! The byte forms of `TopK` and `Accumulator`.

use hv_simd::{Accumulator, HV16, TopK};

/// The most vectors that an accumulator counts.
const MAX_LEN: u64 = 1 << 63;

/// Reads bytes as states: an error, or a state whose bytes are the same. Two states from the two parts of the bytes are
/// merged in both orders.
///
/// The first two bytes say where the second part begins.
///
/// # Panics
///
/// If a state is not what its bytes say, or a merge depends on the order.
pub fn byte_forms(data: &[u8]) {
    let Some((cut, data)) = data.split_first_chunk() else { return };
    let (first, second) = data.split_at(usize::from(u16::from_le_bytes(*cut)).min(data.len()));
    top_k(first, second);
    accumulators(first, second);
}

fn top_k(first: &[u8], second: &[u8]) {
    let read = |bytes: &[u8]| {
        let nearest = TopK::from_bytes(bytes);
        if let Ok(nearest) = &nearest {
            assert_eq!(nearest.to_bytes(), bytes);
            assert!(nearest.len() <= nearest.k());
            let ranked: Vec<_> = nearest.iter().map(|(index, distance)| (distance, index)).collect();
            assert!(ranked.is_sorted() && ranked.iter().all(|&(distance, _)| usize::from(distance) <= HV16::DIM));
        }
        nearest
    };
    let (Ok(first), Ok(second)) = (read(first), read(second)) else { return };
    let [mut one, mut other] = [first.clone(), second.clone()];
    one.merge(&second);
    other.merge(&first);
    assert_eq!(one, other);
    let mut all: Vec<_> = first.iter().chain(second.iter()).collect();
    all.sort_unstable_by_key(|&(index, distance)| (distance, index));
    all.truncate(first.k().min(second.k()));
    assert_eq!(one.into_sorted(), all);
}

fn accumulators(first: &[u8], second: &[u8]) {
    let read = |bytes: &[u8]| {
        let counters = Accumulator::from_bytes(bytes);
        if let Ok(counters) = &counters {
            assert_eq!(counters.to_bytes(), bytes);
            assert!((0..HV16::DIM).all(|i| counters.count(i) <= counters.len()));
            assert_eq!(counters.majority().is_none(), counters.is_empty());
            assert!(counters.norm().is_finite());
            let _ = counters.dot(&HV16::random(1));
        }
        counters
    };
    let (Ok(first), Ok(second)) = (read(first), read(second)) else { return };
    if first.len().checked_add(second.len()).is_none_or(|len| len > MAX_LEN) {
        return; // more than an accumulator counts, and documented to panic
    }
    let [mut one, mut other] = [first.clone(), second.clone()];
    one.merge(&second);
    other.merge(&first);
    assert_eq!(one, other);
    assert_eq!(one.len(), first.len() + second.len());
    assert!((0..HV16::DIM).all(|i| one.count(i) == first.count(i) + second.count(i)));
    assert_eq!(Accumulator::from_bytes(&one.to_bytes()), Ok(one));
}
