//! `hv index`: the lines of files into a store.

use std::io::Write;

use crate::args::IndexArgs;
use crate::failure::Failure;
use crate::indexer::Indexer;
use crate::numbers::counted;
use crate::{lines, store};

pub fn run(args: &IndexArgs, out: &mut impl Write) -> Result<(), Failure> {
    // A misspelt name should be found before anything is stored, and before a store is made.
    args.files.iter().try_for_each(|path| lines::check(path))?;
    let (memory, encoder, note) = store::open_to_index(&args.store, args.ngram, args.seed)?;
    let mut indexer = Indexer::new(&memory, &encoder, note, args.tsv, &args.files);
    let read = args.files.iter().try_for_each(|path| indexer.add_file(path, &path.display().to_string()));
    // What was read before a failure is stored and reported.
    let stored = indexer.store();
    indexer.finish().write(out)?;
    read.and(stored)?;
    let (store, episodes) = (args.store.path.display(), counted(memory.len() as u64, "episode"));
    writeln!(out, "{store} holds {episodes}; ask it with: hv recall {store} \"some words\"")?;
    Ok(())
}
