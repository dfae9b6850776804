//! `hv compact`: give back the space of forgotten episodes.

use std::io::Write;

use indicatif::HumanBytes;

use crate::args::CompactArgs;
use crate::failure::Failure;
use crate::forget::open_existing;
use crate::index::counted;
use crate::show;

pub fn run(args: &CompactArgs, out: &mut impl Write) -> Result<(), Failure> {
    let memory = open_existing(&args.store)?;
    let (before, store) = (memory.stats(), args.store.display());
    let bar = show::bytes_bar(1);
    bar.set_message(store.to_string());
    memory.compact_with_progress(|done, all| {
        bar.set_length(all);
        bar.set_position(done);
    })?;
    bar.finish_and_clear();
    let gone = counted(before.forgotten as u64, "forgotten episode");
    let [was, is] = [before, memory.stats()].map(|stats| HumanBytes(stats.disk_bytes));
    writeln!(out, "gave back the space of {gone}: {store} takes {is} on disk, and took {was}")?;
    Ok(())
}
