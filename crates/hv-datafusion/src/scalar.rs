//! The scalar functions: one value a row.

use std::fmt::Write as _;
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, Float32Array, Float64Array, StringArray, UInt16Array};
use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Int64Type, UInt64Type};
use datafusion::common::{Result, ScalarValue, exec_err, plan_err};
use datafusion::logical_expr::{
    ColumnarValue, Expr, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use hv_encode::{NgramEncoder, TextEncoder};
use hv_memory::HV16;
use hv_memory::hv_parallel::hv_simd::{simd_hamming, simd_permute, simd_similarity, simd_tanimoto};

use crate::names;
use crate::vectors::{self, VECTOR, Vectors};

/// The scalar functions of this crate.
pub fn scalar_functions() -> Vec<ScalarUDF> {
    Function::ALL.into_iter().map(|function| ScalarUDF::new_from_impl(Scalar::new(function))).collect()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Function {
    Random,
    Bind,
    Permute,
    Hamming,
    Similarity,
    Tanimoto,
    Hex,
    EncodeText,
}

/// What an argument holds, and its name.
enum Kind {
    Vector(&'static str),
    Number(&'static str),
    Text(&'static str),
}

impl Function {
    const ALL: [Self; 8] = [
        Self::Random,
        Self::Bind,
        Self::Permute,
        Self::Hamming,
        Self::Similarity,
        Self::Tanimoto,
        Self::Hex,
        Self::EncodeText,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Random => "hv_random",
            Self::Bind => "hv_bind",
            Self::Permute => "hv_permute",
            Self::Hamming => "hv_hamming",
            Self::Similarity => "hv_similarity",
            Self::Tanimoto => "hv_tanimoto",
            Self::Hex => "hv_hex",
            Self::EncodeText => "hv_encode_text",
        }
    }

    fn arguments(self) -> &'static [Kind] {
        match self {
            Self::Random => &[Kind::Number("seed")],
            Self::Bind | Self::Hamming | Self::Similarity | Self::Tanimoto => &[Kind::Vector("a"), Kind::Vector("b")],
            Self::Permute => &[Kind::Vector("v"), Kind::Number("n")],
            Self::Hex => &[Kind::Vector("v")],
            Self::EncodeText => &[Kind::Text("text"), Kind::Number("n"), Kind::Number("seed")],
        }
    }

    /// The fewest arguments.
    fn required(self) -> usize {
        if self == Self::EncodeText { 1 } else { self.arguments().len() }
    }

    fn returns(self) -> DataType {
        match self {
            Self::Random | Self::Bind | Self::Permute | Self::EncodeText => VECTOR,
            Self::Hamming => DataType::UInt16,
            Self::Similarity => DataType::Float32,
            Self::Tanimoto => DataType::Float64,
            Self::Hex => DataType::Utf8,
        }
    }

    fn compute(self, rows: usize, arguments: &[Argument<'_>]) -> Result<ArrayRef> {
        let vector = |argument: usize, row| arguments[argument].vector(self.name(), row);
        let pair = |row| -> Result<Option<(HV16, HV16)>> { Ok(vector(0, row)?.zip(vector(1, row)?)) };
        Ok(match self {
            Self::Random => vectors_of(rows, |row| {
                Ok(arguments[0].number(row).map(|seed| self.unsigned("seed", seed)).transpose()?.map(HV16::random))
            })?,
            Self::Bind => vectors_of(rows, |row| Ok(pair(row)?.map(|(a, b)| a ^ b)))?,
            Self::Permute => vectors_of(rows, |row| {
                // A rotation by 2,048 is none.
                let n = arguments[1].number(row).map(|n| n.rem_euclid(HV16::DIM as i128) as i32);
                Ok(vector(0, row)?.zip(n).map(|(v, n)| simd_permute(&v, n)))
            })?,
            Self::Hamming => Arc::new(collected::<_, UInt16Array>(rows, |row| {
                Ok(pair(row)?.map(|(a, b)| simd_hamming(&a, &b) as u16))
            })?),
            Self::Similarity => {
                Arc::new(collected::<_, Float32Array>(
                    rows,
                    |row| Ok(pair(row)?.map(|(a, b)| simd_similarity(&a, &b))),
                )?)
            }
            Self::Tanimoto => {
                Arc::new(collected::<_, Float64Array>(rows, |row| Ok(pair(row)?.map(|(a, b)| simd_tanimoto(&a, &b))))?)
            }
            Self::Hex => Arc::new(collected::<_, StringArray>(rows, |row| Ok(vector(0, row)?.map(|v| hex(&v))))?),
            Self::EncodeText => self.encode(rows, arguments)?,
        })
    }

    fn encode(self, rows: usize, arguments: &[Argument<'_>]) -> Result<ArrayRef> {
        let mut encoder: Option<TextEncoder> = None;
        let number = |argument: usize, row, default: i128| match arguments.get(argument) {
            Some(argument) => argument.number(row),
            None => Some(default),
        };
        vectors_of(rows, |row| {
            let n = number(1, row, NgramEncoder::DEFAULT_N as i128);
            let (Some(text), Some(n), Some(seed)) = (arguments[0].text(row), n, number(2, row, 0)) else {
                return Ok(None);
            };
            let (n, seed) = (self.length(n)?, self.unsigned("seed", seed)?);
            let encoder = match &mut encoder {
                Some(encoder) if encoder.n() == n && encoder.seed() == seed => encoder,
                other => other.insert(TextEncoder::new(n, seed)),
            };
            match encoder.encode(text) {
                Ok(vector) => Ok(Some(vector)),
                Err(error) => exec_err!("{}: {text:?}: {error}; leave such rows out", self.name()),
            }
        })
    }

    fn unsigned(self, argument: &str, value: i128) -> Result<u64> {
        match u64::try_from(value) {
            Ok(value) => Ok(value),
            Err(_) => exec_err!("{}: the {argument} is {value}; give 0 to 2^64 - 1", self.name()),
        }
    }

    /// The number of characters of an n-gram.
    fn length(self, n: i128) -> Result<usize> {
        match usize::try_from(n) {
            Ok(n) if (1..=NgramEncoder::MAX_N).contains(&n) => Ok(n),
            _ => exec_err!("{}: n is {n}; give 1 to {}", self.name(), NgramEncoder::MAX_N),
        }
    }

    /// Checks a literal, so that a wrong one is an error when planning.
    fn check(self, kind: &Kind, value: &ScalarValue) -> Result<()> {
        match kind {
            Kind::Vector(_) => match vectors::bytes_of(value) {
                Some(bytes) => vectors::vector(self.name(), bytes).map(drop),
                None => Ok(()),
            },
            Kind::Number(name @ "seed") => match number_of(value) {
                Some(seed) => self.unsigned(name, seed).map(drop),
                None => Ok(()),
            },
            Kind::Number("n") if self == Self::EncodeText => match number_of(value) {
                Some(n) => self.length(n).map(drop),
                None => Ok(()),
            },
            Kind::Number(_) | Kind::Text(_) => Ok(()),
        }
    }
}

fn number_of(value: &ScalarValue) -> Option<i128> {
    match *value {
        ScalarValue::Int8(n) => n.map(i128::from),
        ScalarValue::Int16(n) => n.map(i128::from),
        ScalarValue::Int32(n) => n.map(i128::from),
        ScalarValue::Int64(n) => n.map(i128::from),
        ScalarValue::UInt64(n) => n.map(i128::from),
        _ => None,
    }
}

/// 512 lower-case digits, the first byte first.
fn hex(vector: &HV16) -> String {
    vector.0.iter().fold(String::with_capacity(2 * HV16::BYTES), |mut text, byte| {
        let _ = write!(text, "{byte:02x}"); // writing to a text does not fail
        text
    })
}

fn vectors_of(rows: usize, mut value: impl FnMut(usize) -> Result<Option<HV16>>) -> Result<ArrayRef> {
    let values: Vec<Option<HV16>> = (0..rows).map(&mut value).collect::<Result<_>>()?;
    vectors::array_of(values.into_iter())
}

fn collected<T, A: FromIterator<Option<T>>>(rows: usize, value: impl FnMut(usize) -> Result<Option<T>>) -> Result<A> {
    (0..rows).map(value).collect()
}

/// An argument of a call: a column, or one value for all rows.
struct Argument<'a> {
    array: &'a ArrayRef,
    is_one: bool,
}

impl Argument<'_> {
    fn row(&self, row: usize) -> Option<usize> {
        let row = if self.is_one { 0 } else { row };
        self.array.is_valid(row).then_some(row)
    }

    fn vector(&self, function: &str, row: usize) -> Result<Option<HV16>> {
        self.row(row).map_or(Ok(None), |row| Vectors::new(function, self.array)?.get(function, row))
    }

    fn number(&self, row: usize) -> Option<i128> {
        self.row(row).map(|row| match self.array.data_type() {
            DataType::UInt64 => self.array.as_primitive::<UInt64Type>().value(row).into(),
            _ => self.array.as_primitive::<Int64Type>().value(row).into(),
        })
    }

    fn text(&self, row: usize) -> Option<&str> {
        self.row(row).map(|row| match self.array.data_type() {
            DataType::LargeUtf8 => self.array.as_string::<i64>().value(row),
            DataType::Utf8View => self.array.as_string_view().value(row),
            _ => self.array.as_string::<i32>().value(row),
        })
    }
}

/// A function as DataFusion calls it.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Scalar {
    function: Function,
    signature: Signature,
}

impl Scalar {
    fn new(function: Function) -> Self {
        Self { function, signature: Signature::user_defined(Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for Scalar {
    fn name(&self) -> &str {
        self.function.name()
    }

    fn schema_name(&self, arguments: &[Expr]) -> Result<String> {
        Ok(names::of_call(self.name(), arguments))
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(self.function.returns())
    }

    fn return_field_from_args(&self, arguments: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        for (kind, value) in self.function.arguments().iter().zip(arguments.scalar_arguments) {
            value.map_or(Ok(()), |value| self.function.check(kind, value))?;
        }
        Ok(Arc::new(Field::new(self.name(), self.function.returns(), true)))
    }

    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        let (name, arguments) = (self.name(), self.function.arguments());
        if !(self.function.required()..=arguments.len()).contains(&given.len()) {
            let names: Vec<&str> = arguments.iter().map(Kind::name).collect();
            return plan_err!("{name} takes ({}), not {} arguments", names.join(", "), given.len());
        }
        arguments.iter().zip(given).map(|(kind, given)| kind.coerced(name, given)).collect()
    }

    fn invoke_with_args(&self, call: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let is_one = |argument: &ColumnarValue| matches!(argument, ColumnarValue::Scalar(_));
        let are_all_one = call.args.iter().all(is_one);
        let arrays: Vec<ArrayRef> = call.args.iter().map(|argument| argument.to_array(1)).collect::<Result<_>>()?;
        let arguments: Vec<Argument<'_>> =
            arrays.iter().zip(&call.args).map(|(array, arg)| Argument { array, is_one: is_one(arg) }).collect();
        let rows = if are_all_one { 1 } else { call.number_rows };
        let computed = self.function.compute(rows, &arguments)?;
        Ok(if are_all_one {
            ColumnarValue::Scalar(ScalarValue::try_from_array(&computed, 0)?)
        } else {
            ColumnarValue::Array(computed)
        })
    }
}

impl Kind {
    fn name(&self) -> &'static str {
        match self {
            Self::Vector(name) | Self::Number(name) | Self::Text(name) => name,
        }
    }

    fn coerced(&self, function: &str, given: &DataType) -> Result<DataType> {
        match (self, given) {
            (Self::Vector(name), _) => vectors::coerced(function, name, given),
            (Self::Number(_), DataType::UInt64) => Ok(DataType::UInt64),
            (Self::Number(_), _) if given.is_integer() || given.is_null() => Ok(DataType::Int64),
            (Self::Text(_), DataType::Null) => Ok(DataType::Utf8),
            (Self::Text(_), DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View) => Ok(given.clone()),
            (Self::Number(name), _) => plan_err!("{function}: {name} is {given}; give an integer"),
            (Self::Text(name), _) => plan_err!("{function}: {name} is {given}; give a text"),
        }
    }
}
