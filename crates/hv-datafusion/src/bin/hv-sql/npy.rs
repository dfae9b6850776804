//! Vectors in NumPy's file format: `\x93NUMPY`, the version in two bytes, the length of the rest of the header, a dictionary
//! of Python with the keys `descr`, `fortran_order` and `shape`, and the bytes.

use std::path::Path;

use hv_datafusion::hv_memory::HV16;

/// Reads the rows of a file.
///
/// # Errors
///
/// A sentence on what is wrong with the file, and what to do.
pub fn read(path: &Path) -> Result<Vec<HV16>, String> {
    let bytes = std::fs::read(path).map_err(|error| error.to_string())?;
    rows(&bytes)
}

fn rows(bytes: &[u8]) -> Result<Vec<HV16>, String> {
    let (header, data) = split(bytes).ok_or("it is no NumPy file of version 1 to 3; write it with numpy.save")?;
    let value = |key: &str| {
        let at = header.find(&format!("'{key}'"))?;
        Some(header[at + key.len() + 2..].trim_start().strip_prefix(':')?.trim_start())
    };
    let descr = value("descr").and_then(|value| value.strip_prefix('\'')?.split('\'').next()).unwrap_or("none");
    let shape = value("shape").and_then(|value| value.strip_prefix('(')?.split(')').next()).unwrap_or("none");
    let lengths: Result<Vec<usize>, _> =
        shape.split(',').map(str::trim).filter(|length| !length.is_empty()).map(str::parse).collect();
    let rows = match lengths.as_deref() {
        Ok([HV16::BYTES]) => 1,
        Ok([rows, HV16::BYTES]) => *rows,
        _ => 0,
    };
    // A single row lies the same way in both orders.
    let is_fortran = value("fortran_order").is_some_and(|value| value.starts_with("True")) && rows > 1;
    if !matches!(descr, "|u1" | "u1") || is_fortran || rows == 0 {
        let order = if is_fortran { ", stored by columns" } else { "" };
        return Err(format!(
            "its type is {descr} and its shape ({shape}){order}; vectors are unsigned bytes, |u1, of shape (256,) or (n, 256)"
        ));
    }
    match data.as_chunks() {
        (vectors, []) if vectors.len() == rows => Ok(vectors.iter().map(|vector| HV16(*vector)).collect()),
        _ => {
            Err(format!("it has {} bytes of data, and {rows} vectors have {}; write it again", data.len(), rows * 256))
        }
    }
}

/// The dictionary of the header, and the data.
fn split(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let rest = bytes.strip_prefix(b"\x93NUMPY")?;
    let (version, rest) = rest.split_at_checked(2)?;
    let (length, rest) = rest.split_at_checked(if version[0] == 1 { 2 } else { 4 })?;
    let length = length.iter().rev().fold(0, |length, &byte| length << 8 | usize::from(byte));
    let (header, data) = rest.split_at_checked(length)?;
    (1..=3).contains(&version[0]).then_some((str::from_utf8(header).ok()?, data))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(descr: &str, order: &str, shape: &str, data: &[u8]) -> Vec<u8> {
        let header = format!("{{'descr': '{descr}', 'fortran_order': {order}, 'shape': ({shape}), }}\n");
        [b"\x93NUMPY\x01\x00", &(header.len() as u16).to_le_bytes()[..], header.as_bytes(), data].concat()
    }

    #[test]
    fn rows_are_read() {
        let (a, b) = (HV16::random(1), HV16::random(2));
        assert_eq!(rows(&file("|u1", "False", "256,", &a.0)), Ok(vec![a]));
        assert_eq!(rows(&file("|u1", "False", "2, 256", &[a.0, b.0].concat())), Ok(vec![a, b]));
        assert_eq!(rows(&file("|u1", "True", "1, 256", &a.0)), Ok(vec![a]));
    }

    #[test]
    fn other_files_are_refused_with_what_they_are() {
        let refused = |bytes: &[u8], why: &str| {
            let error = rows(bytes).unwrap_err();
            assert!(error.contains(why), "{error}");
        };
        refused(b"id,v\n", "no NumPy file");
        refused(b"\x93NUMPY\x09\x00\x00\x00", "no NumPy file");
        refused(&file("<f4", "False", "2, 256", &[0; 2048]), "type is <f4");
        refused(&file("|u1", "False", "2, 128", &[0; 256]), "shape (2, 128)");
        refused(&file("|u1", "False", "0, 256", &[]), "shape (0, 256)");
        refused(&file("|u1", "True", "2, 256", &[0; 512]), "stored by columns");
        refused(&file("|u1", "False", "2, 256", &[0; 511]), "it has 511 bytes of data, and 2 vectors have 512");
    }
}
