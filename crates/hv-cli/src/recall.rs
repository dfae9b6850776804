//! `hv recall`: questions to the stored lines most like them, for people or as JSON.

use std::io::Write;
use std::ops::Bound;
use std::path::Path;
use std::time::{Duration, Instant};

use hv_encode::EncodeError;
use hv_memory::{EpisodeId, Exactness, HV16, Match, Query};
use serde::Serialize;

use crate::args::{Filters, RecallArgs};
use crate::failure::{Failure, say};
use crate::index::counted;
use crate::lines::{Content, Lines};
use crate::record::Record;
use crate::show::on_one_line;
use crate::store::Store;

/// A question as it is printed with `--json`.
#[derive(Serialize)]
struct JsonAnswer<'a> {
    query: &'a str,
    /// The question's share of the time that the search took.
    search_us: u64,
    #[serde(flatten)]
    outcome: JsonOutcome,
}

#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum JsonOutcome {
    Matches(Vec<JsonMatch>),
    Error(String),
}

#[derive(Serialize)]
struct JsonMatch {
    id: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    source: String,
    line: u64,
    text: String,
    similarity: f64,
    distance: u16,
    z: f64,
}

/// What the search found for each question, and how long it took in all.
pub struct Answers {
    pub matches: Vec<Result<Vec<Match>, EncodeError>>,
    pub time: Duration,
}

impl Answers {
    /// How many questions were searched for: those with something to encode.
    fn asked(&self) -> usize {
        self.matches.iter().filter(|found| found.is_ok()).count()
    }

    /// The share of each of these in the time.
    fn time_each(&self) -> Duration {
        self.time / self.asked().max(1) as u32
    }
}

pub fn run(args: &RecallArgs, out: &mut impl Write) -> Result<(), Failure> {
    let questions = match &args.batch {
        Some(path) => read_questions(path)?,
        None => vec![args.words.join(" ")],
    };
    let store = Store::open(&args.store)?;
    let answers = search(&store, &questions, args.k, &args.filters)?;
    if args.json {
        return write_json(&store, &questions, answers, out);
    }
    if let ([question], [Err(_)], None) = (&questions[..], &answers.matches[..], &args.batch) {
        let wrong = format!("the question {question:?} has no letter and no digit");
        return Err(Failure::failed(format_args!("{wrong}; ask with words, such as \"let there be light\"")));
    }
    write_text(&store, &questions, &answers, args.batch.is_some(), out)
}

/// One question a line. Those that are no text are asked as an empty question, so that answers keep their order.
fn read_questions(path: &Path) -> Result<Vec<String>, Failure> {
    let mut lines = Lines::open(path)?;
    let (mut questions, mut replaced, mut refused) = (Vec::new(), 0, 0);
    while let Some(line) = lines.next()? {
        questions.push(match line.content {
            Content::Text(text) => text,
            Content::Replaced(text) => {
                replaced += 1;
                text
            }
            Content::Binary | Content::TooLong => {
                refused += 1;
                String::new()
            }
        });
    }
    if replaced > 0 {
        let questions = counted(replaced, "question");
        say(format_args!("note: replaced invalid UTF-8 by \u{fffd} in {questions}"));
    }
    if refused > 0 {
        let questions = counted(refused, "question");
        say(format_args!("note: took {questions} with a zero byte or over 1 MiB as empty"));
    }
    Ok(questions)
}

/// Asks all questions in one pass over the store.
pub fn search(store: &Store, questions: &[String], k: usize, filters: &Filters) -> Result<Answers, Failure> {
    let encoded = store.encoder.encode_batch(questions);
    let cues: Vec<HV16> = encoded.iter().filter_map(|cue| cue.ok()).collect();
    let start = Instant::now();
    let found = if filters.any() {
        let found = store.memory.recall_batch_with(&cues, &filters.apply(Query::new(HV16::ZERO).k(k)))?;
        found.into_iter().map(|recall| recall.matches).collect()
    } else {
        store.memory.recall_batch(&cues, k)?
    };
    let time = start.elapsed();
    let mut found = found.into_iter();
    let matches = encoded.into_iter().map(|cue| cue.map(|_| found.next().unwrap_or_default())).collect();
    Ok(Answers { matches, time })
}

impl Filters {
    fn any(&self) -> bool {
        let Self { min_similarity, since, before, min_valence, max_valence, min_strength, exclude, miss } = self;
        since.or(*before).is_some()
            || min_similarity.or(*min_valence).or(*max_valence).is_some()
            || min_strength.or(*miss).is_some()
            || !exclude.is_empty()
    }

