//! A random history of a memory, made from a seed: changes, failures and power losses.

use std::sync::Arc;
use std::time::Duration;

use super::counts::Counts;
use super::states::{Bounds, Checker, Format, Seen, open};
use crate::common::Random;
use crate::common::format_2;
use crate::common::history::{Change, Focus, Model};
use crate::disk::{FailingFolder, Plan, Sharing};
use crate::{Durability, EpisodicMemory, MemoryError, Options};

/// Number of waiting episodes that makes a batch commit.
const BATCH: usize = 40;

/// What is promised of a store at the points of a trace.
struct Promises<S> {
    folder: FailingFolder,
    /// What may be found from each mark on.
    marks: Vec<Vec<Arc<S>>>,
}

impl<S: Seen> Promises<S> {
    fn new(folder: &FailingFolder, found: Arc<S>) -> Self {
        let mut promises = Self { folder: folder.clone(), marks: Vec::new() };
        folder.record();
        promises.set(vec![found]);
        promises
    }

    fn set(&mut self, may_be_found: Vec<Arc<S>>) {
        self.folder.mark(self.marks.len());
        self.marks.push(may_be_found);
    }

    fn now(&self) -> &[Arc<S>] {
        self.marks.last().map_or(&[], Vec::as_slice)
    }

    /// A change is under way, after which this is to be found.
    fn may_become(&mut self, after: &Arc<S>) {
        let mut all = self.now().to_vec();
        if !all.contains(after) {
            all.push(Arc::clone(after));
        }
        self.set(all);
    }

    /// Nothing but this is to be found.
    fn is(&mut self, now: &Arc<S>) {
        self.set(vec![Arc::clone(now)]);
    }
}

/// An operation on a memory.
#[derive(Clone, Debug)]
enum Operation {
    Change(Change),
    Flush,
    Reopen,
    /// What a memory holds that had these changes.
    Import(Vec<Change>),
}

/// Runs the history of a seed.
pub(super) fn run(seed: u64, counts: &mut Counts) {
    let mut random = Random(seed);
    counts.histories += 1;
    match random.below(24) {
        0 => upgrade(&mut random, counts),
        kind => {
            let mut history = History::new(random, kind < 4);
            for segment in 0..2 + history.random.below(3) {
                history.segment(segment, counts);
            }
        }
    }
}

/// An upgrade of the format, which may fail once at some operation.
fn upgrade(random: &mut Random, counts: &mut Counts) {
    let folder = FailingFolder::with_files(format_2::files());
    let mut promises = Promises::new(&folder, Arc::new(Format::Two));
    let memory = open(&folder, Sharing::Alone, &Options::new()).unwrap();
    let plan = plan(random, 60);
    folder.set_plan(plan);
    promises.may_become(&Arc::new(Format::Three));
    let mut done = memory.set_metadata(b"a store of format 2");
    counts.operations += 1;
    folder.set_plan(Plan::Never);
    if done.is_err() {
        counts.failed += 1;
        done = memory.set_metadata(b"a store of format 2");
    }
    done.unwrap_or_else(|error| panic!("upgrade, {plan:?}: {error}"));
    promises.is(&Arc::new(Format::Three));
    drop(memory);
    let trace = folder.recorded();
    Checker::new(Bounds::LARGE, random, counts).check(&trace, &promises.marks, &format!("upgrade, {plan:?}"));
}

/// A failure to come, or none.
fn plan(random: &mut Random, operations: u64) -> Plan {
    match random.below(6) {
        0 => Plan::FailSync(random.below(5) as usize),
        // Many changes have few operations.
        1 => {
            let some = 1 + random.below(operations);
            let first = random.below(some) as usize;
            // The second may strike while files are closed after the first.
            if random.below(2) == 0 {
                Plan::FailOnce(first)
            } else {
                Plan::FailTwice(first, first + 1 + random.below(12) as usize)
            }
        }
        _ => Plan::Never,
    }
}

