//! The constant arguments of the searches: queries, and how many rows are wanted.

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef};
use datafusion::common::{Result, ScalarValue, plan_err};
use datafusion::logical_expr::Expr;
use datafusion::physical_plan::PhysicalExpr;
use datafusion::physical_plan::expressions::Literal;
use hv_memory::HV16;

use crate::vectors::{Vectors, bytes_of, vector};

/// The constant that an argument is, when planning; `None` where it may yet become one.
pub fn of_planned<'a>(function: &str, argument: &str, given: &'a Expr) -> Result<Option<&'a ScalarValue>> {
    match given {
        Expr::Literal(value, _) => Ok(Some(value)),
        _ if given.column_refs().is_empty() => Ok(None),
        _ => not_constant(function, argument),
    }
}

/// The constant that an argument is, when running.
pub fn of_physical<'a>(
    function: &str,
    argument: &str,
    given: Option<&'a Arc<dyn PhysicalExpr>>,
) -> Result<&'a ScalarValue> {
    match given.and_then(|given| given.downcast_ref::<Literal>()) {
        Some(literal) => Ok(literal.value()),
        None => not_constant(function, argument),
    }
}

fn not_constant<T>(function: &str, argument: &str) -> Result<T> {
    plan_err!("{function}: {argument} must be a constant; write a literal, or give a parameter")
}

/// The value that a dictionary of one value has.
pub fn within_dictionary(value: &ScalarValue) -> &ScalarValue {
    if let ScalarValue::Dictionary(_, value) = value { value } else { value }
}

/// The number of rows that are wanted.
pub fn k(function: &str, value: &ScalarValue) -> Result<usize> {
    let k = match *value {
        ScalarValue::Int64(Some(k)) => usize::try_from(k).ok(),
        ScalarValue::UInt64(Some(k)) => usize::try_from(k).ok(),
        _ => None,
    };
    match k {
        Some(k) => Ok(k),
        None => plan_err!("{function}: k is {value}; give how many rows are wanted, 0 or more"),
    }
}

/// One query.
pub fn query(function: &str, value: &ScalarValue) -> Result<HV16> {
    match bytes_of(value) {
        Some(bytes) => vector(function, bytes),
        None => plan_err!("{function}: the query is null; give a vector of 256 bytes"),
    }
}

/// A list of queries, or a dictionary of one list.
pub fn queries(function: &str, value: &ScalarValue) -> Result<Vec<HV16>> {
    let value = within_dictionary(value);
    let list: Option<ArrayRef> = match value {
        ScalarValue::List(list) if list.is_valid(0) => Some(list.value(0)),
        ScalarValue::LargeList(list) if list.is_valid(0) => Some(list.value(0)),
        ScalarValue::FixedSizeList(list) if list.is_valid(0) => Some(list.value(0)),
        _ => None,
    };
    let Some(list) = list else {
        return plan_err!("{function}: queries is {}; give a list of vectors, [X'..', X'..']", value.data_type());
    };
    if list.is_empty() {
        return Ok(Vec::new());
    }
    let vectors = Vectors::new(function, &list)?;
    (0..vectors.len())
        .map(|row| match vectors.get(function, row)? {
            Some(vector) => Ok(vector),
            None => plan_err!("{function}: query {row} (from 0) is null; give vectors of 256 bytes"),
        })
        .collect()
}
