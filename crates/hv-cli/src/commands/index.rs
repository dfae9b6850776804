//! `hv index`: the lines of files, folders and streams into a store.

use std::io::Write;

use crate::args::IndexArgs;
use crate::failure::Failure;
use crate::indexer::Indexer;
use crate::indexer::how::How;
use crate::indexer::report::LeftOut;
use crate::names::{bytes_of, quoted, shown};
use crate::numbers::counted;
use crate::signals::Signals;
use crate::store::Target;
use crate::times::Clock;
use crate::walk::Inputs;

/// n-grams longer than this are hardly ever meant.
const LONG_NGRAM: usize = 8;

pub fn run(args: &IndexArgs, out: &mut impl Write) -> Result<(), Failure> {
    run_by(Clock::SYSTEM, &Signals::watch()?, args, out)
}

fn run_by(clock: Clock, signals: &Signals, args: &IndexArgs, out: &mut impl Write) -> Result<(), Failure> {
    // A misspelt name and a wrong clock should be found before anything is stored, and before a store is made.
    clock.now()?;
    let inputs = Inputs::find(&args.files, &args.store.path, !args.no_ignore, &|| signals.check())?;
    let target = Target::find(&args.store, args.ngram, args.seed, signals)?;
    let how = How { by: args.by, tsv: args.tsv, again: args.again };
    let mut indexer = Indexer::new(target, how, signals, clock)?;
    // From here on there is something to lose.
    signals.hold();
    let left_out = [(LeftOut::Store, inputs.stores), (LeftOut::Other, inputs.others)];
    let added = indexer.add_all(&inputs.files, &left_out, &inputs.failures);
    let (target, report) = indexer.finish();
    let store = bytes_of(&args.store.path);
    let (shown, quoted) = (shown(&store), quoted(&store));
    if report.is_empty() && added.is_ok() {
        let mut why = Vec::new();
        report.write_notes(&quoted, &mut why)?;
        why.extend(report.what_was_unread().unwrap_or_default().bytes());
        let why = String::from_utf8_lossy(&why);
        let why = match (why.is_empty(), inputs.files.is_empty()) {
            (true, true) => "there is no file to read".into(),
            (true, false) => "the files are empty".into(),
            _ => why,
        };
        return Err(Failure::failed(format_args!("nothing was stored: {}", why.trim_end())));
    }
    report.write(&quoted, out)?;
    added?;
    if let Some(what) = report.what_was_unread() {
        return Err(Failure::failed(format_args!("{what}; all else was read")));
    }
    if let Some(n) = args.ngram.filter(|&n| n > LONG_NGRAM) {
        let advice = "3 is usual, and 2 to 5 find words with typos";
        writeln!(out, "note: lines are alike only where {n} letters in a row are equal (--ngram {n}); {advice}")?;
    }
    let episodes = counted(target.len() as u64, "episode");
    writeln!(out, "{shown} holds {episodes}; ask it with: hv recall {quoted} \"some words\"")?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::*;
    use crate::args::StoreArg;
    use crate::units::Unit;

    #[test]
    fn a_wrong_clock_leaves_no_store() {
        let folder = tempfile::tempdir().unwrap();
        let (store, file) = (folder.path().join("made/store"), folder.path().join("a.txt"));
        std::fs::write(&file, "a line\n").unwrap();
        let args = IndexArgs {
            store: StoreArg::new(&store),
            files: vec![file],
            tsv: false,
            by: Unit::Line,
            again: false,
            no_ignore: false,
            ngram: None,
            seed: None,
        };
        let in_the_year_10000 = Clock(|| SystemTime::UNIX_EPOCH + Duration::from_secs(253_402_300_800));
        let failed = run_by(in_the_year_10000, &Signals::default(), &args, &mut Vec::new());
        assert!(matches!(&failed, Err(Failure::Failed(why)) if why.contains("the clock")), "{failed:?}");
        assert!(!folder.path().join("made").exists());
        let in_1969 = Clock(|| SystemTime::UNIX_EPOCH - Duration::from_secs(1));
        run_by(in_1969, &Signals::default(), &args, &mut Vec::new()).unwrap();
        let memory = hv_memory::EpisodicMemory::open_read_only(&store).unwrap();
        assert_eq!(memory.stats().time_span, Some((-1_000_000, -1_000_000)));
    }
}