struct History {
    random: Random,
    /// The files on the disk, all synced, and what is in them.
    start: (FailingFolder, Arc<Model>),
    focus: Focus,
    /// Whether more than a block of episodes is stored.
    is_large: bool,
    /// Whether the log of retrievals is what changes most.
    recollects: bool,
    now: i64,
    /// What was done in this segment, for messages.
    done: Vec<String>,
}

impl History {
    fn new(mut random: Random, is_large: bool) -> Self {
        let focus = [Focus::Stores, Focus::Compaction, Focus::Consolidation][random.below(3) as usize];
        let start = (FailingFolder::new(Plan::Never), Arc::default());
        let recollects = random.below(3) == 0;
        Self { random, start, focus, is_large, recollects, now: 0, done: Vec::new() }
    }

    /// From an opening to a power loss.
    fn segment(&mut self, number: u64, counts: &mut Counts) {
        let (folder, model) = self.start.clone();
        self.done.clear();
        let batched = self.random.below(3) == 0;
        let delay = Duration::from_secs(3_600);
        let options = Options::new().durability(match batched {
            true => Durability::Batched { episodes: BATCH, delay },
            false => Durability::Immediate,
        });
        let mut segment = Segment {
            promises: Promises::new(&folder, Arc::clone(&model)),
            memory: None,
            model,
            options,
            batched,
            waiting: 0,
            has_failed: false,
            counts,
        };
        let operations = 2 + self.random.below(9);
        segment.run(Operation::Reopen, plan(&mut self.random, 40), self);
        for _ in 0..operations {
            let operation = self.next(&segment);
            let plan = plan(&mut self.random, 60);
            segment.run(operation, plan, self);
        }
        if self.random.below(2) == 0 {
            segment.run(Operation::Reopen, plan(&mut self.random, 20), self);
        }
        let trace = folder.recorded();
        let Segment { promises, memory, .. } = segment;
        // Not before the record has ended: power is lost.
        drop(memory);
        let what = format!("segment {number}: {:#?}", self.done);
        let bounds = if self.is_large { Bounds::LARGE } else { Bounds::SMALL };
        let (state, found) = Checker::new(bounds, &mut self.random, counts).check(&trace, &promises.marks, &what);
        self.start = (FailingFolder::with_shared_files(state.files), found);
    }

    fn next(&mut self, segment: &Segment<'_>) -> Operation {
        let (random, model) = (&mut self.random, &*segment.model);
        let is_new = model.next_id == 0 && model.rows.is_empty();
        match random.below(12) {
            0 if segment.batched => return Operation::Flush,
            1 => return Operation::Reopen,
            2 if is_new => {
                let first = if self.is_large { 4_100 } else { 1 + random.below(60) };
                return Operation::Import(vec![Change::Store(first), Change::Recollect(first / 2), Change::Note(7)]);
            }
            _ => {}
        }
        if self.is_large && model.next_id < 4_000 {
            return Operation::Change(Change::Store(4_096 - model.next_id - 8 + random.below(20)));
        }
        let recollected: Vec<u64> =
            model.live.iter().filter(|(_, (_, retrievals))| !retrievals.is_empty()).map(|(&id, _)| id).collect();
        match random.below(3) {
            // The next recollection then rewrites the log.
            0 if self.recollects && recollected.len() > 1 => return Operation::Change(Change::Forget(recollected)),
            1 if self.recollects && !model.live.is_empty() => {
                let any = random.below(model.live.len() as u64) as usize;
                return Operation::Change(Change::Recollect(model.live.keys().copied().nth(any).unwrap_or(0)));
            }
            _ => {}
        }
        match model.next(random, self.focus, 60) {
            // Nothing is committed where nothing changes.
            Change::Forget(ids) if ids.is_empty() => Operation::Change(Change::Note(1)),
            change => Operation::Change(change),
        }
    }
}

