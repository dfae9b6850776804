//! The application's rows: put, read, iterated and deleted, in every kind of memory, and as snapshots saw them.

mod common;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use common::{cases, episode, episodes, files, write_files};
use hv_memory::{Changes, ConsolidatePolicy, EpisodeId, EpisodicMemory, MemoryError, NewEpisode, Snapshot};
use proptest::prelude::*;

type Rows = BTreeMap<Vec<u8>, Vec<u8>>;

/// Rows of a snapshot under a prefix.
fn rows(snapshot: &Snapshot, prefix: &[u8]) -> Vec<(Vec<u8>, Vec<u8>)> {
    snapshot.rows(prefix).map(Result::unwrap).collect()
}

/// Checks that a snapshot has these rows, by key, by prefix and by number.
fn check(snapshot: &Snapshot, model: &Rows) {
    assert_eq!(snapshot.row_count(), model.len() as u64);
    let all: Vec<_> = model.clone().into_iter().collect();
    assert!(rows(snapshot, b"") == all);
    for (key, value) in &all {
        assert!(snapshot.row(key).unwrap().as_ref() == Some(value), "{key:?}");
        assert_eq!(snapshot.row(&[key, &b"\0"[..]].concat()).unwrap(), model.get(&[key, &b"\0"[..]].concat()).cloned());
    }
    for prefix in [&b"a"[..], b"a/", b"b", b"\xff", b"\xff\xff", b"none"] {
        let mut of_it = all.clone();
        of_it.retain(|(key, _)| key.starts_with(prefix));
        assert!(rows(snapshot, prefix) == of_it, "{prefix:?}");
    }
}

/// A memory with a folder, and one without.
fn both(folder: &Path) -> [EpisodicMemory; 2] {
    [EpisodicMemory::open(folder).unwrap(), EpisodicMemory::in_memory()]
}

#[test]
fn rows_are_put_and_deleted() {
    let folder = tempfile::tempdir().unwrap();
    for memory in both(folder.path()) {
        let mut model = Rows::new();
        check(&memory.snapshot(), &model);
        memory.apply(&Changes::new().delete_row("none")).unwrap();
        check(&memory.snapshot(), &model);
        let empty = memory.snapshot();
        // An empty key, an empty value, and both; the last of two changes counts.
        let changes =
            Changes::new().put_row("", "of the empty key").put_row("a", "").put_row("b", "1").put_row("b", "2");
        memory.apply(&changes.put_row("c", "3").delete_row("c").delete_row("d").put_row("d", "4")).unwrap();
        for (key, value) in [("", "of the empty key"), ("a", ""), ("b", "2"), ("d", "4")] {
            model.insert(key.into(), value.into());
        }
        check(&memory.snapshot(), &model);
        let (old, before) = (model.clone(), memory.snapshot());
        memory.apply(&Changes::new().put_row("", "").delete_row("b").put_row("b\0", "x").delete_row("a")).unwrap();
        model = [("", ""), ("b\0", "x"), ("d", "4")].map(|(key, value)| (key.into(), value.into())).into();
        check(&memory.snapshot(), &model);
        check(&before, &old);
        // What is written to between.
        memory.store(episode(0)).unwrap();
        memory.set_metadata(b"note").unwrap();
        check(&memory.snapshot(), &model);
        memory.compact().unwrap();
        check(&memory.snapshot(), &model);
        check(&before, &old);
        check(&empty, &Rows::new());
        memory.apply(&Changes::new().delete_row("").delete_row("b\0").delete_row("d")).unwrap();
        check(&memory.snapshot(), &Rows::new());
        check(&before, &old);
        memory.apply(&Changes::new().put_row("", "").put_row("b\0", "x").put_row("d", "4")).unwrap();
    }
    let model = [("", ""), ("b\0", "x"), ("d", "4")].map(|(key, value)| (key.into(), value.into())).into();
    let reader = EpisodicMemory::open_read_only(folder.path()).unwrap();
    check(&reader.snapshot(), &model);
    let error = reader.apply(&Changes::new().delete_row("d")).unwrap_err();
    assert!(matches!(error, MemoryError::ReadOnly { .. }), "{error}");
    drop(reader);
    check(&EpisodicMemory::open(folder.path()).unwrap().snapshot(), &model);
}

