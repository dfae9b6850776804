//! Reads fields of JSON objects, with errors that name the field.

use serde_json::{Map, Value};

use crate::error::{LtcError, check_length};

/// A JSON object.
pub(crate) struct Object<'a>(&'a Map<String, Value>);

impl<'a> Object<'a> {
    /// The object that a value is; `name` is for the error.
    pub(crate) fn of(name: &str, value: &'a Value) -> Result<Self, LtcError> {
        value.as_object().map(Self).ok_or_else(|| wrong(name, "an object"))
    }

    pub(crate) fn object(&self, field: &str) -> Result<Object<'a>, LtcError> {
        Self::of(field, self.0.get(field).unwrap_or(&Value::Null))
    }

    pub(crate) fn fields(&self) -> impl Iterator<Item = (&'a String, &'a Value)> {
        self.0.iter()
    }

    pub(crate) fn has(&self, field: &str) -> bool {
        self.0.contains_key(field)
    }

    pub(crate) fn text(&self, field: &str) -> Result<&'a str, LtcError> {
        self.0.get(field).and_then(Value::as_str).ok_or_else(|| wrong(field, "a string"))
    }

    /// The value whose name the field has.
    pub(crate) fn one_of<T: Copy>(
        &self,
        field: &str,
        all: &[T],
        name: impl Fn(T) -> &'static str,
    ) -> Result<T, LtcError> {
        let given = self.0.get(field).and_then(Value::as_str);
        let value = all.iter().copied().find(|value| Some(name(*value)) == given);
        value.ok_or_else(|| {
            let names: Vec<_> = all.iter().map(|value| format!("{:?}", name(*value))).collect();
            wrong(field, &format!("one of {}", names.join(", ")))
        })
    }

    /// A whole number, 0 or more.
    pub(crate) fn count(&self, field: &str) -> Result<usize, LtcError> {
        let value = self.0.get(field).and_then(Value::as_u64).and_then(|value| usize::try_from(value).ok());
        value.ok_or_else(|| wrong(field, "a whole number, 0 or more,"))
    }

    /// A whole number, 0 to `most`.
    pub(crate) fn count_to(&self, field: &str, most: usize) -> Result<usize, LtcError> {
        let value = self.count(field)?;
        if value <= most { Ok(value) } else { Err(wrong(field, &format!("a whole number, 0 to {most},"))) }
    }

    /// What `read` gives, or `None` if the field is null or missing.
    pub(crate) fn optional<T>(
        &self,
        field: &str,
        read: impl FnOnce(&Self, &str) -> Result<T, LtcError>,
    ) -> Result<Option<T>, LtcError> {
        let given = self.0.get(field).is_some_and(|value| !value.is_null());
        given.then(|| read(self, field)).transpose()
    }

    /// A list of lists of whole numbers, 0 or more.
    pub(crate) fn indices(&self, field: &str) -> Result<Vec<Vec<usize>>, LtcError> {
        let whole = |value: f64| (value >= 0.0 && value.fract() == 0.0).then_some(value as usize);
        let rows: Option<_> = self.rows(field)?.into_iter().map(|row| row.into_iter().map(whole).collect()).collect();
        rows.ok_or_else(|| wrong(field, "a list of lists of whole numbers, 0 or more,"))
    }

    pub(crate) fn number(&self, field: &str) -> Result<f64, LtcError> {
        self.0.get(field).and_then(Value::as_f64).ok_or_else(|| wrong(field, "a number"))
    }

    pub(crate) fn vector(&self, field: &str) -> Result<Vec<f64>, LtcError> {
        vector(self.0.get(field)).ok_or_else(|| wrong(field, "a list of numbers"))
    }

    /// A truth value, or `None` if there is no such field.
    pub(crate) fn flag(&self, field: &str) -> Result<Option<bool>, LtcError> {
        let value = self.0.get(field).map(|value| value.as_bool().ok_or_else(|| wrong(field, "true or false")));
        value.transpose()
    }

    /// A list of rows, each of the same length.
    pub(crate) fn matrix(&self, field: &str, columns: usize) -> Result<Vec<f64>, LtcError> {
        let rows = self.rows(field)?;
        for (index, row) in rows.iter().enumerate() {
            check_length(&format!("row {index} of {field}"), row.len(), columns)?;
        }
        Ok(rows.concat())
    }

    pub(crate) fn rows(&self, field: &str) -> Result<Vec<Vec<f64>>, LtcError> {
        let rows = self.0.get(field).and_then(Value::as_array);
        let rows = rows.and_then(|rows| rows.iter().map(|row| vector(Some(row))).collect());
        rows.ok_or_else(|| wrong(field, "a list of lists of numbers"))
    }
}

fn vector(value: Option<&Value>) -> Option<Vec<f64>> {
    value?.as_array()?.iter().map(Value::as_f64).collect()
}

pub(crate) fn wrong(field: &str, expected: &str) -> LtcError {
    LtcError::Field { field: field.into(), expected: expected.into() }
}

/// The numbers in nested lists of this shape, row by row.
pub(crate) fn shaped(name: &str, value: &Value, shape: &[usize]) -> Result<Vec<f64>, LtcError> {
    let mut all = Vec::new();
    if collect(value, shape, &mut all).is_none() {
        return Err(wrong(name, &format!("a list of the shape {shape:?}")));
    }
    Ok(all)
}

fn collect(value: &Value, shape: &[usize], all: &mut Vec<f64>) -> Option<()> {
    match shape {
        [] => all.push(value.as_f64()?),
        [count, rest @ ..] => {
            let values = value.as_array().filter(|values| values.len() == *count)?;
            for value in values {
                collect(value, rest, all)?;
            }
        }
    }
    Some(())
}
