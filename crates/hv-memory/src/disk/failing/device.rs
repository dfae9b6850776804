//! What a power loss may leave of a folder: the rules, and the states that they allow.
//!
//! The rules follow POSIX as ext4, XFS and their devices implement it, and where these differ the harsher one:
//!
//! - What was synced is there, until a later change of it.
//! - A write that was not synced is there as a whole, not at all, or in some of its sectors of 512 bytes. What became of
//!   earlier and later writes says nothing about it: the system writes pages in any order, and a device writes no less
//!   than a sector in one step.
//! - A change of length is there or not. A file that grew by a write may have its new length, or one in between, and zeros
//!   in place of the bytes: room is found before they are written. A write within the length that the file had by then
//!   does not change it: what lies beyond the length that is left is cut off.
//! - Files know nothing of each other, and contents nothing of names. The sync of a file does not make its name durable,
//!   nor the sync of a folder what its files hold.
//! - Names change in order, up to some point, since they go through a journal. Each change is there or not; a rename
//!   replaces in one step.
//! - A sync that fails loses the bytes that it should have made durable, or some of them. The file reads as if nothing had
//!   happened, and a later sync succeeds without them: Linux marks such pages as clean. Lengths are not lost: they go
//!   through the journal.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::trace::Event;

const SECTOR: usize = 512;

/// The files of a folder by name, as their numbers.
pub(crate) type Names = BTreeMap<String, usize>;

/// Draws a number below a bound, which is not 0.
pub(crate) type Draw<'a> = &'a mut dyn FnMut(usize) -> usize;

/// A change of a file.
#[derive(Clone, Debug)]
pub(crate) enum Change {
    Write(usize, Arc<[u8]>),
    Len(usize),
}

/// A change that is not durable yet.
#[derive(Clone, Debug)]
struct Pending {
    /// Among the changes of all files.
    number: usize,
    change: Change,
    /// Whether it is a write beyond the length that the file had.
    grows: bool,
}

/// What becomes of a change that was not synced.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fate {
    Lost,
    Whole,
    /// Some sectors of it.
    Torn,
    /// Its length, with zeros where the file grew.
    Zeros,
}

/// The files of a folder on the device, with what is not durable yet.
#[derive(Clone, Debug, Default)]
pub(crate) struct Device {
    files: Vec<Stored>,
    names: Names,
    /// The names after each change of them that is not durable yet.
    later_names: Vec<Names>,
    /// How many changes of files there were.
    changes: usize,
}

#[derive(Clone, Debug, Default)]
struct Stored {
    bytes: Arc<Vec<u8>>,
    /// Of `bytes`, where it is known.
    hash: Option<u64>,
    /// The length that the file reads as.
    len: usize,
    pending: Vec<Pending>,
}

/// What is left after a power loss.
#[derive(Clone, Debug)]
pub(crate) struct Image {
    pub files: BTreeMap<String, Arc<Vec<u8>>>,
    /// Of names and contents.
    pub hash: u64,
}

impl Change {
    pub(super) fn apply(&self, to: &mut Vec<u8>) {
        match self {
            Self::Write(at, bytes) => {
                to.resize(to.len().max(at + bytes.len()), 0);
                to[*at..at + bytes.len()].copy_from_slice(bytes);
            }
            Self::Len(len) => to.resize(*len, 0),
        }
    }

    /// Where the file ends after this.
    fn end(&self) -> usize {
        match self {
            Self::Write(at, bytes) => at + bytes.len(),
            Self::Len(len) => *len,
        }
    }

    fn range(&self) -> Option<(usize, usize)> {
        match self {
            Self::Write(at, bytes) => Some((*at, bytes.len())),
            Self::Len(_) => None,
        }
    }
}

impl Pending {
    fn meets(&self, fate: Fate, to: &mut Vec<u8>, draw: Draw<'_>) {
        let Change::Write(at, bytes) = &self.change else {
            return if fate != Fate::Lost {
                self.change.apply(to)
            };
        };
        if fate == Fate::Zeros && self.grows {
            to.resize(to.len().max(self.change.end()), 0);
        }
        let mut from = *at;
        while from < self.change.end() {
            let next = ((from / SECTOR + 1) * SECTOR).min(self.change.end());
            if fate == Fate::Whole || fate == Fate::Torn && draw(2) == 1 {
                let next = if self.grows { next } else { next.min(to.len()).max(from) };
                to.resize(to.len().max(next), 0);
                to[from..next].copy_from_slice(&bytes[from - at..next - at]);
            }
            from = next;
        }
    }

