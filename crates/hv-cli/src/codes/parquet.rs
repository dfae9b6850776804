//! Parquet: a column of values of one length in bytes, Arrow's `FixedSizeBinary`.

use std::fs::File;

use hv_memory::HV16;
use parquet::basic::Type as Physical;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use parquet::record::reader::RowIter;
use parquet::schema::types::Type;

use super::block::{Why, text};
use super::npy::Kind;
use super::rows::code;
use crate::args::BitOrder;

/// The values of a column, read one after the other.
pub struct Parquet {
    rows: RowIter<'static>,
    order: BitOrder,
    width: usize,
}

impl Parquet {
    /// Opens the first column of values of one length.
    pub fn new(file: File, order: BitOrder) -> Result<Self, Why> {
        let reader = SerializedFileReader::new(file).map_err(text)?;
        let schema = reader.metadata().file_metadata().schema();
        let of_one_length = |field: &&std::sync::Arc<Type>| {
            field.is_primitive() && field.get_physical_type() == Physical::FIXED_LEN_BYTE_ARRAY
        };
        let Some(field) = schema.get_fields().iter().find(of_one_length) else {
            let names: Vec<&str> = schema.get_fields().iter().map(|field| field.name()).collect();
            return Err(format!(
                "none of its columns ({}) has values of one length in bytes; write the codes as FixedSizeBinary(256)",
                names.join(", ")
            ));
        };
        let length = match &**field {
            Type::PrimitiveType { type_length, .. } => usize::try_from(*type_length).unwrap_or(0),
            Type::GroupType { .. } => 0,
        };
        if !(1..=HV16::BYTES).contains(&length) {
            let (name, most) = (field.name(), HV16::BYTES);
            return Err(format!("its column {name} has values of {length} bytes; codes have 1 to {most}"));
        }
        let column = Type::group_type_builder(schema.name()).with_fields(vec![field.clone()]).build().map_err(text)?;
        let rows = RowIter::from_file_into(Box::new(reader)).project(Some(column)).map_err(text)?;
        Ok(Self { rows, order, width: length })
    }

    pub fn row_bytes(&self) -> usize {
        self.width
    }

    /// The next codes, at most `most`.
    pub fn read(&mut self, most: usize) -> Result<Vec<HV16>, Why> {
        self.rows
            .by_ref()
            .take(most)
            .map(|row| code_of(row.map_err(text)?.get_column_iter().next(), self.order))
            .collect()
    }
}

fn code_of(value: Option<(&String, &Field)>, order: BitOrder) -> Result<HV16, Why> {
    match value {
        Some((_, Field::Bytes(bytes))) => Ok(code(bytes.data(), Kind::Unsigned, order)),
        _ => Err("there is a value that is null; give a code in every row".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use parquet::data_type::{ByteArray, FixedLenByteArray, FixedLenByteArrayType};
    use parquet::file::writer::SerializedFileWriter;
    use parquet::schema::parser::parse_message_type;

    use super::*;

    /// A file with a column of numbers and one of codes, in two groups of rows.
    fn written(column: &str, values: &[Option<&[u8]>]) -> File {
        let schema = Arc::new(parse_message_type(&format!("message codes {{ {column} }}")).unwrap());
        let file = tempfile::tempfile().unwrap();
        let mut writer = SerializedFileWriter::new(file.try_clone().unwrap(), schema, Arc::default()).unwrap();
        for values in values.chunks(2) {
            let mut group = writer.next_row_group().unwrap();
            let mut column = group.next_column().unwrap().unwrap();
            let defined: Vec<i16> = values.iter().map(|value| i16::from(value.is_some())).collect();
            let of = |bytes: &&[u8]| FixedLenByteArray::from(ByteArray::from(bytes.to_vec()));
            let values: Vec<FixedLenByteArray> = values.iter().flatten().map(of).collect();
            column.typed::<FixedLenByteArrayType>().write_batch(&values, Some(&defined), None).unwrap();
            column.close().unwrap();
            group.close().unwrap();
        }
        writer.close().unwrap();
        file
    }

    #[test]
    fn a_column_in_groups_of_rows() {
        let values = [&[1, 2][..], &[3, 4], &[5, 0x80]].map(Some);
        let mut codes =
            Parquet::new(written("OPTIONAL FIXED_LEN_BYTE_ARRAY(2) code;", &values), BitOrder::Little).unwrap();
        let first = codes.read(2).unwrap();
        let rest = codes.read(9).unwrap();
        assert_eq!((codes.row_bytes(), first.len(), rest.len()), (2, 2, 1));
        assert_eq!((&first[1].0[..3], &rest[0].0[..3]), (&[3, 4, 0][..], &[5, 0x80, 0][..]));
        let mut codes =
            Parquet::new(written("OPTIONAL FIXED_LEN_BYTE_ARRAY(2) code;", &values), BitOrder::Big).unwrap();
        assert_eq!(codes.read(9).unwrap()[2].0[..2], [0b1010_0000, 1]);
    }

    #[test]
    fn what_is_no_column_of_codes_is_named() {
        let why = |column, values: &[Option<&[u8]>]| match Parquet::new(written(column, values), BitOrder::Little) {
            Ok(mut codes) => codes.read(9).unwrap_err(),
            Err(why) => why,
        };
        assert!(why("OPTIONAL FIXED_LEN_BYTE_ARRAY(1) code;", &[Some(&[1]), None]).contains("null"));
        assert!(why("REQUIRED INT32 number;", &[]).contains("columns (number)"));
        assert!(why("REQUIRED FIXED_LEN_BYTE_ARRAY(257) code;", &[]).contains("column code has values of 257 bytes"));
        assert!(Parquet::new(tempfile::tempfile().unwrap(), BitOrder::Little).is_err());
    }
}
