//! Opening every state that a power loss may leave at the points of a trace, and comparing it with what was promised.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use super::counts::Counts;
use crate::common::Random;
use crate::common::format_2;
use crate::common::history::{Change, Model};
use crate::disk::{Disk, Event, FailingFolder, Image, Sharing, Trace};
use crate::{EpisodicMemory, MemoryError, Options, Progress};

/// How much of a trace is tried.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    /// Number of events after which power is lost, about; it is also lost at every mark.
    pub points: usize,
    /// Largest number of states of a point for which all of them are tried.
    pub all: usize,
    /// Number of states that are drawn for each point.
    pub drawn: usize,
}

impl Bounds {
    /// For stores that open in a millisecond.
    pub(super) const SMALL: Self = Self { points: 600, all: 64, drawn: 3 };
    /// For those with blocks.
    pub(super) const LARGE: Self = Self { points: 40, all: 4, drawn: 1 };
}

/// What a test sees of a memory.
pub(super) trait Seen: Clone + PartialEq {
    fn of(memory: &EpisodicMemory) -> Self;
    /// Writes to a memory in which this was seen. Returns what is to be seen then.
    fn write(self, memory: &EpisodicMemory) -> Self;
    /// In a few words.
    fn what(&self) -> String;
}

impl Seen for Model {
    fn of(memory: &EpisodicMemory) -> Self {
        Self::of(memory)
    }

    fn write(mut self, memory: &EpisodicMemory) -> Self {
        self.run(memory, &Change::Store(2), 99).unwrap();
        self.apply(&Change::Store(2), 99);
        self
    }

    fn what(&self) -> String {
        let (live, rows) = (self.live.len(), self.rows.len());
        format!("{live} episodes, next id {}, {rows} rows, note {:?}", self.next_id, self.note.first())
    }
}

/// The version of a store that was made of the fixture of format 2.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Format {
    Two,
    Three,
}

impl Seen for Format {
    fn of(memory: &EpisodicMemory) -> Self {
        format_2::check(memory);
        let older = memory.shared.lock().unwrap().disk.as_ref().is_some_and(Disk::is_older);
        if older { Self::Two } else { Self::Three }
    }

    fn write(self, memory: &EpisodicMemory) -> Self {
        memory.set_metadata(b"a store of format 2").unwrap();
        Self::Three
    }

    fn what(&self) -> String {
        format!("{self:?}")
    }
}

pub(super) fn open(folder: &FailingFolder, sharing: Sharing, options: &Options) -> Result<EpisodicMemory, MemoryError> {
    EpisodicMemory::open_folder(Arc::new(folder.clone()), sharing, options)
}

/// Checks the states of traces.
pub(super) struct Checker<'a, S> {
    bounds: Bounds,
    random: &'a mut Random,
    counts: &'a mut Counts,
    /// What was seen in the state of a hash; what is equal is there once.
    seen: HashMap<u64, Arc<S>>,
    known: Vec<Arc<S>>,
    opened: usize,
}

impl<'a, S: Seen> Checker<'a, S> {
    pub(super) fn new(bounds: Bounds, random: &'a mut Random, counts: &'a mut Counts) -> Self {
        Self { bounds, random, counts, seen: HashMap::new(), known: Vec::new(), opened: 0 }
    }

