//! Changes with the right checksums, as somebody would make them who wants to do harm.

use std::panic::{AssertUnwindSafe, catch_unwind};

use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition};

use crate::folders::{Files, temporary};
use crate::input::Input;

/// Bytes of the MANIFEST before its checksum.
const MANIFEST: usize = 40;

/// Where the store's id is in it.
const STORE_ID: std::ops::Range<usize> = 24..40;

/// Bytes of a record of the log.
const RECORD: usize = 20;

/// Changes a field of the MANIFEST.
pub(super) fn manifest(files: &mut Files, input: &mut Input<'_>) {
    let Some(bytes) = files.get_mut("MANIFEST").filter(|bytes| bytes.len() > 4) else { return };
    let body = bytes.len().min(MANIFEST + 4) - 4;
    let (at, value) = (4 * input.below(body / 4 + 1), number(input));
    bytes.iter_mut().take(body).skip(at).zip(value.to_le_bytes()).for_each(|(byte, new)| *byte = new);
    bytes.truncate(body);
    bytes.extend(crc32fast::hash(bytes).to_le_bytes());
}

/// Changes the number in LOCK.
pub(super) fn lock(files: &mut Files, input: &mut Input<'_>) {
    let mut note = number(input).to_le_bytes().to_vec();
    note.extend(crc32fast::hash(&note).to_le_bytes());
    files.insert("LOCK".into(), note);
}

/// Changes a record of the log.
pub(super) fn log(files: &mut Files, input: &mut Input<'_>) {
    let salt = files.get("MANIFEST").and_then(|bytes| bytes.get(STORE_ID)).unwrap_or_default().to_vec();
    let log = files.iter_mut().find(|(name, _)| name.starts_with("log-"));
    let records = log.map(|(_, bytes)| bytes.as_chunks_mut::<RECORD>().0).unwrap_or_default();
    let at = input.below(records.len().max(1));
    let Some(record) = records.get_mut(at) else { return };
    record[..8].copy_from_slice(&number(input).to_le_bytes());
    record[8..16].copy_from_slice(&number(input).to_le_bytes());
    let crc = crc32fast::hash(&[&salt, &record[..16]].concat());
    record[16..].copy_from_slice(&crc.to_le_bytes());
}

/// A number, often one near a limit.
fn number(input: &mut Input<'_>) -> u64 {
    match input.below(6) {
        0 => u64::from(input.u8()),
        1 => u64::MAX - u64::from(input.u8()),
        2 => (1 << 63) - u64::from(input.u8()),
        3 => 1 << input.below(64),
        4 => f64::to_bits([f64::NAN, f64::INFINITY, -1.0, -0.0, 5e-324, f64::MAX][input.below(6)]),
        _ => input.u64(),
    }
}

/// Changes a row of the index.
pub(super) fn row(files: &mut Files, input: &mut Input<'_>) {
    let change = Change::of(input);
    let Some(index) = files.get_mut("index.redb") else { return };
    // It may be damaged already, and then it stays as it is.
    if let Ok(Ok(bytes)) = catch_unwind(AssertUnwindSafe(|| change.made(index))) {
        *index = bytes;
    }
}

/// A change to a row of the index.
struct Change {
    table: usize,
    /// Which row of the table, in order of the keys. Beyond the last it is a new one.
    row: usize,
    new_key: u64,
    edit: Edit,
}

/// What becomes of a row.
enum Edit {
    Overwrite(usize, Vec<u8>),
    Truncate(usize),
    Append(Vec<u8>),
    Remove,
}

