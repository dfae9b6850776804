//! NumPy's arrays as codes: of bytes, in two dimensions, a row after the other.

use std::fmt::{self, Display};
use std::io::Read;

use super::block::Why;
use crate::npy::Header;

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
        let header = Header::read(reader)?;
        let kind = kind(&header.descr)?;
        let [rows, columns] = header.shape[..] else {
            return Err(format!(
                "its shape is {}; give an array of two dimensions, a row for each code",
                header.shape_text()
            ));
        };
        match header.is_fortran {
            false => Ok(Self { kind, rows, columns, header: header.bytes }),
            true => {
                Err("it is in Fortran order; write it with numpy.save(path, numpy.ascontiguousarray(array))".to_owned())
            }
        }
    }
}

/// The type of the numbers, from what NumPy calls it: `|u1`.
fn kind(name: &str) -> Result<Kind, Why> {
    match name.trim_start_matches(['|', '<', '>', '=']) {
        "u1" => Ok(Kind::Unsigned),
        "i1" => Ok(Kind::Signed),
        "b1" | "?" => Ok(Kind::Bool),
        _ => Err(format!("its dtype is {name:?}; give codes as uint8 ('|u1'), int8 ('|i1') or bool ('|b1')")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::npy::header;

    #[test]
    fn arrays_that_can_be_codes() {
        let read = |descr, shape| Array::read(&mut &header(descr, shape)[..]);
        for (descr, kind) in [("|u1", Kind::Unsigned), ("<i1", Kind::Signed), ("?", Kind::Bool)] {
            assert_eq!(read(descr, "(2, 3)"), Ok(Array { kind, rows: 2, columns: 3, header: 128 }));
        }
        let refused = |descr, shape| read(descr, shape).unwrap_err();
        assert!(refused("<f4", "(2, 3)").contains("dtype is \"<f4\""));
        assert!(refused("|u1", "(2,)").contains("shape is (2,)"));
        assert!(refused("|u1", "()").contains("shape is ()"));
        let fortran = String::from_utf8_lossy(&header("|u1", "(2, 3)")[10..]).replace("False", "True ");
        let bytes = [&header("|u1", "(2, 3)")[..10], fortran.as_bytes()].concat();
        assert!(Array::read(&mut &bytes[..]).unwrap_err().contains("Fortran order"));
    }
}
