//! Tables of numbers in NumPy's .npy files, and labels next to them.

use std::fs;
use std::path::Path;

use hv_learn::{Column, Table};

use super::errors::{cannot_read, in_file};
use crate::failure::Failure;
use crate::npy::Header;

/// An array: its shape, whether columns are stored one after the other, and all numbers as they are stored.
struct Array {
    shape: Vec<usize>,
    is_fortran: bool,
    numbers: Vec<f64>,
}

/// A two-dimensional array: a row of it is a row of the table, and columns are named 0, 1, and so on.
pub fn read_table(path: &Path) -> Result<Table, Failure> {
    let Array { shape, is_fortran, numbers } = read(path)?;
    let [rows, columns] = shape[..] else {
        let text = format!("the array has {} dimensions; it must have two, rows and columns", shape.len());
        return Err(in_file(path, &text));
    };
    let column = |c: usize| -> Vec<f64> {
        match is_fortran {
            true => numbers[c * rows..(c + 1) * rows].to_vec(),
            false => numbers.iter().skip(c).step_by(columns).copied().collect(),
        }
    };
    let columns = (0..columns).map(|c| (c.to_string(), Column::Numbers(column(c)))).collect();
    Table::new(columns).map_err(|error| in_file(path, &error))
}

/// Labels: one a line, or an array of whole numbers.
pub fn read_labels(path: &Path) -> Result<Vec<String>, Failure> {
    if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("npy")) {
        let numbers = read(path)?.numbers;
        return match numbers.iter().position(|number| number.fract() != 0.0) {
            None => Ok(numbers.iter().map(f64::to_string).collect()),
            Some(row) => {
                Err(in_file(path, &format_args!("label {} is {}; labels are whole numbers", row + 1, numbers[row])))
            }
        };
    }
    let text = fs::read_to_string(path).map_err(|error| cannot_read(path, &error))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    Ok(text.lines().map(|line| line.trim().to_owned()).collect())
}

fn read(path: &Path) -> Result<Array, Failure> {
    let bytes = fs::read(path).map_err(|error| cannot_read(path, &error))?;
    let mut data = &bytes[..];
    let header = Header::read(&mut data).map_err(|why| in_file(path, &why))?;
    array(&header, data).map_err(|why| in_file(path, &why))
}

/// The array that a header and its data are.
fn array(header: &Header, data: &[u8]) -> Result<Array, String> {
    let Header { descr, is_fortran, shape, .. } = header;
    let numbers = numbers(descr, data).ok_or_else(|| {
        format!("its numbers are of the type {descr}; convert them to float32, float64, bool or whole numbers")
    })?;
    let needed = shape.iter().try_fold(1, |all: u64, &length| all.checked_mul(length));
    if needed != Some(numbers.len() as u64) {
        let shape = header.shape_text();
        return Err(format!("its shape is {shape}, but it is cut short or too long: it has {} numbers", numbers.len()));
    }
    Ok(Array { shape: shape.iter().map(|&length| length as usize).collect(), is_fortran: *is_fortran, numbers })
}

/// All numbers of a type, as NumPy writes it: `<f8`. `None` of a type that is not known.
fn numbers(descr: &str, data: &[u8]) -> Option<Vec<f64>> {
    let (order, kind) = descr.split_at_checked(1)?;
    macro_rules! read {
        ($type:ty) => {{
            let number = |bytes: &[u8; size_of::<$type>()]| match order {
                ">" => <$type>::from_be_bytes(*bytes) as f64,
                _ => <$type>::from_le_bytes(*bytes) as f64,
            };
            data.as_chunks().0.iter().map(number).collect()
        }};
    }
    Some(match kind {
        "f8" => read!(f64),
        "f4" => read!(f32),
        "i8" => read!(i64),
        "i4" => read!(i32),
        "i2" => read!(i16),
        "i1" => read!(i8),
        "u8" => read!(u64),
        "u4" => read!(u32),
        "u2" => read!(u16),
        "u1" | "b1" => read!(u8),
        _ => return None,
    })
}
