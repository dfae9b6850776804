//! The rows of the index as bytes. All numbers are little-endian; `docs/format.md` describes every one.

use hv_parallel::HV16;

use crate::arena::{BLOCK, Payload, Place, Record, Records, Vital, Vitals};
use crate::episode::EpisodeId;

/// Bytes of a block in the vector file: 1 MiB.
pub(crate) const BLOCK_BYTES: u64 = (BLOCK * HV16::BYTES) as u64;

/// Bytes of a record in the log file: the id, the time, and the CRC-32 of both.
pub(crate) const LOG_RECORD: usize = 20;

/// A retrieval as the log file holds it.
pub(crate) fn log_record((id, time): (EpisodeId, i64)) -> [u8; LOG_RECORD] {
    let mut record = [0; LOG_RECORD];
    record[..8].copy_from_slice(&id.0.to_le_bytes());
    record[8..16].copy_from_slice(&time.to_le_bytes());
    let crc = crc32fast::hash(&record[..16]);
    record[16..].copy_from_slice(&crc.to_le_bytes());
    record
}

/// The retrieval of a record, if it is what was written.
pub(crate) fn decode_log_record(record: &[u8]) -> Option<(EpisodeId, i64)> {
    let mut from = Decoder(record.get(..16)?);
    let event = (EpisodeId(from.take().map(u64::from_le_bytes)?), from.take().map(i64::from_le_bytes)?);
    (log_record(event) == *record).then_some(event)
}

/// A row as the index holds it: behind it the CRC-32 of its key and itself.
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

/// What the last commit left: the row `state`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Committed {
    /// The number of the commit, ascending.
    pub sequence: u64,
    /// Which `vectors-` and `payloads-` files are valid.
    pub generation: u64,
    /// All slots, the unfinished block included.
    pub slots: u64,
    pub next_id: u64,
    /// The valid length of the payload file.
    pub payload_bytes: u64,
    /// Which `log-` file is valid.
    pub log: u64,
    /// How many records of the log are valid.
    pub retrievals: u64,
}

impl Committed {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let Self { sequence, generation, slots, next_id, payload_bytes, log, retrievals } = *self;
        [sequence, generation, slots, next_id, payload_bytes, log, retrievals]
            .into_iter()
            .flat_map(u64::to_le_bytes)
            .collect()
    }

    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        let mut from = Decoder(bytes);
        let [sequence, generation, slots, next_id, payload_bytes, log, retrievals] =
            [(); 7].map(|()| from.take().map(u64::from_le_bytes));
        let committed = Self {
            sequence: sequence?,
            generation: generation?,
            slots: slots?,
            next_id: next_id?,
            payload_bytes: payload_bytes?,
            log: log?,
            retrievals: retrievals?,
        };
        from.end(committed)
    }

    /// How many blocks are full, and so in the flat files.
    pub(crate) fn blocks(&self) -> u64 {
        self.slots / BLOCK as u64
    }

    /// The first slot of the unfinished block.
    pub(crate) fn first_open(&self) -> usize {
        self.blocks() as usize * BLOCK
    }

    /// The valid length of the log file.
    pub(crate) fn log_bytes(&self) -> u64 {
        self.retrievals * LOG_RECORD as u64
    }

    /// The valid length of the vector file.
    pub(crate) fn vector_bytes(&self) -> u64 {
        self.blocks() * BLOCK_BYTES
    }
}

/// A row of the table `blocks`: the checksum of the block's vectors, and its columns.
pub(crate) struct BlockRow {
    pub vectors_crc: u32,
    pub rows: Vec<(Record, Vital)>,
}

/// Encodes a block whose payloads are all in the file.
pub(crate) fn encode_block(vectors_crc: u32, records: &Records, vitals: &Vitals) -> Vec<u8> {
    // Those of a full block are all in the file.
    let places: Vec<Place> = records.payloads.iter().filter_map(Payload::place).collect();
    let mut out = Vec::with_capacity(4 + BLOCK * 53);
    out.extend(vectors_crc.to_le_bytes());
    out.extend(records.ids.iter().flat_map(|v| v.to_le_bytes()));
    out.extend(records.times.iter().flat_map(|v| v.to_le_bytes()));
    out.extend(records.valences.iter().flat_map(|v| v.to_le_bytes()));
    out.extend(places.iter().flat_map(|v| v.offset.to_le_bytes()));
    out.extend(places.iter().flat_map(|v| v.len.to_le_bytes()));
    out.extend(places.iter().flat_map(|v| v.crc.to_le_bytes()));
    out.extend(vitals.strengths.iter().flat_map(|v| v.to_le_bytes()));
    out.extend(vitals.updated.iter().flat_map(|v| v.to_le_bytes()));
    out.extend((0..records.ids.len()).map(|place| u8::from(vitals.is_dead(place))));
    out
}

pub(crate) fn decode_block(bytes: &[u8]) -> Option<BlockRow> {
    let mut from = Decoder(bytes);
    let vectors_crc = from.take().map(u32::from_le_bytes)?;
    let ids = from.column(u64::from_le_bytes)?;
    let times = from.column(i64::from_le_bytes)?;
    let valences = from.column(f32::from_le_bytes)?;
    let offsets = from.column(u64::from_le_bytes)?;
    let lens = from.column(u32::from_le_bytes)?;
    let crcs = from.column(u32::from_le_bytes)?;
    let strengths = from.column(f64::from_le_bytes)?;
    let updated = from.column(i64::from_le_bytes)?;
    let dead = from.column(|[byte]| byte != 0)?;
    let row = |i: usize| {
        let payload = Payload::in_file(Place { offset: offsets[i], len: lens[i], crc: crcs[i] });
        let record = Record { id: ids[i], time: times[i], valence: valences[i], payload };
        (record, Vital { strength: strengths[i], updated: updated[i], dead: dead[i] })
    };
    from.end(BlockRow { vectors_crc, rows: (0..BLOCK).map(row).collect() })
}

