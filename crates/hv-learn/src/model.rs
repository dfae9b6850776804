//! Whole models: from a table with labels to a model that predicts the labels of another table.

use std::collections::BTreeMap;
use std::ops::Range;

use hv_encode::HV16;
use hv_encode::hv_parallel::for_encoding::adaptive_map;
use hv_encode::hv_parallel::{Operation, Progress};

use crate::calibration::Calibration;
use crate::classifier::{Classifier, unless_stopped};
use crate::counts::Counts;
use crate::encoder::{Cells, Encoder, Seeded};
use crate::error::LearnError;
use crate::random::Random;
use crate::table::Table;
use crate::training::Training;
use crate::vector::{Vector as _, highest};

/// Members of an ensemble.
const MEMBERS: usize = 5;
/// Prototypes of a class, for LVQ.
const LVQ_PROTOTYPES: usize = 3;
/// The share of the examples that is held out to stop early and to calibrate.
const HELD_OUT: f64 = 0.2;
/// Examples held out, at most.
const MOST_HELD_OUT: f64 = 2_000.0;
/// Rows that are encoded at a time for a prediction.
const BLOCK: usize = 4_096;
/// What training on an example costs, in vectors of a bundle, at least.
const EXAMPLE_WORK: usize = 1_000;

/// How a model learns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// The mean of each class, as counts.
    Centroid,
    /// One prototype a class, retrained; binary for tables, counts for text.
    Perceptron,
    /// The same with several prototypes a class, which begin as clusters of its examples.
    Lvq,
    /// Five of the perceptron's models with vectors of different seeds, whose scores are averaged.
    Ensemble,
}

impl Method {
    fn members(self) -> usize {
        if self == Self::Ensemble { MEMBERS } else { 1 }
    }

    /// Whether the members count.
    fn counts(self, encoder: &Encoder) -> bool {
        encoder.is_text() || self == Self::Centroid
    }

    /// How a member learns.
    fn training(self, encoder: &Encoder, seed: u64) -> Training {
        let default = if self.counts(encoder) { Counts::TRAINING } else { HV16::TRAINING };
        let training = Training { seed, ..default };
        match self {
            Self::Centroid => training.centroid(),
            Self::Lvq => Training { prototypes: LVQ_PROTOTYPES, ..training },
            Self::Perceptron | Self::Ensemble => training,
        }
    }
}

/// A model of tables: it encodes rows, scores them for each label, and says how probable each is.
///
/// Which columns hold numbers, words or text is decided from the rows that are learned from, and so are the ends of levels.
/// The model learns from all rows. Its probabilities are calibrated by a second one, which learns without a fifth of the rows
/// (up to 2,000, of each label alike) and is asked for these.
///
/// ```
/// use hv_learn::{Column, Method, Model, Table};
///
/// let table = |shift: f64| {
///     let numbers = (0..40).map(|i| f64::from(i % 2) * 5.0 + f64::from(i) * 0.01 + shift).collect();
///     Table::new(vec![("width".into(), Column::Numbers(numbers))])
/// };
/// let labels: Vec<&str> = (0..40).map(|i| if i % 2 == 0 { "narrow" } else { "wide" }).collect();
/// let model = Model::train(&table(0.0)?, &labels, Method::Ensemble, 1)?;
/// assert_eq!(model.predict(&table(0.1)?)?, labels);
/// assert_eq!(Model::from_bytes(&model.to_bytes())?, model);
/// # Ok::<(), hv_learn::LearnError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    pub(crate) target: String,
    pub(crate) labels: Vec<String>,
    pub(crate) encoder: Encoder,
    pub(crate) seeds: Vec<u64>,
    pub(crate) members: Members,
    pub(crate) calibration: Calibration,
}

/// Classifiers, one for each seed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Members {
    Binary(Vec<Classifier<HV16>>),
    Counts(Vec<Classifier<Counts>>),
}

impl Model {
    /// Learns from rows and the label of each.
    ///
    /// A label with one row is learned from it. Where no label has five rows, none is held out; probabilities are
    /// not calibrated then. With one label alone, it is always the answer.
    ///
    /// # Errors
    ///
    /// If there are no rows, not as many labels, or a cell in a column of numbers is missing, NaN or infinite.
    pub fn train<S: AsRef<str>>(table: &Table, labels: &[S], method: Method, seed: u64) -> Result<Self, LearnError> {
        Self::train_with(table, labels, method, seed, &Progress::new())
    }

