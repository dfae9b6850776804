//! NumPy's file format: a header, which says what an array is, and its bytes.
//!
//! The format is numpy.lib.format, versions 1.0 to 3.0: `\x93NUMPY`, the version in two bytes, the length of the rest of
//! the header, and a dictionary of Python with the keys `descr`, `fortran_order` and `shape`.

use std::fmt::{self, Display};
use std::io::Read;

use super::block::{Why, read_up_to};

const MAGIC: &[u8; 6] = b"\x93NUMPY";

/// The longest header that is read. NumPy itself refuses longer ones by default.
const MAX_HEADER: usize = 10_000;

/// The types of numbers that can be codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Unsigned,
    Signed,
    Bool,
}

impl Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unsigned => "uint8",
            Self::Signed => "int8",
            Self::Bool => "bool",
        })
    }
}

/// What a header says of a two-dimensional array of bytes.
#[derive(Debug, PartialEq)]
pub struct Array {
    pub kind: Kind,
    pub rows: u64,
    pub columns: u64,
    /// Bytes before the first row.
    pub header: u64,
}

impl Array {
    /// Reads the header, and leaves the reader at the first row.
    pub fn read(reader: &mut dyn Read) -> Result<Self, Why> {
        let mut start = Vec::new();
        read_up_to(reader, &mut start, 8)?;
        if !start.starts_with(MAGIC) {
            let found: String =
                start.iter().take(6).flat_map(|byte| std::ascii::escape_default(*byte)).map(char::from).collect();
            return Err(format!(
                "it starts with the magic \"{found}\", and a NumPy file with \"\\x93NUMPY\"; write it with numpy.save"
            ));
        }
        let length_bytes = match start.get(6) {
            Some(1) => 2,
            Some(2 | 3) => 4,
            Some(version) => {
                return Err(format!(
                    "its format is version {version} of NumPy's, and 1 to 3 are known; write it with numpy.save"
                ));
            }
            None => return Err(truncated()),
        };
        let mut bytes = Vec::new();
        read_up_to(reader, &mut bytes, length_bytes)?;
        let length = bytes.iter().rev().fold(0, |length, &byte| length << 8 | usize::from(byte));
        if bytes.len() < length_bytes {
            return Err(truncated());
        }
        if length > MAX_HEADER {
            return Err(format!(
                "its header has {length} bytes, and at most {MAX_HEADER} are read; write it with numpy.save"
            ));
        }
        read_up_to(reader, &mut bytes, length)?;
        if bytes.len() < length {
            return Err(truncated());
        }
        Self::from_dictionary(&String::from_utf8_lossy(&bytes), (8 + length_bytes + length) as u64)
    }

    fn from_dictionary(text: &str, header: u64) -> Result<Self, Why> {
        let unclear = || format!("its header is damaged: {:?}; write it with numpy.save", text.trim_end());
        let entries = entries(text).ok_or_else(unclear)?;
        let value = |key| entries.iter().find(|entry| entry.0 == key).map(|entry| entry.1).ok_or_else(unclear);
        let kind = kind(value("descr")?)?;
        let dimensions = dimensions(value("shape")?).ok_or_else(unclear)?;
        let &[rows, columns] = &dimensions[..] else {
            return Err(format!(
                "its shape is {}; give an array of two dimensions, a row for each code",
                value("shape")?
            ));
        };
        match value("fortran_order")? {
            "False" => Ok(Self { kind, rows, columns, header }),
            "True" => {
                Err("it is in Fortran order; write it with numpy.save(path, numpy.ascontiguousarray(array))".to_owned())
            }
            _ => Err(unclear()),
        }
    }
}

fn truncated() -> Why {
    "it is truncated: it ends within its header; write it again".to_owned()
}

/// The keys of a dictionary of Python, and the text of their values.
fn entries(text: &str) -> Option<Vec<(&str, &str)>> {
    let mut rest = text.trim().strip_prefix('{')?.strip_suffix('}')?.trim();
    let mut entries = Vec::new();
    while !rest.is_empty() {
        let quote = rest.chars().next().filter(|&quote| quote == '\'' || quote == '"')?;
        let (key, behind) = rest[1..].split_once(quote)?;
        let value = behind.trim_start().strip_prefix(':')?.trim_start();
        let end = end_of_value(value);
        entries.push((key, value[..end].trim_end()));
        rest = value[end..].strip_prefix(',').unwrap_or(&value[end..]).trim_start();
    }
    Some(entries)
}

