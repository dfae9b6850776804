//! Merging near-duplicates: in order of strength, then of age, each episode that is left absorbs the rest of those
//! near it.
//!
//! Taken literally that is one scan over all vectors for each survivor. Instead the survivors are found a block at a
//! time: whether the next vector in order is one depends only on the survivors before it. Survivors of earlier blocks have
//! been compared with it already. Then one tiled pass compares the block with all that follow.

use hv_parallel::for_storage::adaptive_first_within_into;
use hv_parallel::hv_simd::{max_distance, simd_bundle, simd_hamming};
use hv_parallel::{HV16, Progress};

use super::columns::Columns;
use crate::arena::Kept;

/// Survivors that pass over the rest together: enough to share each vector that is read, few enough that comparing
/// them with each other costs little in comparison.
const BLOCK: usize = 64;

/// What merging leaves. All lists are in order of slot.
#[derive(Default)]
pub(super) struct Merged {
    /// The episodes that stay.
    pub kept: Vec<Kept>,
    /// The episodes among them that absorbed others, with their new vectors.
    pub merged: Vec<(usize, HV16)>,
    /// The episodes that were absorbed, each with the one that absorbed it.
    pub absorbed: Vec<(usize, usize)>,
}

/// Merges episodes by their original vectors. `progress` counts the pairs settled.
pub(super) fn merge(columns: &impl Columns, threshold: f32, mut order: Vec<Kept>, progress: &Progress) -> Merged {
    let Some(max_distance) = max_distance(threshold) else {
        progress.advance(pairs_among(order.len()));
        return Merged { kept: order, ..Merged::default() };
    };
    let mut left = Merged::default();
    order.sort_unstable_by(|a, b| b.strength.total_cmp(&a.strength).then(a.slot.cmp(&b.slot)));
    let vectors: Vec<HV16> = order.iter().map(|kept| *columns.vector(kept.slot)).collect();
    let survivors = survivors(&vectors, max_distance, progress);

    // Groups of those that were absorbed, as (survivor, absorbed), in order of both.
    let mut absorbed: Vec<(usize, usize)> =
        survivors.iter().copied().zip(0..).filter(|(survivor, i)| survivor != i).collect();
    absorbed.sort_unstable();
    for group in absorbed.chunk_by(|a, b| a.0 == b.0) {
        let survivor = group[0].0;
        for &(_, i) in group {
            // Never infinite: that would fade to NaN, and could not be exported.
            order[survivor].strength = (order[survivor].strength + order[i].strength).min(f64::MAX);
            left.absorbed.push((order[i].slot, order[survivor].slot));
        }
        let members: Vec<HV16> = group.iter().map(|&(_, i)| vectors[i]).chain([vectors[survivor]]).collect();
        left.merged.extend(simd_bundle(&members).map(|bundle| (order[survivor].slot, bundle)));
    }
    left.kept = keep(order, &survivors);
    left.absorbed.sort_unstable();
    left.merged.sort_unstable_by_key(|&(slot, _)| slot);
    left
}

/// Those that survive, in order of slot.
fn keep(order: Vec<Kept>, survivors: &[usize]) -> Vec<Kept> {
    let all = order.into_iter().zip(survivors).enumerate();
    let mut kept: Vec<Kept> = all.filter(|(i, (_, survivor))| i == *survivor).map(|(_, (kept, _))| kept).collect();
    kept.sort_unstable_by_key(|kept| kept.slot);
    kept
}

/// The pairs of `n` vectors.
pub(super) fn pairs_among(n: usize) -> u64 {
    n as u64 * (n as u64).saturating_sub(1) / 2
}

/// For each vector, the index of the survivor that absorbs it, which is its own if it survives.
///
/// A pair is settled when the first of the two is known to survive or not, and in the former case compared with the
/// other. Where survivors are spread evenly, each settled pair has taken the same time. A progress that is stopped ends it, and
/// the rest survives.
fn survivors(vectors: &[HV16], max_distance: u16, progress: &Progress) -> Vec<usize> {
    let mut survivor: Vec<Option<usize>> = vec![None; vectors.len()];
    let mut first = vec![None; vectors.len()];
    let mut next = 0;
    while next < vectors.len() && !progress.is_stopped() {
        let (begin, mut block) = (next, Block::default());
        while next < vectors.len() && block.indices.len() < BLOCK {
            if survivor[next].is_none() {
                survivor[next] = Some(block.absorb(next, &vectors[next], max_distance));
            }
            next += 1;
        }
        adaptive_first_within_into(&block.vectors, &vectors[next..], max_distance, &mut first[next..]);
        for (survivor, first) in survivor[next..].iter_mut().zip(&first[next..]) {
            *survivor = survivor.or(first.map(|first| block.indices[first]));
        }
        progress.advance(pairs_among(vectors.len() - begin) - pairs_among(vectors.len() - next));
    }
    survivor.into_iter().enumerate().map(|(i, survivor)| survivor.unwrap_or(i)).collect()
}

/// Survivors that have not been compared with what follows them.
#[derive(Default)]
struct Block {
    indices: Vec<usize>,
    vectors: Vec<HV16>,
}

impl Block {
    /// The first survivor that is near `vector`, or else `index`, which then is one.
    fn absorb(&mut self, index: usize, vector: &HV16, max_distance: u16) -> usize {
        let near = |survivor: &HV16| simd_hamming(survivor, vector) <= u32::from(max_distance);
        if let Some(first) = self.vectors.iter().position(near) {
            return self.indices[first];
        }
        self.indices.push(index);
        self.vectors.push(*vector);
        index
    }
}
