//! Which episodes of a block are deleted: a bit each, the least significant first.

use crate::arena::BLOCK;

/// The bits of a block's slots.
pub(crate) fn encode_deleted(is_deleted: impl Fn(usize) -> bool) -> Vec<u8> {
    let mut bits = vec![0; BLOCK / 8];
    (0..BLOCK).filter(|&i| is_deleted(i)).for_each(|i| bits[i / 8] |= 1 << (i % 8));
    bits
}

/// The slots of a block whose bits are set; `None` if these are not the bits of a block.
pub(crate) fn decode_deleted(bits: &[u8]) -> Option<Vec<usize>> {
    let is_deleted = |&i: &usize| bits[i / 8] >> (i % 8) & 1 == 1;
    (bits.len() == BLOCK / 8).then(|| (0..BLOCK).filter(is_deleted).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_come_back() {
        let slots = [0, 7, 8, 4_094, 4_095];
        let bits = encode_deleted(|i| slots.contains(&i));
        assert_eq!((bits.len(), bits[0], bits[1], bits[511]), (512, 0b1000_0001, 1, 0b1100_0000));
        assert_eq!(decode_deleted(&bits).unwrap(), slots);
        assert!(decode_deleted(&bits[1..]).is_none() && decode_deleted(&[]).is_none());
    }
}
