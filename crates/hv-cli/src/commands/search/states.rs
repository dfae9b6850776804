//! What the queries of `hv search` have found so far, by either metric.

use hv_memory::HV16;
use hv_memory::hv_parallel::for_programs::{TanimotoSearch, TanimotoTopK};
use hv_memory::hv_parallel::hv_simd::{Bound, TopK};

use crate::args::{Metric, SearchArgs};
use crate::device::Device;
use crate::failure::Failure;

/// A code that was found.
pub struct Found {
    pub index: usize,
    pub distance: u16,
    pub similarity: f64,
}

/// The best of each query so far.
pub enum States<'a> {
    Hamming { queries: &'a [HV16], device: &'a Device, best: Vec<TopK>, limit: Bound, bits: u16 },
    Tanimoto(TanimotoSearch),
}

impl<'a> States<'a> {
    pub fn new(queries: &'a [HV16], device: &'a Device, args: &SearchArgs, bits: u16) -> Self {
        let least = args.min_similarity.unwrap_or(0.0);
        match args.metric {
            Metric::Hamming => {
                // Without a condition, distances above the bits that were named count, too.
                let limit = args.min_similarity.map_or(Bound::NONE, |least| limit_of(least, bits));
                Self::Hamming { queries, device, best: vec![TopK::new(args.k); queries.len()], limit, bits }
            }
            Metric::Tanimoto => Self::Tanimoto(TanimotoSearch::new(queries, TanimotoTopK::new(args.k, least))),
        }
    }

    /// Searches the next codes, which are numbered from `first`.
    pub fn extend(&mut self, codes: &[HV16], first: usize) -> Result<(), Failure> {
        match self {
            Self::Hamming { queries, device, best, limit, .. } => {
                // What is farther than all that every query has is of no use to any.
                let farthest = best.iter().map(TopK::bound).max().unwrap_or(Bound::NOTHING).min(*limit);
                let (Some(distance), Some(k)) = (farthest.limit().checked_sub(1), best.first().map(TopK::k)) else {
                    return Ok(());
                };
                let found = device.find_top_k(queries, codes, k, distance)?;
                for (best, found) in best.iter_mut().zip(found) {
                    for (index, distance) in found {
                        best.offer(distance, first + index);
                    }
                }
            }
            Self::Tanimoto(search) => search.extend(codes, first),
        }
        Ok(())
    }

    /// The indices of all that is kept.
    pub fn kept(&self) -> Box<dyn Iterator<Item = usize> + '_> {
        match self {
            Self::Hamming { best, .. } => Box::new(best.iter().flat_map(|best| best.iter().map(|(index, _)| index))),
            Self::Tanimoto(search) => Box::new(search.kept()),
        }
    }

    /// The matches of each query, the best first.
    pub fn finish(self) -> Vec<Vec<Found>> {
        match self {
            Self::Hamming { best, bits, .. } => {
                let found = |(index, distance)| Found { index, distance, similarity: similarity(distance, bits) };
                best.into_iter().map(|best| best.into_sorted().into_iter().map(found).collect()).collect()
            }
            Self::Tanimoto(search) => {
                let found = |(index, distance, similarity)| Found { index, distance, similarity };
                search
                    .into_states()
                    .into_iter()
                    .map(|best| best.into_sorted().into_iter().map(found).collect())
                    .collect()
            }
        }
    }
}

fn similarity(distance: u16, bits: u16) -> f64 {
    1.0 - f64::from(distance) / f64::from(bits)
}

/// Admits the distances whose similarity is at least `least`.
fn limit_of(least: f64, bits: u16) -> Bound {
    let admitted = (0..=HV16::DIM as u16).take_while(|&distance| similarity(distance, bits) >= least).count();
    Bound::below(admitted as u16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_inclusive() {
        assert_eq!(limit_of(0.75, 2048), Bound::within(512));
        assert_eq!(limit_of(1.0 - 3.0 / 166.0, 166), Bound::within(3));
        assert_eq!((limit_of(1.0, 64), limit_of(0.0, 64)), (Bound::within(0), Bound::within(64)));
    }
}
