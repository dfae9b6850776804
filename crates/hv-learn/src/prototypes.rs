//! Classification by prototypes: each class is the bundle of its examples, and a vector belongs to the nearest.

use std::collections::BTreeMap;

use hv_encode::hv_parallel::for_encoding::adaptive_map;
use hv_encode::hv_parallel::hv_simd::{simd_find_most_similar, simd_find_top_k};
use hv_encode::hv_parallel::{self, Operation};
use hv_encode::{Accumulator, HV16};

/// What a product of counters and a vector costs besides its distances, in distances.
const DOT_WORK: usize = 8;

/// Queries of a part of a batch, at least.
const QUERY_GRAIN: usize = 4;

/// The counters of each class while examples come in. Classes are numbered from 0.
///
/// ```
/// use hv_encode::NgramEncoder;
/// use hv_learn::Prototypes;
///
/// let encoder = NgramEncoder::new(3, 1);
/// let mut languages = Prototypes::new(2);
/// encoder.accumulate("the house by the river and the mill on the hill", languages.class_mut(0))?;
/// encoder.accumulate("das Haus am Fluss und die Muehle auf dem Huegel", languages.class_mut(1))?;
/// let languages = languages.binary();
/// let ranked = languages.rank(&encoder.encode("and then the other")?, 2);
/// assert_eq!(ranked[0].0, 0);
/// assert!(ranked[0].1 - ranked[1].1 > 0.02, "the margin");
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

    /// The counters of each class, in order, for example to save them. [`Prototypes`] can be collected from them again.
    #[must_use]
    pub fn classes(&self) -> &[Accumulator] {
        &self.classes
    }

    /// The prototypes as binary vectors: 256 bytes a class, found by Hamming distance.
    #[must_use]
    pub fn binary(&self) -> BinaryPrototypes {
        let majorities = self.classes.iter().map(Accumulator::majority).enumerate();
        majorities.filter_map(|(class, majority)| Some((class, majority?))).collect()
    }

    /// The prototypes as counters: finer than binary ones, some ten times the memory and the time.
    #[must_use]
    pub fn counters(self) -> CounterPrototypes {
        let norms = self.classes.iter().map(Accumulator::norm).collect();
        CounterPrototypes { classes: self.classes, norms }
    }
}

/// Classes in order, from the counters of each.
impl FromIterator<Accumulator> for Prototypes {
    fn from_iter<I: IntoIterator<Item = Accumulator>>(classes: I) -> Self {
        Self { classes: classes.into_iter().collect() }
    }
}

/// Prototypes as majorities of their examples, compared by Hamming distance.
///
/// They can be taken out, to be stored, and collected again:
///
/// ```
/// use hv_encode::HV16;
/// use hv_learn::{BinaryPrototypes, Prototypes};
///
/// let mut trained = Prototypes::new(2);
/// trained.add(1, &HV16::random(7));
/// let trained = trained.binary();
/// let stored: Vec<(usize, HV16)> = trained.iter().map(|(class, vector)| (class, *vector)).collect();
/// assert_eq!(stored, [(1, HV16::random(7))]);
/// assert_eq!(stored.into_iter().collect::<BinaryPrototypes>(), trained);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BinaryPrototypes {
    /// The classes that have examples, in order.
    classes: Vec<usize>,
    vectors: Vec<HV16>,
}

/// Classes in any order; of one that comes twice the last vector counts.
impl FromIterator<(usize, HV16)> for BinaryPrototypes {
    fn from_iter<I: IntoIterator<Item = (usize, HV16)>>(prototypes: I) -> Self {
        let in_order: BTreeMap<usize, HV16> = prototypes.into_iter().collect();
        let (classes, vectors) = in_order.into_iter().unzip();
        Self { classes, vectors }
    }
}

