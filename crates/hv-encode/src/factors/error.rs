//! What cannot be factored or stored.

/// Why a [`Resonator`](crate::Resonator) or a [`SparseDistributedMemory`](crate::SparseDistributedMemory) cannot be made, or gives no
/// answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FactorError {
    /// No codebook was given.
    #[error("there are no codebooks; give one for each factor")]
    NoCodebooks,
    /// A codebook without items.
    #[error("codebook {codebook}, counted from 0, has no items; give it at least one")]
    NoItems {
        /// The index of the codebook.
        codebook: usize,
    },
    /// More combinations than 2,048 bits tell apart.
    #[error("the codebooks have too many combinations: no product would stand out; use fewer or smaller codebooks")]
    TooMany,
    /// The number of hard locations is out of range.
    #[error("{locations} hard locations were asked for; there must be from 1 to 16777216")]
    Locations {
        /// The number of locations.
        locations: usize,
    },
    /// The call was asked to end early: [`Progress::stop`](hv_parallel::Progress::stop).
    #[error("the work was stopped, as was asked; there is no result")]
    Stopped,
    /// The radius is no distance.
    #[error("the radius is {radius}; it must be from 0 to 2048")]
    Radius {
        /// The radius.
        radius: u16,
    },
}
