//! Labels of episodes as bytes: of one, and of a block in columns.

use super::decoder::Decoder;
use crate::arena::{BLOCK, Column, Label, Labels};
use crate::key::Key;

/// How a column of a block is written: one value for all, or one for each.
const SAME: u8 = 0;
const EACH: u8 = 1;

/// What comes before a key.
const NO_KEY: u8 = 0;
const NUMBER: u8 = 1;
const TEXT: u8 = 2;

pub(super) fn encode_label(out: &mut Vec<u8>, label: &Label) {
    out.extend(label.group.to_le_bytes());
    out.extend(label.source.to_le_bytes());
    out.extend(label.tags.to_le_bytes());
    encode_key(out, label.key.as_ref());
}

pub(super) fn decode_label(from: &mut Decoder<'_>) -> Option<Label> {
    Some(Label { group: from.u16()?, source: from.u32()?, tags: from.u32()?, key: decode_key(from)? })
}

fn encode_key(out: &mut Vec<u8>, key: Option<&Key>) {
    match key {
        None => out.push(NO_KEY),
        Some(Key::Number(number)) => {
            out.push(NUMBER);
            out.extend(number.to_le_bytes());
        }
        Some(Key::Text(text)) => {
            // A text has at most 64 bytes.
            out.extend([TEXT, text.len() as u8]);
            out.extend(text.as_bytes());
        }
    }
}

fn decode_key(from: &mut Decoder<'_>) -> Option<Option<Key>> {
    match from.u8()? {
        NO_KEY => Some(None),
        NUMBER => Some(Some(Key::Number(from.u64()?))),
        TEXT => {
            let len = from.u8()?;
            let text = std::str::from_utf8(from.bytes(len.into())?).ok()?;
            Some(Some(Key::from(text)))
        }
        _ => None,
    }
}

pub(super) fn encode_labels(out: &mut Vec<u8>, labels: &Labels) {
    encode_column(out, &labels.groups, |out, group| out.extend(group.to_le_bytes()));
    encode_column(out, &labels.sources, |out, source| out.extend(source.to_le_bytes()));
    encode_column(out, &labels.tags, |out, tags| out.extend(tags.to_le_bytes()));
    encode_column(out, &labels.keys, |out, key| encode_key(out, key.as_ref()));
}

/// The labels of a block.
pub(super) fn decode_labels(from: &mut Decoder<'_>) -> Option<Labels> {
    Some(Labels {
        groups: decode_column(from, Decoder::u16)?,
        sources: decode_column(from, Decoder::u32)?,
        tags: decode_column(from, Decoder::u32)?,
        keys: decode_column(from, decode_key)?,
    })
}

fn encode_column<T>(out: &mut Vec<u8>, column: &Column<T>, encode: impl Fn(&mut Vec<u8>, &T)) {
    match column {
        Column::Same(value, _) => {
            out.push(SAME);
            encode(out, value);
        }
        Column::Each(values) => {
            out.push(EACH);
            values.iter().for_each(|value| encode(out, value));
        }
    }
}

fn decode_column<'a, T>(from: &mut Decoder<'a>, decode: impl Fn(&mut Decoder<'a>) -> Option<T>) -> Option<Column<T>> {
    match from.u8()? {
        SAME => Some(Column::Same(decode(from)?, BLOCK)),
        EACH => Some(Column::Each((0..BLOCK).map(|_| decode(from)).collect::<Option<_>>()?)),
        _ => None,
    }
}
