//! `hv forget`: drop episodes for good, by id or by name.

use std::collections::BTreeSet;
use std::io::Write;

use hv_memory::{Changes, EpisodeId};

use crate::args::ForgetArgs;
use crate::failure::Failure;
use crate::forgotten::Forgotten;
use crate::listing::{SHOWN, describe};
use crate::names::{bytes_of, given, shown};
use crate::numbers::counted;
use crate::record::Note;
use crate::screen::Screen;
use crate::selection::named;
use crate::store::{open_existing, open_read_only};
use crate::{files, forgotten, vocabulary};

pub fn run(args: &ForgetArgs, out: &mut impl Write) -> Result<(), Failure> {
    if args.ids.is_empty() && args.labels.is_empty() {
        return Err(Failure::usage(
            "give ids or --source FILE, --key KEY, --tag TAG; hv forget --help shows an example",
        ));
    }
    let memory = match args.dry_run {
        true => open_read_only(&args.store)?,
        false => open_existing(&args.store)?,
    };
    let snapshot = memory.snapshot();
    let mut ids: BTreeSet<EpisodeId> =
        named(&snapshot, &args.labels, &args.store.path)?.into_iter().flatten().collect();
    if ids.is_empty() && args.ids.is_empty() {
        let store = args.store.path.display();
        return Err(Failure::failed(format_args!(
            "{store} has no episode that meets all of these; nothing was forgotten"
        )));
    }
    for id in args.ids.iter().copied().map(EpisodeId) {
        if memory.get(id)?.is_none() {
            let store = args.store.path.display();
            return Err(Failure::failed(format_args!("{store} has no episode {id}; nothing was forgotten")));
        }
        ids.insert(id);
    }
    let (would, count) = (if args.dry_run { "would forget" } else { "forgot" }, counted(ids.len() as u64, "episode"));
    // Where there were other conditions, some of the file may be left.
    let only_sources = !args.labels.sources.is_empty() && args.labels.keys.is_empty() && args.labels.tags.is_empty();
    let lines = ids.iter().take(SHOWN).map(|&id| describe(&snapshot, id)).collect::<Result<Vec<_>, _>>()?;
    if !args.dry_run {
        let ids: Vec<EpisodeId> = ids.iter().copied().collect();
        vocabulary::mend(&memory)?;
        // A file that is forgotten is as new when it is indexed again. A line stays forgotten while the file has it.
        let changes = if only_sources { Changes::new() } else { forgotten::note(&memory.snapshot(), &ids)? };
        vocabulary::forget(&memory, changes, &ids)?;
        if only_sources {
            let mut note = Note::from_bytes(&memory.metadata()?);
            for source in &args.labels.sources {
                let source = source.to_str().map_or_else(|| bytes_of(source), given);
                if let Some(note) = &mut note
                    && note.files().any(|(_, name)| *name == shown(&source))
                {
                    note.remove_file(&shown(&source));
                    memory.set_metadata(&note.to_bytes()?)?;
                }
                let snapshot = memory.snapshot();
                let changes = Forgotten::of(&snapshot, &source)?.clear(Changes::new());
                memory.apply(&files::forget(&snapshot, changes, &source)?)?;
            }
        }
    }
    let screen = Screen::of_stdout();
    lines.iter().try_for_each(|line| writeln!(out, "{}", screen.cut(line)))?;
    if ids.len() > SHOWN {
        writeln!(out, "and {} more", ids.len() - SHOWN)?;
    }
    writeln!(out, "{would} {count}")?;
    Ok(())
}
