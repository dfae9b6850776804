//! What came of a question.

use hv_memory::Match;

/// An episode that was found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Found {
    /// Which, and how far its vector is from the question's.
    pub nearness: Match,
    /// How well its text answers, from 0 to 1; `None` where only the vectors were asked.
    pub score: Option<f64>,
}

/// What came of a question.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The best first.
    pub found: Vec<Found>,
    /// Whether the best is an answer.
    pub is_close: bool,
}
