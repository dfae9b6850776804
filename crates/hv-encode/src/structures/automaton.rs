//! States that follow each other.

use hv_parallel::HV16;
use hv_parallel::hv_simd::simd_permute;

use super::hash_table::HashTable;
use crate::codebook::{Codebook, Named};

/// A finite automaton: the bundle of its transitions. A transition is the product of a state, a symbol, and the rotated next
/// state.
///
/// States and symbols have vectors of their own. Where a state has several transitions for a symbol, the step finds one.
///
/// ```
/// use hv_encode::{Codebook, HV16, ItemMemory, structures::FiniteAutomaton};
///
/// let states = Codebook::from_items(ItemMemory::new(1), ["locked", "open"])?;
/// let [locked, open] = ["locked", "open"].map(|name| states.vector(name).unwrap());
/// let [coin, push] = [10, 11].map(HV16::random);
/// let mut turnstile = FiniteAutomaton::new();
/// turnstile.add_transition(locked, &coin, open);
/// turnstile.add_transition(open, &push, locked);
/// assert_eq!(turnstile.step(locked, &coin, &states).unwrap().name, "open");
/// assert_eq!(turnstile.step(locked, &push, &states), None);
/// # Ok::<(), hv_encode::CodebookError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct FiniteAutomaton {
    /// The rotated next state under the product of state and symbol.
    transitions: HashTable,
}

impl FiniteAutomaton {
    /// No transitions yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts a transition in: in `state`, `symbol` leads to `next`.
    pub fn add_transition(&mut self, state: &HV16, symbol: &HV16, next: &HV16) {
        self.transitions.put(&(state ^ symbol), &simd_permute(next, 1));
    }

    /// Takes a transition out, and returns whether it could be: if the counters show that it was never put in, nothing
    /// changes.
    pub fn remove_transition(&mut self, state: &HV16, symbol: &HV16, next: &HV16) -> bool {
        self.transitions.remove(&(state ^ symbol), &simd_permute(next, 1))
    }

    /// The state that a symbol leads to, cleaned up; `None` where nothing stands out, as where there is no such transition.
    #[must_use]
    pub fn step<'a>(&self, state: &HV16, symbol: &HV16, states: &'a Codebook) -> Option<Named<'a>> {
        states.clean_up(&simd_permute(&self.transitions.noisy(&(state ^ symbol))?, -1))
    }

    /// The number of transitions. Exact.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.transitions.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.transitions.is_empty()
    }

    /// The automaton as a vector; `None` where it has no transitions.
    #[must_use]
    pub fn vector(&self) -> Option<HV16> {
        self.transitions.vector()
    }
}
