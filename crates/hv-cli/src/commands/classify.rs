//! `hv classify`: labels of tables and texts, learned and predicted.

mod data;
mod errors;
mod npy;
mod tables;

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::Path;

use hv_learn::{Confusion, Method, Model};
use serde::Serialize;

use self::data::{Data, Labels};
use self::errors::{cannot_read, in_file};
use crate::args::{ClassifyArgs, ClassifyCommand, EvalArgs, MethodArg, PredictArgs, TrainArgs};
use crate::escape::on_one_line;
use crate::failure::{Failure, say};
use crate::numbers::counted;

/// Labels that a note lists, at most.
const LISTED: usize = 5;
/// Characters of a label in a note, at most.
const LONGEST_SHOWN: usize = 40;

/// What `eval --json` prints.
#[derive(Serialize)]
struct JsonEvaluation<'a> {
    accuracy: f64,
    n: u64,
    unseen: u64,
    labels: &'a [String],
    confusion: &'a [Vec<u64>],
}

pub fn run(args: &ClassifyArgs, out: &mut impl Write) -> Result<(), Failure> {
    match &args.command {
        ClassifyCommand::Train(args) => train(args),
        ClassifyCommand::Predict(args) => predict(args, out),
        ClassifyCommand::Eval(args) => eval(args, out),
    }
}

fn train(args: &TrainArgs) -> Result<(), Failure> {
    check_is_no_other_file(&args.model)?;
    let data = Data::read(&args.data.file, Labels::of(&args.data, None))?;
    let labels = data.labels()?;
    let method = match args.method {
        MethodArg::Centroid => Method::Centroid,
        MethodArg::Perceptron => Method::Perceptron,
        MethodArg::Lvq => Method::Lvq,
        MethodArg::Ensemble => Method::Ensemble,
    };
    say(format_args!("learning from {}", counted(data.table.rows() as u64, "row")));
    warn_of_many_labels(labels);
    let model =
        Model::train(&data.table, labels, method, args.seed).map_err(|error| in_file(&args.data.file, &error))?;
    let model = model.with_target(&data.target);
    say(format_args!("encoder: {}", model.encoder()));
    let held_out = model.calibration().held_out() as u64;
    say(format_args!("{}; calibrated by {}", counted(model.labels().len() as u64, "label"), counted(held_out, "row")));
    save(&args.model, &model.to_bytes())
}

fn predict(args: &PredictArgs, out: &mut impl Write) -> Result<(), Failure> {
    let model = load(&args.model)?;
    let data = Data::read(&args.file, Labels::Ignored { text_alone: model.encoder().is_text() })?;
    for label in model.predict(&data.table).map_err(|error| in_file(&args.file, &error))? {
        writeln!(out, "{label}")?;
    }
    Ok(())
}

fn eval(args: &EvalArgs, out: &mut impl Write) -> Result<(), Failure> {
    let model = load(&args.model)?;
    let data = Data::read(&args.data.file, Labels::of(&args.data, Some(model.target())))?;
    let labels = data.labels()?;
    let answers = model.predict(&data.table).map_err(|error| in_file(&args.data.file, &error))?;
    let mut confusion = Confusion::new(model.labels());
    labels.iter().zip(answers).for_each(|(label, answer)| confusion.add(label, answer));
    let path = args.data.file.display();
    let accuracy =
        confusion.accuracy().ok_or_else(|| Failure::failed(format_args!("{path} has no rows to evaluate")))?;
    let unseen = labels.iter().filter(|label| !model.labels().contains(label)).count() as u64;
    if unseen > 0 {
        let new = listed(&confusion.labels()[model.labels().len()..]);
        say(format_args!(
            "note: {} with labels that the model has never seen, which count as wrong: {new}",
            counted(unseen, "row")
        ));
    }
    if let Some(plot) = &args.plot {
        fs::write(plot, confusion.to_svg())
            .map_err(|error| Failure::failed(format_args!("cannot write {}: {error}", plot.display())))?;
    }
    if args.json {
        let (n, labels, confusion) = (confusion.n(), confusion.labels(), confusion.counts());
        let line = serde_json::to_string(&JsonEvaluation { accuracy, n, unseen, labels, confusion });
        return Ok(writeln!(out, "{}", line.map_err(Failure::failed)?)?);
    }
    writeln!(out, "accuracy {:.1}% of {}\n", 100.0 * accuracy, counted(confusion.n(), "row"))?;
    Ok(write!(out, "{confusion}")?)
}

/// Notes that the column may be the wrong one, where nearly all labels are different.
fn warn_of_many_labels(labels: &[String]) {
    let different = labels.iter().collect::<BTreeSet<_>>().len();
    if labels.len() >= 20 && 2 * different > labels.len() {
        let (different, first) = (counted(different as u64, "different label"), shown(&labels[0]));
        say(format_args!(
            "note: {different}, such as {first}: is this the column of the labels? (.csv: the last, or --label COLUMN; .tsv: the last)"
        ));
    }
}

/// The first few labels, and how many more there are.
fn listed(labels: &[String]) -> String {
    let first: Vec<_> = labels.iter().take(LISTED).map(|label| shown(label)).collect();
    match labels.len().saturating_sub(LISTED) {
        0 => first.join(", "),
        more => format!("{} and {} more", first.join(", "), more),
    }
}

/// A label, or as much of it as a line has room for.
fn shown(label: &str) -> String {
    match label.char_indices().nth(LONGEST_SHOWN) {
        None => on_one_line(label),
        Some((end, _)) => format!("{}...", on_one_line(&label[..end])),
    }
}

fn load(path: &Path) -> Result<Model, Failure> {
    let bytes = fs::read(path).map_err(|error| cannot_read(path, &error))?;
    Model::from_bytes(&bytes).map_err(|error| in_file(path, &error))
}

/// Refuses to replace anything but a model: the order of the two files is easily mistaken.
fn check_is_no_other_file(path: &Path) -> Result<(), Failure> {
    match fs::read(path) {
        Ok(bytes) if Model::is_model(&bytes) => Ok(()),
        Ok(_) => {
            let path = path.display();
            Err(Failure::failed(format_args!("{path} is there and no model; give the model another name")))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(cannot_read(path, &error)),
    }
}

/// Writes a file next to the old one and puts it in its place, so that no half of a model is ever read.
fn save(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    fs::write(&part, bytes)
        .and_then(|()| fs::rename(&part, path))
        .map_err(|error| Failure::failed(format_args!("cannot write {}: {error}", path.display())))
}
