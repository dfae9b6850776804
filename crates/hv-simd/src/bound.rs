//! The limit on a distance that a search keeps for each query.

use core::fmt;

use hv_core::HV16;

/// An exclusive limit on a distance: a search reports a vector only where its bound admits the distance.
///
/// Bounds are ordered: of two, the lower one admits fewer distances. A search that has found what it wants lowers its
/// bound, and so the kernels skip what is too far.
///
/// ```
/// use hv_simd::Bound;
///
/// let bound = Bound::within(300);
/// assert!(bound.admits(300) && !bound.admits(301));
/// assert_eq!(bound, Bound::below(301));
/// assert_eq!(bound.min(Bound::NONE), bound);
/// assert!(Bound::NONE.admits(2048) && !Bound::NOTHING.admits(0));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(transparent)]
pub struct Bound(u16);

impl Bound {
    /// Admits every distance.
    pub const NONE: Self = Self(HV16::DIM as u16 + 1);

    /// Admits no distance, not even 0.
    pub const NOTHING: Self = Self(0);

    /// Admits distances up to `max_distance`, itself included. From 2,048 on these are all.
    #[must_use]
    pub const fn within(max_distance: u16) -> Self {
        Self::below(max_distance.saturating_add(1))
    }

    /// Admits distances below `limit`. From 2,049 on these are all.
    #[must_use]
    pub const fn below(limit: u16) -> Self {
        if limit < Self::NONE.0 { Self(limit) } else { Self::NONE }
    }

    /// [`below`](Self::below) a distance of two vectors, 0 to 2,048, which need not be checked.
    pub(crate) const fn nearer_than(distance: u16) -> Self {
        Self(distance)
    }

    /// The lowest distance that is not admitted, from 0 to 2,049.
    #[must_use]
    pub const fn limit(self) -> u16 {
        self.0
    }

    /// Whether a vector at this distance counts.
    #[must_use]
    pub const fn admits(self, distance: u16) -> bool {
        distance < self.0
    }
}

impl fmt::Debug for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::NONE => f.write_str("Bound::NONE"),
            Self::NOTHING => f.write_str("Bound::NOTHING"),
            Self(limit) => write!(f, "Bound::below({limit})"),
        }
    }
}
