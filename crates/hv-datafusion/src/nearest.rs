//! The state of a search: the nearest rows seen so far, with ids of any type, as bytes and as a list.

use std::collections::HashMap;
use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, Int64Array, LargeStringArray, LargeStringBuilder, StringArray, StringBuilder,
    StringViewArray, StringViewBuilder, StructArray, UInt16Array, UInt64Array,
};
use datafusion::arrow::datatypes::{DataType, Field, Fields, Int64Type, UInt64Type};
use datafusion::common::{DataFusionError, Result, exec_err, plan_err};
use hv_memory::hv_parallel::{Bound, hv_simd::TopK};

use crate::text_top_k::TextTopK;

const _: () = assert!(usize::BITS == 64, "ids are 64 bits wide, as are the indices of TopK");

/// The sign bit, which is flipped so that the order of `i64` is that of `u64`.
const SIGN: u64 = 1 << 63;

/// Bytes of a `TopK` before its pairs, and of each pair.
const HEADER: usize = 20;
const PAIR: usize = 10;

/// The type of an argument that holds ids.
///
/// # Errors
///
/// If there is no order of ids of this type.
pub fn coerced(function: &str, given: &DataType) -> Result<DataType> {
    match given {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::UInt64 => Ok(given.clone()),
        _ if given.is_integer() || given.is_null() => Ok(DataType::Int64),
        _ => plan_err!("{function}: the id is {given}; give an integer or a text"),
    }
}

/// The fields of an entry of a result.
pub fn entry_fields(id: &DataType) -> Fields {
    Fields::from(vec![Field::new("id", id.clone(), true), Field::new("distance", DataType::UInt16, true)])
}

