//! Classification by prototypes: each class is the bundle of its examples, and a vector belongs to the nearest.

use hv_parallel::{Accumulator, HV16};
use rayon::prelude::*;

/// The counters of each class while examples come in. Classes are numbered from 0.
///
/// ```
/// use hv_encode::{NgramEncoder, Prototypes};
///
/// let encoder = NgramEncoder::new(3, 1);
/// let mut languages = Prototypes::new(2);
/// encoder.accumulate("the house by the river and the mill on the hill", languages.class_mut(0))?;
/// encoder.accumulate("das Haus am Fluss und die Muehle auf dem Huegel", languages.class_mut(1))?;
/// let languages = languages.binary();
/// assert_eq!(languages.classify(&encoder.encode("and then the other")?), Some(0));
/// assert_eq!(languages.classify(&encoder.encode("und dem anderen")?), Some(1));
/// # Ok::<(), hv_encode::EncodeError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Prototypes {
    classes: Vec<Accumulator>,
}

impl Prototypes {
    /// No examples yet, of this many classes.
    #[must_use]
    pub fn new(classes: usize) -> Self {
        Self { classes: vec![Accumulator::new(); classes] }
    }

    /// Adds an example of a class.
    ///
    /// # Panics
    ///
    /// If there is no such class.
    pub fn add(&mut self, class: usize, example: &HV16) {
        self.class_mut(class).add(example);
    }

    /// The counters of a class, to add to.
    ///
    /// # Panics
    ///
    /// If there is no such class.
    pub fn class_mut(&mut self, class: usize) -> &mut Accumulator {
        let classes = self.classes.len();
        self.classes.get_mut(class).unwrap_or_else(|| panic!("there is no class {class}: there are {classes}"))
    }

    /// The prototypes as binary vectors: 256 bytes a class, found by Hamming distance.
    #[must_use]
    pub fn binary(&self) -> BinaryPrototypes {
        let majorities = self.classes.iter().map(Accumulator::majority).enumerate();
        let (classes, vectors) = majorities.filter_map(|(class, majority)| Some((class, majority?))).unzip();
        BinaryPrototypes { classes, vectors }
    }

    /// The prototypes as counters: finer than binary ones, some ten times the memory and the time.
    #[must_use]
    pub fn counters(self) -> CounterPrototypes {
        let norms = self.classes.iter().map(Accumulator::norm).collect();
        CounterPrototypes { classes: self.classes, norms }
    }
}

/// Prototypes as majorities of their examples, compared by Hamming distance.
#[derive(Clone, Debug)]
pub struct BinaryPrototypes {
    /// The classes that have examples, in order.
    classes: Vec<usize>,
    vectors: Vec<HV16>,
}

impl BinaryPrototypes {
    /// The class nearest to `query`, the lowest among equals; `None` where no class has an example.
    #[must_use]
    pub fn classify(&self, query: &HV16) -> Option<usize> {
        let nearest = hv_parallel::simd_find_most_similar(query, &self.vectors);
        nearest.map(|(index, _)| self.classes[index])
    }

    /// [`classify`](Self::classify) for many queries, on all cores where that pays.
    #[must_use]
    pub fn classify_batch(&self, queries: &[HV16]) -> Vec<Option<usize>> {
        let nearest = hv_parallel::adaptive_batch_find_most_similar(queries, &self.vectors);
        nearest.into_iter().map(|nearest| nearest.map(|(index, _)| self.classes[index])).collect()
    }
}

/// Prototypes as counters, compared by `dot / norm`: the cosine with the signed counters, up to a factor that is
/// the same for all classes.
#[derive(Clone, Debug)]
pub struct CounterPrototypes {
    classes: Vec<Accumulator>,
    norms: Vec<f64>,
}

impl CounterPrototypes {
    /// The class most similar to `query`, the lowest among equals; `None` where no class has an example.
    ///
    /// A class whose every counter is a tie has no direction, and is chosen only where there is no other.
    #[must_use]
    pub fn classify(&self, query: &HV16) -> Option<usize> {
        let mut best = None;
        for (class, (counters, &norm)) in self.classes.iter().zip(&self.norms).enumerate() {
            if counters.is_empty() {
                continue;
            }
            let cosine = if norm > 0.0 { counters.dot(query) as f64 / norm } else { f64::NEG_INFINITY };
            if best.is_none_or(|(_, highest)| cosine > highest) {
                best = Some((class, cosine));
            }
        }
        best.map(|(class, _)| class)
    }

    /// [`classify`](Self::classify) for many queries, on the threads of the current Rayon pool.
    #[must_use]
    pub fn classify_batch(&self, queries: &[HV16]) -> Vec<Option<usize>> {
        queries.par_iter().with_min_len(16).map(|query| self.classify(query)).collect()
    }
}
