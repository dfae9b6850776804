//! What a scan by tiles needs on any lanes: the passes, the indices, and when a tile can be left.

use alloc::vec::Vec;

use hv_core::HV16;

use crate::lanes::words;

/// Words of a vector: the columns of a word are transposed, tabled and added at a time.
const WORDS: usize = HV16::DIM / 64;

/// The size of passes of one query or more, up to `most` each and none of them much smaller than the others.
pub(crate) fn pass_of(queries: usize, most: usize) -> usize {
    queries.div_ceil(queries.div_ceil(most))
}

/// Words that are added before the next look whether all distances have reached a bound. A look costs about a third of a
/// word with ternary logic, and a fifth without.
const WORDS_BETWEEN_LOOKS: usize = 4;

/// What a vector finds in the tables, however its words are added.
pub(crate) trait Indexed {
    /// The indices of the words of a step.
    type TableIndices: Copy;

    /// Writes the indices of all queries, one step after another.
    fn write_indices(queries: &[HV16], indices: &mut Vec<Self::TableIndices>);
}

/// Writes the indices of the first `STEP` words of all queries, then of the next, and so on. `prepare` and `index` make the
/// indices of a word. Inlined for the lanes of the caller, which prepare all words of a query at once.
#[inline(always)]
pub(super) fn write_indices<P: Copy, K: Copy, const STEP: usize>(
    queries: &[HV16],
    indices: &mut Vec<[K; STEP]>,
    prepare: impl Fn(u64) -> P,
    index: impl Fn(P) -> K,
) {
    indices.resize(queries.len() * WORDS / STEP, [index(prepare(0)); STEP]);
    for (q, query) in queries.iter().enumerate() {
        let prepared = words(query).map(&prepare);
        for (step, prepared) in prepared.as_chunks::<STEP>().0.iter().enumerate() {
            indices[step * queries.len() + q] = prepared.map(&index);
        }
    }
}

/// After how many words, of 32, the distances of all vectors of a tile have probably reached the bound; more than 32
/// where they will not.
///
/// In `w` words of random vectors `32 w` bits differ, with a standard deviation of `4 sqrt(w)`; the nearest of a tile is
/// some 3.5 of these below. Solved for `w`, with the root taken where `32 w` is the bound.
pub(crate) fn words_until_far(bound: u16) -> usize {
    let words = f32::from(bound) / 32.0;
    (words + 14.0 / 32.0 * words.sqrt() + 0.2).ceil() as usize
}

/// Whether a query, or a vector that passes over queries, can leave a tile before all of its words are added.
pub(crate) struct Early {
    /// The highest bound.
    pub(crate) bound: u16,
    /// The number of steps after which to look next whether all distances have reached it.
    pub(crate) look_after: usize,
    /// They have: no more need be added.
    pub(crate) all_far: bool,
}

impl Early {
    pub(crate) fn new(bound: u16, words_of_step: usize) -> Self {
        Self { bound, look_after: words_until_far(bound).div_ceil(words_of_step), all_far: false }
    }

    /// What was seen: if some vector is still near, there is another look some words later. Vectors that are not random, as
    /// those with few ones, take longer to reach a bound than [`words_until_far`] says.
    #[inline(always)]
    pub(crate) fn looked(&mut self, all_far: bool, words_of_step: usize) {
        self.all_far = all_far;
        self.look_after += WORDS_BETWEEN_LOOKS / words_of_step;
    }
}
