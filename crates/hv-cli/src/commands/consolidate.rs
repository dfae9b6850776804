//! `hv consolidate`: fade, drop, merge, and keep the strongest, in one step or as a dry run.

use std::io::Write;
use std::time::Duration;

use hv_memory::{ConsolidatePolicy, EpisodeId, Progress};
use indicatif::HumanCount;

use crate::args::ConsolidateArgs;
use crate::failure::Failure;
use crate::listing::{SHOWN, describe};
use crate::numbers::counted;
use crate::screen::Screen;
use crate::show;
use crate::store::{open_existing, open_read_only};
use crate::times::Clock;
use crate::vocabulary;

pub fn run(args: &ConsolidateArgs, out: &mut impl Write) -> Result<(), Failure> {
    let policy = policy(args);
    let now = Clock::SYSTEM.now()?;
    // Where nothing is asked for nothing is written either, since strengths that are written count as new.
    let nothing = policy == ConsolidatePolicy::new().without_fading().floor(0.0);
    let only_look = args.dry_run || nothing;
    let memory = match only_look {
        true => open_read_only(&args.store)?,
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
    if !only_look {
        vocabulary::mend(&memory)?;
    }
    let describe = |id: &EpisodeId| describe(&before, *id);
    write_some(out, "faded", done.faded.iter().map(describe))?;
    write_some(out, "merged", done.absorbed.iter().map(|(id, by)| Ok(format!("{} into #{by}", describe(id)?))))?;
    write_some(out, "over capacity", done.surplus.iter().map(describe))?;
    let kept = counted(done.kept as u64, "episode");
    let (faded, merged, surplus) = (done.faded.len(), done.absorbed.len(), done.surplus.len());
    let (drop, keep) = if args.dry_run { ("would drop", "would keep") } else { ("dropped", "kept") };
    for (count, why) in [(faded, "too weak"), (merged, "merged into another"), (surplus, "over capacity")] {
        if count > 0 {
            writeln!(out, "{drop} {}: {why}", HumanCount(count as u64))?;
        }
    }
    writeln!(out, "{keep} {kept}")?;
    if nothing {
        writeln!(out, "no criteria given, nothing dropped: see --half-life, --floor, --merge and --capacity")?;
    }
    Ok(())
}

/// What was asked for and nothing else: without `--half-life` nothing fades, and then nothing is too faint.
fn policy(args: &ConsolidateArgs) -> ConsolidatePolicy {
    let mut policy = ConsolidatePolicy::new();
    policy = match args.half_life.map(of_days) {
        None => policy.without_fading().floor(0.0),
        Some(None) => policy.without_fading(),
        Some(Some(half_life)) => policy.half_life(half_life),
    };
    if let Some(floor) = args.floor {
        policy = policy.floor(floor);
    }
    if let Some(similarity) = args.merge {
        policy = policy.merge(similarity);
    }
    if let Some(episodes) = args.capacity {
        policy = policy.capacity(episodes);
    }
    policy
}

/// A number of days that is more than 0, as a span that is; `None` where it is infinite, or more than a span can be.
fn of_days(days: f64) -> Option<Duration> {
    Some(Duration::try_from_secs_f64(days * 86_400.0).ok()?.max(Duration::from_nanos(1)))
}

/// Writes the first few episodes that something happened to, and how many more there are.
fn write_some(
    out: &mut impl Write,
    what: &str,
    mut episodes: impl ExactSizeIterator<Item = Result<String, Failure>>,
) -> Result<(), Failure> {
    let screen = Screen::of_stdout();
    for episode in episodes.by_ref().take(SHOWN) {
        writeln!(out, "{}", screen.cut(&format!("{what}: {}", episode?)))?;
    }
    if episodes.len() > 0 {
        writeln!(out, "{what}: {} more", episodes.len())?;
    }
    Ok(())
}
