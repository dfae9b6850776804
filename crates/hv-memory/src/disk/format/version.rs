//! The versions of the format.

/// The version of the format of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) enum Version {
    /// Without labels, rows of the application, and an id of the store.
    Two,
    #[default]
    Three,
}

impl Version {
    /// The one that this program writes.
    pub(crate) const NEWEST: Self = Self::Three;

    pub(crate) fn number(self) -> u32 {
        match self {
            Self::Two => 2,
            Self::Three => 3,
        }
    }
}
