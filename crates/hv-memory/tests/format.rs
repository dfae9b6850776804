//! A reader of the store that knows only `docs/format.md`, redb and CRC-32.

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use common::episode;
use common::history::{Change, Model};
use hv_memory::{Changes, EpisodicMemory, HV16, Key, NewEpisode};
use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition};

#[derive(Debug, PartialEq)]
struct Stored {
    time: i64,
    valence: f32,
    strength: f64,
    updated: i64,
    vector: Vec<u8>,
    payload: Vec<u8>,
    group: u16,
    source: u32,
    tags: u32,
    key: Option<Key>,
}

struct Store {
    episodes: BTreeMap<u64, Stored>,
    retrievals: Vec<(u64, i64)>,
    note: Vec<u8>,
    next_id: u64,
    sources: Vec<Vec<u8>>,
    tag_sets: Vec<Vec<String>>,
    rows: BTreeMap<Vec<u8>, Vec<u8>>,
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes(bytes[at..at + 2].try_into().unwrap())
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
        (44, &b"hvmemory"[..], 3, 1)
    );
    assert_eq!((u32_at(&manifest, 16), u32_at(&manifest, 20)), (2_048, 0));
    let id = &manifest[24..40];
    assert_eq!(u32_at(&manifest, 40), crc32fast::hash(&manifest[..40]));

    let database = Database::open(folder.join("index.redb")).unwrap();
    let db = database.begin_read().unwrap();
    let state = db.open_table(TableDefinition::<&str, &[u8]>::new("state")).unwrap();
    let row = checked(b"committed", state.get("committed").unwrap().unwrap().value());
    assert_eq!((row.len(), &row[80..]), (96, id));
    let [commit, generation, slots, next_id, payload_bytes, number, records, sources, tag_sets, rows] =
        std::array::from_fn(|i| u64_at(&row, 8 * i));
    let store = checked(b"store", state.get("store").unwrap().unwrap().value());
    assert_eq!((u32_at(&store, 0), u32_at(&store, 4), u32_at(&store, 8), &store[12..]), (3, 2_048, 0, id));
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
        let labels = block_labels(&row[217_092..]);
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
                group: labels.groups[i],
                source: labels.sources[i],
                tags: labels.tags[i],
                key: labels.keys[i].clone(),
            };
            all.push((u64_at(&row, 4 + 8 * i), row[212_996 + i], stored));
        }
    }
    let tail = db.open_table(TableDefinition::<u64, &[u8]>::new("tail")).unwrap();
    for slot in slots / 4096 * 4096..slots {
        let row = checked(&slot.to_le_bytes(), tail.get(slot).unwrap().unwrap().value());
        let (key, rest) = key_of(&row[303..]);
        let stored = Stored {
            time: u64_at(&row, 8) as i64,
            valence: f32::from_bits(u32_at(&row, 16)),
            strength: f64::from_bits(u64_at(&row, 20)),
            updated: u64_at(&row, 28) as i64,
            vector: row[37..293].to_vec(),
            group: u16_at(&row, 293),
            source: u32_at(&row, 295),
            tags: u32_at(&row, 299),
            key,
            payload: match rest[0] {
                0 => rest[1..].to_vec(),
                _ => payload(u64_at(rest, 1), u32_at(rest, 9), u32_at(rest, 13)),
            },
        };
        all.push((u64_at(&row, 0), row[36], stored));
    }
    for row in db.open_table(TableDefinition::<u64, &[u8]>::new("vitals")).unwrap().iter().unwrap() {
        let (slot, row) = row.unwrap();
        let (_, deleted, stored) = &mut all[slot.value() as usize];
        let row = checked(&slot.value().to_le_bytes(), row.value());
        stored.strength = f64::from_bits(u64_at(&row, 0));
        stored.updated = u64_at(&row, 8) as i64;
        *deleted = row[16];
        assert_eq!(row.len(), 17);
    }
    for row in db.open_table(TableDefinition::<u64, &[u8]>::new("deleted")).unwrap().iter().unwrap() {
        let (block, row) = row.unwrap();
        let row = checked(&block.value().to_le_bytes(), row.value());
        assert_eq!(row.len(), 512);
        let first = block.value() as usize * 4096;
        for i in (0..4096).filter(|i| row[i / 8] >> (i % 8) & 1 == 1) {
            all[first + i].1 = 1;
        }
    }
    assert!(log.len() as u64 == 20 * records && all.windows(2).all(|pair| pair[0].0 < pair[1].0));
    let episodes: BTreeMap<u64, Stored> =
        all.into_iter().filter(|&(_, deleted, _)| deleted == 0).map(|(id, _, stored)| (id, stored)).collect();
    let record = |record: &[u8]| {
        assert_eq!(u32_at(record, 16), crc32fast::hash(&[id, &record[..16]].concat()));
        (u64_at(record, 0), u64_at(record, 8) as i64)
    };
    let mut retrievals: Vec<(u64, i64)> = log.chunks(20).map(record).collect();
    retrievals.retain(|(id, _)| episodes.contains_key(id));
    let named = |table: &'static str, count: u64| -> Vec<Vec<u8>> {
        let table = db.open_table(TableDefinition::<u32, &[u8]>::new(table)).unwrap();
        let name = |n: u32| checked(&n.to_le_bytes(), table.get(n).unwrap().unwrap().value());
        (1..=count as u32).map(name).collect()
    };
    let tags_of = |mut set: &[u8]| {
        let mut tags = Vec::new();
        while !set.is_empty() {
            let (tag, rest) = set[2..].split_at(u16_at(set, 0).into());
            tags.push(String::from_utf8(tag.to_vec()).unwrap());
            set = rest;
        }
        tags
    };
    let app_rows = db.open_table(TableDefinition::<&[u8], &[u8]>::new("rows")).unwrap();
    let app_rows: BTreeMap<Vec<u8>, Vec<u8>> = app_rows
        .iter()
        .unwrap()
        .map(|row| row.unwrap())
        .map(|(key, value)| (key.value().to_vec(), checked(key.value(), value.value())))
        .collect();
    assert_eq!(app_rows.len() as u64, rows);
    Store {
        episodes,
        retrievals,
        note,
        next_id,
        sources: named("sources", sources),
        tag_sets: named("tag_sets", tag_sets).iter().map(|set| tags_of(set)).collect(),
        rows: app_rows,
    }
}

