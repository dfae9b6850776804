//! The classifier: prototypes that move towards their examples and away from those of others.

use hv_encode::HV16;
use hv_encode::hv_parallel::for_encoding::adaptive_map;
use hv_encode::hv_parallel::{Operation, Progress};

use crate::error::LearnError;
use crate::k_means::k_means;
use crate::random::Random;
use crate::training::Training;
use crate::vector::{ALL, Latent, MOST, UNIT, Vector, WORD, highest, mean};

/// What adding a vector to a latent costs, in vectors of a bundle.
const ADD_WORK: usize = 40;
/// Examples of a part of a batch, at least.
const GRAIN: usize = 8;
/// Words of a vector.
const WORDS: usize = HV16::DIM / WORD;

/// A classifier of vectors `V`, which are [`HV16`] or [`Counts`](crate::Counts): one prototype a class, or several.
///
/// Classes are numbered from 0. An example belongs to the class of the prototype with the highest score, the lowest class
/// among equals. The score is the cosine, for trained counts times the length of the prototype.
///
/// Without epochs the prototypes are the centroids of their classes; else [`Training`] moves them. The model is a function of
/// the examples, their order and the settings: the same for any number of threads and on every backend.
///
/// ```
/// use hv_encode::{HV16, hv_parallel::hv_simd::simd_bundle};
/// use hv_learn::{Classifier, Vector};
///
/// let centres = [HV16::random(1), HV16::random(2)];
/// let example = |i: u64| simd_bundle(&[centres[i as usize % 2], HV16::random(i + 10), HV16::random(i + 99)]).unwrap();
/// let (rows, labels): (Vec<HV16>, Vec<usize>) = (0..40).map(|i| (example(i), i as usize % 2)).unzip();
/// let model = Classifier::fit(&rows, &labels, HV16::TRAINING)?;
/// assert_eq!(model.predict(&example(41)), Some(1));
/// assert_eq!(model.predict_batch(&centres), [Some(0), Some(1)]);
/// # Ok::<(), hv_learn::LearnError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Classifier<V> {
    pub(crate) training: Training,
    pub(crate) epochs: u32,
    /// Examples of each class, as far as they were counted.
    pub(crate) examples: Vec<u64>,
    /// The class of each prototype, ascending.
    pub(crate) owners: Vec<usize>,
    pub(crate) latents: Vec<Latent>,
    prototypes: Vec<V>,
}

impl<V: Vector> Classifier<V> {
    /// Learns from examples and the class of each.
    ///
    /// A class without examples (a gap in the numbers) is never predicted. One example is enough for a class.
    ///
    /// # Errors
    ///
    /// If there are no examples, not as many labels, or a setting is out of range.
    pub fn fit(rows: &[V], labels: &[usize], training: Training) -> Result<Self, LearnError> {
        Self::train(rows, labels, None, training, &Progress::new())
    }

    /// The same with early stopping: keeps the prototypes of the epoch that classifies most of the held-out examples
    /// correctly, the first among equals, and stops after [`Training::patience`] epochs without a gain.
    ///
    /// # Errors
    ///
    /// As [`fit`](Self::fit). No held-out examples are an error, too.
    pub fn fit_with_held_out(
        rows: &[V],
        labels: &[usize],
        held_out: (&[V], &[usize]),
        training: Training,
    ) -> Result<Self, LearnError> {
        check(held_out.0, held_out.1)?;
        Self::train(rows, labels, Some(held_out), training, &Progress::new())
    }

    /// `progress` counts examples, each once an epoch.
    pub(crate) fn train(
        rows: &[V],
        labels: &[usize],
        held_out: Option<(&[V], &[usize])>,
        training: Training,
        progress: &Progress,
    ) -> Result<Self, LearnError> {
        training.check()?;
        check(rows, labels)?;
        unless_stopped(progress)?;
        let mut model = Self {
            training,
            epochs: 0,
            examples: Vec::new(),
            owners: Vec::new(),
            latents: Vec::new(),
            prototypes: Vec::new(),
        };
        model.add_classes(rows, labels);
        let (mut order, mut random) = ((0..rows.len()).collect::<Vec<_>>(), Random::new(training.seed));
        let right = |model: &Self| held_out.map_or(0, |(rows, labels)| model.count_right(rows, labels));
        let mut best = (right(&model), model.clone());
        while model.epochs < training.epochs {
            random.shuffle(&mut order);
            let rate = training.learning_rate * (1.0 - model.epochs as f32 / training.epochs as f32);
            model.epoch(rows, labels, &order, rate, &mut random, progress)?;
            model.epochs += 1;
            let now = right(&model);
            // The first epoch wins over the centroids also where both are right as often.
            if held_out.is_none() || now > best.0 || best.1.epochs == 0 && now == best.0 {
                best = (now, model.clone());
            } else if model.epochs - best.1.epochs >= training.patience {
                break;
            }
        }
        Ok(best.1)
    }

