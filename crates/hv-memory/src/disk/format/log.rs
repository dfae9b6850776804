//! The records of the log of retrievals.

use super::decoder::Decoder;
use crate::episode::EpisodeId;

/// Bytes of a record in the log file: the id, the time, and the CRC-32 of the store's id and both.
pub(crate) const LOG_RECORD: usize = 20;

/// A retrieval as the log file of a store holds it. `store` is the store's id, empty before format 3: a log of another
/// store does not pass for its own.
pub(crate) fn log_record((id, time): (EpisodeId, i64), store: &[u8]) -> [u8; LOG_RECORD] {
    let mut record = [0; LOG_RECORD];
    record[..8].copy_from_slice(&id.0.to_le_bytes());
    record[8..16].copy_from_slice(&time.to_le_bytes());
    let mut crc = crc32fast::Hasher::new();
    crc.update(store);
    crc.update(&record[..16]);
    record[16..].copy_from_slice(&crc.finalize().to_le_bytes());
    record
}

/// The retrieval of a record, if it is what was written.
pub(crate) fn decode_log_record(record: &[u8], store: &[u8]) -> Option<(EpisodeId, i64)> {
    let mut from = Decoder(record);
    let event = (EpisodeId(from.u64()?), from.i64()?);
    (log_record(event, store) == *record).then_some(event)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_that_of_its_store() {
        let event = (EpisodeId(7), -9);
        let record = log_record(event, &[1; 16]);
        assert_eq!(decode_log_record(&record, &[1; 16]), Some(event));
        assert_eq!(decode_log_record(&record, &[2; 16]), None);
        assert_eq!(decode_log_record(&record[1..], &[1; 16]), None);
    }
}
