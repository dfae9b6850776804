//! What a structure refuses.

/// Why a structure cannot hold something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StructureError {
    /// A sequence has an item at each position: rotations repeat after 2,048.
    #[error("the sequence has 2048 items, and positions repeat after these; begin another sequence")]
    Full,
    /// A path is longer than rotations tell apart.
    #[error("the path has {turns} turns, and at most 2048 are told apart; use a shorter path")]
    TooDeep {
        /// The length of the path.
        turns: usize,
    },
    /// An edge of an undirected graph that leads back to its own node: its vector would be the same for every node.
    #[error(
        "an edge of an undirected graph joins two different nodes; use a directed graph for edges back to their node"
    )]
    Loop,
}
