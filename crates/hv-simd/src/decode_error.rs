//! What can be wrong with a state that comes from outside.

/// Why bytes, or what serde read, are no [`Accumulator`](crate::Accumulator) or no [`TopK`](crate::TopK).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// The version is not the one that this program reads.
    #[error("the state has version {found}, and this program reads version {expected}")]
    Version {
        /// The version of the bytes.
        found: u32,
        /// The version that can be read.
        expected: u32,
    },
    /// Too few bytes, or too many.
    #[error("the state has {found} bytes, and should have {expected}: it was cut off, or something was added")]
    Length {
        /// The number of bytes.
        found: usize,
        /// The number that there should be, as far as the bytes tell; at least the header.
        expected: u64,
    },
    /// More vectors than an accumulator counts.
    #[error("an accumulator counts at most 2^63 vectors, not {n}")]
    Len {
        /// The number of vectors.
        n: u64,
    },
    /// Too few planes of an accumulator, or too many.
    #[error("{found} planes, but the counters of {n} vectors have {expected}, one for each bit of their number")]
    Planes {
        /// The number of planes.
        found: usize,
        /// The number that there should be.
        expected: usize,
        /// The number of vectors.
        n: u64,
    },
    /// A counter over the number of vectors.
    #[error("position {position} was set in {count} vectors, but there were only {n}")]
    Count {
        /// The position, 0 to 2,047.
        position: usize,
        /// Its counter.
        count: u64,
        /// The number of vectors.
        n: u64,
    },
    /// More pairs than the `k` of a top-k.
    #[error("{kept} are kept, but k is {k}")]
    Kept {
        /// The number of pairs.
        kept: usize,
        /// The `k`.
        k: u64,
    },
    /// A distance that no two vectors have.
    #[error("at position {position} the distance is {distance}, and the largest is {}", hv_core::HV16::DIM)]
    Distance {
        /// The position among the pairs, from 0.
        position: usize,
        /// The distance.
        distance: u16,
    },
    /// Pairs that do not ascend by distance and then by index.
    #[error("at position {position} there is a nearer one, or a lower index, than before it: pairs must ascend")]
    Order {
        /// The position among the pairs, from 0.
        position: usize,
    },
    /// An index that is kept twice.
    #[error("the index {index} is kept twice; each may be offered once")]
    Repeated {
        /// The index.
        index: usize,
    },
    /// A `k` or an index beyond what this machine can count.
    #[error("{value} is too large for this machine, which counts to {}", usize::MAX)]
    TooLarge {
        /// The number.
        value: u64,
    },
}
