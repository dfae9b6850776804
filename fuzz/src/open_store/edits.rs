//! The changes to the files of a store.

use hv_memory::{EpisodeId, EpisodicMemory, HV16};

use super::base::{BASES, Base, base};
use super::content::Trust;
use super::forge;
use crate::folders::Files;
use crate::input::{Input, mixed};

/// The most changes of one input.
const MAX_EDITS: usize = 16;

/// A store that was changed.
pub(super) struct Edited {
    base: &'static Base,
    pub(super) files: Files,
    pub(super) trust: Trust,
    /// Whether the store is to be written to, if it opens.
    pub(super) to_write: bool,
}

impl Edited {
    /// Checks that a memory gives out nothing but what was stored; see [`Content::check`](super::content::Content::check).
    pub(super) fn check(&self, memory: &EpisodicMemory) -> bool {
        self.base.content.check(memory, self.trust)
    }

    /// The same for a part of the episodes.
    pub(super) fn check_episodes(&self, memory: &EpisodicMemory) -> bool {
        self.base.content.check(memory, self.trust.min(Trust::Episodes))
    }

    /// The vector that was stored with an id.
    pub(super) fn vector(&self, id: EpisodeId) -> Option<HV16> {
        self.base.content.vector(id)
    }
}

/// The store that an input describes.
pub(super) fn edited(input: &mut Input<'_>) -> Edited {
    // The large ones take a hundred times as long, so most bytes mean the small one.
    let first = input.u8();
    let base = base(usize::from(first / 2).saturating_sub(128 - BASES));
    let to_write = first % 2 == 1;
    let mut edited = Edited { base, files: base.files.clone(), trust: Trust::All, to_write };
    for _ in 0..MAX_EDITS {
        if !input.has_more() {
            break;
        }
        edited.edit(input);
    }
    let is_changed = |name| edited.files.get(name) != base.files.get(name);
    if is_changed("LOCK") && is_changed("index.redb") {
        edited.trust = edited.trust.min(Trust::Episodes);
    }
    edited
}

impl Edited {
    fn edit(&mut self, input: &mut Input<'_>) {
        let kind = input.below(12);
        if kind > 7 {
            self.trust = Trust::Nothing;
            return match kind {
                8 => forge::manifest(&mut self.files, input),
                9 => forge::lock(&mut self.files, input),
                10 => forge::log(&mut self.files, input),
                _ => forge::row(&mut self.files, input),
            };
        }
        let Some(name) = self.files.keys().nth(input.below(self.files.len().max(1))).cloned() else { return };
        let Some(bytes) = self.files.get_mut(&name) else { return };
        match kind {
            0 | 1 => flip(bytes, input),
            2 => overwrite(bytes, input),
            3 => bytes.truncate(place(bytes, input)),
            4 => {
                let (len, value) = (input.below(5_000), input.u8());
                bytes.resize(bytes.len() + len, value);
            }
            5 => _ = self.files.remove(&name),
            6 => {
                if name.starts_with("log-") {
                    // Nothing tells where in the log a record was.
                    self.trust = Trust::Nothing;
                }
                copy(bytes, input);
            }
            _ => self.exchange(name, input),
        }
    }

    /// Puts the file of another store, or another file of this one, in the place of a file.
    fn exchange(&mut self, name: String, input: &mut Input<'_>) {
        let file = match input.below(2 * BASES) {
            other if other < BASES => base(other).files.get(&name).cloned(),
            _ => self.files.values().nth(input.below(self.files.len())).cloned(),
        };
        // With all files of another store it is that store, and sound.
        self.trust = Trust::Nothing;
        if let Some(file) = file {
            self.files.insert(name, file);
        }
    }
}

/// A position in a file, or its length. Low numbers are in the first pages or records, which matter most.
fn place(bytes: &[u8], input: &mut Input<'_>) -> usize {
    let number = match input.below(4) {
        0 => usize::from(input.u8()),
        1 => usize::from(input.u16()),
        2 => bytes.len().saturating_sub(usize::from(input.u8())),
        _ => input.u32() as usize,
    };
    number % (bytes.len() + 1)
}

fn flip(bytes: &mut [u8], input: &mut Input<'_>) {
    let (at, bit) = (place(bytes, input), input.below(8));
    if let Some(byte) = bytes.get_mut(at) {
        *byte ^= 1 << bit;
    }
}

/// Overwrites bytes with others, which the fuzzer does not choose: it would find those that have the right checksum.
fn overwrite(bytes: &mut [u8], input: &mut Input<'_>) {
    let (at, len, seed) = (place(bytes, input), input.below(5_000), input.u8());
    for (i, byte) in bytes.iter_mut().enumerate().skip(at).take(len) {
        *byte = match seed {
            0 => 0,
            1 => 0xff,
            seed => mixed(i as u64 ^ u64::from(seed) << 56) as u8,
        };
    }
}

/// Copies bytes of a file to another position in it.
fn copy(bytes: &mut [u8], input: &mut Input<'_>) {
    let (from, to, len) = (place(bytes, input), place(bytes, input), 1 + input.below(8_192));
    let len = len.min(bytes.len() - from.max(to));
    bytes.copy_within(from..from + len, to);
}