/// The key at the front of some bytes, and what follows.
fn key_of(bytes: &[u8]) -> (Option<Key>, &[u8]) {
    match bytes[0] {
        0 => (None, &bytes[1..]),
        1 => (Some(Key::from(u64_at(bytes, 1))), &bytes[9..]),
        _ => {
            let (text, rest) = bytes[2..].split_at(bytes[1].into());
            (Some(Key::from(std::str::from_utf8(text).unwrap())), rest)
        }
    }
}

/// The labels of a block.
struct Labels {
    groups: Vec<u16>,
    sources: Vec<u32>,
    tags: Vec<u32>,
    keys: Vec<Option<Key>>,
}

fn block_labels(bytes: &[u8]) -> Labels {
    fn column<'a, T: Clone>(bytes: &'a [u8], value: impl Fn(&'a [u8]) -> (T, &'a [u8])) -> (Vec<T>, &'a [u8]) {
        if bytes[0] == 0 {
            let (one, rest) = value(&bytes[1..]);
            return (vec![one; 4096], rest);
        }
        let mut rest = &bytes[1..];
        let mut values = Vec::new();
        for _ in 0..4096 {
            let (value, after) = value(rest);
            values.push(value);
            rest = after;
        }
        (values, rest)
    }
    let (groups, rest) = column(bytes, |bytes| (u16_at(bytes, 0), &bytes[2..]));
    let (sources, rest) = column(rest, |bytes| (u32_at(bytes, 0), &bytes[4..]));
    let (tags, rest) = column(rest, |bytes| (u32_at(bytes, 0), &bytes[4..]));
    let (keys, rest) = column(rest, key_of);
    assert!(rest.is_empty());
    Labels { groups, sources, tags, keys }
}

/// The place of a name among those of a table.
fn number_of<T: PartialEq>(names: &[T], name: &T) -> u32 {
    names.iter().position(|known| known == name).expect("the name is in its table") as u32
}

fn sorted(mut tags: Vec<String>) -> Vec<String> {
    tags.sort();
    tags
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
    assert!(store.episodes.keys().eq(model.live.keys()));
    for (&id, stored) in &store.episodes {
        let given = episode(id);
        let (strength, retrievals) = &model.live[&id];
        let updated = retrievals.last().map_or(given.time, |&last| last.max(given.time));
        let expected = Stored {
            time: given.time,
            valence: given.valence,
            strength: *strength,
            updated,
            vector: HV16::random(id).0.to_vec(),
            payload: given.payload,
            group: given.group,
            source: given.source.map_or(0, |source| 1 + number_of(&store.sources, &source)),
            tags: if given.tags.is_empty() { 0 } else { 1 + number_of(&store.tag_sets, &sorted(given.tags)) },
            key: None,
        };
        assert_eq!(*stored, expected, "episode {id}");
    }
    assert_eq!(store.retrievals, [(3, 2), (4_200, 3), (3, 6), (8_000, 9)]);
    assert!(store.rows.is_empty());
}

#[test]
fn labels_and_rows_are_as_their_description_says() {
    let folder = tempfile::tempdir().unwrap();
    let memory = EpisodicMemory::open(folder.path()).unwrap();
    let key = |i: u64| match i % 3 {
        0 => None,
        1 => Some(Key::from(i)),
        _ => Some(Key::from(format!("line {i}"))),
    };
    let labelled = |i: u64| NewEpisode {
        content: HV16::random(i),
        group: if i < 4_096 { 9 } else { i as u16 },
        source: (i > 10).then(|| format!("file {}", i / 3_000).into_bytes()),
        key: key(i),
        tags: if i.is_multiple_of(2) { vec!["even".into(), "a".into()] } else { Vec::new() },
        ..NewEpisode::default()
    };
    memory.store_batch(&(0..4_100).map(labelled).collect::<Vec<_>>()).unwrap();
    memory.apply(&Changes::new().put_row("b", "2").put_row([0, 255], "").put_row("c", "3").delete_row("c")).unwrap();
    // Two that were there are replaced: one in the block, and one after it.
    memory.store_batch(&[labelled(4_097), labelled(1)]).unwrap();
    drop(memory);
    let store = read(folder.path());
    assert_eq!(store.sources, [b"file 0", b"file 1"]);
    assert_eq!(store.tag_sets, [["a", "even"]]);
    assert_eq!(store.rows, BTreeMap::from([(b"b".to_vec(), b"2".to_vec()), (vec![0, 255], Vec::new())]));
    let mut expected: BTreeMap<u64, u64> = (0..4_100).map(|i| (i, i)).collect();
    expected.remove(&1);
    expected.remove(&4_097);
    expected.extend([(4_100, 4_097), (4_101, 1)]);
    assert!(store.episodes.keys().eq(expected.keys()));
    for (id, i) in expected {
        let (stored, given) = (&store.episodes[&id], labelled(i));
        assert_eq!((stored.group, &stored.key), (given.group, &given.key), "{id}");
        let source = given.source.map_or(0, |source| if source == b"file 0" { 1 } else { 2 });
        assert_eq!((stored.source, stored.tags), (source, u32::from(i.is_multiple_of(2))), "{id}");
    }
}