    /// Learns from more examples: centroids count them, trained prototypes make one pass over them, at the first learning
    /// rate. A class that had no examples gets prototypes from those that come now.
    ///
    /// # Errors
    ///
    /// If there are no examples, or not as many labels; the model stays as it is then.
    pub fn partial_fit(&mut self, rows: &[V], labels: &[usize]) -> Result<(), LearnError> {
        check(rows, labels)?;
        self.add_classes(rows, labels);
        if self.training.epochs > 0 {
            let mut random = Random::new(self.training.seed ^ self.examples.iter().sum::<u64>());
            let mut order: Vec<usize> = (0..rows.len()).collect();
            random.shuffle(&mut order);
            self.epoch(rows, labels, &order, self.training.learning_rate, &mut random, &Progress::new())?;
        }
        Ok(())
    }

    /// The number of classes, those without examples among them.
    #[must_use]
    pub fn classes(&self) -> usize {
        self.examples.len()
    }

    /// The epochs after which training stopped.
    #[must_use]
    pub fn epochs(&self) -> u32 {
        self.epochs
    }

    /// The prototypes, each with its class.
    pub fn prototypes(&self) -> impl ExactSizeIterator<Item = (usize, &V)> {
        self.owners.iter().copied().zip(&self.prototypes)
    }

    /// The score of each class: that of its nearest prototype. Negative infinity where a class has no examples.
    #[must_use]
    pub fn scores(&self, row: &V) -> Vec<f32> {
        let mut by_prototype = vec![0.0; self.prototypes.len()];
        row.scores_into(&self.prototypes, ALL, &mut by_prototype);
        let mut scores = vec![f32::NEG_INFINITY; self.classes()];
        for (&class, &score) in self.owners.iter().zip(&by_prototype) {
            scores[class] = scores[class].max(score);
        }
        scores
    }

    /// [`scores`](Self::scores) of many examples, on all cores where that pays.
    #[must_use]
    pub fn scores_batch(&self, rows: &[V]) -> Vec<Vec<f32>> {
        let work = rows.len().saturating_mul(self.prototypes.len());
        adaptive_map(Operation::Nearest, work, rows.len(), GRAIN, |i| self.scores(&rows[i]))
    }

    /// The class with the highest score, the lowest among equals; `None` only where there are no classes.
    #[must_use]
    pub fn predict(&self, row: &V) -> Option<usize> {
        highest(&self.scores(row))
    }

    /// [`predict`](Self::predict) for many examples, on all cores where that pays.
    #[must_use]
    pub fn predict_batch(&self, rows: &[V]) -> Vec<Option<usize>> {
        let work = rows.len().saturating_mul(self.prototypes.len());
        adaptive_map(Operation::Nearest, work, rows.len(), GRAIN, |i| self.predict(&rows[i]))
    }

    fn count_right(&self, rows: &[V], labels: &[usize]) -> usize {
        self.predict_batch(rows).into_iter().zip(labels).filter(|(answer, label)| *answer == Some(**label)).count()
    }

    /// Counts examples in, and gives prototypes to classes that have none yet.
    fn add_classes(&mut self, rows: &[V], labels: &[usize]) {
        let classes = labels.iter().max().map_or(0, |&most| most + 1).max(self.classes());
        self.examples.resize(classes, 0);
        let mut of_class = vec![Vec::new(); classes];
        labels.iter().zip(rows).for_each(|(&class, row)| of_class[class].push(row));
        for (class, rows) in of_class.into_iter().enumerate().filter(|(_, rows)| !rows.is_empty()) {
            let known = self.examples[class];
            self.examples[class] += rows.len() as u64;
            let at = self.owners.partition_point(|&owner| owner < class);
            if known == 0 {
                for latent in self.first_latents(&rows) {
                    self.owners.insert(at, class);
                    self.prototypes.insert(at, self.read(&latent));
                    self.latents.insert(at, latent);
                }
            } else if self.training.epochs == 0 {
                let mut sums = vec![0; HV16::DIM];
                rows.iter().for_each(|row| row.sum_to(&mut sums));
                let all = self.examples[class] as f64;
                for (latent, sum) in self.latents[at].iter_mut().zip(sums) {
                    *latent = ((f64::from(*latent) * known as f64 + sum as f64 * f64::from(UNIT)) / all).round() as i32;
                }
                self.prototypes[at] = self.read(&self.latents[at]);
            }
        }
    }

