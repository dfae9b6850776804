//! `hv recall`: questions to the stored lines most like them, for people or as JSON.

use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use serde::Serialize;

use crate::args::RecallArgs;
use crate::failure::{Failure, say};
use crate::lines::{Content, Lines};
use crate::listing::{matched, write_matches};
use crate::numbers::{counted, micros};
use crate::record::Record;
use crate::search::answer::{Answer, Found};
use crate::search::{Answers, search};
use crate::show::on_one_line;
use crate::store::{Store, record};

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
    source: String,
    line: u64,
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    score: Option<f64>,
    similarity: f64,
    distance: u16,
    z: f64,
}

pub fn run(args: &RecallArgs, out: &mut impl Write) -> Result<(), Failure> {
    let start = Instant::now();
    let questions = match &args.batch {
        Some(path) => read_questions(path)?,
        None => vec![args.words.join(" ")],
    };
    let store = Store::open(&args.store)?;
    let mut answers = search(&store, &questions, args.k, args.by, &args.filters)?;
    if args.all {
        answers.answers.iter_mut().flatten().for_each(|answer| answer.is_close = true);
    }
    let none_close = answers.answers.iter().flatten().any(|answer| !answer.is_close);
    if args.json {
        write_json(&store, &questions, answers, out)?;
    } else if let ([question], [Err(_)], None) = (&questions[..], &answers.answers[..], &args.batch) {
        let wrong = format!("the question {question:?} has no letter and no digit");
        return Err(Failure::failed(format_args!("{wrong}; ask with words, such as \"let there be light\"")));
    } else {
        write_text(&store, &questions, &answers, args.batch.is_some(), out)?;
        write_time(&store, &answers, start.elapsed(), out)?;
    }
    match args.batch {
        None if none_close => Err(Failure::NothingClose),
        _ => Ok(()),
    }
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

fn write_json(store: &Store, questions: &[String], answers: Answers, out: &mut impl Write) -> Result<(), Failure> {
    let share = (answers.time_each().as_secs_f64() * 1e6).round() as u64;
    for (query, answer) in questions.iter().zip(answers.answers) {
        let (search_us, outcome) = match answer {
            Ok(Answer { found, is_close: true }) => {
                let matches = found.iter().map(|found| json_match(store, found)).collect::<Result<_, _>>()?;
                (share, JsonOutcome::Matches { matches })
            }
            Ok(Answer { found, .. }) => {
                let nearest = found.first().map(|found| json_match(store, found)).transpose()?;
                (share, JsonOutcome::NothingClose { matches: [], nearest })
            }
            Err(error) => (0, JsonOutcome::Error { error: error.to_string() }),
        };
        let answer = JsonAnswer { query, search_us, outcome };
        let line = serde_json::to_string(&answer).map_err(Failure::failed)?;
        writeln!(out, "{line}")?;
    }
    Ok(())
}

fn json_match(store: &Store, found: &Found) -> Result<JsonMatch, Failure> {
    let Found { nearness, score } = found;
    let Record { source, line, key, text } = record(store, nearness.id)?;
    let (similarity, z) = (nearness.similarity().into(), nearness.z_score().into());
    let (id, distance) = (nearness.id.0, nearness.distance);
    Ok(JsonMatch { id, key, source, line, text, score: *score, similarity, distance, z })
}

/// Writes the matches, or that nothing is close, and what is nearest.
fn write_answer(store: &Store, answer: &Answer, out: &mut impl Write) -> Result<(), Failure> {
    match answer.found.first() {
        _ if answer.is_close => write_matches(store, &answer.found, out)?,
        Some(nearest) => writeln!(out, "nothing close; nearest: {}", matched(store, nearest)?)?,
        None => writeln!(out, "nothing close")?,
    }
    Ok(())
}

fn write_text(
    store: &Store,
    questions: &[String],
    answers: &Answers,
    batch: bool,
    out: &mut impl Write,
) -> Result<(), Failure> {
    for (question, answer) in questions.iter().zip(&answers.answers) {
        if batch {
            writeln!(out, "> {}", on_one_line(question))?;
        }
        match answer {
            Ok(answer) => write_answer(store, answer, out)?,
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
