//! `hv forget`: drop episodes for good, by id or by source.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;

use hv_memory::{EpisodeId, EpisodicMemory};

use crate::args::ForgetArgs;
use crate::failure::Failure;
use crate::listing::{SHOWN, describe};
use crate::names::given;
use crate::numbers::counted;
use crate::record::{Note, Record};
use crate::store::{open_existing, open_read_only};
use crate::vocabulary;

pub fn run(args: &ForgetArgs, out: &mut impl Write) -> Result<(), Failure> {
    let memory = match args.dry_run {
        true => open_read_only(&args.store)?,
        false => open_existing(&args.store)?,
    };
    let mut ids: BTreeSet<EpisodeId> = BTreeSet::new();
    for id in args.ids.iter().copied().map(EpisodeId) {
        if memory.get(id)?.is_none() {
            let store = args.store.path.display();
            return Err(Failure::failed(format_args!("{store} has no episode {id}; nothing was forgotten")));
        }
        ids.insert(id);
    }
    if let Some(source) = &args.source {
        ids.extend(of_source(&memory, source, &args.store.path)?);
    }
    let (would, count) = (if args.dry_run { "would forget" } else { "forgot" }, counted(ids.len() as u64, "episode"));
    let snapshot = memory.snapshot();
    let shown = ids.iter().take(SHOWN).map(|&id| describe(&snapshot, id)).collect::<Result<Vec<_>, _>>()?;
    if !args.dry_run {
        let ids: Vec<EpisodeId> = ids.iter().copied().collect();
        vocabulary::mend(&memory)?;
        vocabulary::forget(&memory, &ids)?;
        if let (Some(source), Some(mut note)) = (&args.source, Note::from_bytes(&memory.metadata()?)) {
            note.remove_file(source);
            memory.set_metadata(&note.to_bytes()?)?;
        }
    }
    shown.iter().try_for_each(|line| writeln!(out, "{line}"))?;
    if ids.len() > SHOWN {
        writeln!(out, "and {} more", ids.len() - SHOWN)?;
    }
    writeln!(out, "{would} {count}")?;
    Ok(())
}

/// The episodes of a file.
fn of_source(memory: &EpisodicMemory, source: &str, store: &Path) -> Result<Vec<EpisodeId>, Failure> {
    let mut ids = Vec::new();
    for episode in memory.snapshot().episodes() {
        let episode = episode?;
        // Those that hv 0.1 stored have it in their record alone, and those of other programs have none.
        let is_of_it = match &episode.source {
            Some(name) => *name == given(source) || name == source.as_bytes(),
            None => Record::from_bytes(episode.id, &episode.payload).is_ok_and(|record| record.source == source),
        };
        if is_of_it {
            ids.push(episode.id);
        }
    }
    match ids.is_empty() {
        true => Err(Failure::failed(format_args!(
            "{} has no episode from {source:?}; name the file as when it was indexed, as hv recall shows it",
            store.display()
        ))),
        false => Ok(ids),
    }
}
