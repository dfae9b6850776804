//! Vectors in Arrow's arrays and in literals.

use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, BinaryArray, BinaryViewArray, FixedSizeBinaryArray, FixedSizeBinaryBuilder,
    LargeBinaryArray,
};
use datafusion::arrow::datatypes::DataType;
use datafusion::common::{Result, ScalarValue, exec_err, plan_err};
use hv_memory::HV16;

/// The type of vectors that functions return.
pub const VECTOR: DataType = DataType::FixedSizeBinary(HV16::BYTES as i32);

/// The type of an argument that holds vectors: its own type, or that of a null.
pub fn coerced(function: &str, argument: &str, given: &DataType) -> Result<DataType> {
    match given {
        DataType::Null => Ok(VECTOR),
        DataType::FixedSizeBinary(n) if *n != HV16::BYTES as i32 => {
            plan_err!("{function}: {argument} has values of {n} bytes; a vector has {}", HV16::BYTES)
        }
        DataType::FixedSizeBinary(_) | DataType::Binary | DataType::LargeBinary | DataType::BinaryView => {
            Ok(given.clone())
        }
        _ => plan_err!("{function}: {argument} is {given}; give a column of vectors, FixedSizeBinary(256) or Binary"),
    }
}

/// The vector of these bytes.
pub fn vector(function: &str, bytes: &[u8]) -> Result<HV16> {
    match bytes.try_into() {
        Ok(bytes) => Ok(HV16(bytes)),
        Err(_) => exec_err!("{function}: a value has {} bytes; a vector has {}", bytes.len(), HV16::BYTES),
    }
}

/// The bytes of a literal that may be a vector; `None` for a null.
pub fn bytes_of(value: &ScalarValue) -> Option<&[u8]> {
    match value {
        ScalarValue::Binary(bytes)
        | ScalarValue::LargeBinary(bytes)
        | ScalarValue::BinaryView(bytes)
        | ScalarValue::FixedSizeBinary(_, bytes) => bytes.as_deref(),
        _ => None,
    }
}