impl Change {
    fn of(input: &mut Input<'_>) -> Self {
        let (table, row, new_key) = (input.below(7), input.below(256), number(input));
        let at = |input: &mut Input<'_>| usize::from(if input.below(2) == 0 { input.u8().into() } else { input.u16() });
        let bytes = |input: &mut Input<'_>| match input.below(3) {
            0 => number(input).to_le_bytes().to_vec(),
            1 => (number(input) as u32).to_le_bytes().to_vec(),
            _ => (0..1 + input.below(12)).map(|_| input.u8()).collect(),
        };
        let edit = match input.below(6) {
            0 => Edit::Truncate(at(input)),
            1 => Edit::Append(bytes(input)),
            2 => Edit::Remove,
            // Numbers mostly begin at multiples of 4.
            3 => Edit::Overwrite(4 * at(input), bytes(input)),
            _ => Edit::Overwrite(at(input), bytes(input)),
        };
        Self { table, row, new_key, edit }
    }

    /// The index with the change.
    fn made(&self, index: &[u8]) -> Result<Vec<u8>, redb::Error> {
        let folder = temporary();
        let path = folder.path().join("index");
        std::fs::write(&path, index)?;
        let db = Database::open(&path)?;
        let name = |name: &str| name.to_owned().into_bytes();
        match self.table {
            0 => self.in_table::<&str>(&db, "state", |key| name(key), |key| std::str::from_utf8(key).unwrap_or("new")),
            1 => self.in_table::<u64>(&db, "blocks", |key| key.to_le_bytes().into(), u64_of),
            2 => self.in_table::<u64>(&db, "tail", |key| key.to_le_bytes().into(), u64_of),
            3 => self.in_table::<u64>(&db, "vitals", |key| key.to_le_bytes().into(), u64_of),
            4 => self.in_table::<u32>(&db, "sources", |key| key.to_le_bytes().into(), |key| u64_of(key) as u32),
            5 => self.in_table::<u32>(&db, "tag_sets", |key| key.to_le_bytes().into(), |key| u64_of(key) as u32),
            _ => self.in_table::<&[u8]>(&db, "rows", <[u8]>::to_vec, |key| key),
        }?;
        drop(db);
        Ok(std::fs::read(&path)?)
    }

    /// Makes the change in a table. Keys are given as the bytes that the checksum of a row begins with.
    fn in_table<K: redb::Key + 'static>(
        &self,
        db: &Database,
        name: &str,
        bytes_of: impl for<'k> Fn(K::SelfType<'k>) -> Vec<u8>,
        key_of: impl for<'k> Fn(&'k [u8]) -> K::SelfType<'k>,
    ) -> Result<(), redb::Error> {
        let table: TableDefinition<'_, K, &[u8]> = TableDefinition::new(name);
        let found = {
            let table = db.begin_read()?.open_table(table)?;
            let row = table.iter()?.nth(self.row).transpose()?;
            row.map(|(key, value)| (bytes_of(key.value()), value.value().to_vec()))
        };
        let (key, value) = found.unwrap_or_else(|| (bytes_of(key_of(&self.new_key.to_le_bytes())), vec![0; 4]));
        let mut transaction = db.begin_write()?;
        transaction.set_quick_repair(true);
        {
            let mut table = transaction.open_table(table)?;
            match self.edit.made(&key, value) {
                Some(value) => drop(table.insert(key_of(&key), value.as_slice())?),
                None => drop(table.remove(key_of(&key))?),
            }
        }
        Ok(transaction.commit()?)
    }
}

impl Edit {
    /// A row that was changed, with the checksum of it and its key; `None` where it is to go.
    fn made(&self, key: &[u8], mut row: Vec<u8>) -> Option<Vec<u8>> {
        row.truncate(row.len().saturating_sub(4));
        match self {
            Self::Overwrite(at, bytes) => row.iter_mut().skip(*at).zip(bytes).for_each(|(byte, new)| *byte = *new),
            Self::Truncate(len) => row.truncate(*len),
            Self::Append(bytes) => row.extend(bytes),
            Self::Remove => return None,
        }
        let crc = crc32fast::hash(&[key, &row].concat());
        row.extend(crc.to_le_bytes());
        Some(row)
    }
}

/// The number of a key; a shorter one is filled up with zeros.
fn u64_of(key: &[u8]) -> u64 {
    key.iter().rev().fold(0, |number, &byte| number << 8 | u64::from(byte))
}
