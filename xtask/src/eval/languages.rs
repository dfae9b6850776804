//! Texts and sentences in 21 languages.

use std::path::Path;

use hv_encode::NgramEncoder;
use hv_learn::{BinaryPrototypes, CounterPrototypes, Prototypes};
use hv_parallel::HV16;

use super::data::{percent, read, read_pairs};

/// The language task: a text to learn from for each language, and sentences with the index of their language.
pub struct Languages {
    pub training: Vec<String>,
    pub sentences: Vec<String>,
    pub labels: Vec<usize>,
    pub names: Vec<String>,
}

impl Languages {
    pub fn read(folder: &Path, step: usize) -> Result<Self, Box<dyn std::error::Error>> {
        let test = folder.join("test.tsv");
        let mut names: Vec<String> = Vec::new();
        let (mut sentences, mut labels) = (Vec::new(), Vec::new());
        for (name, sentence) in read_pairs(&test)?.into_iter().step_by(step) {
            let label = names.iter().position(|known| *known == name).unwrap_or_else(|| {
                names.push(name);
                names.len() - 1
            });
            labels.push(label);
            sentences.push(sentence);
        }
        let read_training = |name: &String| read(&folder.join("train").join(format!("{name}.txt")));
        Ok(Self { training: names.iter().map(read_training).collect::<Result<_, _>>()?, sentences, labels, names })
    }

    /// Every second sentence, but those of a language.
    pub fn every_second(&self, but: &str) -> Vec<String> {
        let kept = |(_, label): &(&String, &usize)| self.names[**label] != but;
        self.sentences.iter().zip(&self.labels).step_by(2).filter(kept).map(|(sentence, _)| sentence.clone()).collect()
    }

    /// Accuracy with binary prototypes and with counters, in percent.
    pub fn accuracy(&self, encoder: &NgramEncoder) -> Result<[f64; 2], Box<dyn std::error::Error>> {
        let mut prototypes = Prototypes::new(self.training.len());
        for (class, text) in self.training.iter().enumerate() {
            encoder.accumulate(text, prototypes.class_mut(class))?;
        }
        // A sentence with nothing to encode has no language, and counts as a miss.
        let (labels, queries): (Vec<usize>, Vec<HV16>) = (self.labels.iter())
            .zip(encoder.encode_batch(&self.sentences))
            .filter_map(|(&label, query)| Some((label, query.ok()?)))
            .unzip();
        let share = |answers: Vec<Option<usize>>| {
            let right = answers.iter().zip(&labels).filter(|(answer, label)| **answer == Some(**label)).count();
            percent(right, self.sentences.len())
        };
        let (binary, counters): (BinaryPrototypes, CounterPrototypes) = (prototypes.binary(), prototypes.counters());
        Ok([share(binary.classify_batch(&queries)), share(counters.classify_batch(&queries))])
    }
}