/// Prefixes of more rows than are read at a time, next to each other, the last of them of the largest bytes.
#[test]
fn prefixes_of_many_rows() {
    let folder = tempfile::tempdir().unwrap();
    for memory in both(folder.path()) {
        let mut model = Rows::new();
        for (prefix, count) in [("a/".as_bytes(), 256), (b"a0", 1), (b"b", 700), (b"\xff", 257), (b"\xff\xff", 512)] {
            let rows = (0..count).map(|i: u32| ([prefix, &i.to_be_bytes()].concat(), i.to_le_bytes().to_vec()));
            model.extend(rows);
        }
        let changes = model.iter().fold(Changes::new(), |changes, (key, value)| changes.put_row(key, value));
        memory.apply(&changes).unwrap();
        check(&memory.snapshot(), &model);
        // An iteration goes on over what its snapshot saw.
        let mut half = memory.snapshot().rows(b"b");
        let first: Vec<_> = half.by_ref().take(300).map(Result::unwrap).collect();
        let gone = model.keys().filter(|key| key.starts_with(b"b")).fold(Changes::new(), Changes::delete_row);
        memory.apply(&gone.compact()).unwrap();
        let rest: Vec<_> = half.map(Result::unwrap).collect();
        assert_eq!((first.len(), rest.len()), (300, 400));
        assert!(
            first.iter().chain(&rest).eq(&model
                .iter()
                .filter(|(key, _)| key.starts_with(b"b"))
                .map(|(key, value)| (key.clone(), value.clone()))
                .collect::<Vec<_>>())
        );
        model.retain(|key, _| !key.starts_with(b"b"));
        check(&memory.snapshot(), &model);
    }
}

#[test]
fn limits_of_rows() {
    let folder = tempfile::tempdir().unwrap();
    let (key, value) = ([0xff; Changes::MAX_ROW_KEY + 1], vec![7; Changes::MAX_ROW_VALUE + 1]);
    for memory in both(folder.path()) {
        let with = |changes: Changes| changes.store(episode(0)).put_row("row", "value");
        for (changes, wrong, size) in [
            (Changes::new().put_row(key, ""), "key", key.len()),
            (Changes::new().delete_row(key), "key", key.len()),
            (Changes::new().put_row("", &value), "value", value.len()),
        ] {
            let error = memory.apply(&with(changes)).unwrap_err();
            assert!(
                matches!(error, MemoryError::RowTooLarge { part, bytes, max }
                    if (part, bytes, max) == (wrong, size, size - 1)),
                "{error}"
            );
            assert_eq!((memory.len(), memory.snapshot().row_count()), (0, 0));
        }
        let largest = (0..12u8).fold(Changes::new(), |changes, i| changes.put_row([b'a', i], &value[1..]));
        memory.apply(&largest.put_row(&key[1..], &value[1..])).unwrap();
        let mut model: Rows = (0..12).map(|i| (vec![b'a', i], value[1..].to_vec())).collect();
        model.insert(key[1..].to_vec(), value[1..].to_vec());
        check(&memory.snapshot(), &model);
        memory.compact().unwrap();
        check(&memory.snapshot(), &model);
        let export = tempfile::tempdir().unwrap();
        memory.export(export.path()).unwrap();
        let imported = EpisodicMemory::in_memory();
        imported.import(export.path()).unwrap();
        check(&imported.snapshot(), &model);
    }
}