    /// Loses power at every point of a trace, or at some where there are too many. From mark `n` on, `promised[n]` is what may
    /// be found. Returns one of the states, and what is in it.
    pub(super) fn check(&mut self, trace: &Trace, promised: &[Vec<Arc<S>>], what: &str) -> (Image, Arc<S>) {
        let mut device = trace.start.clone();
        let (mut allowed, mut mark) = (&promised[0], 0);
        let mut left = None;
        let some = (trace.events.len() / self.bounds.points + 1) as u64;
        for (at, event) in trace.events.iter().enumerate() {
            self.counts.events += 1;
            device.take(event, &mut |below| self.random.below(below as u64) as usize);
            if let Event::Mark(number) = event {
                (allowed, mark) = (&promised[*number], *number);
            } else if self.random.below(some) > 0 {
                continue;
            }
            self.counts.points += 1;
            let Bounds { all, drawn, .. } = self.bounds;
            let states = device.states(event, all, drawn, &mut |below| self.random.below(below as u64) as usize);
            for state in states {
                let what = || {
                    let events = trace.events.len();
                    format!("{what}, after event {at} of {events} ({}), mark {mark}", event.what())
                };
                let seen = self.seen_in(&state, &what);
                if !allowed.contains(&seen) {
                    let allowed: Vec<String> = allowed.iter().map(|allowed| allowed.what()).collect();
                    panic!("{}: found {}, and promised was one of {allowed:#?}", what(), seen.what());
                }
                // Each as likely as the others.
                self.counts.states += 1;
                if left.is_none() || self.random.below(self.counts.states as u64) == 0 {
                    left = Some((state, seen));
                }
            }
        }
        left.unwrap_or_else(|| panic!("{what}: a trace without events"))
    }

    /// What is in a state.
    fn seen_in(&mut self, state: &Image, what: &dyn Fn() -> String) -> Arc<S> {
        if let Some(seen) = self.seen.get(&state.hash) {
            return Arc::clone(seen);
        }
        self.counts.distinct += 1;
        self.opened += 1;
        let seen = examined(state, self.opened.is_multiple_of(8), what);
        let known = self.known.iter().find(|known| ***known == seen).cloned();
        let seen = known.unwrap_or_else(|| {
            self.known.push(Arc::new(seen));
            Arc::clone(&self.known[self.known.len() - 1])
        });
        self.seen.insert(state.hash, Arc::clone(&seen));
        seen
    }
}

/// Opens a state, and checks that it is sound and can be written to. With `read_first` also as a reader before that.
/// Returns what was in it.
fn examined<S: Seen>(state: &Image, read_first: bool, what: &dyn Fn() -> String) -> S {
    let folder = FailingFolder::with_shared_files(state.files.clone());
    let read: Option<S> = if read_first { read(&folder, what) } else { None };
    let memory = open(&folder, Sharing::Alone, &Options::new()).unwrap_or_else(|error| panic!("{}: {error}", what()));
    let seen = S::of(&memory);
    if let Some(read) = read {
        assert!(read == seen, "{}: a reader found {}, a writer {}", what(), read.what(), seen.what());
    }
    let found = memory.verify().unwrap_or_else(|error| panic!("{}: {error}", what()));
    assert!(found.is_sound(), "{}: {:?}", what(), found.damage);
    let written = seen.clone().write(&memory);
    drop(memory);
    let memory = open(&folder, Sharing::Alone, &Options::new());
    let memory = memory.unwrap_or_else(|error| panic!("{}, then written to: {error}", what()));
    let again = S::of(&memory);
    assert!(again == written, "{}, then written to: {}, not {}", what(), again.what(), written.what());
    seen
}

/// What a reader finds, who writes nothing. `None` where the store is not made yet.
fn read<S: Seen>(folder: &FailingFolder, what: &dyn Fn() -> String) -> Option<S> {
    let read = match open(folder, Sharing::Readers, &Options::new()) {
        Ok(memory) => Some(S::of(&memory)),
        Err(MemoryError::NotFound { .. }) => None,
        Err(error) => panic!("{}, read only: {error}", what()),
    };
    let found = Disk::verify(Arc::new(folder.clone()), Duration::ZERO, &Progress::new());
    match (&read, found) {
        (Some(_), Ok(found)) => assert!(found.is_sound(), "{}: {:?}", what(), found.damage),
        (None, Err(MemoryError::NotFound { .. })) => {}
        (_, Ok(_)) => panic!("{}: verified, and no store", what()),
        (_, Err(error)) => panic!("{}: {error}", what()),
    }
    assert_eq!(folder.operations(), 0, "{}: a reader wrote", what());
    read
}
