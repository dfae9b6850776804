//! In which ranges of vectors a scan looks at them.

use std::ops::Range;

use super::pipelines::{GROUP, ROOM, STEPS};

/// Vectors of the first round, which are all kept if the bounds admit them.
const FIRST: u32 = 2048;
const _: () = assert!(FIRST <= ROOM);

/// Pairs of a query and a vector that are looked at in one go, so that no device is busy for long: llvmpipe some seconds, a
/// device of hardware less than a tenth of one.
const PAIRS: u32 = 1 << 26;

/// Ascending ranges. After each of them the bounds are tightened where the nearest are wanted, so these grow: once there are `k`
/// among `n` vectors, about `3 k` of the next `3 n` are nearer than the last of these, and there is room for all results.
pub(crate) fn rounds(range: Range<u32>, queries: usize, tightening: bool) -> Vec<Range<u32>> {
    let most = (PAIRS / queries.max(1) as u32).max(GROUP * STEPS);
    let (mut rounds, mut start) = (Vec::new(), range.start);
    let mut size = if tightening { FIRST } else { most };
    while start < range.end {
        let end = start.saturating_add(size.min(most)).min(range.end);
        rounds.push(start..end);
        start = end;
        if tightening {
            size = (end - range.start).saturating_mul(3);
        }
    }
    rounds
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_cover_the_range() {
        for (range, queries) in [(0..1, 1), (5..2_053, 1), (5..2_054, 256), (7..40_000_000, 256), (3..3, 1)] {
            for tightening in [false, true] {
                let rounds = rounds(range.clone(), queries, tightening);
                let mut next = range.start;
                for round in &rounds {
                    assert!(round.start == next && round.end > next, "{rounds:?}");
                    assert!(round.len() * queries <= PAIRS as usize);
                    next = round.end;
                }
                assert_eq!(next, range.end);
                assert!(!tightening || rounds.first().is_none_or(|first| first.len() <= FIRST as usize));
            }
        }
    }
}