#[test]
fn one_step_for_episodes_and_rows() {
    let folder = tempfile::tempdir().unwrap();
    for memory in both(folder.path()) {
        assert!(Changes::new().is_empty() && !Changes::new().compact().is_empty());
        assert_eq!(memory.apply(&Changes::new()).unwrap(), hv_memory::Applied::default());
        memory.store_batch(&episodes(0..5_000)).unwrap();
        let before = memory.snapshot();
        let even = (0..5_000).step_by(2).chain([9_999, 0]).map(EpisodeId);
        let changes = Changes::new().forget(even).store_batch(episodes(5_000..5_010)).put_row("a", "b").compact();
        let applied = memory.apply(&changes).unwrap();
        assert_eq!(applied.forgotten, 2_500);
        assert!(applied.ids.into_iter().eq((5_000..5_010).map(EpisodeId)));
        assert_eq!((memory.len(), memory.stats().next_id, memory.snapshot().row_count()), (2_510, 5_010, 1));
        assert_eq!((before.len(), before.row_count()), (5_000, 0));
        memory.apply(&Changes::new().compact()).unwrap();
        let odd = (1..5_000).step_by(2).chain(5_000..5_010);
        for (stored, number) in memory.snapshot().episodes().zip(odd) {
            let stored = stored.unwrap();
            assert!(stored.id.0 == number && common::is(&stored, &episode(number)), "{number}");
        }
        assert_eq!(rows(&memory.snapshot(), b""), [(b"a".to_vec(), b"b".to_vec())]);
        let error = memory.import(folder.path()).unwrap_err();
        assert!(matches!(error, MemoryError::NotEmpty { next_id: 5_010, rows: 1 }), "{error}");
    }
    assert!(hv_memory::verify(folder.path()).unwrap().is_sound());
    // Rows alone keep an import out.
    let memory = EpisodicMemory::in_memory();
    memory.apply(&Changes::new().put_row("a", "b")).unwrap();
    assert!(matches!(memory.import(folder.path()), Err(MemoryError::NotEmpty { next_id: 0, rows: 1 })));
}

/// A bit of a value is flipped: it is told, and only of that row, or the store does not open.
#[test]
fn a_damaged_row() {
    let folder = tempfile::tempdir().unwrap();
    let memory = EpisodicMemory::open(folder.path()).unwrap();
    let value = |i: u8| [i; 3_000];
    memory.apply(&(0..30).fold(Changes::new(), |changes, i| changes.put_row([b'a' + i / 10, i], value(i)))).unwrap();
    drop(memory);
    let sound = files(folder.path());
    let place = sound["index.redb"].windows(3_000).position(|bytes| bytes == value(17)).unwrap();
    let (mut opened, mut refused) = (0, 0);
    for byte in [0, 1, 1_500, 2_999] {
        let damaged = tempfile::tempdir().unwrap();
        let mut files = sound.clone();
        files.get_mut("index.redb").unwrap()[place + byte] ^= 1 << (byte % 8);
        write_files(damaged.path(), &files);
        assert!(!hv_memory::verify(damaged.path()).unwrap().is_sound());
        for open in [EpisodicMemory::open_read_only, EpisodicMemory::open] {
            match open(damaged.path()) {
                Err(error) => {
                    assert!(matches!(error, MemoryError::Damaged { .. }), "{error}");
                    refused += 1;
                }
                Ok(memory) => {
                    read_damaged(&memory, &value);
                    opened += 1;
                }
            }
        }
    }
    println!("{opened} stores opened, {refused} did not");
}

/// Row 17 is damaged, and no other.
fn read_damaged(memory: &EpisodicMemory, value: &dyn Fn(u8) -> [u8; 3_000]) {
    let snapshot = memory.snapshot();
    for i in 0..30 {
        match snapshot.row(&[b'a' + i / 10, i]) {
            Ok(row) => assert!(i != 17 && row.as_deref() == Some(&value(i)[..]), "{i}"),
            Err(error) => assert!(i == 17 && matches!(error, MemoryError::Damaged { .. }), "{i}: {error}"),
        }
    }
    let found = memory.verify().unwrap();
    assert_eq!(found.damage.len(), 1, "{found:?}");
    assert_eq!((snapshot.rows(b"a").count(), snapshot.rows(b"c").count()), (10, 10), "others are read");
    for (prefix, before) in [(&b"b"[..], 7), (b"", 17)] {
        let read: Vec<_> = snapshot.rows(prefix).collect();
        assert!(read.len() == before + 1 && read[before].is_err() && read[..before].iter().all(Result::is_ok));
    }
    assert!(snapshot.export(tempfile::tempdir().unwrap().path()).is_err());
}

