//! A reader of the store that knows only `docs/format.md`, redb and CRC-32.

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use common::episode;
use common::history::{Change, Model};
use hv_memory::{EpisodicMemory, HV16};
use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition};

#[derive(Debug, PartialEq)]
struct Stored {
    time: i64,
    valence: f32,
    strength: f64,
    updated: i64,
    vector: Vec<u8>,
    payload: Vec<u8>,
}

struct Store {
    episodes: BTreeMap<u64, Stored>,
    retrievals: Vec<(u64, i64)>,
    note: Vec<u8>,
    next_id: u64,
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap())
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap())
}

/// A row without its checksum.
fn checked(key: &[u8], row: &[u8]) -> Vec<u8> {
    let (row, crc) = row.split_at(row.len() - 4);
    assert_eq!(u32_at(crc, 0), crc32fast::hash(&[key, row].concat()));
    row.to_vec()
}

fn read(folder: &Path) -> Store {
    let manifest = fs::read(folder.join("MANIFEST")).unwrap();
    assert_eq!(
        (manifest.len(), &manifest[..8], u32_at(&manifest, 8), u32_at(&manifest, 12)),
        (20, &b"hvmemory"[..], 2, 1)
    );
    assert_eq!(u32_at(&manifest, 16), crc32fast::hash(&manifest[..16]));

    let database = Database::open(folder.join("index.redb")).unwrap();
    let db = database.begin_read().unwrap();
    let state = db.open_table(TableDefinition::<&str, &[u8]>::new("state")).unwrap();
    let row = checked(b"committed", state.get("committed").unwrap().unwrap().value());
    assert_eq!(row.len(), 56);
    let [commit, generation, slots, next_id, payload_bytes, number, records] =
        std::array::from_fn(|i| u64_at(&row, 8 * i));
    let note = checked(b"metadata", state.get("metadata").unwrap().unwrap().value());
    let lock = fs::read(folder.join("LOCK")).unwrap();
    assert_eq!((u64_at(&lock, 0), u32_at(&lock, 8)), (commit, crc32fast::hash(&lock[..8])));

    let file = |name: &str, number| fs::read(folder.join(format!("{name}-{number}"))).unwrap();
    let (vectors, payloads, log) = (file("vectors", generation), file("payloads", generation), file("log", number));
    assert_eq!(payloads.len() as u64, payload_bytes);
    let payload = |offset: u64, len: u32, crc: u32| {
        let bytes = &payloads[offset as usize..][..len as usize];
        assert_eq!(crc32fast::hash(bytes), crc);
        bytes.to_vec()
    };

    let mut all = Vec::new();
    let blocks = db.open_table(TableDefinition::<u64, &[u8]>::new("blocks")).unwrap();
    for block in 0..slots / 4096 {
        let row = checked(&block.to_le_bytes(), blocks.get(block).unwrap().unwrap().value());
        assert_eq!(row.len(), 217_092);
        let vectors = &vectors[(block as usize) << 20..][..1 << 20];
        assert_eq!(u32_at(&row, 0), crc32fast::hash(vectors));
        for i in 0..4096 {
            let stored = Stored {
                time: u64_at(&row, 32_772 + 8 * i) as i64,
                valence: f32::from_bits(u32_at(&row, 65_540 + 4 * i)),
                strength: f64::from_bits(u64_at(&row, 147_460 + 8 * i)),
                updated: u64_at(&row, 180_228 + 8 * i) as i64,
                vector: vectors[256 * i..][..256].to_vec(),
                payload: payload(
                    u64_at(&row, 81_924 + 8 * i),
                    u32_at(&row, 114_692 + 4 * i),
                    u32_at(&row, 131_076 + 4 * i),
                ),
            };
            all.push((u64_at(&row, 4 + 8 * i), row[212_996 + i], stored));
        }
    }
    let tail = db.open_table(TableDefinition::<u64, &[u8]>::new("tail")).unwrap();
    for slot in slots / 4096 * 4096..slots {
        let row = checked(&slot.to_le_bytes(), tail.get(slot).unwrap().unwrap().value());
        let stored = Stored {
            time: u64_at(&row, 8) as i64,
            valence: f32::from_bits(u32_at(&row, 16)),
            strength: f64::from_bits(u64_at(&row, 20)),
            updated: u64_at(&row, 28) as i64,
            vector: row[37..293].to_vec(),
            payload: match row[293] {
                0 => row[294..].to_vec(),
                _ => payload(u64_at(&row, 294), u32_at(&row, 302), u32_at(&row, 306)),
            },
        };
        all.push((u64_at(&row, 0), row[36], stored));
    }
    for row in db.open_table(TableDefinition::<u64, &[u8]>::new("vitals")).unwrap().iter().unwrap() {
        let (slot, row) = row.unwrap();
        let (_, dead, stored) = &mut all[slot.value() as usize];
        let row = checked(&slot.value().to_le_bytes(), row.value());
        stored.strength = f64::from_bits(u64_at(&row, 0));
        stored.updated = u64_at(&row, 8) as i64;
        *dead = row[16];
        assert_eq!(row.len(), 17);
    }
    assert!(log.len() as u64 == 20 * records && all.windows(2).all(|pair| pair[0].0 < pair[1].0));
    let episodes: BTreeMap<u64, Stored> =
        all.into_iter().filter(|&(_, dead, _)| dead == 0).map(|(id, _, stored)| (id, stored)).collect();
    let record = |record: &[u8]| {
        assert_eq!(u32_at(record, 16), crc32fast::hash(&record[..16]));
        (u64_at(record, 0), u64_at(record, 8) as i64)
    };
    let mut retrievals: Vec<(u64, i64)> = log.chunks(20).map(record).collect();
    retrievals.retain(|(id, _)| episodes.contains_key(id));
    Store { episodes, retrievals, note, next_id }
}

#[test]
fn a_store_is_as_its_description_says() {
    let folder = tempfile::tempdir().unwrap();
    let memory = EpisodicMemory::open(folder.path()).unwrap();
    let mut model = Model::default();
    let changes = [
        Change::Store(4_300),
        Change::Note(7),
        Change::Recollect(3),
        Change::Recollect(4_200),
        Change::Forget(vec![5, 4_201]),
        Change::Compact,
        Change::Recollect(3),
        Change::Forget(vec![6, 4_202]),
        Change::Store(4_000),
        Change::Recollect(8_000),
    ];
    for (now, change) in changes.iter().enumerate() {
        model.run(&memory, change, now as i64).unwrap();
        model.apply(change, now as i64);
    }
    drop(memory);
    let store = read(folder.path());
    assert_eq!((store.next_id, &store.note), (model.next_id, &model.note));
    assert!(store.episodes.keys().eq(model.living.keys()));
    for (&id, stored) in &store.episodes {
        let given = episode(id);
        let (strength, retrievals) = &model.living[&id];
        let updated = retrievals.last().map_or(given.time, |&last| last.max(given.time));
        let expected = Stored {
            time: given.time,
            valence: given.valence,
            strength: *strength,
            updated,
            vector: HV16::random(id).0.to_vec(),
            payload: given.payload,
        };
        assert_eq!(*stored, expected, "episode {id}");
    }
    assert_eq!(store.retrievals, [(3, 2), (4_200, 3), (3, 6), (8_000, 9)]);
}
