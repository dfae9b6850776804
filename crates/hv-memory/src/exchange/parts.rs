//! What export and import share: the names of the files, their version, and bytes as text.

use serde_json::{Map, Value};

pub(super) const EPISODES: &str = "episodes.jsonl";
/// The name of the episodes until the export is whole.
pub(super) const NEW_EPISODES: &str = "episodes.jsonl.new";
pub(super) const VECTORS: &str = "vectors.bin";
pub(super) const ROWS: &str = "rows.jsonl";
pub(super) const FORMAT: &str = "hv-export";

/// The version that is written. Version 1, which has no labels and no rows, is read too.
pub(super) const VERSION: u64 = 2;

/// The longest line, in bytes. A payload of 1 MiB has up to 6 of them a byte, and each of the 1,048,576 retrievals that
/// can count has up to 21 for its time and 20 for its position.
pub(super) const LINE: u64 = 64 << 20;

/// Sets a field to bytes: as text where they are UTF-8, else the field of the same name with `_hex` as digits.
pub(super) fn set_bytes(line: &mut Map<String, Value>, name: &str, bytes: Vec<u8>) {
    match String::from_utf8(bytes) {
        Ok(text) => line.insert(name.into(), text.into()),
        Err(error) => line.insert(format!("{name}_hex"), hex(error.as_bytes()).into()),
    };
}

/// The bytes of a field that [`set_bytes`] set: `Some(None)` where neither form is there, `None` where both are, or where
/// one is malformed.
pub(super) fn bytes_of(line: &Value, name: &str) -> Option<Option<Vec<u8>>> {
    match (&line[name], &line[format!("{name}_hex")]) {
        (Value::Null, Value::Null) => Some(None),
        (Value::String(text), Value::Null) => Some(Some(text.as_bytes().to_vec())),
        (Value::Null, Value::String(digits)) => unhex(digits).map(Some),
        _ => None,
    }
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(super) fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |c: u8| char::from(c).to_digit(16).map(|d| d as u8);
    let pairs = text.as_bytes().chunks(2);
    pairs.map(|pair| Some(digit(pair[0])? << 4 | digit(*pair.get(1)?)?)).collect()
}