#[test]
fn rows_of_a_memory_that_is_closed() {
    let folder = tempfile::tempdir().unwrap();
    for open in [EpisodicMemory::open, EpisodicMemory::open_read_only] {
        let memory = open(folder.path()).unwrap();
        let put = (0..600_u32).fold(Changes::new(), |changes, i| changes.put_row(i.to_be_bytes(), "value"));
        let _ = memory.apply(&put);
        let (old, later) = (memory.snapshot(), memory.apply(&put.compact()));
        let snapshot = memory.snapshot();
        let mut half = snapshot.rows(b"");
        assert!(half.by_ref().take(10).all(|row| row.is_ok()), "{later:?}");
        drop(memory);
        let rest: Vec<_> = half.collect();
        assert!(matches!(rest.last(), Some(Err(MemoryError::Io { .. }))), "what was read at a time is there");
        assert!(matches!(snapshot.row(&7_u32.to_be_bytes()), Err(MemoryError::Io { .. })));
        assert!(snapshot.rows(b"").next().unwrap().is_err());
        assert!(snapshot.export(tempfile::tempdir().unwrap().path()).is_err());
        assert_eq!((snapshot.row_count(), old.row_count()), (600, 600));
        // Where the compaction replaced its index, that is read on.
        assert!(old.row(&7_u32.to_be_bytes()).map_or(true, |row| row.as_deref() == Some(b"value")));
    }
}

/// A key, and the byte that its value is of and how many; `None` where it is deleted.
type RowChange = (Vec<u8>, Option<(u8, usize)>);

#[derive(Clone, Debug)]
enum Step {
    Apply { rows: Vec<RowChange>, stored: u8, forget: u64, compact: bool },
    Compact,
    Keep(usize),
    Note(u8),
    Reopen,
    Exchange,
}

fn step() -> impl Strategy<Value = Step> {
    let byte = || prop_oneof![Just(b'a'), Just(b'b'), Just(0), Just(0xff)];
    let size = || prop_oneof![4 => 0..40usize, 1 => 3_000..9_000usize, 1 => Just(Changes::MAX_ROW_VALUE)];
    let row = move || (prop::collection::vec(byte(), 0..4), prop::option::weighted(0.7, (any::<u8>(), size())));
    let apply = (prop::collection::vec(row(), 0..9), 0..9u8, 2..9u64, any::<bool>());
    prop_oneof![
        6 => apply.prop_map(|(rows, stored, forget, compact)| Step::Apply { rows, stored, forget, compact }),
        1 => Just(Step::Compact),
        1 => (0..9usize).prop_map(Step::Keep),
        1 => any::<u8>().prop_map(Step::Note),
        2 => Just(Step::Reopen),
        1 => Just(Step::Exchange),
    ]
}