/// A memory between two power losses.
struct Segment<'a> {
    promises: Promises<Model>,
    memory: Option<EpisodicMemory>,
    /// What readers see.
    model: Arc<Model>,
    options: Options,
    batched: bool,
    /// Least number of acknowledged episodes that wait for a commit.
    waiting: usize,
    /// Whether an operation has failed since the last commit.
    has_failed: bool,
    counts: &'a mut Counts,
}

impl Segment<'_> {
    fn run(&mut self, operation: Operation, plan: Plan, history: &mut History) {
        history.now += 1;
        history.done.push(format!("{operation:?}, {plan:?}"));
        self.counts.operations += 1;
        match operation {
            Operation::Reopen => self.reopen(plan),
            Operation::Flush => {
                let (waiting, after) = (self.waiting > 0, Arc::clone(&self.model));
                self.change(plan, after, waiting, &|_, memory| memory.flush());
            }
            Operation::Import(changes) => {
                let (export, source) = (tempfile::tempdir().unwrap(), EpisodicMemory::in_memory());
                let mut imported = Model::default();
                for change in &changes {
                    imported.run(&source, change, history.now).unwrap();
                    imported.apply(change, history.now);
                }
                source.export(export.path()).unwrap();
                self.change(plan, Arc::new(imported), true, &|_, memory| memory.import(export.path()).map(drop));
            }
            Operation::Change(change) => {
                let mut after = Model::clone(&self.model);
                after.apply(&change, history.now);
                let stored = match change {
                    Change::Store(count) => count as usize,
                    Change::Replace(_) => 1,
                    _ => BATCH,
                };
                let commits = !self.batched || self.waiting + stored >= BATCH;
                self.change(plan, Arc::new(after), commits, &|model, memory| model.run(memory, &change, history.now));
                if !commits && !self.has_failed {
                    self.waiting += stored;
                }
            }
        }
    }

    /// Makes a change, which may fail; the memory then is as it was. `commits` says whether it is durable when it is
    /// acknowledged.
    fn change(
        &mut self,
        plan: Plan,
        after: Arc<Model>,
        commits: bool,
        run: &dyn Fn(&Model, &EpisodicMemory) -> Result<(), MemoryError>,
    ) {
        let Some(memory) = &self.memory else { return };
        let folder = self.promises.folder.clone();
        self.promises.may_become(&after);
        folder.set_plan(plan);
        let done = run(&self.model, memory);
        folder.set_plan(Plan::Never);
        match done {
            Ok(()) => {
                self.model = after;
                if commits {
                    (self.waiting, self.has_failed) = (0, false);
                    self.promises.is(&self.model);
                }
            }
            Err(error) => {
                self.counts.failed += 1;
                // What waited may have been committed before.
                (self.waiting, self.has_failed) = (0, true);
                assert!(matches!(error, MemoryError::Full { .. } | MemoryError::Io { .. }), "{plan:?}: {error}");
                assert!(Model::of(memory) == *self.model, "{plan:?}: readers see what was not committed");
            }
        }
    }

    /// Closes the memory, and opens it again.
    fn reopen(&mut self, plan: Plan) {
        let folder = self.promises.folder.clone();
        folder.set_plan(plan);
        drop(self.memory.take());
        let closed = !folder.struck();
        let memory = open(&folder, Sharing::Alone, &self.options).or_else(|error| {
            self.counts.failed += 1;
            assert!(matches!(error, MemoryError::Full { .. } | MemoryError::Io { .. }), "{plan:?}: {error}");
            folder.set_plan(Plan::Never);
            open(&folder, Sharing::Alone, &self.options)
        });
        folder.set_plan(Plan::Never);
        let memory = memory.unwrap_or_else(|error| panic!("opened again, {plan:?}: {error}"));
        let found = Arc::new(Model::of(&memory));
        assert!(self.promises.now().contains(&found), "{plan:?}: {} was read", found.what());
        if closed && !self.has_failed {
            assert!(found == self.model, "{plan:?}: what waited was not committed at the end");
            self.promises.is(&found);
        }
        (self.memory, self.model, self.waiting, self.has_failed) = (Some(memory), found, 0, false);
    }
}
