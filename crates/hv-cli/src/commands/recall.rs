//! `hv recall`: questions to the stored lines most like them, for people or as JSON.

use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use hv_memory::{Conditions, EpisodeId, EpisodicMemory, HV16, RecollectPolicy};
use serde::Serialize;

use crate::args::RecallArgs;
use crate::context::Context;
use crate::device::Device;
use crate::failure::{Failure, say};
use crate::json;
use crate::lines::{Content, Lines};
use crate::listing::Matches;
use crate::marks::Marks;
use crate::numbers::{counted, micros};
use crate::record::Record;
use crate::screen::Screen;
use crate::search::answer::{Answer, Found};
use crate::search::{Answers, search};
use crate::selection::named;
use crate::store::{Store, record};
use crate::times::Clock;

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
#[serde(untagged)]
enum JsonOutcome {
    Matches { matches: Vec<JsonMatch> },
    NothingClose { matches: [JsonMatch; 0], nearest: Option<JsonMatch> },
    Error { error: String },
}

#[derive(Serialize)]
struct JsonMatch {
    id: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u64>,
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    score: Option<f64>,
    similarity: f64,
    distance: u16,
    z: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<Vec<JsonLine>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<Vec<JsonLine>>,
}

/// A line around a match.
#[derive(Serialize)]
struct JsonLine {
    id: u64,
    line: u64,
    text: String,
}

pub fn run(mut args: RecallArgs, out: &mut impl Write) -> Result<(), Failure> {
    let start = Instant::now();
    let questions = match &args.batch {
        Some(path) => read_questions(path)?,
        None => vec![args.words.join(" ")],
    };
    let store = match args.recollect {
        true => Store::open_existing(&args.store)?,
        false => Store::open(&args.store)?,
    };
    let snapshot = store.memory.snapshot();
    args.filters.ids = named(&snapshot, &args.labels, &args.store.path)?;
    let searched = Device::open(args.device)?.of_snapshot(snapshot.clone())?;
    let mut answers = search(&store, &searched, &questions, args.k, args.by, &args.filters)?;
    if args.all {
        answers.answers.iter_mut().flatten().for_each(|answer| answer.is_close = true);
    }
    if args.recollect {
        recollect(&store.memory, &answers)?;
    }
    let none_close = answers.answers.iter().flatten().any(|answer| !answer.is_close);
    let mut context = Context::new(&snapshot, args.context);
    if args.json {
        write_json(&store, &questions, answers, &mut context, args.context > 0, out)?;
    } else if let ([question], [Err(_)], None) = (&questions[..], &answers.answers[..], &args.batch) {
        let wrong = format!("the question {question:?} has no letter and no digit");
        return Err(Failure::failed(format_args!("{wrong}; ask with words, such as \"let there be light\"")));
    } else {
        write_text(&store, &questions, &answers, args.batch.is_some(), &mut context, out)?;
        write_time(&store, &answers, start.elapsed(), out)?;
    }
    match args.batch {
        None if none_close => Err(Failure::NothingClose),
        _ => Ok(()),
    }
}