/// Runs the steps; every snapshot that was taken on the way sees at the end what it saw, until the memory is reopened.
fn run(steps: Vec<Step>, mut memory: EpisodicMemory, reopen: impl Fn(EpisodicMemory) -> EpisodicMemory) {
    let mut model = Arc::new(Rows::new());
    let mut seen: Vec<(Snapshot, Arc<Rows>)> = Vec::new();
    for step in steps {
        match step {
            Step::Apply { rows, stored, forget, compact } => {
                let first = memory.stats().next_id;
                let ids = (0..first).filter(|id| id % forget == 0).map(EpisodeId);
                let mut changes = Changes::new().forget(ids).store_batch(episodes(first..first + u64::from(stored)));
                let changed = Arc::make_mut(&mut model);
                for (key, value) in rows {
                    changes = match value.map(|(byte, size)| vec![byte; size]) {
                        None => {
                            changed.remove(&key);
                            changes.delete_row(key)
                        }
                        Some(value) => {
                            changed.insert(key.clone(), value.clone());
                            changes.put_row(key, value)
                        }
                    };
                }
                memory.apply(&if compact { changes.compact() } else { changes }).unwrap();
            }
            Step::Compact => memory.compact().unwrap(),
            Step::Keep(count) => drop(memory.consolidate(&ConsolidatePolicy::new().capacity(count), 0).unwrap()),
            Step::Note(byte) => memory.set_metadata(&[byte]).unwrap(),
            Step::Reopen => {
                seen.drain(..).for_each(|(snapshot, model)| check(&snapshot, &model));
                memory = reopen(memory);
            }
            Step::Exchange => {
                let folder = tempfile::tempdir().unwrap();
                memory.export(folder.path().join("export")).unwrap();
                for imported in both(&folder.path().join("store")) {
                    imported.import(folder.path().join("export")).unwrap();
                    check(&imported.snapshot(), &model);
                }
            }
        }
        check(&memory.snapshot(), &model);
        seen.push((memory.snapshot(), Arc::clone(&model)));
    }
    seen.iter().for_each(|(snapshot, model)| check(snapshot, model));
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn histories_of_rows(steps in prop::collection::vec(step(), 1..14)) {
        let folder = tempfile::tempdir().unwrap();
        run(steps, EpisodicMemory::open(folder.path()).unwrap(), |memory| {
            drop(memory);
            drop(EpisodicMemory::open_read_only(folder.path()).unwrap());
            EpisodicMemory::open(folder.path()).unwrap()
        });
        prop_assert!(hv_memory::verify(folder.path()).unwrap().is_sound());
    }

    #[test]
    fn histories_of_rows_in_memory(steps in prop::collection::vec(step(), 1..14)) {
        run(steps, EpisodicMemory::in_memory(), |memory| memory);
    }
}

/// Hidden episodes are found by nothing until they are revealed, also after the store was closed.
#[test]
fn hidden_episodes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let memory = EpisodicMemory::open(&path).unwrap();
    let [old, older] = [0, 0].map(|seed| memory.store(episode(seed)).unwrap());
    let labelled = |seed| NewEpisode { source: Some(b"file".to_vec()), tags: vec!["new".into()], ..episode(seed) };
    let new = memory.apply(&Changes::new().store_batch((1..5_000).map(labelled)).hide()).unwrap().ids;
    // Which writes down all that is deleted of its block.
    memory.forget(&[older]).unwrap();
    drop(memory);
    let memory = EpisodicMemory::open(&path).unwrap();
    let snapshot = memory.snapshot();
    assert_eq!((memory.len(), snapshot.ids_of_source(b"file").len(), snapshot.sources().len()), (1, 0, 0));
    assert_eq!((memory.get(new[7]).unwrap(), snapshot.ids_of_tag("new").len()), (None, 0));
    assert_eq!(memory.recall(&episode(8).content, 9).unwrap().len(), 1);
    memory.apply(&Changes::new().reveal(new[..9].iter().copied())).unwrap();
    drop(memory);
    let memory = EpisodicMemory::open(&path).unwrap();
    assert_eq!((memory.len(), memory.snapshot().ids_of_source(b"file")), (10, new[..9].to_vec()));
    memory.apply(&Changes::new().forget([old]).reveal(new.clone())).unwrap();
    drop(memory);
    let memory = EpisodicMemory::open(&path).unwrap();
    assert_eq!((memory.len(), memory.snapshot().ids_of_source(b"file")), (4_999, new.clone()));
    assert_eq!(memory.recall(&episode(8).content, 1).unwrap()[0].id, new[7]);
    assert!(memory.verify().unwrap().is_sound());

    // A compaction drops what is still hidden, and what has a key is neither hidden nor revealed.
    let hidden = memory.apply(&Changes::new().store(labelled(0)).hide()).unwrap().ids;
    memory.compact().unwrap();
    memory.apply(&Changes::new().reveal(hidden)).unwrap();
    assert_eq!(memory.len(), 4_999);
    let keyed = NewEpisode { key: Some("key".into()), ..episode(0) };
    let refused = memory.apply(&Changes::new().store(keyed.clone()).hide());
    assert!(matches!(refused, Err(MemoryError::InvalidLabel { index: 0, .. })), "{refused:?}");
    let forgotten = memory.store(keyed).unwrap();
    memory.forget(&[forgotten]).unwrap();
    memory.apply(&Changes::new().reveal([forgotten])).unwrap();
    assert_eq!(memory.len(), 4_999);
}