/// Where a value ends: at a comma outside of brackets and strings, or with the text.
fn end_of_value(text: &str) -> usize {
    let (mut depth, mut quoted) = (0_i32, None);
    for (at, c) in text.char_indices() {
        match (quoted, c) {
            (Some(quote), _) if c == quote => quoted = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quoted = Some(c),
            (None, '(' | '[' | '{') => depth += 1,
            (None, ')' | ']' | '}') => depth -= 1,
            (None, ',') if depth == 0 => return at,
            _ => {}
        }
    }
    text.len()
}

/// The type of the numbers, as NumPy writes it: `'|u1'`.
fn kind(descr: &str) -> Result<Kind, Why> {
    let name = descr.trim_matches(['\'', '"']);
    match name.trim_start_matches(['|', '<', '>', '=']) {
        "u1" => Ok(Kind::Unsigned),
        "i1" => Ok(Kind::Signed),
        "b1" | "?" => Ok(Kind::Bool),
        _ => Err(format!("its dtype is {name:?}; give codes as uint8 ('|u1'), int8 ('|i1') or bool ('|b1')")),
    }
}

/// The numbers of a tuple of Python.
fn dimensions(shape: &str) -> Option<Vec<u64>> {
    let inside = shape.strip_prefix('(')?.strip_suffix(')')?.trim();
    let inside = inside.strip_suffix(',').unwrap_or(inside);
    if inside.is_empty() {
        return Some(Vec::new());
    }
    inside.split(',').map(|number| number.trim().trim_end_matches('L').parse().ok()).collect()
}

/// The header of an array in C order, of a type and a shape as NumPy writes them: `|u1` and `(2, 256)`.
pub fn header(descr: &str, shape: &str) -> Vec<u8> {
    let dictionary = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}");
    // With the end of line, a multiple of 64 bytes.
    let length = (10 + dictionary.len() + 1).next_multiple_of(64) - 10;
    let mut header = [&MAGIC[..], &[1, 0], &(length as u16).to_le_bytes(), dictionary.as_bytes()].concat();
    header.resize(10 + length - 1, b' ');
    header.push(b'\n');
    header
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Result<Array, Why> {
        Array::read(&mut &bytes[..])
    }

    #[test]
    fn a_header_reads_as_it_was_written() {
        let bytes = header("|u1", "(4200, 256)");
        assert_eq!(bytes.len(), 128);
        let array = Array { kind: Kind::Unsigned, rows: 4_200, columns: 256, header: 128 };
        assert_eq!(read(&bytes), Ok(array));
        for cut in 0..bytes.len() {
            let why = read(&bytes[..cut]).unwrap_err();
            assert!(why.contains(if cut < 6 { "magic" } else { "truncated" }), "{cut}: {why}");
        }
    }

    #[test]
    fn dictionaries_in_other_spellings() {
        let dictionary = |text| Array::from_dictionary(text, 80);
        let array = |kind| Ok(Array { kind, rows: 2, columns: 3, header: 80 });
        assert_eq!(dictionary("{\"shape\":(2,3),\"fortran_order\":False,\"descr\":\"<i1\"}\n"), array(Kind::Signed));
        assert_eq!(dictionary("{'descr': '?', 'shape': (2L, 3L, ), 'fortran_order': False}"), array(Kind::Bool));
        let of = |text| dictionary(text).unwrap_err();
        assert!(of("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }").contains("dtype is \"<f4\""));
        assert!(
            of("{'descr': [('a', '<i4'), ('b', 'u1')], 'fortran_order': False, 'shape': (2,), }").contains("dtype")
        );
        assert!(of("{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3), }").contains("Fortran order"));
        assert!(of("{'descr': '|u1', 'fortran_order': False, 'shape': (2,), }").contains("shape is (2,)"));
        assert!(of("{'descr': '|u1', 'fortran_order': False, 'shape': (), }").contains("shape is ()"));
        for damaged in [
            "",
            "{",
            "{'descr' '|u1'}",
            "{'descr': '|u1'}",
            "[1]",
            "{'é': (",
            "{x: 1}",
            "{'descr': '|u1', 'fortran_order': 0, 'shape': (1, -1)}",
        ] {
            assert!(of(damaged).contains("damaged"), "{damaged}");
        }
    }

    #[test]
    fn headers_of_later_versions_and_too_long_ones() {
        let mut bytes = header("|b1", "(1, 2)");
        bytes[6] = 2;
        bytes.splice(8..10, (118_u32).to_le_bytes());
        assert_eq!(read(&bytes), Ok(Array { kind: Kind::Bool, rows: 1, columns: 2, header: 130 }));
        bytes[6] = 9;
        assert!(read(&bytes).unwrap_err().contains("version 9"));
        let long = [&MAGIC[..], &[2, 0, 0, 0, 0, 64]].concat();
        assert!(read(&long).unwrap_err().contains("at most 10000"));
    }
}
