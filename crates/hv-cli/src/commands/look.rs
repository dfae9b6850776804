//! `hv list`, `hv get` and `hv sources`: what is in a store.

use std::io::Write;

use hv_memory::{Episode, EpisodeId};
use indicatif::HumanCount;
use serde::Serialize;

use crate::args::{GetArgs, ListArgs, SourcesArgs};
use crate::escape;
use crate::failure::Failure;
use crate::json;
use crate::listing::{JsonEpisode, of_episode};
use crate::screen::Screen;
use crate::selection;
use crate::store::{open_read_only, record_of};

pub fn list(args: &ListArgs, out: &mut impl Write) -> Result<(), Failure> {
    let (memory, screen) = (open_read_only(&args.store)?, Screen::of_stdout());
    for episode in memory.snapshot().episodes() {
        let episode = episode?;
        match args.json {
            true => writeln!(out, "{}", json::line(&JsonEpisode::of(&episode))?)?,
            false => writeln!(out, "{}", screen.cut(&of_episode(&episode)))?,
        }
    }
    Ok(())
}

pub fn get(args: &GetArgs, out: &mut impl Write) -> Result<(), Failure> {
    if args.ids.is_empty() && args.key.is_none() {
        return Err(Failure::usage("give an id or --key KEY; hv get --help shows an example"));
    }
    let (snapshot, store) = (open_read_only(&args.store)?.snapshot(), args.store.path.display());
    let ids: Vec<EpisodeId> = match &args.key {
        Some(key) => selection::of_keys(&snapshot, std::slice::from_ref(key))?.into_iter().collect(),
        None => args.ids.iter().copied().map(EpisodeId).collect(),
    };
    if let (Some(key), []) = (&args.key, &ids[..]) {
        let key = escape::on_one_line(key);
        return Err(Failure::failed(format_args!(
            "{store} has no episode with the key \"{key}\"; hv list shows each key in brackets"
        )));
    }
    // All are looked for before one is printed.
    let found = |&id: &EpisodeId| {
        let found = snapshot.get(id)?;
        found.ok_or_else(|| Failure::failed(format_args!("{store} has no episode {id}; hv list shows what it has")))
    };
    let episodes: Vec<Episode> = ids.iter().map(found).collect::<Result<_, _>>()?;
    for episode in &episodes {
        match args.json {
            true => writeln!(out, "{}", json::line(&JsonEpisode::of(episode))?)?,
            false => writeln!(out, "{}", escape::on_lines(&record_of(episode)?.text))?,
        }
    }
    Ok(())
}

/// A source as it is printed with `--json`.
#[derive(Serialize)]
struct JsonSource {
    source: Option<String>,
    lines: u64,
}

pub fn sources(args: &SourcesArgs, out: &mut impl Write) -> Result<(), Failure> {
    let sources = selection::sources(&open_read_only(&args.store)?.snapshot())?;
    let screen = Screen::of_stdout();
    let width = sources.iter().map(|(_, lines)| HumanCount(*lines).to_string().len()).max().unwrap_or_default();
    for (source, lines) in sources {
        if args.json {
            writeln!(out, "{}", json::line(&JsonSource { source, lines })?)?;
            continue;
        }
        let source = source.unwrap_or_else(|| "(no source)".to_owned());
        let unit = if lines == 1 { "line" } else { "lines" };
        let count = HumanCount(lines).to_string();
        writeln!(out, "{}", screen.cut(&format!("{count:>width$} {unit:<5}  {source}")))?;
    }
    Ok(())
}
