//! How prototypes are retrained: the settings, and what one example asks for.

use crate::error::LearnError;

/// When and how far an example moves prototypes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Where the nearest prototype of another class is nearer than the nearest of the right one, or not farther by the
    /// margin, the right one is moved towards the example and the other away from it, each by the learning rate.
    Perceptron,
    /// The same, each scaled by how far it is: `1 - cosine` (OnlineHD; Hernández-Cano and others, 2021).
    Online,
    /// Every prototype is moved by how wrong its share is of the probability that a softmax of the scores gives, while
    /// half of the positions are left out at random (LeHDC; Duan and others, 2022). With several prototypes a class
    /// this is robust soft LVQ (Seo and Obermayer, 2003).
    Softmax,
}

/// Settings of the training of a [`Classifier`](crate::Classifier).
///
/// `HV16::TRAINING` and `Counts::TRAINING` (of the trait [`Vector`](crate::Vector)) suit most data. Zero `epochs` make the
/// centroid classifier.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Training {
    /// When and how far an example moves prototypes.
    pub rule: Rule,
    /// Passes over all examples, 0 to 10,000. None leaves the centroids.
    pub epochs: u32,
    /// How far an example moves a prototype of length 1 in the first epoch, above 0 up to 4; falls evenly to 0 after the last.
    pub learning_rate: f32,
    /// By how much nearer the right class must be, as a difference of cosines from 0 to 2. Not used by [`Rule::Softmax`].
    pub margin: f32,
    /// The factor of scores in the softmax, above 0 up to 10,000. Not used by the other rules.
    pub sharpness: f32,
    /// Whether each batch leaves out a random half of the positions, which keeps prototypes from learning by heart.
    pub dropout: bool,
    /// Prototypes of a class, 1 to 256: the clusters of its examples, by k-means.
    pub prototypes: usize,
    /// Examples between two updates of the prototypes, 1 to 4,096.
    pub batch: usize,
    /// Epochs without a gain on held-out examples after which training stops.
    pub patience: u32,
    /// The seed of all random choices.
    pub seed: u64,
}

impl Training {
    /// Settings for binary vectors.
    pub(crate) const BINARY: Self = Self {
        rule: Rule::Softmax,
        epochs: 20,
        learning_rate: 0.5,
        margin: 0.02,
        sharpness: 100.0,
        dropout: true,
        prototypes: 1,
        batch: 64,
        patience: 10,
        seed: 0,
    };

    /// Settings for counts.
    pub(crate) const COUNTS: Self =
        Self { epochs: 6, learning_rate: 0.05, sharpness: 20.0, dropout: false, batch: 16, ..Self::BINARY };

    /// The centroid of each class, without retraining.
    #[must_use]
    pub fn centroid(self) -> Self {
        Self { epochs: 0, prototypes: 1, ..self }
    }

    /// Checks that every setting is in range.
    pub(crate) fn check(&self) -> Result<(), LearnError> {
        let setting = |name, value: String, expected| Err(LearnError::Setting { name, value, expected });
        if self.epochs > 10_000 {
            return setting("epochs", self.epochs.to_string(), "give a number from 0 to 10,000");
        }
        if !(self.learning_rate > 0.0 && self.learning_rate <= 4.0) {
            return setting("learning_rate", self.learning_rate.to_string(), "give a number above 0, up to 4");
        }
        if !(0.0..=2.0).contains(&self.margin) {
            return setting("margin", self.margin.to_string(), "give a difference of cosines, from 0 to 2");
        }
        if !(self.sharpness > 0.0 && self.sharpness <= 10_000.0) {
            return setting("sharpness", self.sharpness.to_string(), "give a number above 0, up to 10,000");
        }
        if !(1..=256).contains(&self.prototypes) {
            return setting("prototypes", self.prototypes.to_string(), "give a number from 1 to 256");
        }
        if !(1..=4_096).contains(&self.batch) {
            return setting("batch", self.batch.to_string(), "give a number from 1 to 4,096");
        }
        Ok(())
    }

    /// How far an example with these scores moves which prototypes. `owners` has the class of each prototype.
    pub(crate) fn steps(&self, scores: &[f32], owners: &[usize], class: usize, rate: f32) -> Vec<(usize, f32)> {
        match self.rule {
            Rule::Softmax => self.soft_steps(scores, owners, class, rate),
            Rule::Perceptron | Rule::Online => {
                let nearest = |right: bool| {
                    let own = (0..scores.len()).filter(|&p| (owners[p] == class) == right);
                    // `max_by` takes the last of equals; the first is meant.
                    own.rev().max_by(|&a, &b| scores[a].total_cmp(&scores[b]))
                };
                let (Some(right), Some(wrong)) = (nearest(true), nearest(false)) else { return Vec::new() };
                if scores[right] > scores[wrong] + self.margin {
                    return Vec::new();
                }
                let far = |p: usize| if self.rule == Rule::Online { (1.0 - scores[p]).clamp(0.0, 2.0) } else { 1.0 };
                vec![(right, rate * far(right)), (wrong, -rate * far(wrong))]
            }
        }
    }

    fn soft_steps(&self, scores: &[f32], owners: &[usize], class: usize, rate: f32) -> Vec<(usize, f32)> {
        /// Smaller steps are left out: most prototypes are far from an example.
        const LEAST: f32 = 0.02;
        let most = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let shares: Vec<f32> = scores.iter().map(|score| libm::expf(self.sharpness * (score - most))).collect();
        let all: f32 = shares.iter().sum();
        let own: f32 = shares.iter().zip(owners).filter(|(_, owner)| **owner == class).map(|(share, _)| share).sum();
        // Where all of the class are too far for a share, the nearest is as good as any.
        let count = owners.iter().filter(|&&owner| owner == class).count() as f32;
        let target = |p: usize| match owners[p] == class {
            true if own > 0.0 => shares[p] / own,
            true => 1.0 / count,
            false => 0.0,
        };
        let step = |p: usize| target(p) - shares[p] / all;
        (0..scores.len())
            .map(|p| (p, step(p)))
            .filter(|(_, step)| step.abs() > LEAST)
            .map(|(p, s)| (p, rate * s))
            .collect()
    }
}