    /// Latents of the first examples of a class: their mean, or one for each of their clusters. Those that are to be
    /// trained have the length 1.
    fn first_latents(&self, rows: &[&V]) -> Vec<Latent> {
        let clusters: Vec<Vec<&V>> = match self.training.prototypes {
            1 => vec![rows.to_vec()],
            k => {
                let rows: Vec<V> = rows.iter().map(|&row| row.clone()).collect();
                k_means(&rows, k, self.training.seed).members
            }
            .into_iter()
            .map(|members| members.into_iter().map(|i| rows[i]).collect())
            .collect(),
        };
        clusters.iter().map(|rows| mean(rows, self.training.epochs > 0)).collect()
    }

    fn read(&self, latent: &[i32]) -> V {
        V::of(latent, self.training.epochs == 0)
    }

    /// One pass over the examples in an order.
    fn epoch(
        &mut self,
        rows: &[V],
        labels: &[usize],
        order: &[usize],
        rate: f32,
        random: &mut Random,
        progress: &Progress,
    ) -> Result<(), LearnError> {
        for batch in order.chunks(self.training.batch) {
            unless_stopped(progress)?;
            let words = if self.training.dropout { half(random) } else { ALL };
            let steps = self.steps(rows, labels, batch, words, rate);
            let mut moves: Vec<Vec<(usize, f32)>> = vec![Vec::new(); self.prototypes.len()];
            for (&row, steps) in batch.iter().zip(&steps) {
                steps.iter().for_each(|&(prototype, step)| moves[prototype].push((row, step)));
            }
            let moved: Vec<usize> = (0..moves.len()).filter(|&p| !moves[p].is_empty()).collect();
            let work = moved.iter().map(|&p| moves[p].len()).sum::<usize>().saturating_mul(ADD_WORK);
            let new = adaptive_map(Operation::Bundle, work, moved.len(), 1, |i| {
                let mut latent = self.latents[moved[i]].clone();
                for &(row, step) in &moves[moved[i]] {
                    rows[row].add_to(&mut latent, step, words);
                }
                latent.iter_mut().for_each(|value| *value = (*value).clamp(-MOST, MOST));
                let prototype = self.read(&latent);
                (latent, prototype)
            });
            for (p, (latent, prototype)) in moved.into_iter().zip(new) {
                (self.latents[p], self.prototypes[p]) = (latent, prototype);
            }
            progress.advance(batch.len() as u64);
        }
        Ok(())
    }

    /// What each example of a batch asks for.
    fn steps(&self, rows: &[V], labels: &[usize], batch: &[usize], words: u32, rate: f32) -> Vec<Vec<(usize, f32)>> {
        let kept: Vec<V>;
        let prototypes = match words {
            ALL => &self.prototypes,
            _ => {
                kept = self.prototypes.iter().map(|prototype| prototype.kept(words)).collect();
                &kept
            }
        };
        let work = batch.len().saturating_mul(prototypes.len());
        adaptive_map(Operation::Nearest, work, batch.len(), GRAIN, |i| {
            let mut scores = vec![0.0; prototypes.len()];
            match words {
                ALL => rows[batch[i]].scores_into(prototypes, words, &mut scores),
                _ => rows[batch[i]].kept(words).scores_into(prototypes, words, &mut scores),
            }
            self.training.steps(&scores, &self.owners, labels[batch[i]], rate)
        })
    }

    /// A model from its parts, as a file has them.
    pub(crate) fn from_parts(
        training: Training,
        epochs: u32,
        examples: Vec<u64>,
        owners: Vec<usize>,
        latents: Vec<Latent>,
    ) -> Self {
        let prototypes = latents.iter().map(|latent| V::of(latent, training.epochs == 0)).collect();
        Self { training, epochs, examples, owners, latents, prototypes }
    }
}

/// An error where the call was asked to end early.
pub(crate) fn unless_stopped(progress: &Progress) -> Result<(), LearnError> {
    if progress.is_stopped() { Err(LearnError::Stopped) } else { Ok(()) }
}

/// Checks that there are examples, and a label for each.
fn check<V>(rows: &[V], labels: &[usize]) -> Result<(), LearnError> {
    match (rows.len(), labels.len()) {
        (rows, labels) if rows != labels => Err(LearnError::Unequal { rows, labels }),
        (0, _) => Err(LearnError::NoExamples),
        _ => Ok(()),
    }
}

/// A random half of the words.
fn half(random: &mut Random) -> u32 {
    let mut words: [u32; WORDS] = std::array::from_fn(|w| 1 << w);
    random.shuffle(&mut words);
    words[..WORDS / 2].iter().sum()
}
