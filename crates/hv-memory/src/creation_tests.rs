//! A store whose creation is interrupted: nothing, or an empty store.

use std::sync::Arc;
use std::time::Duration;

use crate::common::Random;
use crate::common::history::Model;
use crate::disk::{Disk, FailingFolder, Folder, Plan, Sharing};
use crate::failure_tests::{check_after_power_loss, open};
use crate::{EpisodicMemory, MemoryError, Options, Progress};

#[test]
fn power_lost_while_the_store_is_made() {
    for sync in 0.. {
        let folder = FailingFolder::new(Plan::PowerLossAtSync(sync));
        let opened = open(&folder).is_ok();
        // Killed there, or without power.
        check_unfinished(&folder.copy());
        let mut random = Random(sync as u64);
        for _ in 0..10 {
            check_unfinished(&folder.after_power_loss(&mut |below| random.below(below as u64) as usize));
        }
        check_after_power_loss(&folder, &[&Model::default()], sync as u64, &format!("sync {sync}"));
        if opened {
            assert!(sync > 5);
            break;
        }
    }
}

/// A creation that was interrupted is no store before MANIFEST, and from there on an empty one.
fn check_unfinished(left: &FailingFolder) {
    let names = left.names().unwrap();
    let verified = Disk::verify(Arc::new(left.clone()), Duration::ZERO, &Progress::new());
    let reader = EpisodicMemory::open_folder(Arc::new(left.clone()), Sharing::Readers, &Options::new());
    if names.iter().any(|name| name == "MANIFEST") {
        assert!(verified.unwrap_or_else(|error| panic!("{names:?}: {error}")).is_sound(), "{names:?}");
        assert!(reader.unwrap_or_else(|error| panic!("{names:?}: {error}")).is_empty(), "{names:?}");
    } else {
        for error in [verified.err(), reader.err()] {
            assert!(matches!(error, Some(MemoryError::NotFound { .. })), "{names:?}: {error:?}");
        }
    }
}
