//! Clusters of vectors: k-means by majority.

use hv_encode::HV16;
use hv_encode::hv_parallel::Operation;
use hv_encode::hv_parallel::for_encoding::adaptive_map;

use crate::random::Random;
use crate::vector::{ALL, Vector, highest, mean};

/// The most rounds; it rarely takes more than twenty.
const ROUNDS: usize = 100;
/// Vectors of a part, at least.
const GRAIN: usize = 16;

/// Clusters that [`k_means`] found.
#[derive(Clone, Debug, PartialEq)]
pub struct Clusters<V> {
    /// The centre of each cluster: of binary vectors their majority.
    pub centres: Vec<V>,
    /// The indices of the vectors in each cluster, ascending. Each has at least one.
    pub members: Vec<Vec<usize>>,
}

/// Groups vectors into up to `k` clusters, each around the majority (of [`Counts`](crate::Counts): the mean) of its members.
///
/// The first centres are vectors chosen by the seed, far ones more likely (k-means++; Arthur and Vassilvitskii, 2007). Then
/// each vector joins its nearest centre, and the centres are made again, until nothing changes, 100 times at most.
/// There are fewer clusters than `k` where fewer vectors differ, or where a cluster lost all of its members. The result is the same
/// for any number of threads.
///
/// ```
/// use hv_encode::HV16;
/// use hv_learn::k_means;
///
/// let near = |centre: u64, i: usize| { let mut v = HV16::random(centre); v.set_bit(i, !v.bit(i)); v };
/// let vectors: Vec<HV16> = (0..20).map(|i| near(i as u64 % 2, i)).collect();
/// let clusters = k_means(&vectors, 2, 7);
/// assert_eq!(clusters.members.iter().map(Vec::len).collect::<Vec<_>>(), [10, 10]);
/// assert!(clusters.centres.contains(&HV16::random(0)) && clusters.centres.contains(&HV16::random(1)));
/// ```
#[must_use]
pub fn k_means<V: Vector>(vectors: &[V], k: usize, seed: u64) -> Clusters<V> {
    let mut centres = first_centres(vectors, k, &mut Random::new(seed));
    let mut members = assign(vectors, &mut centres);
    for _ in 0..ROUNDS {
        centres = members
            .iter()
            .map(|members| {
                let rows: Vec<&V> = members.iter().map(|&i| &vectors[i]).collect();
                V::of(&mean(&rows, false), true)
            })
            .collect();
        let next = assign(vectors, &mut centres);
        if next == members {
            break;
        }
        members = next;
    }
    Clusters { centres, members }
}

/// The score of each vector with each centre.
fn scores<V: Vector>(vectors: &[V], centres: &[V]) -> Vec<Vec<f32>> {
    let work = vectors.len().saturating_mul(centres.len());
    adaptive_map(Operation::Nearest, work, vectors.len(), GRAIN, |i| {
        let mut scores = vec![0.0; centres.len()];
        vectors[i].scores_into(centres, ALL, &mut scores);
        scores
    })
}

/// The members of each centre. Centres without members are dropped.
fn assign<V: Vector>(vectors: &[V], centres: &mut Vec<V>) -> Vec<Vec<usize>> {
    let mut members = vec![Vec::new(); centres.len()];
    for (i, scores) in scores(vectors, centres).iter().enumerate() {
        if let Some(nearest) = highest(scores) {
            members[nearest].push(i);
        }
    }
    let mut kept = members.iter().map(|members| !members.is_empty());
    centres.retain(|_| kept.next() == Some(true));
    members.retain(|members| !members.is_empty());
    members
}

/// Up to `k` different vectors: the first at random, each next one with a chance that grows with the square of its distance
/// from the nearest so far.
fn first_centres<V: Vector>(vectors: &[V], k: usize, random: &mut Random) -> Vec<V> {
    if vectors.is_empty() || k == 0 {
        return Vec::new();
    }
    let mut centres = vec![vectors[random.below(vectors.len())].clone()];
    let mut weights = vec![u64::MAX; vectors.len()];
    while centres.len() < k {
        for (weight, scores) in weights.iter_mut().zip(scores(vectors, &centres[centres.len() - 1..])) {
            // As whole numbers, so that their sum does not depend on its order. Equal vectors have a score of 1, nearly.
            let distance = ((1.0 - scores[0]) * HV16::DIM as f32).round().max(0.0) as u64;
            *weight = (*weight).min(distance * distance);
        }
        let total: u64 = weights.iter().sum();
        if total == 0 {
            break;
        }
        let mut left = random.below(total as usize) as u64;
        let chosen = weights.iter().position(|&weight| {
            let here = left < weight;
            left = left.saturating_sub(weight);
            here
        });
        // There is one, since the number lies below the sum of the weights.
        centres.extend(chosen.map(|i| vectors[i].clone()));
    }
    centres
}
