//! Episodes as bytes: a block in columns, one of the unfinished block, and what has changed since.

use hv_parallel::HV16;

use super::decoder::Decoder;
use super::labels::{decode_label, decode_labels, encode_label, encode_labels};
use super::version::Version;
use crate::arena::{BLOCK, Extent, Label, Labels, Mutable, Mutables, Payload, Record, Records};
use crate::episode::MAX_BYTES;

/// Bytes of a block in the vector file: 1 MiB.
pub(crate) const BLOCK_BYTES: u64 = (BLOCK * HV16::BYTES) as u64;

/// A row of the table `blocks`: the checksum of the block's vectors, and its columns.
pub(crate) struct BlockRow {
    pub vectors_crc: u32,
    pub records: Records,
    pub mutables: Mutables,
}

/// Encodes a block whose payloads are all in the file.
pub(crate) fn encode_block(vectors_crc: u32, records: &Records, mutables: &Mutables) -> Vec<u8> {
    // Those of a full block are all in the file.
    let extents: Vec<Extent> = records.payloads.iter().filter_map(Payload::extent).collect();
    let mut out = Vec::with_capacity(64 + BLOCK * 53);
    out.extend(vectors_crc.to_le_bytes());
    out.extend(records.ids.iter().flat_map(|v| v.to_le_bytes()));
    out.extend(records.times.iter().flat_map(|v| v.to_le_bytes()));
    out.extend(records.valences.iter().flat_map(|v| v.to_le_bytes()));
    out.extend(extents.iter().flat_map(|v| v.offset.to_le_bytes()));
    out.extend(extents.iter().flat_map(|v| v.len.to_le_bytes()));
    out.extend(extents.iter().flat_map(|v| v.crc.to_le_bytes()));
    out.extend(mutables.strengths.iter().flat_map(|v| v.to_le_bytes()));
    out.extend(mutables.updated.iter().flat_map(|v| v.to_le_bytes()));
    out.extend((0..records.ids.len()).map(|index| u8::from(mutables.is_deleted(index))));
    encode_labels(&mut out, &records.labels);
    out
}

pub(crate) fn decode_block(bytes: &[u8], version: Version) -> Option<BlockRow> {
    let mut from = Decoder(bytes);
    let vectors_crc = from.u32()?;
    let ids = from.column(u64::from_le_bytes)?;
    let times = from.column(i64::from_le_bytes)?;
    let valences = from.column(f32::from_le_bytes)?;
    let offsets = from.column(u64::from_le_bytes)?;
    let lens = from.column(u32::from_le_bytes)?;
    let crcs = from.column(u32::from_le_bytes)?;
    let strengths = from.column(f64::from_le_bytes)?;
    let updated = from.column(i64::from_le_bytes)?;
    let deleted = from.column(|[byte]| byte != 0)?;
    let labels = if version >= Version::Three { decode_labels(&mut from)? } else { Labels::none(BLOCK) };
    let extent = |i: usize| in_file(Extent { offset: offsets[i], len: lens[i], crc: crcs[i] });
    let payloads = (0..BLOCK).map(extent).collect::<Option<_>>()?;
    let records = Records { ids, times, valences, payloads, labels };
    from.end(BlockRow { vectors_crc, records, mutables: Mutables::of(strengths, updated, &deleted) })
}

/// A payload in the file, if there can be one: so the end of its range is a number, and no more than 1 MiB is read.
fn in_file(extent: Extent) -> Option<Payload> {
    (extent.offset <= Extent::MAX_OFFSET && extent.len as usize <= MAX_BYTES).then(|| Payload::in_file(extent))
}

/// A row of the table `vitals`: what has changed of an episode since its block was written.
pub(crate) fn encode_mutable(mutable: &Mutable) -> Vec<u8> {
    let mut out = Vec::with_capacity(17);
    out.extend(mutable.strength.to_le_bytes());
    out.extend(mutable.updated.to_le_bytes());
    out.push(u8::from(mutable.deleted));
    out
}

pub(crate) fn decode_mutable(bytes: &[u8]) -> Option<Mutable> {
    let mut from = Decoder(bytes);
    let mutable = take_mutable(&mut from)?;
    from.end(mutable)
}

fn take_mutable(from: &mut Decoder<'_>) -> Option<Mutable> {
    Some(Mutable { strength: from.f64()?, updated: from.i64()?, deleted: from.u8()? != 0 })
}

