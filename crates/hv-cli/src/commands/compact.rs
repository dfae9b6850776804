//! `hv compact`: give back the space of forgotten episodes.

use std::io::Write;

use hv_memory::Progress;
use indicatif::HumanBytes;

use crate::args::CompactArgs;
use crate::failure::Failure;
use crate::names::shown_path;
use crate::numbers::counted;
use crate::show;
use crate::store::{open_existing, open_read_only};
use crate::vocabulary;

pub fn run(args: &CompactArgs, out: &mut impl Write) -> Result<(), Failure> {
    let memory = open_existing(&args.store)?;
    let (before, store) = (memory.stats(), shown_path(&args.store.path));
    let (progress, bar) = (Progress::new(), show::bytes_bar(1).with_message(store.clone()));
    show::watched(&progress, &bar, || memory.compact_with(&progress))?;
    vocabulary::mend(&memory)?;
    drop(memory);
    // What hv info says from now on: the last bytes are written when the store is closed.
    let (was, is) = (before.disk_bytes, open_read_only(&args.store)?.stats().disk_bytes);
    let (done, was, is) = (outcome(before.forgotten, was, is), HumanBytes(was), HumanBytes(is));
    writeln!(out, "{done}: {store} takes {is} on disk, and took {was}")?;
    Ok(())
}

/// What came of it, from the bytes on disk before and after.
fn outcome(forgotten: usize, was: u64, is: u64) -> String {
    match forgotten {
        _ if is >= was => "there was no space to give back".to_owned(),
        0 => "nothing was forgotten; rewrote the store".to_owned(),
        _ => format!("gave back the space of {}", counted(forgotten as u64, "forgotten episode")),
    }
}

#[cfg(test)]
mod tests {
    use super::outcome;

    #[test]
    fn space_is_given_back_where_the_size_fell() {
        assert_eq!(outcome(2, 2_000, 1_999), "gave back the space of 2 forgotten episodes");
        assert_eq!(outcome(0, 2_000, 1_999), "nothing was forgotten; rewrote the store");
        for is in [2_000, 2_001] {
            assert_eq!(outcome(2, 2_000, is), "there was no space to give back");
        }
    }
}