    /// What a failed sync leaves of this to be synced, if its bytes meet a fate.
    fn after_failed_sync(self, fate: Fate, draw: Draw<'_>) -> Option<Self> {
        let change = match (fate, self.change) {
            (Fate::Whole, change) | (_, change @ Change::Len(_)) => change,
            (Fate::Torn, Change::Write(at, bytes)) if bytes.len() > SECTOR => {
                Change::Write(at, bytes[..SECTOR * (1 + draw(bytes.len() / SECTOR))].into())
            }
            (_, change) if self.grows => Change::Len(change.end()),
            _ => return None,
        };
        Some(Self { change, ..self })
    }
}

impl Stored {
    fn change(&mut self, number: usize, change: Change) {
        let grows = matches!(change, Change::Write(..)) && change.end() > self.len;
        self.len = if matches!(change, Change::Len(_)) { change.end() } else { self.len.max(change.end()) };
        self.pending.push(Pending { number, change, grows });
    }

    fn sync(&mut self) {
        for Pending { change, .. } in self.pending.drain(..) {
            change.apply(Arc::make_mut(&mut self.bytes));
            self.hash = None;
        }
    }

    fn sync_fails(&mut self, draw: Draw<'_>) {
        // Mostly all is lost.
        let some = draw(3) == 1;
        let pending = std::mem::take(&mut self.pending);
        self.pending =
            pending.into_iter().filter_map(|pending| pending.after_failed_sync(any(some, draw), draw)).collect();
    }

    /// A file that is written in one place and never synced, as the note in LOCK is: some write of it has become durable
    /// meanwhile, or none. Else the states would double with each.
    fn settle_oldest(&mut self, draw: Draw<'_>) {
        let range = self.pending[0].change.range();
        let same = self.pending.iter().filter(|pending| pending.change.range() == range).count();
        if range.is_some() && same == self.pending.len() && same > 2 {
            let oldest = self.pending.remove(0);
            if draw(2) == 1 {
                oldest.change.apply(Arc::make_mut(&mut self.bytes));
                self.hash = None;
            } else {
                // It is the next that makes the file longer.
                self.pending[0].grows |= oldest.grows;
            }
        }
    }
}

impl Device {
    /// Files that are all synced.
    pub(super) fn synced(files: &[Arc<Vec<u8>>], names: &Names) -> Self {
        let stored = |bytes: &Arc<Vec<u8>>| Stored { bytes: Arc::clone(bytes), len: bytes.len(), ..Stored::default() };
        Self { files: files.iter().map(stored).collect(), names: names.clone(), ..Self::default() }
    }

    /// Takes note of an event. `draw` decides what survives of what a failed sync has lost; 0 is nothing.
    pub(crate) fn take(&mut self, event: &Event, draw: Draw<'_>) {
        match event {
            Event::Changed(file, change) => {
                if self.files.len() <= *file {
                    self.files.resize_with(file + 1, Stored::default);
                }
                let file = &mut self.files[*file];
                file.change(self.changes, change.clone());
                file.settle_oldest(draw);
                self.changes += 1;
            }
            Event::Synced(file) => self.files.get_mut(*file).into_iter().for_each(Stored::sync),
            Event::SyncFailed(file) => self.files.get_mut(*file).into_iter().for_each(|file| file.sync_fails(draw)),
            Event::Named(names) => self.later_names.push(names.clone()),
            Event::FolderSynced => {
                if let Some(last) = self.later_names.pop() {
                    self.names = last;
                    self.later_names.clear();
                }
            }
            Event::Mark(_) => {}
        }
    }

    /// A state that a power loss may leave now.
    pub(crate) fn state(&mut self, draw: Draw<'_>) -> Image {
        let pending = self.pending();
        let fates = fates(&pending, draw);
        let kept = draw(self.later_names.len() + 1);
        self.image(kept, &|number| fates[number], &pending, draw)
    }

