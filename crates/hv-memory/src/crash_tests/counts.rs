//! How much was tried.

use std::ops::AddAssign;

/// What was run, and what of it was looked at.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    pub histories: usize,
    /// Operations of a memory: changes, flushes, openings, imports and upgrades.
    pub operations: usize,
    /// Operations that failed as planned.
    pub failed: usize,
    /// Writes, syncs and changes of names, and marks of what was acknowledged.
    pub events: usize,
    /// Events after which power was lost.
    pub points: usize,
    /// States that were rebuilt.
    pub states: usize,
    /// States that were opened: those of one history that differ.
    pub distinct: usize,
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.histories += other.histories;
        self.operations += other.operations;
        self.failed += other.failed;
        self.events += other.events;
        self.points += other.points;
        self.states += other.states;
        self.distinct += other.distinct;
    }
}

impl std::fmt::Display for Counts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { histories, operations, failed, events, points, states, distinct } = self;
        write!(
            f,
            "{histories} histories, {operations} operations ({failed} failed), {events} events ({points} looked at), "
        )?;
        write!(f, "{states} states rebuilt, {distinct} distinct ones opened")
    }
}
