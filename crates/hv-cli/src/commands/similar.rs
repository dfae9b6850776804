//! `hv similar`: pairs of stored lines that are near-duplicates, for people or as JSON.

use std::io::Write;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use hv_memory::{EpisodeId, Match, Progress};
use indicatif::HumanCount;
use serde::Serialize;

use crate::args::SimilarArgs;
use crate::failure::Failure;
use crate::listing::line;
use crate::numbers::{counted, micros};
use crate::record::Record;
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
    let write = |pairs: &[(EpisodeId, EpisodeId, u16)]| {
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
    let visit = || snapshot.visit_similar_pairs(args.min_similarity, &progress, write);
    if let ControlFlow::Break(failure) = show::watched(&progress, &bar, visit)? {
        return Err(failure);
    }
    let time = micros(start.elapsed() - writing);
    if !args.json {
        let (count, episodes, least) = (counted(count, "pair"), HumanCount(episodes), args.min_similarity);
        writeln!(out, "found {count} of similarity {least} or more in {episodes} episodes in {time}")?;
    }
    Ok(())
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
    let line = serde_json::to_string(&pair).map_err(Failure::failed)?;
    Ok(writeln!(out, "{line}")?)
}

fn write_text(store: &Store, older: EpisodeId, found: &Match, out: &mut impl Write) -> Result<(), Failure> {
    writeln!(out, "{:.3}  {}", found.similarity(), line(older, &record(store, older)?))?;
    Ok(writeln!(out, "       {}\n", line(found.id, &record(store, found.id)?))?)
}