    /// States that a power loss may leave after an event. Those that it could leave before the event are left out where that
    /// is easy. All of them, torn writes apart, where there are at most `most`; and `samples` that are drawn.
    pub(crate) fn states(&mut self, event: &Event, most: usize, samples: usize, draw: Draw<'_>) -> Vec<Image> {
        let pending = self.pending();
        let (count, names) = (pending.len(), self.later_names.len());
        // A state without the last change is a state of the event before.
        let newest = match event {
            Event::Changed(..) => pending.iter().position(|&(number, _)| number + 1 == self.changes),
            _ => None,
        };
        let first_names = if matches!(event, Event::Named(_)) { names } else { 0 };
        let fixed = usize::from(newest.is_some());
        let all =
            1usize.checked_shl((count - fixed) as u32).and_then(|masks| masks.checked_mul(names + 1 - first_names));
        let mut states = Vec::new();
        if all.is_some_and(|all| all <= most) {
            for kept in first_names..=names {
                for mask in (0..1usize << count).filter(|mask| newest.is_none_or(|bit| mask >> bit & 1 == 1)) {
                    let fate = |number: usize| if mask >> number & 1 == 1 { Fate::Whole } else { Fate::Lost };
                    states.push(self.image(kept, &fate, &pending, draw));
                }
            }
        }
        states.extend((0..if count > 0 { samples } else { 0 }).map(|_| self.state(draw)));
        states
    }

    /// The changes that are not durable yet, in order, of files that may have a name: the number and the file of each.
    fn pending(&self) -> Vec<(usize, usize)> {
        let named: BTreeSet<usize> =
            self.later_names.iter().chain([&self.names]).flat_map(|names| names.values().copied()).collect();
        let of = |&file: &usize| {
            let pending = self.files.get(file).map_or(&[][..], |file| &file.pending);
            pending.iter().map(move |pending| (pending.number, file))
        };
        let mut pending: Vec<(usize, usize)> = named.iter().flat_map(of).collect();
        pending.sort_unstable();
        pending
    }

    /// The state in which the first `kept` changes of names are durable, and each change in `pending` has met its fate.
    fn image(
        &mut self,
        kept: usize,
        fate: &dyn Fn(usize) -> Fate,
        pending: &[(usize, usize)],
        draw: Draw<'_>,
    ) -> Image {
        let names = kept.checked_sub(1).map_or(&self.names, |last| &self.later_names[last]);
        let mut image = Image { files: BTreeMap::new(), hash: 0 };
        for (name, &number) in names {
            let mut none = Stored::default();
            let file = self.files.get_mut(number).unwrap_or(&mut none);
            let mut bytes = Arc::clone(&file.bytes);
            for change in &file.pending {
                let fate = pending.binary_search(&(change.number, number)).map_or(Fate::Lost, fate);
                if fate != Fate::Lost {
                    change.meets(fate, Arc::make_mut(&mut bytes), draw);
                }
            }
            let same = Arc::ptr_eq(&bytes, &file.bytes);
            let hash = if same { *file.hash.get_or_insert_with(|| hash_of(&bytes)) } else { hash_of(&bytes) };
            image.hash = mixed(mixed(image.hash, hash_of(name.as_bytes())), hash);
            image.files.insert(name.clone(), bytes);
        }
        image
    }
}

/// Any fate, or where `some` is false that of being lost.
fn any(some: bool, draw: Draw<'_>) -> Fate {
    if some { [Fate::Lost, Fate::Whole, Fate::Torn, Fate::Zeros][draw(4)] } else { Fate::Lost }
}

/// Draws the fates of changes, in one of several ways: bugs hide where one change alone is lost, or one alone is not.
fn fates(pending: &[(usize, usize)], draw: Draw<'_>) -> Vec<Fate> {
    let count = pending.len();
    if count == 0 {
        return Vec::new();
    }
    let picked = draw(count);
    let way = draw(6);
    let files: Vec<bool> = pending.iter().map(|_| draw(2) == 1).collect();
    let fate = |(index, &(_, file)): (usize, &(usize, usize))| match way {
        // In order, up to some point.
        0 if index < picked => Fate::Whole,
        0 if index > picked => Fate::Lost,
        1 if index != picked => Fate::Whole,
        2 if index != picked => Fate::Lost,
        0..=3 => any(true, draw),
        4 => [Fate::Lost, Fate::Whole][draw(2)],
        // All or nothing of each file.
        _ if files[file % count] => Fate::Whole,
        _ => Fate::Lost,
    };
    pending.iter().enumerate().map(fate).collect()
}

