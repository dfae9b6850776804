//! What is done with sets of fingerprints: similar pairs as a sparse matrix, clusters, and diverse picks.

use hv_simd::HV16;
use hv_simd::workspace_internals::{Kernels, tanimoto_rank};

use crate::pool;
use crate::tanimoto::{find, within};

/// Pairs of vectors with their Tanimoto scores, as a sparse matrix in compressed rows (CSR).
///
/// Row `i` has the columns `j > i` whose pair is there, ascending. The three arrays are those of SciPy's `csr_array`:
/// `indptr`, `indices` and `data`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SimilarPairs {
    starts: Vec<u64>,
    columns: Vec<u64>,
    scores: Vec<f64>,
}

impl SimilarPairs {
    /// The number of vectors, which is that of rows and of columns.
    #[must_use]
    pub fn vectors(&self) -> usize {
        self.starts.len() - 1
    }

    /// Where each row starts in [`columns`](Self::columns) and [`scores`](Self::scores), and where the last one ends.
    #[must_use]
    pub fn starts(&self) -> &[u64] {
        &self.starts
    }

    /// The column of each pair, row after row.
    #[must_use]
    pub fn columns(&self) -> &[u64] {
        &self.columns
    }

    /// The score of each pair, row after row.
    #[must_use]
    pub fn scores(&self) -> &[f64] {
        &self.scores
    }

    /// The pairs `(i, j, score)` with `i < j`, ordered by `(i, j)`.
    pub fn iter(&self) -> impl Iterator<Item = (usize, usize, f64)> {
        let rows = self.starts.windows(2).enumerate();
        rows.flat_map(|(i, row)| {
            let row = row[0] as usize..row[1] as usize;
            self.columns[row.clone()].iter().zip(&self.scores[row]).map(move |(&j, &score)| (i, j as usize, score))
        })
    }
}

/// All pairs `i < j` whose Tanimoto score is at least `threshold`, in parallel.
///
/// A score counts as the nearest `f64` to its fraction, so 7 / 10 reaches a threshold of 0.7.
///
/// Cost: that of a search of all vectors for each; allocates in proportion to the result.
///
/// ```
/// use hv_parallel::{HV16, parallel_find_similar_pairs_tanimoto};
///
/// let mut vectors = vec![HV16::ZERO; 3];
/// (0..4).for_each(|bit| vectors[0].set_bit(bit, true));
/// (0..6).for_each(|bit| vectors[2].set_bit(bit, true));
/// let pairs = parallel_find_similar_pairs_tanimoto(&vectors, 0.5);
/// assert_eq!(pairs.iter().collect::<Vec<_>>(), [(0, 2, 4.0 / 6.0)]);
/// ```
///
/// # Panics
///
/// If `threshold` is NaN.
#[must_use]
pub fn parallel_find_similar_pairs_tanimoto(vectors: &[HV16], threshold: f64) -> SimilarPairs {
    let mut pairs = SimilarPairs { starts: vec![0], ..SimilarPairs::default() };
    let new = within(threshold);
    // Some rows at a time: a row is found with the columns before it, too.
    for (i, rows) in vectors.chunks(ROWS).enumerate() {
        for (row, mut found) in find(rows, vectors, &new, pool::threads()).into_iter().enumerate() {
            found.retain(|&(column, _)| column > i * ROWS + row);
            found.sort_unstable_by_key(|&(column, _)| column);
            pairs.columns.extend(found.iter().map(|&(column, _)| column as u64));
            pairs.scores.extend(found.iter().map(|&(_, score)| score));
            pairs.starts.push(pairs.columns.len() as u64);
        }
    }
    pairs
}

/// Rows that are searched at a time.
const ROWS: usize = 1 << 14;

/// Clusters of vectors by their similar pairs (Butina, Journal of Chemical Information and Computer Sciences 39, 1999).
///
/// The vector with the most neighbours and all of these are the first cluster; of the others, the one that had the most is
/// the centre of the next, with those of its neighbours that are left, and so on. Of equal numbers, the higher index
/// comes first, as in RDKit's `Butina.ClusterData`, whose clusters these are. Each cluster has its centre first and then
/// its members in ascending order; every vector is in one.
///
/// ```
/// use hv_parallel::{HV16, butina_clusters, parallel_find_similar_pairs_tanimoto};
///
/// let vectors = [1, 2, 1].map(HV16::random);
/// assert_eq!(butina_clusters(&parallel_find_similar_pairs_tanimoto(&vectors, 0.9)), [vec![2, 0], vec![1]]);
/// ```
#[must_use]
pub fn butina_clusters(pairs: &SimilarPairs) -> Vec<Vec<usize>> {
    let mut neighbours = vec![Vec::new(); pairs.vectors()];
    for (i, j, _) in pairs.iter() {
        neighbours[i].push(j);
        neighbours[j].push(i);
    }
    let mut centres: Vec<usize> = (0..neighbours.len()).rev().collect();
    centres.sort_by_key(|&i| std::cmp::Reverse(neighbours[i].len()));
    let mut is_taken = vec![false; neighbours.len()];
    let mut clusters = Vec::new();
    for centre in centres {
        if is_taken[centre] {
            continue;
        }
        let mut members = neighbours[centre].clone();
        members.sort_unstable();
        let cluster: Vec<usize> = [centre].into_iter().chain(members).filter(|&i| !is_taken[i]).collect();
        cluster.iter().for_each(|&i| is_taken[i] = true);
        clusters.push(cluster);
    }
    clusters
}

/// Vectors that differ from each other, at most `count`: the one at `first`, and then each time the one whose highest
/// Tanimoto score with all that were picked is the lowest (MaxMin: Ashton and others, Quantitative Structure-Activity
/// Relationships 21, 2002). Of equal ones, the lower index comes first, as in RDKit's `MaxMinPicker`.
///
/// Cost: a pass over the vectors for each pick, on one thread.
///
/// ```
/// use hv_parallel::{HV16, max_min_picks};
///
/// assert_eq!(max_min_picks(&[1, 1, 2].map(HV16::random), 0, 2), [0, 2]); // not the equal one
/// ```
///
/// # Panics
///
/// If there are vectors, but none at `first`.
#[must_use]
pub fn max_min_picks(vectors: &[HV16], first: usize, count: usize) -> Vec<usize> {
    if vectors.is_empty() || count == 0 {
        return Vec::new();
    }
    assert!(first < vectors.len(), "there is no vector {first} to begin with: there are {}", vectors.len());
    let kernels = Kernels::active();
    let (mut ones, mut distances) = (vec![0; vectors.len()], vec![0; vectors.len()]);
    kernels.distances_into(&HV16::ZERO, vectors, &mut ones);
    // The rank of the best score with a pick; `None` for picks.
    let mut nearest = vec![Some(u32::MAX); vectors.len()];
    let (mut picks, mut next) = (Vec::new(), Some(first));
    while let Some(pick) = next.filter(|_| picks.len() < count) {
        picks.push(pick);
        nearest[pick] = None;
        kernels.distances_into(&vectors[pick], vectors, &mut distances);
        for (i, nearest) in nearest.iter_mut().enumerate() {
            *nearest = nearest.map(|nearest| nearest.min(tanimoto_rank(distances[i], ones[pick] + ones[i])));
        }
        let left = nearest.iter().enumerate().filter_map(|(i, &rank)| rank.map(|rank| (rank, std::cmp::Reverse(i))));
        next = left.max().map(|(_, std::cmp::Reverse(i))| i);
    }
    picks
}
