//! `hv similar`: pairs of stored lines that are near-duplicates, for people or as JSON.

use std::io::Write;
use std::time::{Duration, Instant};

use hv_memory::{EpisodeId, Match};
use indicatif::HumanCount;
use serde::Serialize;

use crate::args::SimilarArgs;
use crate::failure::Failure;
use crate::index::counted;
use crate::recall::{line, micros, record};
use crate::record::Record;
use crate::show;
use crate::store::Store;

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
    let bar = show::work_bar(format!("comparing {}", counted(store.memory.len() as u64, "episode")));
    let start = Instant::now();
    let pairs = store.memory.similar_pairs_with_progress(args.min_similarity, |done, all| {
        bar.set_length(all);
        bar.set_position(done);
    })?;
    let time = start.elapsed();
    bar.finish_and_clear();
    // The distance of a pair is that of a match with the older.
    let pairs = pairs.into_iter().map(|(older, id, distance)| (older, Match { id, distance }));
    match args.json {
        true => write_json(&store, pairs, out),
        false => write_text(&store, pairs, args.min_similarity, time, out),
    }
}

fn write_json(
    store: &Store,
    mut pairs: impl Iterator<Item = (EpisodeId, Match)>,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let episode = |id: EpisodeId| Ok::<_, Failure>(JsonEpisode { id: id.0, record: record(store, id)? });
    pairs.try_for_each(|(older, found)| {
        let pair = JsonPair {
            older: episode(older)?,
            newer: episode(found.id)?,
            similarity: found.similarity().into(),
            distance: found.distance,
            z: found.z_score().into(),
        };
        let line = serde_json::to_string(&pair).map_err(Failure::failed)?;
        Ok(writeln!(out, "{line}")?)
    })
}

fn write_text(
    store: &Store,
    pairs: impl ExactSizeIterator<Item = (EpisodeId, Match)>,
    min_similarity: f32,
    time: Duration,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let (count, episodes) = (counted(pairs.len() as u64, "pair"), HumanCount(store.memory.len() as u64));
    for (older, found) in pairs {
        writeln!(out, "{:.3}  {}", found.similarity(), line(older, &record(store, older)?))?;
        writeln!(out, "       {}\n", line(found.id, &record(store, found.id)?))?;
    }
    let time = micros(time);
    writeln!(out, "found {count} of similarity {min_similarity} or more in {episodes} episodes in {time}")?;
    Ok(())
}