impl BinaryPrototypes {
    /// The classes that have examples, in order, each with its vector.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (usize, &HV16)> {
        self.classes.iter().copied().zip(&self.vectors)
    }

    /// The `k` classes nearest to `query` with their similarities, the nearest first and the lower among equals; fewer
    /// where fewer have examples. How far the first lies before the second says how sure the answer is.
    #[must_use]
    pub fn rank(&self, query: &HV16, k: usize) -> Vec<(usize, f32)> {
        self.named(simd_find_top_k(query, &self.vectors, k))
    }

    /// [`rank`](Self::rank) for many queries, on all cores where that pays.
    #[must_use]
    pub fn rank_batch(&self, queries: &[HV16], k: usize) -> Vec<Vec<(usize, f32)>> {
        let ranked = hv_parallel::adaptive_batch_find_top_k(queries, &self.vectors, k);
        ranked.into_iter().map(|ranked| self.named(ranked)).collect()
    }

    /// The classes of indices in `vectors`.
    fn named(&self, mut ranked: Vec<(usize, f32)>) -> Vec<(usize, f32)> {
        ranked.iter_mut().for_each(|(index, _)| *index = self.classes[*index]);
        ranked
    }

    /// The class nearest to `query`, the lowest among equals; `None` where no class has an example.
    #[must_use]
    pub fn classify(&self, query: &HV16) -> Option<usize> {
        let nearest = simd_find_most_similar(query, &self.vectors);
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
///
/// They can be taken out, to be stored, and made again:
///
/// ```
/// use hv_encode::{Accumulator, HV16};
/// use hv_learn::Prototypes;
///
/// let mut trained = Prototypes::new(2);
/// trained.add(1, &HV16::random(7));
/// let trained = trained.counters();
/// let stored: Vec<Vec<u8>> = trained.classes().iter().map(Accumulator::to_bytes).collect();
/// let loaded = stored.iter().map(|bytes| Accumulator::from_bytes(bytes)).collect::<Result<Prototypes, _>>()?.counters();
/// assert_eq!(loaded.rank(&HV16::random(7), 2), trained.rank(&HV16::random(7), 2));
/// # Ok::<(), hv_encode::hv_parallel::hv_simd::DecodeError>(())
/// ```
#[derive(Clone, Debug)]
pub struct CounterPrototypes {
    classes: Vec<Accumulator>,
    norms: Vec<f64>,
}

impl CounterPrototypes {
    /// The counters of each class, in order, for example to save them.
    #[must_use]
    pub fn classes(&self) -> &[Accumulator] {
        &self.classes
    }

    /// The class most similar to `query`, the lowest among equals; `None` where no class has an example.
    ///
    /// A class whose every counter is a tie has no direction, and is chosen only where there is no other.
    #[must_use]
    pub fn classify(&self, query: &HV16) -> Option<usize> {
        self.rank(query, 1).first().map(|&(class, _)| class)
    }

    /// The `k` classes most similar to `query`, the most similar first and the lower among equals, each with the cosine
    /// of its signed counters and the signed bits of the query, from -1 to 1; fewer where fewer have examples. How far
    /// the first lies before the second says how sure the answer is.
    ///
    /// A class whose every counter is a tie has no direction: it comes last, with negative infinity.
    #[must_use]
    pub fn rank(&self, query: &HV16, k: usize) -> Vec<(usize, f64)> {
        let classes =
            self.classes.iter().zip(&self.norms).enumerate().filter(|(_, (counters, _))| !counters.is_empty());
        let mut ranked: Vec<(usize, f64)> = classes
            .map(|(class, (counters, &norm))| {
                (class, if norm > 0.0 { counters.dot(query) as f64 / norm } else { f64::NEG_INFINITY })
            })
            .collect();
        // Classes come in order, and the sort keeps that among equals.
        ranked.sort_by(|a, b| b.1.total_cmp(&a.1));
        ranked.truncate(k);
        let length_of_query = (HV16::DIM as f64).sqrt();
        ranked.iter_mut().for_each(|(_, dot_by_norm)| *dot_by_norm /= length_of_query);
        ranked
    }

    /// [`rank`](Self::rank) for many queries, on all cores where that pays.
    #[must_use]
    pub fn rank_batch(&self, queries: &[HV16], k: usize) -> Vec<Vec<(usize, f64)>> {
        self.batch(queries, |query| self.rank(query, k))
    }

    /// [`classify`](Self::classify) for many queries, on all cores where that pays.
    #[must_use]
    pub fn classify_batch(&self, queries: &[HV16]) -> Vec<Option<usize>> {
        self.batch(queries, |query| self.classify(query))
    }

    /// An answer for each query, in parallel where the products of all queries with all classes are worth it.
    fn batch<R: Send>(&self, queries: &[HV16], answer: impl Fn(&HV16) -> R + Sync + Send) -> Vec<R> {
        // A product is a distance for each bit of the largest count, and what it takes to add these.
        let product = |counters: &Accumulator| DOT_WORK + (u64::BITS - counters.len().leading_zeros()) as usize;
        let work = self.classes.iter().map(product).sum::<usize>().saturating_mul(queries.len());
        adaptive_map(Operation::Nearest, work, queries.len(), QUERY_GRAIN, |i| answer(&queries[i]))
    }
}