/// A hash to tell states apart, fast.
fn hash_of(bytes: &[u8]) -> u64 {
    let (words, rest) = bytes.as_chunks::<32>();
    let mut lanes = [bytes.len() as u64, 1, 2, 3];
    for word in words {
        for (lane, bytes) in lanes.iter_mut().zip(word.as_chunks::<8>().0) {
            *lane = (*lane ^ u64::from_le_bytes(*bytes)).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29);
        }
    }
    let rest = rest.iter().fold(0, |hash, &byte| mixed(hash, byte.into()));
    lanes.into_iter().fold(rest, mixed)
}

fn mixed(a: u64, b: u64) -> u64 {
    let z = (a.rotate_left(31) ^ b).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (z ^ z >> 32).wrapping_mul(0x94d0_49bb_1331_11eb) ^ z >> 29
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every state after some events, torn writes apart: the files "a" and "b", where they are there.
    fn states(events: &[Event]) -> BTreeSet<[Option<Vec<u8>>; 2]> {
        let names = |names: &[(&str, usize)]| names.iter().map(|&(name, file)| (name.to_owned(), file)).collect();
        let mut device = Device::synced(&[Arc::new(b"--".to_vec())], &names(&[("a", 0)]));
        let mut all = BTreeSet::new();
        for (at, event) in events.iter().enumerate() {
            device.take(event, &mut |_| 0);
            // The last event is a mark: nothing is left out.
            if at + 1 == events.len() {
                let states = device.states(event, 64, 0, &mut |_| unreachable!("nothing is drawn"));
                all = states
                    .iter()
                    .map(|state| ["a", "b"].map(|name| state.files.get(name).map(|file| file.to_vec())))
                    .collect();
            }
        }
        all
    }

    fn write(file: usize, at: usize, bytes: &[u8]) -> Event {
        Event::Changed(file, Change::Write(at, bytes.into()))
    }

    #[test]
    fn what_a_power_loss_may_leave() {
        let named = |name: &str, file| Event::Named([(name.to_owned(), file)].into());
        let a = |bytes: &[u8]| [Some(bytes.to_vec()), None];
        let b = |bytes: &[u8]| [None, Some(bytes.to_vec())];
        // Writes in any order, and what was synced.
        let two = [write(0, 0, b"x"), write(0, 1, b"y"), Event::Mark(0)];
        assert_eq!(states(&two), [a(b"--"), a(b"x-"), a(b"-y"), a(b"xy")].into());
        let synced = [write(0, 0, b"x"), Event::Synced(0), write(0, 1, b"y"), Event::Mark(0)];
        assert_eq!(states(&synced), [a(b"x-"), a(b"xy")].into());
        // A sync that fails loses bytes for good, and not the length.
        let failed = [write(0, 1, b"yz"), Event::SyncFailed(0), Event::Synced(0), Event::Mark(0)];
        assert_eq!(states(&failed), [a(b"--\0")].into());
        // What lies beyond the length that is left is cut off.
        let beyond = [Event::Changed(0, Change::Len(4)), write(0, 1, b"yz"), Event::Mark(0)];
        assert_eq!(states(&beyond), [a(b"--"), a(b"-y"), a(b"--\0\0"), a(b"-yz\0")].into());
        // A name without what its file holds; and the folder's sync, which is not that of the file.
        let renamed = [write(0, 0, b"x"), named("b", 0), Event::Mark(0)];
        assert_eq!(states(&renamed), [a(b"--"), a(b"x-"), b(b"--"), b(b"x-")].into());
        let folder = [write(0, 0, b"x"), named("b", 0), Event::FolderSynced, Event::Mark(0)];
        assert_eq!(states(&folder), [b(b"--"), b(b"x-")].into());
        let made = [named("b", 1), write(1, 0, b"new"), Event::Synced(1), Event::Mark(0)];
        assert_eq!(states(&made), [a(b"--"), b(b"new")].into());
    }
}
