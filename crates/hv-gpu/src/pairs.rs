//! All pairs of vectors that are near each other.

use hv_parallel::{Bitmap, Bound, HV16};

use crate::backend::Scan;
use crate::error::GpuError;
use crate::exact;
use crate::parts::{self, Part};

/// All pairs `i < j` whose distance `bound` admits, ordered: blocks of vectors are queries to those after them.
pub(crate) fn similar_pairs(
    parts: &[Part],
    bound: Bound,
    filter: Option<&Bitmap>,
) -> Result<Vec<(usize, usize, u16)>, GpuError> {
    parts::admitted(parts, filter)?;
    let mut pairs = Vec::new();
    if bound == Bound::NOTHING {
        return Ok(pairs);
    }
    for (number, part) in parts.iter().enumerate() {
        let rows = parts[number..].iter().map(|other| other.allocation.gpu.backend().max_queries()).min().unwrap_or(1);
        for start in (0..part.len).step_by(rows) {
            let mut block = vec![HV16::ZERO; rows.min(part.len - start)];
            part.allocation.vectors.read(start, &mut block)?;
            let counts = |row: &usize| filter.is_none_or(|filter| filter.get(part.first + row));
            let rows: Vec<usize> = (start..start + block.len()).filter(counts).collect();
            let queries: Vec<HV16> = rows.iter().map(|row| block[row - start]).collect();
            let sorted = pairs.len();
            for other in &parts[number..] {
                // Of its own part, a block is compared with itself and what follows.
                let from = if other.first == part.first { start } else { 0 };
                let (bounds, range) = (vec![bound; queries.len()], from as u32..other.len as u32);
                let scan = Scan { queries: &queries, bounds: &bounds, range, filter: other.words(filter) };
                for (row, found) in rows.iter().zip(exact::all(&*other.allocation.vectors, &scan)?) {
                    let i = part.first + row;
                    let found = found.into_iter().map(|(index, distance)| (i, other.first + index as usize, distance));
                    pairs.extend(found.filter(|&(i, j, _)| i < j));
                }
            }
            pairs[sorted..].sort_unstable();
        }
    }
    Ok(pairs)
}
