//! The planes of bit-sliced counters.

/// The bits of a counter that goes to `n`.
pub(crate) const fn planes_for(n: u64) -> usize {
    (u64::BITS - n.leading_zeros()) as usize
}