/// A column of ids.
pub enum Ids<'a> {
    Signed(&'a Int64Array),
    Unsigned(&'a UInt64Array),
    Text(&'a StringArray),
    LargeText(&'a LargeStringArray),
    TextView(&'a StringViewArray),
}

impl<'a> Ids<'a> {
    /// # Errors
    ///
    /// If one is null, or they are of another type.
    pub fn new(function: &str, array: &'a ArrayRef) -> Result<Self> {
        if array.null_count() > 0 {
            return exec_err!("{function}: an id is null; leave such rows out with WHERE or FILTER");
        }
        Ok(match array.data_type() {
            DataType::Int64 => Self::Signed(array.as_primitive::<Int64Type>()),
            DataType::UInt64 => Self::Unsigned(array.as_primitive::<UInt64Type>()),
            DataType::Utf8 => Self::Text(array.as_string()),
            DataType::LargeUtf8 => Self::LargeText(array.as_string()),
            DataType::Utf8View => Self::TextView(array.as_string_view()),
            other => return exec_err!("{function}: {other} holds no ids"),
        })
    }
}

/// The `k` nearest rows: by distance, then by smaller id.
#[derive(Clone, Debug)]
pub enum Nearest {
    Numbers(TopK),
    Texts(TextTopK),
}

impl Nearest {
    /// Nothing seen yet, for ids of this type.
    pub fn new(id: &DataType, k: usize) -> Self {
        if id.is_integer() { Self::Numbers(TopK::new(k)) } else { Self::Texts(TextTopK::new(k)) }
    }

    /// Admits what may be kept, rows as far as the worst included: ids come in any order.
    pub fn bound(&self) -> Bound {
        match self {
            Self::Texts(texts) => texts.bound(),
            // What is nearer than the worst, or as near: one more than its exclusive bound, which 0 is for k = 0 alone.
            Self::Numbers(numbers) if numbers.k() == 0 => Bound::NOTHING,
            Self::Numbers(numbers) => Bound::within(numbers.bound().limit()),
        }
    }

    /// Offers a row, and returns the new bound.
    pub fn offer(&mut self, distance: u16, ids: &Ids<'_>, row: usize) -> Bound {
        match (&mut *self, ids) {
            (Self::Numbers(kept), Ids::Signed(ids)) => {
                kept.offer(distance, (ids.value(row) as u64 ^ SIGN) as usize);
            }
            (Self::Numbers(kept), Ids::Unsigned(ids)) => {
                kept.offer(distance, ids.value(row) as usize);
            }
            (Self::Texts(kept), Ids::Text(ids)) => kept.offer(distance, ids.value(row)),
            (Self::Texts(kept), Ids::LargeText(ids)) => kept.offer(distance, ids.value(row)),
            (Self::Texts(kept), Ids::TextView(ids)) => kept.offer(distance, ids.value(row)),
            _ => unreachable!("ids have one type from planning on"),
        }
        self.bound()
    }

    /// The state as bytes. For numbers it is the byte form of a `TopK`; where an id is kept more than once, its
    /// second row is in a second form after the first, and so on, since in one form no id comes twice.
    pub fn to_bytes(&self) -> Vec<u8> {
        let numbers = match self {
            Self::Texts(texts) => return texts.to_bytes(),
            Self::Numbers(numbers) => numbers,
        };
        let mut times: HashMap<usize, usize> = HashMap::with_capacity(numbers.len());
        let mut forms = vec![TopK::new(numbers.k())];
        for (id, distance) in numbers.iter() {
            let form = times.entry(id).or_default();
            if forms.len() == *form {
                forms.push(TopK::new(numbers.k()));
            }
            forms[*form].offer(distance, id);
            *form += 1;
        }
        forms.iter().flat_map(TopK::to_bytes).collect()
    }

    /// Offers all that another state kept, from its bytes.
    ///
    /// # Errors
    ///
    /// If the bytes are no such state.
    pub fn merge(&mut self, mut bytes: &[u8]) -> Result<()> {
        let numbers = match self {
            Self::Texts(texts) => return texts.merge(bytes),
            Self::Numbers(numbers) => numbers,
        };
        while !bytes.is_empty() {
            let n = bytes.get(12..HEADER).and_then(|n| Some(u64::from_le_bytes(n.try_into().ok()?)));
            let length = n.and_then(|n| usize::try_from(n).ok()?.checked_mul(PAIR)?.checked_add(HEADER));
            let (form, rest) = bytes.split_at_checked(length.unwrap_or(bytes.len())).unwrap_or((bytes, &[]));
            let form = TopK::from_bytes(form).map_err(|error| DataFusionError::External(Box::new(error)))?;
            numbers.merge(&form);
            bytes = rest;
        }
        Ok(())
    }

    /// Bytes on the heap.
    pub fn size(&self) -> usize {
        match self {
            Self::Numbers(numbers) => numbers.len().max(64) * size_of::<u128>(),
            Self::Texts(texts) => texts.size(),
        }
    }

    /// The entries of several states, each state's in order, one after another; `id` is the type of the ids.
    pub fn entries(states: &[Self], id: &DataType) -> ArrayRef {
        let (mut distances, mut numbers, mut texts) = (Vec::new(), Vec::new(), Vec::new());
        for state in states {
            match state {
                Self::Numbers(kept) => kept.iter().for_each(|(id, distance)| {
                    distances.push(distance);
                    numbers.push(id as u64);
                }),
                Self::Texts(kept) => kept.sorted().into_iter().for_each(|(distance, id)| {
                    distances.push(distance);
                    texts.push(id);
                }),
            }
        }
        let ids: ArrayRef = match id {
            DataType::Utf8 => Arc::new(appended(StringBuilder::new(), texts).finish()),
            DataType::LargeUtf8 => Arc::new(appended(LargeStringBuilder::new(), texts).finish()),
            DataType::Utf8View => Arc::new(appended(StringViewBuilder::new(), texts).finish()),
            DataType::UInt64 => Arc::new(UInt64Array::from(numbers)),
            _ => Arc::new(numbers.into_iter().map(|id| (id ^ SIGN) as i64).collect::<Int64Array>()),
        };
        Arc::new(StructArray::new(entry_fields(id), vec![ids, Arc::new(UInt16Array::from(distances))], None))
    }

    /// The number of rows that are kept.
    pub fn len(&self) -> usize {
        match self {
            Self::Numbers(numbers) => numbers.len(),
            Self::Texts(texts) => texts.len(),
        }
    }
}

fn appended<'t, B: Extend<Option<&'t str>>>(mut builder: B, texts: Vec<&'t str>) -> B {
    builder.extend(texts.into_iter().map(Some));
    builder
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(k: usize, offers: &[(i64, u16)]) -> Nearest {
        let mut state = Nearest::new(&DataType::Int64, k);
        let ids = Int64Array::from_iter_values(offers.iter().map(|offer| offer.0));
        let mut bound = state.bound();
        for (row, &(_, distance)) in offers.iter().enumerate() {
            if bound.admits(distance) {
                bound = state.offer(distance, &Ids::Signed(&ids), row);
            }
        }
        state
    }

    fn pairs(state: &Nearest) -> Vec<(i64, u16)> {
        let entries = Nearest::entries(std::slice::from_ref(state), &DataType::Int64);
        let ids = entries.as_struct().column(0).as_primitive::<Int64Type>();
        let distances = entries.as_struct().column(1).as_primitive::<datafusion::arrow::datatypes::UInt16Type>();
        ids.values().iter().copied().zip(distances.values().iter().copied()).collect()
    }

    #[test]
    fn negative_ids_come_first_whenever_they_are_offered() {
        let offers = [(i64::MAX, 5), (0, 5), (3, 4), (-1, 5), (i64::MIN, 5)];
        assert_eq!(pairs(&kept(4, &offers)), [(3, 4), (i64::MIN, 5), (-1, 5), (0, 5)]);
        assert!(pairs(&kept(0, &offers)).is_empty());
        assert_eq!(pairs(&kept(9, &[(1, 2_048), (-2, 0)])), [(-2, 0), (1, 2_048)]);
    }

    #[test]
    fn a_state_is_the_byte_form_of_a_top_k() {
        let state = kept(3, &[(-7, 9), (8, 1)]);
        let mut same = TopK::new(3);
        same.offer(9, (-7_i64 as u64 ^ SIGN) as usize);
        same.offer(1, (8 ^ SIGN) as usize);
        assert_eq!(TopK::from_bytes(&state.to_bytes()), Ok(same));
        let mut merged = kept(3, &[(2, 5)]);
        merged.merge(&state.to_bytes()).unwrap();
        assert_eq!(pairs(&merged), [(8, 1), (2, 5), (-7, 9)]);
    }

    #[test]
    fn rows_of_one_id_survive_the_way_through_bytes() {
        let offers = [(1, 5), (1, 5), (1, 5), (1, 6), (2, 5), (2, 7)];
        let state = kept(5, &offers);
        let mut merged = Nearest::new(&DataType::Int64, 5);
        merged.merge(&state.to_bytes()).unwrap();
        assert_eq!(pairs(&merged), [(1, 5), (1, 5), (1, 5), (2, 5), (1, 6)]);
        assert_eq!(merged.to_bytes(), state.to_bytes());
    }

    #[test]
    fn damaged_bytes_are_refused() {
        let bytes = kept(5, &[(1, 5), (1, 5)]).to_bytes();
        let refused = |bytes: &[u8]| Nearest::new(&DataType::Int64, 5).merge(bytes).is_err();
        let whole = [0, bytes.len() / 2, bytes.len()];
        assert!((0..=bytes.len()).all(|n| refused(&bytes[..n]) != whole.contains(&n)));
    }
}
