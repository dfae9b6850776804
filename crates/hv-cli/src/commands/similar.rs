//! `hv similar`: pairs of stored lines that are near-duplicates, for people or as JSON.

use std::collections::{BTreeMap, HashMap};
use std::io::Write;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use hv_memory::{EpisodeId, Match, Progress};
use indicatif::HumanCount;
use serde::Serialize;

use crate::args::SimilarArgs;
use crate::failure::Failure;
use crate::json;
use crate::listing::line;
use crate::numbers::{counted, micros};
use crate::record::Record;
use crate::screen::Screen;
use crate::show;
use crate::store::{Store, record};

/// A pair as it is printed with `--json`.
#[derive(Serialize)]
struct JsonPair {
    older: JsonEpisode,
    newer: JsonEpisode,
    similarity: f64,
    distance: u16,
    z: f64,
}

#[derive(Serialize)]
struct JsonEpisode {
    id: u64,
    #[serde(flatten)]
    record: Record,
}

pub fn run(args: &SimilarArgs, out: &mut impl Write) -> Result<(), Failure> {
    let store = Store::open(&args.store)?;
    let episodes = store.memory.len() as u64;
    let bar = show::work_bar(format!("comparing {}", counted(episodes, "episode")));
    let (start, mut writing, mut count) = (Instant::now(), Duration::ZERO, 0);
    let mut groups = Groups::default();
    let visit = |pairs: &[(EpisodeId, EpisodeId, u16)]| {
        if !args.pairs {
            pairs.iter().for_each(|&(older, newer, distance)| groups.link(older, newer, distance));
            return ControlFlow::Continue(());
        }
        let begin = Instant::now();
        count += pairs.len() as u64;
        let written = bar.suspend(|| write_pairs(&store, pairs, args.json, out));
        writing += begin.elapsed();
        match written {
            Ok(()) => ControlFlow::Continue(()),
            Err(failure) => ControlFlow::Break(failure),
        }
    };
    let (progress, snapshot) = (Progress::new(), store.memory.snapshot());
    let visit_all = || snapshot.visit_similar_pairs(args.min_similarity, &progress, visit);
    if let ControlFlow::Break(failure) = show::watched(&progress, &bar, visit_all)? {
        return Err(failure);
    }
    let time = micros(start.elapsed() - writing);
    let found = match args.pairs {
        true => counted(count, "pair"),
        false => counted(groups.write(&store, args.json, out)?, "group"),
    };
    if !args.json {
        let (episodes, least) = (HumanCount(episodes), args.min_similarity);
        writeln!(out, "found {found} of similarity {least} or more in {episodes} episodes in {time}")?;
    }
    Ok(())
}

/// Near-duplicates of an older line: the one that each is most like, the oldest of those, and how far that is.
#[derive(Default)]
struct Groups(BTreeMap<EpisodeId, (u16, EpisodeId)>);

impl Groups {
    fn link(&mut self, older: EpisodeId, newer: EpisodeId, distance: u16) {
        let link = self.0.entry(newer).or_insert((distance, older));
        *link = (*link).min((distance, older));
    }

    /// The lines that lead to the same oldest one, in order of that, each with what it is most like.
    fn in_order(&self) -> BTreeMap<EpisodeId, Vec<(EpisodeId, Match)>> {
        let mut oldest: HashMap<EpisodeId, EpisodeId> = HashMap::new();
        let mut groups: BTreeMap<_, Vec<_>> = BTreeMap::new();
        // In order of the lines, so that what is older was seen.
        for (&newer, &(distance, older)) in &self.0 {
            let first = oldest.get(&older).copied().unwrap_or(older);
            oldest.insert(newer, first);
            groups.entry(first).or_default().push((older, Match::new(newer, distance)));
        }
        groups
    }

    /// Writes each group, and returns how many there are.
    fn write(&self, store: &Store, json: bool, out: &mut impl Write) -> Result<u64, Failure> {
        let (groups, screen) = (self.in_order(), Screen::of_stdout());
        let shown = |id: EpisodeId| Ok::<_, Failure>(line(id, &record(store, id)?));
        for (oldest, others) in &groups {
            if json {
                others.iter().try_for_each(|(older, found)| write_json(store, *older, found, out))?;
                continue;
            }
            writeln!(out, "{}", screen.cut(&format!("       {}", shown(*oldest)?)))?;
            for (_, found) in others {
                writeln!(out, "{}", screen.cut(&format!("{:.3}  {}", found.similarity(), shown(found.id)?)))?;
            }
            writeln!(out)?;
        }
        Ok(groups.len() as u64)
    }
}

/// Writes some pairs to where they are read, so that they are there while the next ones are looked for.
fn write_pairs(
    store: &Store,
    pairs: &[(EpisodeId, EpisodeId, u16)],
    json: bool,
    out: &mut impl Write,
) -> Result<(), Failure> {
    for &(older, id, distance) in pairs {
        // The distance of a pair is that of a match with the older.
        let found = Match::new(id, distance);
        match json {
            true => write_json(store, older, &found, out)?,
            false => write_text(store, older, &found, out)?,
        }
    }
    Ok(out.flush()?)
}

fn write_json(store: &Store, older: EpisodeId, found: &Match, out: &mut impl Write) -> Result<(), Failure> {
    let episode = |id: EpisodeId| Ok::<_, Failure>(JsonEpisode { id: id.0, record: record(store, id)? });
    let pair = JsonPair {
        older: episode(older)?,
        newer: episode(found.id)?,
        similarity: found.similarity().into(),
        distance: found.distance,
        z: found.z_score().into(),
    };
    Ok(writeln!(out, "{}", json::line(&pair)?)?)
}

fn write_text(store: &Store, older: EpisodeId, found: &Match, out: &mut impl Write) -> Result<(), Failure> {
    let (screen, first) = (Screen::of_stdout(), line(older, &record(store, older)?));
    writeln!(out, "{}", screen.cut(&format!("{:.3}  {first}", found.similarity())))?;
    let second = line(found.id, &record(store, found.id)?);
    Ok(writeln!(out, "{}\n", screen.cut(&format!("       {second}")))?)
}
