//! Rows of the index that nobody wrote in error: numbers at which sums overflow, with checksums that are right. Refused,
//! without a panic, a write, or memory for lengths that no file has.

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use common::{episode, episodes, files, write_files};
use hv_memory::{EpisodicMemory, MemoryError, NewEpisode};
use redb::{Database, ReadableTable, TableDefinition};

const STATE: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("state");
const BLOCKS: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("blocks");
const TAIL: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("tail");

/// The row of the last commit.
const COMMITTED: Row = Row::Committed;
/// The row of the full block.
const BLOCK: Row = Row::Of(BLOCKS, 0);
/// The row of an episode after it, whose payload is in the file.
const AFTER: Row = Row::Of(TAIL, 4_096);

#[derive(Clone, Copy)]
enum Row {
    Committed,
    Of(TableDefinition<'static, u64, &'static [u8]>, u64),
}

/// A row with other bytes from an offset on, and its checksum after it.
fn patched(key: &[u8], row: &[u8], at: usize, bytes: &[u8]) -> Vec<u8> {
    let mut row = row[..row.len() - 4].to_vec();
    row[at..at + bytes.len()].copy_from_slice(bytes);
    let crc = crc32fast::hash(&[key, &row].concat());
    [row, crc.to_le_bytes().to_vec()].concat()
}

fn patch(folder: &Path, row: Row, at: usize, bytes: &[u8]) {
    let index = Database::open(folder.join("index.redb")).unwrap();
    let transaction = index.begin_write().unwrap();
    match row {
        Row::Committed => {
            let mut table = transaction.open_table(STATE).unwrap();
            let row = patched(b"committed", table.get("committed").unwrap().unwrap().value(), at, bytes);
            table.insert("committed", &*row).unwrap();
        }
        Row::Of(table, key) => {
            let mut table = transaction.open_table(table).unwrap();
            let row = patched(&key.to_le_bytes(), table.get(key).unwrap().unwrap().value(), at, bytes);
            table.insert(key, &*row).unwrap();
        }
    }
    transaction.commit().unwrap();
}

/// A store of a full block and an episode.
fn store() -> BTreeMap<String, Vec<u8>> {
    let folder = tempfile::tempdir().unwrap();
    let memory = EpisodicMemory::open(folder.path()).unwrap();
    memory.store_batch(&episodes(0..4_096)).unwrap();
    memory.store(NewEpisode { payload: vec![7; 2_000], ..episode(4_096) }).unwrap();
    drop(memory);
    files(folder.path())
}

/// The most address space that this process has had, in bytes; 0 where it is not known.
fn most_space() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmPeak:"));
    line.map_or(0, |line| line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() << 10)
}

/// Opens and verifies a store with patched rows, and reads what opens.
fn check(store: &BTreeMap<String, Vec<u8>>, what: &str, patches: &[(Row, usize, &[u8])], prepare: impl Fn(&Path)) {
    let folder = tempfile::tempdir().unwrap();
    write_files(folder.path(), store);
    patches.iter().for_each(|&(row, at, bytes)| patch(folder.path(), row, at, bytes));
    prepare(folder.path());
    let (index, space) = (fs::read(folder.path().join("index.redb")).unwrap(), most_space());
    for open in [EpisodicMemory::open_read_only, EpisodicMemory::open] {
        let read = open(folder.path()).map(|memory| memory.snapshot().episodes().map(Result::unwrap).count());
        assert!(matches!(read, Err(MemoryError::Damaged { .. })), "{what}: {read:?}");
    }
    let found = hv_memory::verify(folder.path()).unwrap();
    assert!(!found.is_sound(), "{what}");
    assert!(fs::read(folder.path().join("index.redb")).unwrap() == index, "{what}: a refused store was written to");
    let more = most_space() - space;
    assert!(more < 1 << 29, "{what}: {more} bytes were asked for");
}

#[test]
fn numbers_that_no_store_has() {
    let store = store();
    let most = u64::MAX.to_le_bytes();
    let of = |number: u64| number.to_le_bytes();
    let nothing = |_: &Path| ();
    for (at, name) in [
        (0, "commit"),
        (16, "slots"),
        (24, "next id"),
        (32, "bytes of payloads"),
        (48, "retrievals"),
        (56, "sources"),
        (64, "sets of tags"),
        (72, "rows"),
    ] {
        for number in [most, of(1 << 63)] {
            check(&store, name, &[(COMMITTED, at, &number)], nothing);
        }
    }
    // Cut to 32 bits, or times 20 cut to 64, these are what the store has.
    let len = |name: &str| u64::try_from(store[name].len()).unwrap();
    assert_eq!(len("log-0"), 0);
    check(&store, "retrievals", &[(COMMITTED, 48, &of(1 << 62))], nothing);
    for (at, name, count) in [(56, "sources", 2_u64), (64, "sets of tags", 2)] {
        check(&store, name, &[(COMMITTED, at, &of((1 << 32) + count))], nothing);
    }
    for (at, file) in [(8, "generation"), (40, "log")] {
        check(&store, file, &[(COMMITTED, at, &most)], |folder| {
            let moved = if at == 8 { &["vectors", "payloads"][..] } else { &["log"] };
            for name in moved {
                let to = format!("{name}-{}", u64::MAX);
                fs::rename(folder.join(format!("{name}-0")), folder.join(to)).unwrap();
            }
        });
    }
}

#[test]
fn ranges_of_payloads_that_no_file_has() {
    let store = store();
    let nothing = |_: &Path| ();
    let payloads = u64::try_from(store["payloads-0"].len()).unwrap();
    // Of the first and the last episode of the block, and of the one after it: offsets, then lengths.
    for (row, offset, len) in [(BLOCK, 81_924, 114_692), (BLOCK, 114_684, 131_072), (AFTER, 305, 313)] {
        // What does not fit into 48 bits is not what is left of it.
        for number in [u64::MAX, u64::MAX - 2_000, 1 << 63, 1 << 48, payloads] {
            let patches = [(row, offset, &number.to_le_bytes()[..]), (row, len, &1_u32.to_le_bytes())];
            check(&store, &format!("offset {number}"), &patches, nothing);
        }
        for number in [u32::MAX, (1 << 20) + 1] {
            check(&store, &format!("length {number}"), &[(row, len, &number.to_le_bytes())], nothing);
            // A file without data in it can have any length.
            if cfg!(unix) {
                let patches = [(row, len, &number.to_le_bytes()[..]), (COMMITTED, 32, &(8_u64 << 30).to_le_bytes())];
                check(&store, &format!("length {number}"), &patches, |folder| {
                    let file = fs::File::options().write(true).open(folder.join("payloads-0")).unwrap();
                    file.set_len(8 << 30).unwrap();
                });
            }
        }
    } // Bytes that are there, and that no commit vouches for.
    let range =
        [payloads.to_le_bytes().to_vec(), [1_u32, crc32fast::hash(&[0])].map(u32::to_le_bytes).concat()].concat();
    check(&store, "beyond what was written", &[(AFTER, 305, &range)], |folder| {
        fs::File::options().write(true).open(folder.join("payloads-0")).unwrap().set_len(payloads + 9).unwrap();
    });
}
