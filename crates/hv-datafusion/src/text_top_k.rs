//! The nearest rows where their ids are texts.

use std::collections::BinaryHeap;

use datafusion::common::{Result, exec_err};
use hv_memory::HV16;
use hv_memory::hv_parallel::Bound;

/// The version of the byte form.
const VERSION: u32 = 1;

/// Bytes before the distances: the version, `k`, and the number that is kept.
const HEADER: usize = 4 + 8 + 8;

/// The `k` nearest of what was offered: by distance, then by lower id, ids in the order of their bytes.
///
/// What `TopK` is for numbers, with the same laws: states may be merged in any order and grouping, and equal states have
/// equal bytes. Rows of the same id and distance are all kept.
#[derive(Clone, Debug)]
pub struct TextTopK {
    k: usize,
    /// The worst on top.
    heap: BinaryHeap<(u16, Box<str>)>,
}

impl TextTopK {
    pub fn new(k: usize) -> Self {
        Self { k, heap: BinaryHeap::new() }
    }

    /// Admits what may be kept, rows as far as the worst included: their ids may be lower.
    pub fn bound(&self) -> Bound {
        match self.heap.peek() {
            _ if self.heap.len() < self.k => Bound::NONE,
            Some((worst, _)) => Bound::within(*worst),
            None => Bound::NOTHING,
        }
    }

    pub fn offer(&mut self, distance: u16, id: &str) {
        if self.heap.len() < self.k {
            self.heap.push((distance, id.into()));
        } else if let Some(mut worst) = self.heap.peek_mut()
            && (distance, id) < (worst.0, &worst.1)
        {
            *worst = (distance, id.into());
        }
    }

    /// The number of rows that are kept.
    pub fn len(&self) -> usize {
        self.heap.len()
    }

    /// What is kept, the nearest first.
    pub fn sorted(&self) -> Vec<(u16, &str)> {
        let mut kept: Vec<(u16, &str)> = self.heap.iter().map(|(distance, id)| (*distance, &**id)).collect();
        kept.sort_unstable();
        kept
    }

    /// Bytes on the heap.
    pub fn size(&self) -> usize {
        let texts: usize = self.heap.iter().map(|(_, id)| id.len()).sum();
        texts + self.heap.capacity() * size_of::<(u16, Box<str>)>()
    }

    /// What is kept, as bytes. All numbers are little-endian, and `n` is the number that is kept:
    ///
    /// | offset | type | |
    /// |---|---|---|
    /// | 0 | u32 | the version, 1 |
    /// | 4 | u64 | `k` |
    /// | 12 | u64 | `n`, at most `k` |
    /// | 20 | u16 each | the `n` distances, the nearest first |
    /// | 20 + 2 n | u32 each | the bytes of each id, in the same order |
    /// | 20 + 6 n | | the ids, one after another |
    pub fn to_bytes(&self) -> Vec<u8> {
        let sorted = self.sorted();
        let mut bytes = VERSION.to_le_bytes().to_vec();
        bytes.extend((self.k as u64).to_le_bytes());
        bytes.extend((sorted.len() as u64).to_le_bytes());
        bytes.extend(sorted.iter().flat_map(|(distance, _)| distance.to_le_bytes()));
        // Arrow's offsets are 32 bits wide, and DataFusion's batches are far from that.
        bytes.extend(sorted.iter().flat_map(|(_, id)| (id.len() as u32).to_le_bytes()));
        bytes.extend(sorted.iter().flat_map(|(_, id)| id.bytes()));
        bytes
    }

    /// Offers all that another state kept, from its bytes, and lowers `k` to the other's where that is smaller.
    ///
    /// # Errors
    ///
    /// If the bytes are no state of this version. Nothing is offered then.
    pub fn merge(&mut self, bytes: &[u8]) -> Result<()> {
        let Some((k, pairs)) = parsed(bytes) else {
            return exec_err!(
                "the state of a search by texts is damaged or of another version ({} bytes); all nodes must run one version",
                bytes.len()
            );
        };
        self.k = self.k.min(k);
        while self.heap.len() > self.k {
            self.heap.pop();
        }
        for (distance, id) in pairs {
            self.offer(distance, id);
        }
        Ok(())
    }
}

