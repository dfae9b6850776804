//! `hv_bundle(v)`: the majority of the vectors of a group.

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, BinaryArray, BooleanArray};
use datafusion::arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::{DataFusionError, Result, ScalarValue, exec_err, plan_err};
use datafusion::logical_expr::expr::AggregateFunctionParams;
use datafusion::logical_expr::function::{AccumulatorArgs, AggregateFunctionSimplification, StateFieldsArgs};
use datafusion::logical_expr::utils::{AggregateOrderSensitivity, format_state_name};
use datafusion::logical_expr::{Accumulator, AggregateUDFImpl, EmitTo, Expr, GroupsAccumulator, Signature, Volatility};
use hv_encode::Accumulator as Counters;
use hv_memory::HV16;

use crate::names;
use crate::vectors::{self, VECTOR, Vectors, without_nulls};

const NAME: &str = "hv_bundle";

/// Vectors in a block that is copied.
const BLOCK: usize = 64;

/// `hv_bundle(v)`.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct Bundle {
    signature: Signature,
}

impl Bundle {
    pub fn new() -> Self {
        Self { signature: Signature::user_defined(Volatility::Immutable) }
    }
}

impl AggregateUDFImpl for Bundle {
    fn name(&self) -> &str {
        NAME
    }

    fn schema_name(&self, params: &AggregateFunctionParams) -> Result<String> {
        names::of_aggregate(NAME, params)
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        match given {
            [v] => Ok(vec![vectors::coerced(NAME, "v", v)?]),
            _ => plan_err!("{NAME} takes (v), not {} arguments", given.len()),
        }
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(VECTOR)
    }

    fn state_fields(&self, args: StateFieldsArgs<'_>) -> Result<Vec<FieldRef>> {
        Ok(vec![Arc::new(Field::new(format_state_name(args.name, "counters"), DataType::Binary, true))])
    }

    fn accumulator(&self, _: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        Ok(Box::new(Whole(Counters::new())))
    }

    fn groups_accumulator_supported(&self, _: AccumulatorArgs<'_>) -> bool {
        true
    }

    fn create_groups_accumulator(&self, _: AccumulatorArgs<'_>) -> Result<Box<dyn GroupsAccumulator>> {
        Ok(Box::new(Groups::default()))
    }

    /// Changes nothing: it is where DISTINCT is noticed when planning.
    fn simplify(&self) -> Option<AggregateFunctionSimplification> {
        Some(Box::new(|call, _| match call.params.distinct {
            true => plan_err!("{NAME} takes no DISTINCT; bundle the rows of a SELECT DISTINCT"),
            false => Ok(Expr::AggregateFunction(call)),
        }))
    }

    fn order_sensitivity(&self) -> AggregateOrderSensitivity {
        AggregateOrderSensitivity::Insensitive
    }
}

fn from_bytes(bytes: &[u8]) -> Result<Counters> {
    Counters::from_bytes(bytes).map_err(|error| DataFusionError::External(Box::new(error)))
}

/// Bytes of counters on the heap: a plane for each bit of the number of vectors.
fn size_of(counters: &Counters) -> usize {
    size_of_val(counters) + counters.len().checked_ilog2().map_or(0, |bits| bits as usize + 1) * HV16::BYTES
}

/// The bundle of all rows.
#[derive(Debug)]
struct Whole(Counters);

impl Accumulator for Whole {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let columns = without_nulls(values)?;
        let Some(vectors) = columns.first() else { return exec_err!("{NAME} needs a column") };
        Vectors::new(NAME, vectors)?.each_slice(NAME, BLOCK, |_, vectors| self.0.add_many(vectors))
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        let bundle = self.0.majority().map(|bundle| bundle.0.to_vec());
        Ok(ScalarValue::FixedSizeBinary(HV16::BYTES as i32, bundle))
    }

    fn size(&self) -> usize {
        size_of(&self.0)
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        Ok(vec![ScalarValue::Binary(Some(self.0.to_bytes()))])
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        let Some(states) = states.first() else { return exec_err!("{NAME} needs a column of states") };
        for bytes in states.as_binary::<i32>().iter().flatten() {
            self.0.merge(&from_bytes(bytes)?);
        }
        Ok(())
    }
}

/// The bundles of many groups.
#[derive(Debug, Default)]
struct Groups(Vec<Counters>);

/// Whether a filter lets a row pass.
fn passes(filter: Option<&BooleanArray>, row: usize) -> bool {
    filter.is_none_or(|filter| filter.is_valid(row) && filter.value(row))
}

impl Groups {
    fn make_room(&mut self, groups: usize) {
        self.0.resize_with(groups.max(self.0.len()), Counters::new);
    }
}

impl GroupsAccumulator for Groups {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        groups: &[usize],
        filter: Option<&BooleanArray>,
        total: usize,
    ) -> Result<()> {
        self.make_room(total);
        let Some(vectors) = values.first() else { return exec_err!("{NAME} needs a column") };
        let vectors = Vectors::new(NAME, vectors)?;
        // The rows of a group one after another: many are counted at once for less than each by itself.
        let mut rows: Vec<usize> = (0..groups.len()).filter(|&row| passes(filter, row)).collect();
        rows.sort_by_key(|&row| groups[row]);
        let mut block = Vec::with_capacity(BLOCK);
        for rows in rows.chunk_by(|&a, &b| groups[a] == groups[b]) {
            for part in rows.chunks(BLOCK) {
                block.clear();
                for &row in part {
                    block.extend(vectors.get(NAME, row)?);
                }
                self.0[groups[rows[0]]].add_many(&block);
            }
        }
        Ok(())
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        let bundles = emit_to.take_needed(&mut self.0);
        vectors::array_of(bundles.iter().map(Counters::majority))
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        let counters = emit_to.take_needed(&mut self.0);
        Ok(vec![Arc::new(BinaryArray::from_iter_values(counters.iter().map(Counters::to_bytes)))])
    }

    fn merge_batch(&mut self, values: &[ArrayRef], groups: &[usize], total: usize) -> Result<()> {
        self.make_room(total);
        let Some(states) = values.first() else { return exec_err!("{NAME} needs a column of states") };
        for (bytes, &group) in states.as_binary::<i32>().iter().zip(groups) {
            if let Some(bytes) = bytes {
                self.0[group].merge(&from_bytes(bytes)?);
            }
        }
        Ok(())
    }

    fn convert_to_state(&self, values: &[ArrayRef], filter: Option<&BooleanArray>) -> Result<Vec<ArrayRef>> {
        let Some(vectors) = values.first() else { return exec_err!("{NAME} needs a column") };
        let vectors = Vectors::new(NAME, vectors)?;
        let states: BinaryArray = (0..vectors.len())
            .map(|row| {
                let vector = if passes(filter, row) { vectors.get(NAME, row)? } else { None };
                Ok(vector.map(|vector| Counters::from_iter([vector]).to_bytes()))
            })
            .collect::<Result<_>>()?;
        Ok(vec![Arc::new(states)])
    }

    fn size(&self) -> usize {
        self.0.iter().map(size_of).sum()
    }
}