/// A row of the table `tail`: an episode of the unfinished block.
pub(crate) fn encode_tail(record: &Record, mutable: &Mutable, vector: &HV16) -> Vec<u8> {
    let mut out = Vec::with_capacity(340 + record.payload.len());
    out.extend(record.id.to_le_bytes());
    out.extend(record.time.to_le_bytes());
    out.extend(record.valence.to_le_bytes());
    out.extend(encode_mutable(mutable));
    out.extend(vector.0);
    encode_label(&mut out, &record.label);
    if let Payload::Memory(bytes) = &record.payload {
        out.push(0);
        out.extend(bytes.iter());
    }
    if let Some(extent) = record.payload.extent() {
        out.push(1);
        out.extend(extent.offset.to_le_bytes());
        out.extend(extent.len.to_le_bytes());
        out.extend(extent.crc.to_le_bytes());
    }
    out
}

pub(crate) fn decode_tail(bytes: &[u8], version: Version) -> Option<(Record, Mutable, HV16)> {
    let mut from = Decoder(bytes);
    let (id, time, valence) = (from.u64()?, from.i64()?, from.f32()?);
    let mutable = take_mutable(&mut from)?;
    let vector = HV16(from.take()?);
    let label = if version >= Version::Three { decode_label(&mut from)? } else { Label::default() };
    let payload = match from.u8()? {
        0 => Payload::in_memory(std::mem::take(&mut from.0)),
        1 => in_file(Extent { offset: from.u64()?, len: from.u32()?, crc: from.u32()? })?,
        _ => return None,
    };
    from.end((Record { id, time, valence, payload, label }, mutable, vector))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::Key;

    const MUTABLE: Mutable = Mutable { strength: 0.5, updated: -7, deleted: true };

    fn label(i: u64) -> Label {
        let key = match i % 3 {
            0 => None,
            1 => Some(Key::from(i)),
            _ => Some(Key::from(format!("key {i}"))),
        };
        Label { group: i as u16, source: 7, tags: u32::from(i > 4_000), key }
    }

    #[test]
    fn rows_come_back_and_other_lengths_are_refused() {
        for (i, payload) in
            [(1, Payload::in_memory(b"abc")), (2, Payload::in_file(Extent { offset: 9, len: 2, crc: 1 }))]
        {
            let record = Record { id: 12, time: i64::MIN, valence: -1.0, payload, label: label(i) };
            let bytes = encode_tail(&record, &MUTABLE, &HV16::random(1));
            assert_eq!(decode_tail(&bytes, Version::Three), Some((record, MUTABLE, HV16::random(1))));
            assert_eq!(decode_tail(&bytes[..290], Version::Three), None);
        }
        assert_eq!(decode_mutable(&encode_mutable(&MUTABLE)), Some(MUTABLE));
        assert_eq!(decode_mutable(&encode_mutable(&MUTABLE)[..16]), None);
    }

    #[test]
    fn blocks_come_back_with_their_labels() {
        let (mut records, mut mutables) = (Records::default(), Mutables::default());
        for i in 0..BLOCK as u64 {
            let payload = Payload::in_file(Extent { offset: 3 * i, len: 3, crc: i as u32 });
            records.push(Record { id: 2 * i, time: -(i as i64), valence: 0.25, payload, label: label(i) });
            mutables.push(Mutable { strength: i as f64, updated: i as i64, deleted: i % 3 == 0 });
        }
        let bytes = encode_block(77, &records, &mutables);
        let row = decode_block(&bytes, Version::Three).unwrap_or_else(|| panic!("a block does not decode"));
        let BlockRow { vectors_crc, records: read, mutables } = row;
        assert_eq!((vectors_crc, read.ids, read.times), (77, records.ids, records.times));
        assert_eq!((read.valences, read.payloads), (records.valences, records.payloads));
        assert!((0..BLOCK).all(|i| read.labels.get(i) == label(i as u64)));
        assert_eq!((mutables.strengths[6], mutables.updated[6]), (6.0, 6));
        assert!((0..BLOCK).all(|i| mutables.is_deleted(i) == (i % 3 == 0)));
        assert!(decode_block(&bytes[..bytes.len() - 1], Version::Three).is_none());
        assert!(decode_block(&bytes, Version::Two).is_none(), "a block of format 2 has no labels");
    }
}