/// An array of vectors, of any of the types that may hold them.
pub enum Vectors<'a> {
    Fixed(&'a FixedSizeBinaryArray),
    Binary(&'a BinaryArray),
    Large(&'a LargeBinaryArray),
    View(&'a BinaryViewArray),
}

impl<'a> Vectors<'a> {
    /// The vectors of an array.
    ///
    /// # Errors
    ///
    /// If it is of another type.
    pub fn new(function: &str, array: &'a ArrayRef) -> Result<Self> {
        Ok(match array.data_type() {
            DataType::FixedSizeBinary(_) => Self::Fixed(array.as_fixed_size_binary()),
            DataType::Binary => Self::Binary(array.as_binary()),
            DataType::LargeBinary => Self::Large(array.as_binary()),
            DataType::BinaryView => Self::View(array.as_binary_view()),
            other => return exec_err!("{function}: {other} holds no vectors"),
        })
    }

    /// The number of values, nulls included.
    pub fn len(&self) -> usize {
        self.array().len()
    }

    fn array(&self) -> &dyn Array {
        match self {
            Self::Fixed(array) => *array,
            Self::Binary(array) => *array,
            Self::Large(array) => *array,
            Self::View(array) => *array,
        }
    }

    /// The vector of a row; `None` for a null.
    ///
    /// # Errors
    ///
    /// If it has not 256 bytes.
    pub fn get(&self, function: &str, row: usize) -> Result<Option<HV16>> {
        if self.array().is_null(row) {
            return Ok(None);
        }
        let bytes = match self {
            Self::Fixed(array) => array.value(row),
            Self::Binary(array) => array.value(row),
            Self::Large(array) => array.value(row),
            Self::View(array) => array.value(row),
        };
        vector(function, bytes).map(Some)
    }

    /// Calls `each` with the vectors in order, in slices, each with the row of its first: all at once where they lie in
    /// memory as the kernels want them, and else in copies of `block` vectors. Null values are an error here; see
    /// [`without_nulls`].
    pub fn each_slice(&self, function: &str, block: usize, mut each: impl FnMut(usize, &[HV16])) -> Result<()> {
        if let Self::Fixed(array) = self
            && array.value_length() == HV16::BYTES as i32
            && array.null_count() == 0
            && let Ok(vectors) = bytemuck::try_cast_slice::<u8, HV16>(array.value_data())
        {
            each(0, vectors);
            return Ok(());
        }
        let mut copies = Vec::with_capacity(block.min(self.len()));
        for first in (0..self.len()).step_by(block) {
            copies.clear();
            for row in first..self.len().min(first + block) {
                match self.get(function, row)? {
                    Some(vector) => copies.push(vector),
                    None => return exec_err!("{function}: the value of row {row} is null"),
                }
            }
            each(first, &copies);
        }
        Ok(())
    }
}

/// These columns without the rows in which the last, that of the vectors, is null.
pub fn without_nulls(columns: &[ArrayRef]) -> Result<Vec<ArrayRef>> {
    match columns.last() {
        Some(vectors) if vectors.null_count() > 0 => {
            let kept = datafusion::arrow::compute::is_not_null(vectors)?;
            columns.iter().map(|column| Ok(datafusion::arrow::compute::filter(column, &kept)?)).collect()
        }
        _ => Ok(columns.to_vec()),
    }
}

/// An array of vectors.
pub fn array_of(vectors: impl ExactSizeIterator<Item = Option<HV16>>) -> Result<ArrayRef> {
    let mut builder = FixedSizeBinaryBuilder::with_capacity(vectors.len(), HV16::BYTES as i32);
    for vector in vectors {
        match vector {
            Some(vector) => builder.append_value(vector.0)?,
            None => builder.append_null(),
        }
    }
    Ok(Arc::new(builder.finish()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BLOCK: usize = 64;

    /// The same vectors in each type, cut out of longer arrays at an odd row.
    fn in_each_type(vectors: &[HV16]) -> Vec<ArrayRef> {
        let padded = || std::iter::once(&HV16::ZERO).chain(vectors).map(|v| Some(v.0.as_slice()));
        let fixed = array_of([HV16::ZERO].iter().chain(vectors).map(|&v| Some(v)).collect::<Vec<_>>().into_iter());
        let arrays: [ArrayRef; 4] = [
            fixed.unwrap(),
            Arc::new(padded().collect::<BinaryArray>()),
            Arc::new(padded().collect::<LargeBinaryArray>()),
            Arc::new(padded().collect::<BinaryViewArray>()),
        ];
        arrays.iter().map(|array| array.slice(1, vectors.len())).collect()
    }

    #[test]
    fn slices_hold_every_vector_in_order() {
        for n in [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK] {
            let vectors: Vec<HV16> = (0..n as u64).map(HV16::random).collect();
            for array in in_each_type(&vectors) {
                let mut seen = Vec::new();
                let read = Vectors::new("f", &array).unwrap();
                read.each_slice("f", BLOCK, |first, slice| {
                    assert_eq!(first, seen.len());
                    seen.extend_from_slice(slice);
                })
                .unwrap();
                assert!(seen == vectors, "{n} of {}", array.data_type());
            }
        }
    }

    #[test]
    fn another_length_is_named() {
        let array: ArrayRef = Arc::new(BinaryArray::from_iter_values([[0; 255].as_slice()]));
        let error = Vectors::new("hv_hex", &array).unwrap().get("hv_hex", 0).unwrap_err();
        assert!(error.to_string().contains("hv_hex: a value has 255 bytes; a vector has 256"), "{error}");
        let error = coerced("hv_hex", "v", &DataType::FixedSizeBinary(100)).unwrap_err();
        assert!(error.to_string().contains("100 bytes"), "{error}");
    }

    #[test]
    fn rows_without_a_vector_are_left_out() {
        let vectors = array_of([Some(HV16::random(1)), None, Some(HV16::random(2))].into_iter()).unwrap();
        let ids: ArrayRef = Arc::new(datafusion::arrow::array::Int64Array::from(vec![1, 2, 3]));
        let kept = without_nulls(&[ids, vectors]).unwrap();
        assert_eq!(kept[0].as_primitive::<datafusion::arrow::datatypes::Int64Type>().values(), &[1, 3]);
        assert_eq!(kept[1].len(), 2);
    }
}
