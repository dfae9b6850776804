//! Rows of as many bytes each: raw files, and arrays of NumPy.

use std::io::Read;

use hv_memory::HV16;

use super::block::{Why, read_up_to};
use super::npy::{Array, Kind};
use crate::args::BitOrder;

/// How many rows to read at once: few enough that their bytes are still in a cache when they are converted.
const PART: usize = 1 << 10;

/// Rows of one length, read one after the other.
pub struct Rows {
    reader: Box<dyn Read + Send>,
    kind: Kind,
    order: BitOrder,
    /// Bytes of a row in the file.
    width: usize,
    /// Rows that are left, where that is known.
    left: Option<u64>,
    buffer: Vec<u8>,
}

impl Rows {
    /// The rows of an array of NumPy, and the bits of a row.
    pub fn of_npy(mut reader: Box<dyn Read + Send>, len: Option<u64>, order: BitOrder) -> Result<(Self, u16), Why> {
        let Array { kind, rows, columns, header } = Array::read(&mut reader)?;
        let (bits, most) = match kind {
            Kind::Bool => (columns, HV16::DIM),
            Kind::Unsigned | Kind::Signed => (columns.saturating_mul(8), HV16::BYTES),
        };
        if columns == 0 || bits > HV16::DIM as u64 {
            return Err(format!("its shape is ({rows}, {columns}); rows of {kind} have 1 to {most} columns"));
        }
        let needed = rows.checked_mul(columns).and_then(|bytes| bytes.checked_add(header));
        let needed = needed.ok_or_else(|| format!("its shape is ({rows}, {columns}), more than any file has"))?;
        if let Some(len) = len
            && len < needed
        {
            return Err(format!(
                "it is truncated: it has {len} bytes, and its shape ({rows}, {columns}) needs {needed}; write it again"
            ));
        }
        let rows = Self { reader, kind, order, width: columns as usize, left: Some(rows), buffer: Vec::new() };
        Ok((rows, bits as u16))
    }

    /// The rows of a raw file, each of as many bytes as `bits` need.
    pub fn of_bytes(reader: Box<dyn Read + Send>, len: Option<u64>, bits: u16, order: BitOrder) -> Result<Self, Why> {
        let width = usize::from(bits.div_ceil(8));
        match len.map(|len| len % width as u64) {
            None | Some(0) => Ok(Self { reader, kind: Kind::Unsigned, order, width, left: None, buffer: Vec::new() }),
            Some(rest) => Err(part_of_a_row(rest as usize, width)),
        }
    }

    pub fn row_bytes(&self) -> usize {
        self.width
    }

    /// Replaces the contents of `codes` by the next rows, at most `most`.
    pub fn read(&mut self, most: usize, codes: &mut Vec<HV16>) -> Result<(), Why> {
        let rows = self.left.map_or(most, |left| left.min(most as u64) as usize);
        codes.clear();
        while codes.len() < rows {
            let part = PART.min(rows - codes.len());
            read_up_to(&mut self.reader, &mut self.buffer, part * self.width)?;
            let (whole, rest) = (self.buffer.len() / self.width, self.buffer.len() % self.width);
            codes.extend(self.buffer.chunks_exact(self.width).map(|row| code(row, self.kind, self.order)));
            if whole < part {
                match self.left {
                    Some(left) => return Err(format!("it is truncated: {left} rows are missing; write it again")),
                    None if rest > 0 => return Err(part_of_a_row(rest, self.width)),
                    None => break,
                }
            }
        }
        if let Some(left) = &mut self.left {
            *left -= codes.len() as u64;
        }
        Ok(())
    }
}

fn part_of_a_row(rest: usize, width: usize) -> Why {
    format!(
        "it is truncated, or its rows have another length: it ends with {rest} bytes of a row of {width}; --bits says \
         how many bits a row has"
    )
}

/// The code of a row, with zeros after what the row has.
pub fn code(row: &[u8], kind: Kind, order: BitOrder) -> HV16 {
    let mut code = HV16::ZERO;
    match kind {
        Kind::Bool => row.iter().enumerate().for_each(|(i, &bit)| code.set_bit(i, bit != 0)),
        Kind::Unsigned => code.0[..row.len()].copy_from_slice(row),
        Kind::Signed => code.0.iter_mut().zip(row).for_each(|(byte, &signed)| *byte = signed ^ 0x80),
    }
    if order == BitOrder::Big && kind != Kind::Bool {
        code.0.iter_mut().for_each(|byte| *byte = byte.reverse_bits());
    }
    code
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;
    use crate::npy::header;

    #[test]
    fn the_bits_of_a_row_in_each_form() {
        let little = |row: &[u8], kind| code(row, kind, BitOrder::Little);
        assert_eq!(little(&[0b101, 0x80], Kind::Unsigned).0[..3], [0b101, 0x80, 0]);
        assert_eq!(little(&[0x80, 0x7f], Kind::Signed).0[..3], [0, 0xff, 0]);
        assert_eq!(little(&[1, 0, 7, 0, 0, 0, 0, 0, 1], Kind::Bool).0[..3], [0b101, 1, 0]);
        let big = |row: &[u8], kind| code(row, kind, BitOrder::Big);
        assert_eq!(big(&[0b101, 0x80], Kind::Unsigned).0[..3], [0b1010_0000, 1, 0]);
        assert_eq!(big(&[0x81], Kind::Signed).0[..2], [0x80, 0]);
        assert_eq!(big(&[1, 0, 1], Kind::Bool).0[..2], [0b101, 0]);
    }

    #[test]
    fn rows_are_read_whole_at_every_size() {
        for rows in [0, 1, PART - 1, PART, PART + 1, 2 * PART + 3] {
            let bytes: Vec<u8> = (0..3 * rows).map(|i| (i * i / 7) as u8).collect();
            let expected: Vec<HV16> = bytes.chunks(3).map(|row| code(row, Kind::Unsigned, BitOrder::Little)).collect();
            let mut raw = Rows::of_bytes(Box::new(Cursor::new(bytes.clone())), None, 24, BitOrder::Little).unwrap();
            let npy = [&header("|u1", &format!("({rows}, 3)"))[..], &bytes].concat();
            let (mut npy, _) = Rows::of_npy(Box::new(Cursor::new(npy)), None, BitOrder::Little).unwrap();
            for reader in [&mut raw, &mut npy] {
                let (mut codes, mut all) = (vec![HV16::ZERO; 5], Vec::new());
                while {
                    reader.read(PART + 2, &mut codes).unwrap();
                    !codes.is_empty()
                } {
                    all.append(&mut codes);
                }
                assert_eq!(all, expected, "{rows}");
            }
        }
    }

    #[test]
    fn a_stream_that_ends_too_early_is_an_error() {
        let rows = 2 * PART;
        for bytes in [0, 3 * PART, 3 * rows - 3, 3 * rows - 1] {
            let npy = [header("|u1", &format!("({rows}, 3)")), vec![0; bytes]].concat();
            let (mut npy, _) = Rows::of_npy(Box::new(Cursor::new(npy)), None, BitOrder::Little).unwrap();
            assert!(npy.read(9 * PART, &mut Vec::new()).unwrap_err().contains("rows are missing"), "{bytes}");
        }
        let mut raw = Rows::of_bytes(Box::new(Cursor::new(vec![0; 3 * PART + 2])), None, 24, BitOrder::Little).unwrap();
        assert!(raw.read(9 * PART, &mut Vec::new()).unwrap_err().contains("2 bytes of a row of 3"));
    }
}