    /// [`train`](Self::train) that counts how far it is, in rows, each once for each epoch of each member; the mean of each class
    /// alone has none.
    ///
    /// # Errors
    ///
    /// As [`train`](Self::train), and [`Stopped`](LearnError::Stopped).
    pub fn train_with<S: AsRef<str>>(
        table: &Table,
        labels: &[S],
        method: Method,
        seed: u64,
        progress: &Progress,
    ) -> Result<Self, LearnError> {
        if table.rows() != labels.len() {
            return Err(LearnError::Unequal { rows: table.rows(), labels: labels.len() });
        }
        if labels.is_empty() {
            return Err(LearnError::NoExamples);
        }
        let names = in_order(labels);
        let index: BTreeMap<&str, usize> = names.iter().enumerate().map(|(i, name)| (name.as_str(), i)).collect();
        let classes: Vec<usize> = labels.iter().map(|label| index[label.as_ref()]).collect();
        let mut random = Random::new(seed);
        let seeds: Vec<u64> = (0..method.members()).map(|_| random.next()).collect();
        let (kept, held_out) = split(&classes, names.len(), &mut random);
        let fit = |encoder: Encoder, table: &Table, classes: &[usize]| {
            let calibration = Calibration::unknown();
            let members = Members::fit(&encoder, table, classes, method, &seeds, progress)?;
            let target = "label".to_owned();
            Ok(Self { target, labels: names.clone(), encoder, seeds: seeds.clone(), members, calibration })
        };
        let encoder = Encoder::fit(table)?;
        let rows = table.rows() + if held_out.is_empty() { 0 } else { kept.len() };
        let epochs = seeds.len() as u64 * u64::from(method.training(&encoder, seed).epochs);
        progress.start(rows as u64 * epochs);
        let mut model = fit(encoder, table, &classes)?;
        if !held_out.is_empty() {
            let of = |rows: &[usize]| rows.iter().map(|&row| classes[row]).collect::<Vec<usize>>();
            let some = table.select(&kept);
            let trial = fit(Encoder::fit(&some)?, &some, &of(&kept))?;
            model.calibration =
                Calibration::fit(&trial.scores(&table.select(&held_out), &Progress::new())?, &of(&held_out));
        }
        progress.finish();
        Ok(model)
    }

    /// The same model with a name for what its labels say, such as the column that they come from. It is `label` at first.
    #[must_use]
    pub fn with_target(self, name: &str) -> Self {
        Self { target: name.to_owned(), ..self }
    }

    /// What the labels say.
    #[must_use]
    pub fn target(&self) -> &str {
        &self.target
    }

    /// The labels, in order: as numbers where all are whole numbers, else as text.
    #[must_use]
    pub fn labels(&self) -> &[String] {
        &self.labels
    }

    /// How rows become vectors.
    #[must_use]
    pub fn encoder(&self) -> &Encoder {
        &self.encoder
    }

    /// What the held-out rows say about scores.
    #[must_use]
    pub fn calibration(&self) -> &Calibration {
        &self.calibration
    }

    /// The label of each row. Columns are found by name; others are ignored. A word that was not learned from is unlike all
    /// others, and a row that says nothing (a text without letters and digits) gets the first label.
    ///
    /// # Errors
    ///
    /// If a column is missing, or a cell in a column of numbers is not a finite number.
    pub fn predict(&self, table: &Table) -> Result<Vec<&str>, LearnError> {
        self.predict_with(table, &Progress::new())
    }

    /// [`predict`](Self::predict) that counts how far it is, in rows, after every 4,096.
    ///
    /// # Errors
    ///
    /// As [`predict`](Self::predict), and [`Stopped`](LearnError::Stopped).
    pub fn predict_with(&self, table: &Table, progress: &Progress) -> Result<Vec<&str>, LearnError> {
        let scores = self.scores(table, progress)?;
        Ok(scores.iter().map(|scores| self.labels[highest(scores).unwrap_or(0)].as_str()).collect())
    }

    /// The probability of each label, in the order of [`labels`](Self::labels), for each row.
    ///
    /// # Errors
    ///
    /// As [`predict`](Self::predict).
    pub fn probabilities(&self, table: &Table) -> Result<Vec<Vec<f32>>, LearnError> {
        self.probabilities_with(table, &Progress::new())
    }

