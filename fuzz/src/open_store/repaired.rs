//! Saving what is sound of a changed store.

use std::path::Path;

use hv_memory::{Changes, MemoryError, Options, Progress, Verification};

use super::edits::Edited;
use super::refused;
use crate::folders::files;

/// Saves what is sound of a store in a new one, and checks that it is what was stored. `was_read` is whether the store opens.
///
/// `room` is the folder that has the store.
pub(super) fn save(edited: &Edited, room: &Path, verified: &Result<Verification, MemoryError>, was_read: bool) {
    let path = room.join("store");
    let salvage = Options::new().salvage(&path, &Progress::new());
    assert!(files(&path) == edited.files, "what saves a store has written to it");
    let mut salvage = match salvage {
        Ok(salvage) => salvage,
        Err(error) => {
            assert!(!was_read, "what opens cannot be saved: {error}");
            return refused(&error, verified);
        }
    };
    let is_whole = salvage.damage().is_empty() && salvage.lost().is_empty() && salvage.without_vector() == 0;
    let is_sound = verified.as_ref().is_ok_and(Verification::is_sound);
    assert!(is_whole || !is_sound, "verify does not report this: {:?}, {:?}", salvage.damage(), salvage.lost());
    salvage
        .encode(false, |episodes| episodes.iter().map(|episode| edited.vector(episode.id)).collect())
        .expect("the payloads were read before");

    let (note, new) = (salvage.metadata().unwrap_or_default().to_vec(), room.join("saved"));
    let memory = match salvage.write(&new, &note, &Changes::new(), &Progress::new()) {
        Ok(memory) => memory,
        Err(error) => {
            assert!(matches!(error, MemoryError::Damaged { .. }), "not an error of a damaged store: {error}");
            assert!(!is_whole, "what is sound cannot be written: {error}");
            return assert!(!new.exists(), "half of a store was left");
        }
    };
    assert_eq!(memory.len(), salvage.episodes().count());
    let verified = memory.verify().expect("an open store can be verified");
    assert!(verified.is_sound(), "a new store is damaged: {:?}", verified.damage);
    let given_out = if is_whole { edited.check(&memory) } else { edited.check_episodes(&memory) };
    assert!(given_out, "what was saved cannot be read");
}