/// A row of the table `vitals`: what has changed of an episode since its block was written.
pub(crate) fn encode_vital(vital: &Vital) -> Vec<u8> {
    let mut out = Vec::with_capacity(17);
    out.extend(vital.strength.to_le_bytes());
    out.extend(vital.updated.to_le_bytes());
    out.push(u8::from(vital.dead));
    out
}

pub(crate) fn decode_vital(bytes: &[u8]) -> Option<Vital> {
    let mut from = Decoder(bytes);
    let strength = from.take().map(f64::from_le_bytes)?;
    let updated = from.take().map(i64::from_le_bytes)?;
    let dead = from.take().map(|[byte]| byte != 0)?;
    from.end(Vital { strength, updated, dead })
}

/// A row of the table `tail`: an episode of the unfinished block.
pub(crate) fn encode_tail(record: &Record, vital: &Vital, vector: &HV16) -> Vec<u8> {
    let mut out = Vec::with_capacity(320 + record.payload.len());
    out.extend(record.id.to_le_bytes());
    out.extend(record.time.to_le_bytes());
    out.extend(record.valence.to_le_bytes());
    out.extend(encode_vital(vital));
    out.extend(vector.0);
    if let Payload::Memory(bytes) = &record.payload {
        out.push(0);
        out.extend(bytes.iter());
    }
    if let Some(place) = record.payload.place() {
        out.push(1);
        out.extend(place.offset.to_le_bytes());
        out.extend(place.len.to_le_bytes());
        out.extend(place.crc.to_le_bytes());
    }
    out
}

pub(crate) fn decode_tail(bytes: &[u8]) -> Option<(Record, Vital, HV16)> {
    let mut from = Decoder(bytes);
    let id = from.take().map(u64::from_le_bytes)?;
    let time = from.take().map(i64::from_le_bytes)?;
    let valence = from.take().map(f32::from_le_bytes)?;
    let strength = from.take().map(f64::from_le_bytes)?;
    let updated = from.take().map(i64::from_le_bytes)?;
    let dead = from.take().map(|[byte]| byte != 0)?;
    let vector = HV16(from.take()?);
    let payload = match from.take()? {
        [0u8] => Payload::in_memory(std::mem::take(&mut from.0)),
        [1u8] => {
            let offset = from.take().map(u64::from_le_bytes)?;
            let len = from.take().map(u32::from_le_bytes)?;
            Payload::in_file(Place { offset, len, crc: from.take().map(u32::from_le_bytes)? })
        }
        _ => return None,
    };
    from.end((Record { id, time, valence, payload }, Vital { strength, updated, dead }, vector))
}

/// What is left to decode; `None` from any step means that the row is not of the expected length.
pub(crate) struct Decoder<'a>(pub &'a [u8]);

impl Decoder<'_> {
    pub(crate) fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (first, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*first)
    }

    /// One value for each episode of a block.
    fn column<T, const N: usize>(&mut self, value: impl Fn([u8; N]) -> T) -> Option<Vec<T>> {
        (0..BLOCK).map(|_| self.take().map(&value)).collect()
    }

    /// `value`, if nothing is left.
    pub(crate) fn end<T>(&self, value: T) -> Option<T> {
        self.0.is_empty().then_some(value)
    }
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

    #[test]
    fn rows_come_back_and_other_lengths_are_refused() {
        let committed =
            Committed { sequence: 1, generation: 2, slots: 3, next_id: 4, payload_bytes: 5, log: 6, retrievals: 7 };
        assert_eq!(Committed::decode(&committed.encode()), Some(committed));
        assert_eq!(Committed::decode(&committed.encode()[1..]), None);

        let vital = Vital { strength: 0.5, updated: -7, dead: true };
        for payload in [Payload::in_memory(b"abc"), Payload::in_file(Place { offset: 9, len: 2, crc: 1 })] {
            let record = Record { id: 12, time: i64::MIN, valence: -1.0, payload };
            let bytes = encode_tail(&record, &vital, &HV16::random(1));
            assert_eq!(decode_tail(&bytes), Some((record, vital, HV16::random(1))));
            assert_eq!(decode_tail(&bytes[..290]), None);
        }

        assert_eq!(decode_vital(&encode_vital(&vital)), Some(vital));
        assert_eq!(decode_vital(&encode_vital(&vital)[..16]), None);

        let (mut records, mut vitals) = (Records::default(), Vitals::default());
        for i in 0..BLOCK as u64 {
            let payload = Payload::in_file(Place { offset: 3 * i, len: 3, crc: i as u32 });
            records.push(Record { id: 2 * i, time: -(i as i64), valence: 0.25, payload });
            vitals.push(Vital { strength: i as f64, updated: i as i64, dead: i % 3 == 0 });
        }
        let bytes = encode_block(77, &records, &vitals);
        let row = decode_block(&bytes).unwrap_or_else(|| panic!("a block does not decode"));
        assert_eq!((row.vectors_crc, row.rows.len()), (77, BLOCK));
        assert_eq!(row.rows[5].0, Record { id: 10, time: -5, valence: 0.25, payload: records.payloads[5].clone() });
        assert_eq!(row.rows[6].1, Vital { strength: 6.0, updated: 6, dead: true });
        assert!(decode_block(&bytes[..bytes.len() - 1]).is_none());
    }
}