    /// [`probabilities`](Self::probabilities) that counts how far it is, in rows, after every 4,096.
    ///
    /// # Errors
    ///
    /// As [`predict`](Self::predict), and [`Stopped`](LearnError::Stopped).
    pub fn probabilities_with(&self, table: &Table, progress: &Progress) -> Result<Vec<Vec<f32>>, LearnError> {
        let scores = self.scores(table, progress)?;
        Ok(scores.iter().map(|scores| self.calibration.probabilities(scores)).collect())
    }

    /// The scores of each label for each row: the mean of the members'.
    fn scores(&self, table: &Table, progress: &Progress) -> Result<Vec<Vec<f32>>, LearnError> {
        let cells = self.encoder.cells(table)?;
        let seeded: Vec<Seeded> = self.seeds.iter().map(|&seed| self.encoder.seeded(seed)).collect();
        let mut all = Vec::with_capacity(table.rows());
        progress.start(table.rows() as u64);
        for first in (0..table.rows()).step_by(BLOCK) {
            unless_stopped(progress)?;
            let rows = first..table.rows().min(first + BLOCK);
            let mut sums = vec![vec![0.0; self.labels.len()]; rows.len()];
            for (member, seeded) in seeded.iter().enumerate() {
                for (sums, scores) in sums.iter_mut().zip(self.members.scores(member, seeded, &cells, rows.clone())) {
                    sums.iter_mut().zip(scores).for_each(|(sum, score)| *sum += score);
                }
            }
            sums.iter_mut().flatten().for_each(|score| *score /= seeded.len() as f32);
            all.append(&mut sums);
            progress.advance(rows.len() as u64);
        }
        Ok(all)
    }
}

impl Members {
    fn fit(
        encoder: &Encoder,
        table: &Table,
        classes: &[usize],
        method: Method,
        seeds: &[u64],
        progress: &Progress,
    ) -> Result<Self, LearnError> {
        let cells = encoder.cells(table)?;
        let rows = 0..table.rows();
        // In parallel by member; what a member does is shared, too.
        let work = table.rows().saturating_mul(EXAMPLE_WORK);
        Ok(if method.counts(encoder) {
            let members = adaptive_map(Operation::Bundle, work, seeds.len(), 1, |member| {
                let rows = encoder.seeded(seeds[member]).counts(&cells, rows.clone());
                Classifier::train(&rows, classes, None, method.training(encoder, seeds[member]), progress)
            });
            Self::Counts(members.into_iter().collect::<Result<_, _>>()?)
        } else {
            let members = adaptive_map(Operation::Bundle, work, seeds.len(), 1, |member| {
                let rows = encoder.seeded(seeds[member]).binary(&cells, rows.clone());
                Classifier::train(&rows, classes, None, method.training(encoder, seeds[member]), progress)
            });
            Self::Binary(members.into_iter().collect::<Result<_, _>>()?)
        })
    }

    fn scores(&self, member: usize, seeded: &Seeded, cells: &[Cells<'_>], rows: Range<usize>) -> Vec<Vec<f32>> {
        match self {
            Self::Binary(members) => members[member].scores_batch(&seeded.binary(cells, rows)),
            Self::Counts(members) => members[member].scores_batch(&seeded.counts(cells, rows)),
        }
    }
}

/// The different labels: as numbers where all are whole numbers, else as text.
fn in_order<S: AsRef<str>>(labels: &[S]) -> Vec<String> {
    let mut names: Vec<String> = labels.iter().map(|label| label.as_ref().to_owned()).collect();
    names.sort_unstable();
    names.dedup();
    if names.iter().all(|name| name.parse::<i64>().is_ok()) {
        names.sort_by_key(|name| name.parse::<i64>().unwrap_or_default());
    }
    names
}

/// The rows that are kept and those that are held out: of each class the same share, rounded down. Both ascend.
fn split(classes: &[usize], count: usize, random: &mut Random) -> (Vec<usize>, Vec<usize>) {
    let share = HELD_OUT.min(MOST_HELD_OUT / classes.len() as f64);
    let mut of_class = vec![Vec::new(); count];
    classes.iter().enumerate().for_each(|(row, &class)| of_class[class].push(row));
    let (mut kept, mut held_out) = (Vec::new(), Vec::new());
    for rows in &mut of_class {
        random.shuffle(rows);
        let held = (rows.len() as f64 * share) as usize;
        held_out.extend_from_slice(&rows[..held]);
        kept.extend_from_slice(&rows[held..]);
    }
    kept.sort_unstable();
    held_out.sort_unstable();
    (kept, held_out)
}
