//! Scores that mean something: probabilities, and sets of classes with a stated coverage.

use crate::error::LearnError;
use crate::vector::highest;

/// What held-out examples say about scores: the factor by which they become probabilities, and how often which
/// probability was given to the right class.
///
/// Probabilities are the softmax of the scores times a factor, the one under which the held-out labels are most likely
/// (temperature scaling; Guo and others, 2017). Sets of classes are split-conformal (Vovk and others): for new examples of the
/// same kind the set has the right class with at least the coverage asked for, on average over held-out parts.
///
/// ```
/// use hv_learn::Calibration;
///
/// // Scores of four held-out examples for two classes, and their classes.
/// let scores = [vec![0.9, 0.1], vec![0.8, 0.3], vec![0.2, 0.7], vec![0.4, 0.6]];
/// let calibration = Calibration::fit(&scores, &[0, 0, 1, 1]);
/// let probabilities = calibration.probabilities(&[0.9, 0.1]);
/// assert!(probabilities[0] > 0.9);
/// assert_eq!(calibration.classes(&probabilities, 0.5)?, [0]);    // enough for every second example
/// # Ok::<(), hv_learn::LearnError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Calibration {
    pub(crate) factor: f32,
    /// 1 less the probability of the right class, for each held-out example, ascending.
    pub(crate) misses: Vec<f32>,
}

impl Calibration {
    /// Calibrates by the scores of held-out examples and their classes. Examples of classes without a score are left out.
    #[must_use]
    pub fn fit(scores: &[Vec<f32>], labels: &[usize]) -> Self {
        let known: Vec<(&[f32], usize)> = (scores.iter().map(Vec::as_slice).zip(labels.iter().copied()))
            .filter(|(scores, label)| scores.get(*label).is_some_and(|score| score.is_finite()))
            .collect();
        let loss = |factor: f32| -> f64 {
            known.iter().map(|(scores, label)| -f64::from(softmax(scores, factor)[*label].max(1e-30)).ln()).sum()
        };
        // Steps of a fourth root of two, from 1 to 4,096.
        let factors = (0..=48).map(|step| libm::exp2f(step as f32 / 4.0));
        let best = factors.map(|factor| (loss(factor), factor)).min_by(|a, b| a.0.total_cmp(&b.0));
        let factor = best.filter(|_| !known.is_empty()).map_or(Self::unknown().factor, |(_, factor)| factor);
        let mut misses: Vec<f32> = known.iter().map(|(scores, label)| 1.0 - softmax(scores, factor)[*label]).collect();
        misses.sort_by(f32::total_cmp);
        Self { factor, misses }
    }

    /// Without held-out examples: a factor that is usual, and sets of all classes.
    pub(crate) fn unknown() -> Self {
        Self { factor: 16.0, misses: Vec::new() }
    }

    /// The number of held-out examples.
    #[must_use]
    pub fn held_out(&self) -> usize {
        self.misses.len()
    }

    /// The probability of each class, from its scores; they sum to 1.
    #[must_use]
    pub fn probabilities(&self, scores: &[f32]) -> Vec<f32> {
        softmax(scores, self.factor)
    }

    /// The classes that an example may have: the right one is among them for at least the share `coverage` of examples,
    /// above 0 and below 1. Ascending. The most probable class is always among them, and where there were too
    /// few held-out examples for the coverage (fewer than `coverage / (1 - coverage)`), all are.
    ///
    /// # Errors
    ///
    /// If the coverage is out of range.
    pub fn classes(&self, probabilities: &[f32], coverage: f64) -> Result<Vec<usize>, LearnError> {
        if !(coverage > 0.0 && coverage < 1.0) {
            let expected = "give a number above 0 and below 1";
            return Err(LearnError::Setting { name: "coverage", value: coverage.to_string(), expected });
        }
        let rank = ((self.misses.len() + 1) as f64 * coverage).ceil() as usize;
        let most = self.misses.get(rank - 1).copied().unwrap_or(f32::INFINITY);
        let top = highest(probabilities);
        let may = |&class: &usize| 1.0 - probabilities[class] <= most || Some(class) == top;
        Ok((0..probabilities.len()).filter(may).collect())
    }
}

/// Shares that sum to 1. Where no score is finite, all are equal.
fn softmax(scores: &[f32], factor: f32) -> Vec<f32> {
    let most = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    if !most.is_finite() {
        return vec![1.0 / scores.len() as f32; scores.len()];
    }
    let parts: Vec<f32> = scores.iter().map(|score| libm::expf(factor * (score - most))).collect();
    let sum: f32 = parts.iter().sum();
    parts.into_iter().map(|part| part / sum).collect()
}