/// `k` and the pairs of a byte form; `None` where it is none.
fn parsed(bytes: &[u8]) -> Option<(usize, Vec<(u16, &str)>)> {
    let (header, rest) = bytes.split_at_checked(HEADER)?;
    let number = |at: usize| Some(u64::from_le_bytes(header[at..at + 8].try_into().ok()?));
    let (k, n) = (usize::try_from(number(4)?).ok()?, usize::try_from(number(12)?).ok()?);
    if header[..4] != VERSION.to_le_bytes() || n > k {
        return None;
    }
    let (distances, rest) = rest.split_at_checked(n.checked_mul(2)?)?;
    let (lengths, mut ids) = rest.split_at_checked(n.checked_mul(4)?)?;
    let mut pairs: Vec<(u16, &str)> = Vec::with_capacity(n);
    for (distance, length) in distances.as_chunks().0.iter().zip(lengths.as_chunks().0) {
        let (id, after) = ids.split_at_checked(usize::try_from(u32::from_le_bytes(*length)).ok()?)?;
        ids = after;
        let pair = (u16::from_le_bytes(*distance), str::from_utf8(id).ok()?);
        if usize::from(pair.0) > HV16::DIM || pairs.last().is_some_and(|before| *before > pair) {
            return None;
        }
        pairs.push(pair);
    }
    ids.is_empty().then_some((k, pairs))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(k: usize, offers: &[(u16, &str)]) -> TextTopK {
        let mut state = TextTopK::new(k);
        for &(distance, id) in offers {
            if state.bound().admits(distance) {
                state.offer(distance, id);
            }
        }
        state
    }

    #[test]
    fn the_nearest_are_kept_with_ties_by_bytes() {
        let state = kept(4, &[(9, "z"), (5, "é"), (5, "b"), (5, "b"), (5, "a"), (7, "")]);
        assert_eq!(state.sorted(), [(5, "a"), (5, "b"), (5, "b"), (5, "é")]);
        assert!(kept(0, &[(0, "a")]).sorted().is_empty());
    }

    #[test]
    fn parts_merge_to_the_whole_in_any_order() {
        let offers: Vec<(u16, String)> = (0..200_u16).map(|i| (i * 37 % 20, format!("{}", i * 53 % 90))).collect();
        let offers: Vec<(u16, &str)> = offers.iter().map(|(distance, id)| (*distance, &**id)).collect();
        for k in [1, 7, 64, 500] {
            let whole = kept(k, &offers).to_bytes();
            let mut parts: Vec<Vec<u8>> = offers.chunks(33).map(|part| kept(k, part).to_bytes()).collect();
            for _ in 0..2 {
                let mut merged = TextTopK::new(k);
                parts.iter().for_each(|part| merged.merge(part).unwrap());
                assert_eq!(merged.to_bytes(), whole);
                parts.reverse();
            }
        }
        let mut fewer = kept(3, &offers);
        fewer.merge(&kept(2, &offers).to_bytes()).unwrap();
        assert_eq!(fewer.to_bytes(), kept(2, &offers).to_bytes());
    }

    #[test]
    fn damaged_bytes_are_refused() {
        let bytes = kept(9, &[(5, "a"), (6, "bc")]).to_bytes();
        let refused = |bytes: &[u8]| TextTopK::new(9).merge(bytes).is_err();
        assert!(!refused(&bytes) && (0..bytes.len()).all(|n| refused(&bytes[..n])));
        let changed = |at: usize, to: u8| {
            let mut bytes = bytes.clone();
            bytes[at] = to;
            refused(&bytes)
        };
        // The version, a k below n, the order, a distance over 2,048, and a text that is none.
        assert!(changed(0, 2) && changed(4, 1) && changed(20, 7) && changed(23, 9) && changed(bytes.len() - 1, 0xff));
        assert!(refused(&[&bytes[..], b"x"].concat()));
    }
}