    fn apply(&self, query: Query) -> Query {
        let from = self.since.map_or(Bound::Unbounded, Bound::Included);
        let to = self.before.map_or(Bound::Unbounded, Bound::Excluded);
        let mut query = query.time((from, to)).exclude(self.exclude.iter().copied().map(EpisodeId));
        if let Some(least) = self.min_similarity {
            query = query.min_similarity(least);
        }
        if self.min_valence.or(self.max_valence).is_some() {
            query = query.valence(self.min_valence.unwrap_or(-1.0)..=self.max_valence.unwrap_or(1.0));
        }
        if let Some(least) = self.min_strength {
            query = query.min_strength(least);
        }
        if let Some(probability) = self.miss {
            query = query.exactness(Exactness::Within(probability));
        }
        query
    }
}

/// The record of an episode that was found.
pub fn record(store: &Store, id: EpisodeId) -> Result<Record, Failure> {
    let episode = store.memory.get(id)?;
    let episode = episode.ok_or_else(|| Failure::failed(format_args!("episode {id} was found but is not there")))?;
    Record::from_bytes(id, &episode.payload)
}

fn write_json(store: &Store, questions: &[String], answers: Answers, out: &mut impl Write) -> Result<(), Failure> {
    let share = (answers.time_each().as_secs_f64() * 1e6).round() as u64;
    for (query, found) in questions.iter().zip(answers.matches) {
        let (search_us, outcome) = match found {
            Ok(found) => {
                let matches = found.iter().map(|found| json_match(store, found)).collect::<Result<_, _>>()?;
                (share, JsonOutcome::Matches(matches))
            }
            Err(error) => (0, JsonOutcome::Error(error.to_string())),
        };
        let answer = JsonAnswer { query, search_us, outcome };
        let line = serde_json::to_string(&answer).map_err(Failure::failed)?;
        writeln!(out, "{line}")?;
    }
    Ok(())
}

fn json_match(store: &Store, found: &Match) -> Result<JsonMatch, Failure> {
    let Record { source, line, key, text } = record(store, found.id)?;
    let (similarity, z) = (found.similarity().into(), found.z_score().into());
    Ok(JsonMatch { id: found.id.0, key, source, line, text, similarity, distance: found.distance, z })
}

fn write_text(
    store: &Store,
    questions: &[String],
    answers: &Answers,
    batch: bool,
    out: &mut impl Write,
) -> Result<(), Failure> {
    for (question, found) in questions.iter().zip(&answers.matches) {
        if batch {
            writeln!(out, "> {}", on_one_line(question))?;
        }
        match found {
            Ok(found) => write_matches(store, found, out)?,
            Err(error) => writeln!(out, "{error}")?,
        }
        if batch {
            writeln!(out)?;
        }
    }
    let (episodes, time) = (counted(store.memory.len() as u64, "episode"), answers.time);
    match questions.len() {
        1 => writeln!(out, "searched {episodes} in {}", micros(time))?,
        0 => writeln!(out, "there were no questions")?,
        _ => {
            let asked = counted(answers.asked() as u64, "question");
            let (time, each) = (micros(time), micros(answers.time_each()));
            writeln!(out, "searched {episodes} for {asked} in {time}: {each} each")?;
        }
    }
    Ok(())
}

/// Writes a line a match: similarity, z-score, id, source, key and text.
pub fn write_matches(store: &Store, found: &[Match], out: &mut impl Write) -> Result<(), Failure> {
    if found.is_empty() {
        writeln!(out, "no match")?;
    }
    for found in found {
        let (similarity, z) = (found.similarity(), found.z_score());
        writeln!(out, "{similarity:.3}  z {z:>4.1}  {}", line(found.id, &record(store, found.id)?))?;
    }
    Ok(())
}

/// An episode on a line: id, source, key and text.
pub fn line(id: EpisodeId, record: &Record) -> String {
    let Record { source, line, key, text } = record;
    let key = key.as_ref().map(|key| format!("  [{key}]")).unwrap_or_default();
    on_one_line(&format!("#{id}  {source}:{line}{key}  {text}"))
}

/// A time in the unit that suits it.
pub fn micros(time: Duration) -> String {
    let us = time.as_secs_f64() * 1e6;
    match us {
        ..100.0 => format!("{us:.1} us"),
        ..10_000.0 => format!("{us:.0} us"),
        ..1e6 => format!("{:.1} ms", us / 1e3),
        _ => format!("{:.2} s", us / 1e6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_is_shared_by_the_questions_that_were_asked() {
        let answers = |matches| Answers { matches, time: Duration::from_micros(12) };
        let some = answers(vec![Ok(Vec::new()), Err(EncodeError::Empty), Ok(Vec::new()), Ok(Vec::new())]);
        assert_eq!((some.asked(), some.time_each()), (3, Duration::from_micros(4)));
        let none = answers(vec![Err(EncodeError::Empty)]);
        assert_eq!((none.asked(), none.time_each()), (0, Duration::from_micros(12)));
    }
}
