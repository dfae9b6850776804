//! `hv consolidate`: fade, drop, merge, and keep the strongest, in one step or as a dry run.

use std::io::Write;

use hv_memory::{ConsolidatePolicy, EpisodeId, EpisodicMemory, Progress};
use indicatif::HumanCount;

use crate::args::ConsolidateArgs;
use crate::failure::Failure;
use crate::listing::{SHOWN, describe};
use crate::numbers::counted;
use crate::show;
use crate::store::open_existing;

/// Microseconds of a day.
const DAY: f64 = 86_400e6;

pub fn run(args: &ConsolidateArgs, out: &mut impl Write) -> Result<(), Failure> {
    let policy = policy(args);
    let now = jiff::Timestamp::now().as_microsecond();
    // Where nothing is asked for nothing is written either, since strengths that are written count as new.
    let nothing = policy == ConsolidatePolicy { half_life: f64::INFINITY, floor: 0.0, merge: None, capacity: None };
    let only_look = args.dry_run || nothing;
    let memory = match only_look {
        true => EpisodicMemory::open_read_only(&args.store)?,
        false => open_existing(&args.store)?,
    };
    // What goes is shown as it was.
    let before = memory.snapshot();
    let bar = show::work_bar(format!("consolidating {}", counted(before.len() as u64, "episode")));
    let progress = Progress::new();
    let done = show::watched(&progress, &bar, || match only_look {
        true => before.plan_consolidation_with(&policy, now, &progress),
        false => memory.consolidate_with(&policy, now, &progress),
    })?;
    let describe = |id: &EpisodeId| describe(&before, *id);
    write_some(out, "faded", done.faded.iter().map(describe))?;
    write_some(out, "merged", done.absorbed.iter().map(|(id, by)| Ok(format!("{} into #{by}", describe(id)?))))?;
    write_some(out, "over capacity", done.surplus.iter().map(describe))?;
    let kept = counted(done.kept as u64, "episode");
    let [faded, merged, surplus] =
        [done.faded.len(), done.absorbed.len(), done.surplus.len()].map(|n| HumanCount(n as u64));
    let would = if args.dry_run { "would keep" } else { "kept" };
    writeln!(out, "{would} {kept}; dropped {faded} as faded, {merged} as merged, {surplus} as over capacity")?;
    if nothing {
        writeln!(out, "nothing was to be dropped: see --half-life, --floor, --merge and --capacity")?;
    }
    Ok(())
}

/// What was asked for and nothing else: without `--half-life` nothing fades, and then nothing is too faint.
fn policy(args: &ConsolidateArgs) -> ConsolidatePolicy {
    let ConsolidateArgs { half_life, floor, merge, capacity, .. } = *args;
    let usual_floor = if half_life.is_some() { ConsolidatePolicy::default().floor } else { 0.0 };
    let half_life = half_life.map_or(f64::INFINITY, |days| days * DAY);
    ConsolidatePolicy { half_life, floor: floor.unwrap_or(usual_floor), merge, capacity }
}

/// Writes the first few episodes that something happened to, and how many more there are.
fn write_some(
    out: &mut impl Write,
    what: &str,
    mut episodes: impl ExactSizeIterator<Item = Result<String, Failure>>,
) -> Result<(), Failure> {
    for episode in episodes.by_ref().take(SHOWN) {
        writeln!(out, "{what}: {}", episode?)?;
    }
    if episodes.len() > 0 {
        writeln!(out, "{what}: {} more", episodes.len())?;
    }
    Ok(())
}
