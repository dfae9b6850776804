//! Rows of the index with a checksum of their own.

/// A row as the index holds it: after it the CRC-32 of its key and itself.
///
/// redb checks its pages when a file is opened, but not those that it reads for a commit. It would copy a bit that
/// flipped since into a new page, and give that a checksum.
pub(crate) fn sealed(key: &[u8], mut row: Vec<u8>) -> Vec<u8> {
    let crc = crc_of_row(key, &row);
    row.extend(crc.to_le_bytes());
    row
}

/// A row without its checksum, if that is right.
pub(crate) fn unsealed<'a>(key: &[u8], row: &'a [u8]) -> Option<&'a [u8]> {
    let (row, crc) = row.split_last_chunk()?;
    (crc_of_row(key, row) == u32::from_le_bytes(*crc)).then_some(row)
}

fn crc_of_row(key: &[u8], row: &[u8]) -> u32 {
    let mut crc = crc32fast::Hasher::new();
    crc.update(key);
    crc.update(row);
    crc.finalize()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_bit_of_a_row_or_its_key_flips_unseen() {
        let row = sealed(b"key", vec![1, 2, 3]);
        assert_eq!(unsealed(b"key", &row), Some(&[1, 2, 3][..]));
        for bit in 0..8 * row.len() {
            let mut row = row.clone();
            row[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(unsealed(b"key", &row), None);
        }
        assert_eq!((unsealed(b"kez", &row), unsealed(b"key", &row[1..]), unsealed(b"", b"abc")), (None, None, None));
    }
}