/// Strengthens what is shown as an answer and logs its retrieval, a durable step for each question.
fn recollect(memory: &EpisodicMemory, answers: &Answers) -> Result<(), Failure> {
    let now = Clock::SYSTEM.now()?;
    for answer in answers.answers.iter().flatten().filter(|answer| answer.is_close) {
        let shown = Conditions::new().ids(answer.found.iter().map(|found| found.nearness.id));
        // All of them are found, whatever the cue.
        memory.recollect(&HV16::ZERO, usize::MAX, &shown, &RecollectPolicy::new(), now)?;
    }
    Ok(())
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

fn write_json(
    store: &Store,
    questions: &[String],
    answers: Answers,
    context: &mut Context,
    with_context: bool,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let share = (answers.time_each().as_secs_f64() * 1e6).round() as u64;
    let mut json_match = |found: &Found| json_match(store, found, context, with_context);
    for (query, answer) in questions.iter().zip(answers.answers) {
        let (search_us, outcome) = match answer {
            Ok(Answer { found, is_close: true }) => {
                let matches = found.iter().map(&mut json_match).collect::<Result<_, _>>()?;
                (share, JsonOutcome::Matches { matches })
            }
            Ok(Answer { found, .. }) => {
                let nearest = found.first().map(&mut json_match).transpose()?;
                (share, JsonOutcome::NothingClose { matches: [], nearest })
            }
            Err(error) => (0, JsonOutcome::Error { error: error.to_string() }),
        };
        writeln!(out, "{}", json::line(&JsonAnswer { query, search_us, outcome })?)?;
    }
    Ok(())
}

fn json_match(store: &Store, found: &Found, context: &mut Context, with_context: bool) -> Result<JsonMatch, Failure> {
    let Found { nearness, score } = found;
    let record = record(store, nearness.id)?;
    let around = context.around(nearness.id, &record)?;
    let lines = |ids: Vec<EpisodeId>| ids.into_iter().map(|id| json_line(store, id)).collect::<Result<Vec<_>, _>>();
    let [before, after] = [around.before, around.after].map(lines);
    let (before, after) = (with_context.then_some(before?), with_context.then_some(after?));
    let Record { source, line, key, text } = record;
    let (source, line) = (Some(source).filter(|source| !source.is_empty()), Some(line).filter(|&line| line > 0));
    let (similarity, z) = (nearness.similarity().into(), nearness.z_score().into());
    let (id, distance) = (nearness.id.0, nearness.distance);
    Ok(JsonMatch { id, key, source, line, text, score: *score, similarity, distance, z, before, after })
}

fn json_line(store: &Store, id: EpisodeId) -> Result<JsonLine, Failure> {
    let Record { line, text, .. } = record(store, id)?;
    Ok(JsonLine { id: id.0, line, text })
}

/// Writes the matches, or that nothing is close, and what is nearest.
fn write_answer(
    matches: &Matches,
    answer: &Answer,
    context: &mut Context,
    out: &mut impl Write,
) -> Result<(), Failure> {
    match answer.found.first() {
        _ if answer.is_close => matches.write(&answer.found, context, out)?,
        Some(nearest) => {
            let nearest =
                matches.one("nothing close; nearest: ", nearest, &record(matches.store, nearest.nearness.id)?);
            writeln!(out, "{nearest}")?;
        }
        None => writeln!(out, "nothing close")?,
    }
    Ok(())
}

fn write_text(
    store: &Store,
    questions: &[String],
    answers: &Answers,
    batch: bool,
    context: &mut Context,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let screen = Screen::of_stdout();
    for (question, answer) in questions.iter().zip(&answers.answers) {
        if batch {
            writeln!(out, "{}", screen.cut(&format!("> {question}")))?;
        }
        match answer {
            Ok(answer) => write_answer(&Matches { store, screen, marks: Marks::of(question) }, answer, context, out)?,
            Err(error) => writeln!(out, "{error}")?,
        }
        if batch {
            writeln!(out)?;
        }
    }
    Ok(())
}

/// Writes how long it took in all, and how long the search took.
fn write_time(store: &Store, answers: &Answers, whole: Duration, out: &mut impl Write) -> Result<(), Failure> {
    let episodes = counted(store.memory.len() as u64, "episode");
    let (whole, search) = (micros(whole), micros(answers.time));
    match answers.answers.len() {
        1 => writeln!(out, "searched {episodes} in {whole}; the search itself took {search}")?,
        0 => writeln!(out, "there were no questions")?,
        _ => {
            let asked = counted(answers.asked() as u64, "question");
            let each = micros(answers.time_each());
            writeln!(out, "searched {episodes} for {asked} in {whole}; the search itself took {search}: {each} each")?;
        }
    }
    Ok(())
}
