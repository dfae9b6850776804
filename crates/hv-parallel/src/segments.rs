//! Slices numbered through, as if they were one.

use std::ops::Range;

use hv_simd::HV16;

/// Slices numbered through.
#[derive(Debug)]
pub(crate) struct Segments<'a> {
    segments: &'a [&'a [HV16]],
    /// The index after the last vector of each segment.
    ends: Vec<usize>,
}

impl<'a> Segments<'a> {
    pub(crate) fn new(segments: &'a [&'a [HV16]]) -> Self {
        let sum = |end: &mut usize, segment: &&[HV16]| {
            *end += segment.len();
            Some(*end)
        };
        Self { segments, ends: segments.iter().scan(0, sum).collect() }
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.last().copied().unwrap_or(0)
    }

    /// The slices of a range of indices, each with the index of its first vector.
    pub(crate) fn pieces(&self, range: Range<usize>) -> impl Iterator<Item = (usize, &'a [HV16])> {
        let skipped = self.ends.partition_point(|&end| end <= range.start);
        let segments = self.segments[skipped..].iter().zip(&self.ends[skipped..]);
        segments.map_while(move |(segment, &end)| {
            let start = end - segment.len();
            let piece = range.start.max(start)..range.end.min(end);
            (start < range.end).then(|| (piece.start, &segment[piece.start - start..piece.end - start]))
        })
    }
}
