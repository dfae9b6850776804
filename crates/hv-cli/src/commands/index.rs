//! `hv index`: the lines of files into a store.

use std::io::Write;

use crate::args::IndexArgs;
use crate::failure::Failure;
use crate::indexer::Indexer;
use crate::names::{bytes_of, quoted, shown};
use crate::numbers::counted;
use crate::times::Clock;
use crate::{lines, store, vocabulary};

pub fn run(args: &IndexArgs, out: &mut impl Write) -> Result<(), Failure> {
    run_by(Clock::SYSTEM, args, out)
}

fn run_by(clock: Clock, args: &IndexArgs, out: &mut impl Write) -> Result<(), Failure> {
    // A misspelt name and a wrong clock should be found before anything is stored, and before a store is made.
    clock.now()?;
    args.files.iter().try_for_each(|path| lines::check(path))?;
    let (memory, encoder, note) = store::open_to_index(&args.store, args.ngram, args.seed)?;
    vocabulary::mend(&memory)?;
    let mut indexer = Indexer::new(&memory, &encoder, note, args.tsv, &args.files, clock);
    let read = args.files.iter().try_for_each(|path| indexer.add_file(path, &bytes_of(path)));
    // What was read before a failure is stored and reported.
    let stored = indexer.store();
    indexer.finish().write(out)?;
    read.and(stored)?;
    let (store, episodes) = (bytes_of(&args.store.path), counted(memory.len() as u64, "episode"));
    let (shown, quoted) = (shown(&store), quoted(&store));
    writeln!(out, "{shown} holds {episodes}; ask it with: hv recall {quoted} \"some words\"")?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::*;
    use crate::args::StoreArg;

    #[test]
    fn a_wrong_clock_leaves_no_store() {
        let folder = tempfile::tempdir().unwrap();
        let (store, file) = (folder.path().join("made/store"), folder.path().join("a.txt"));
        std::fs::write(&file, "a line\n").unwrap();
        let args = IndexArgs { store: StoreArg::new(&store), files: vec![file], tsv: false, ngram: None, seed: None };
        let in_the_year_10000 = Clock(|| SystemTime::UNIX_EPOCH + Duration::from_secs(253_402_300_800));
        let failed = run_by(in_the_year_10000, &args, &mut Vec::new());
        assert!(matches!(&failed, Err(Failure::Failed(why)) if why.contains("the clock")), "{failed:?}");
        assert!(!folder.path().join("made").exists());
        let in_1969 = Clock(|| SystemTime::UNIX_EPOCH - Duration::from_secs(1));
        run_by(in_1969, &args, &mut Vec::new()).unwrap();
        let memory = hv_memory::EpisodicMemory::open_read_only(&store).unwrap();
        assert_eq!(memory.stats().time_span, Some((-1_000_000, -1_000_000)));
    }
}
