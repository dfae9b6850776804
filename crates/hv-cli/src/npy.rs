//! The header of NumPy's file format, which says what an array is.
//!
//! The format is numpy.lib.format, versions 1.0 to 3.0: `\x93NUMPY`, the version in two bytes, the length of the rest of
//! the header, and a dictionary of Python with the keys `descr`, `fortran_order` and `shape`.

use std::io::Read;

const MAGIC: &[u8; 6] = b"\x93NUMPY";

/// The longest header that is read. NumPy itself refuses longer ones by default.
const MAX_HEADER: usize = 10_000;

/// What a header says.
#[derive(Debug, PartialEq)]
pub struct Header {
    /// The type of the numbers, as NumPy writes it: `<f8`.
    pub descr: String,
    /// Whether columns are stored one after the other.
    pub is_fortran: bool,
    pub shape: Vec<u64>,
    /// Bytes of the header, so before the first number.
    pub bytes: u64,
}

impl Header {
    /// Reads the header, and leaves the reader at the first number. An error says what is wrong and what to do.
    pub fn read(reader: &mut dyn Read) -> Result<Self, String> {
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

    fn from_dictionary(text: &str, bytes: u64) -> Result<Self, String> {
        let unclear = || format!("its header is damaged: {:?}; write it with numpy.save", text.trim_end());
        let entries = entries(text).ok_or_else(unclear)?;
        let value = |key| entries.iter().find(|entry| entry.0 == key).map(|entry| entry.1).ok_or_else(unclear);
        let descr = value("descr")?.trim_matches(['\'', '"']).to_owned();
        let shape = dimensions(value("shape")?).ok_or_else(unclear)?;
        let is_fortran = match value("fortran_order")? {
            "False" => false,
            "True" => true,
            _ => return Err(unclear()),
        };
        Ok(Self { descr, is_fortran, shape, bytes })
    }

    /// The shape as NumPy writes it: `(2, 256)` or `(2,)`.
    pub fn shape_text(&self) -> String {
        match &self.shape[..] {
            [length] => format!("({length},)"),
            shape => format!("({})", shape.iter().map(u64::to_string).collect::<Vec<_>>().join(", ")),
        }
    }
}

/// Fills a buffer with at most `bytes`, as far as the file goes.
fn read_up_to(reader: &mut dyn Read, buffer: &mut Vec<u8>, bytes: usize) -> Result<(), String> {
    buffer.clear();
    reader.take(bytes as u64).read_to_end(buffer).map_err(|error| error.to_string())?;
    Ok(())
}

fn truncated() -> String {
    "it is truncated: it ends within its header; write it again".to_owned()
}

/// The keys of a dictionary of Python, and the text of their values.
fn entries(text: &str) -> Option<Vec<(&str, &str)>> {
    let mut rest = text.trim().strip_prefix('{')?.strip_suffix('}')?.trim();
    let mut entries = Vec::new();
    while !rest.is_empty() {
        let quote = rest.chars().next().filter(|&quote| quote == '\'' || quote == '"')?;
        let (key, after) = rest[1..].split_once(quote)?;
        let value = after.trim_start().strip_prefix(':')?.trim_start();
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

    fn read(bytes: &[u8]) -> Result<Header, String> {
        Header::read(&mut &bytes[..])
    }

    fn of(descr: &str, shape: &[u64], bytes: u64) -> Result<Header, String> {
        Ok(Header { descr: descr.to_owned(), is_fortran: false, shape: shape.to_vec(), bytes })
    }

    #[test]
    fn a_header_reads_as_it_was_written() {
        let bytes = header("|u1", "(4200, 256)");
        assert_eq!(bytes.len(), 128);
        assert_eq!(read(&bytes), of("|u1", &[4_200, 256], 128));
        for cut in 0..bytes.len() {
            let why = read(&bytes[..cut]).unwrap_err();
            assert!(why.contains(if cut < 6 { "magic" } else { "truncated" }), "{cut}: {why}");
        }
        for shape in ["()", "(2,)", "(2, 3, 4)"] {
            assert_eq!(read(&header("<f8", shape)).unwrap().shape_text(), shape);
        }
    }

    #[test]
    fn dictionaries_in_other_spellings() {
        let dictionary = |text| Header::from_dictionary(text, 80);
        assert_eq!(dictionary("{\"shape\":(2,3),\"fortran_order\":False,\"descr\":\"<i1\"}\n"), of("<i1", &[2, 3], 80));
        assert_eq!(dictionary("{'descr': '?', 'shape': (2L, 3L, ), 'fortran_order': False}"), of("?", &[2, 3], 80));
        assert!(dictionary("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3), }").unwrap().is_fortran);
        for damaged in [
            "",
            "{",
            "{'descr' '|u1'}",
            "{'descr': '|u1'}",
            "[1]",
            "{'é': (",
            "{x: 1}",
            "{'descr': '|u1', 'fortran_order': 0, 'shape': (1, 1)}",
            "{'descr': '|u1', 'fortran_order': False, 'shape': (1, -1)}",
        ] {
            assert!(dictionary(damaged).unwrap_err().contains("damaged"), "{damaged}");
        }
    }

    #[test]
    fn headers_of_later_versions_and_too_long_ones() {
        let mut bytes = header("|b1", "(1, 2)");
        bytes[6] = 2;
        bytes.splice(8..10, (118_u32).to_le_bytes());
        assert_eq!(read(&bytes), of("|b1", &[1, 2], 130));
        bytes[6] = 9;
        assert!(read(&bytes).unwrap_err().contains("version 9"));
        let long = [&MAGIC[..], &[2, 0, 0, 0, 0, 64]].concat();
        assert!(read(&long).unwrap_err().contains("at most 10000"));
    }
}
