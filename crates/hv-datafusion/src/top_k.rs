//! `hv_top_k` and `hv_batch_top_k`: the nearest rows to one query, and to each of many.

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, BinaryArray, ListArray};
use datafusion::arrow::buffer::OffsetBuffer;
use datafusion::arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::{Result, ScalarValue, exec_err, plan_err};
use datafusion::logical_expr::expr::AggregateFunctionParams;
use datafusion::logical_expr::function::{AccumulatorArgs, AggregateFunctionSimplification, StateFieldsArgs};
use datafusion::logical_expr::utils::{AggregateOrderSensitivity, format_state_name};
use datafusion::logical_expr::{Accumulator, AggregateUDFImpl, Expr, Signature, Volatility};
use hv_memory::HV16;
use hv_memory::hv_parallel::Bound;
use hv_memory::hv_parallel::hv_simd::workspace_internals::Kernels;

use crate::nearest::{self, Ids, Nearest};
use crate::vectors::{self, Vectors, without_nulls};
use crate::{literals, names};

/// A search: of one query, or of many at once.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct TopKFunction {
    many: bool,
    signature: Signature,
}

impl TopKFunction {
    /// `hv_top_k(id, v, query, k)`.
    pub fn one() -> Self {
        Self { many: false, signature: Signature::user_defined(Volatility::Immutable) }
    }

    /// `hv_batch_top_k(id, v, queries, k)`.
    pub fn batch() -> Self {
        Self { many: true, ..Self::one() }
    }

    /// The arguments after the columns.
    fn constants(&self, queries: &ScalarValue, k: &ScalarValue) -> Result<(Vec<HV16>, usize)> {
        let k = literals::k(self.name(), k)?;
        let queries = if self.many {
            literals::queries(self.name(), queries)?
        } else {
            vec![literals::query(self.name(), queries)?]
        };
        Ok((queries, k))
    }

    fn query_argument(&self) -> &'static str {
        if self.many { "queries" } else { "query" }
    }
}

/// A list of entries.
fn results_of(id: &DataType) -> DataType {
    DataType::new_list(DataType::Struct(nearest::entry_fields(id)), true)
}

impl AggregateUDFImpl for TopKFunction {
    fn name(&self) -> &str {
        if self.many { "hv_batch_top_k" } else { "hv_top_k" }
    }

    fn schema_name(&self, params: &AggregateFunctionParams) -> Result<String> {
        names::of_aggregate(self.name(), params)
    }

    fn display_name(&self, params: &AggregateFunctionParams) -> Result<String> {
        self.schema_name(params)
    }

    fn human_display(&self, params: &AggregateFunctionParams) -> Result<String> {
        self.schema_name(params)
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        let (name, argument) = (self.name(), self.query_argument());
        let [id, v, query, k] = given else {
            return plan_err!("{name} takes (id, v, {argument}, k), not {} arguments", given.len());
        };
        let query = match query {
            DataType::List(_) | DataType::LargeList(_) | DataType::FixedSizeList(..) if self.many => query.clone(),
            // What `simplify` made of such a list, and a parameter that has no value yet.
            DataType::Dictionary(..) | DataType::Null if self.many => query.clone(),
            _ if self.many => {
                return plan_err!("{name}: queries is {query}; give a list of vectors, [X'..', X'..']");
            }
            _ => vectors::coerced(name, "query", query)?,
        };
        let k = match k {
            DataType::UInt64 => DataType::UInt64,
            _ if k.is_integer() || k.is_null() => DataType::Int64,
            _ => return plan_err!("{name}: k is {k}; give how many rows are wanted, 0 or more"),
        };
        Ok(vec![nearest::coerced(name, id)?, vectors::coerced(name, "v", v)?, query, k])
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        match types.first() {
            Some(id) if self.many => Ok(DataType::new_list(results_of(id), true)),
            Some(id) => Ok(results_of(id)),
            None => plan_err!("{} takes (id, v, {}, k)", self.name(), self.query_argument()),
        }
    }

    fn state_fields(&self, args: StateFieldsArgs<'_>) -> Result<Vec<FieldRef>> {
        let name = format_state_name(args.name, "nearest");
        let state = if self.many { DataType::new_list(DataType::Binary, true) } else { DataType::Binary };
        Ok(vec![Arc::new(Field::new(name, state, true))])
    }

    fn accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        let name = self.name();
        let queries = literals::of_physical(name, self.query_argument(), args.exprs.get(2))?;
        let k = literals::of_physical(name, "k", args.exprs.get(3))?;
        let (queries, k) = self.constants(queries, k)?;
        // The result is a list of entries, or a list of such lists; in the entries are the ids.
        let id = |result: &DataType| match result {
            DataType::List(entry) => match entry.data_type() {
                DataType::Struct(fields) => fields.first().map(|id| id.data_type().clone()),
                _ => None,
            },
            _ => None,
        };
        let id = match args.return_type() {
            DataType::List(results) if self.many => id(results.data_type()),
            result => id(result),
        };
        let Some(id) = id else {
            return plan_err!(
                "{name}: the result is {}, and should be a list of ids and distances",
                args.return_type()
            );
        };
        let states = vec![Nearest::new(&id, k); queries.len()];
        Ok(Box::new(Search { name: self.name().to_owned(), many: self.many, id, k, queries, states }))
    }

    fn order_sensitivity(&self) -> AggregateOrderSensitivity {
        AggregateOrderSensitivity::Insensitive
    }

    /// Where wrong constants, and DISTINCT, are noticed when planning. Lists of queries become dictionaries of one list:
    /// DataFusion makes an array of each argument for each batch of rows, which would be as many copies of the list.
    fn simplify(&self) -> Option<AggregateFunctionSimplification> {
        let same = Self { many: self.many, signature: self.signature.clone() };
        Some(Box::new(move |mut call, _| {
            if call.params.distinct {
                return plan_err!("{} takes no DISTINCT; rows of equal id and distance are all kept", same.name());
            }
            if let [_, _, queries, k] = &call.params.args[..] {
                let queries = literals::of_planned(same.name(), same.query_argument(), queries)?;
                let k = literals::of_planned(same.name(), "k", k)?;
                if let Some((queries, k)) = queries.zip(k) {
                    same.constants(queries, k)?;
                    if same.many && !matches!(queries, ScalarValue::Dictionary(..)) {
                        let once = ScalarValue::Dictionary(Box::new(DataType::Int8), Box::new(queries.clone()));
                        call.params.args[2] = Expr::Literal(once, None);
                    }
                }
            }
            Ok(Expr::AggregateFunction(call))
        }))
    }
}

/// A search of some rows.
#[derive(Debug)]
struct Search {
    name: String,
    many: bool,
    id: DataType,
    k: usize,
    queries: Vec<HV16>,
    /// One a query.
    states: Vec<Nearest>,
}

/// Vectors in a block that is copied: few where one query passes over them at once, and tiles of the kernel for many.
const BLOCK: usize = 64;
const BLOCK_OF_MANY: usize = 8_192;

impl Accumulator for Search {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let [ids, vectors, ..] = values else {
            return exec_err!("{}: {} columns, but an id and a vector are needed", self.name, values.len());
        };
        Ids::new(&self.name, ids)?;
        let columns = without_nulls(&[ids.clone(), vectors.clone()])?;
        let (ids, vectors) = (Ids::new(&self.name, &columns[0])?, Vectors::new(&self.name, &columns[1])?);
        let mut bounds: Vec<Bound> = self.states.iter().map(Nearest::bound).collect();
        let (kernels, queries, states) = (Kernels::active(), &self.queries, &mut self.states);
        let block = if self.many { BLOCK_OF_MANY } else { BLOCK };
        vectors.each_slice(&self.name, block, |first, vectors| {
            kernels.scan_nearest(self.k, queries, vectors, first, &mut bounds, &mut |query, row, distance| {
                states[query].offer(distance, &ids, row)
            });
        })
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        let entries = Nearest::entries(&self.states, &self.id);
        let each = OffsetBuffer::from_lengths(self.states.iter().map(Nearest::len));
        let lists = list_of(each, entries);
        Ok(ScalarValue::List(Arc::new(if self.many { in_one_list(lists) } else { lists })))
    }

    fn size(&self) -> usize {
        size_of_val(self) + size_of_val(&self.queries[..]) + self.states.iter().map(Nearest::size).sum::<usize>()
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        let bytes: Vec<Vec<u8>> = self.states.iter().map(Nearest::to_bytes).collect();
        let states = BinaryArray::from_iter_values(bytes);
        let state = if self.many {
            ScalarValue::List(Arc::new(in_one_list(states)))
        } else {
            ScalarValue::try_from_array(&states, 0)?
        };
        Ok(vec![state])
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        let [states] = states else {
            return exec_err!("{}: {} columns of states, but there is one", self.name, states.len());
        };
        for row in (0..states.len()).filter(|&row| states.is_valid(row)) {
            let each = if self.many { states.as_list::<i32>().value(row) } else { states.slice(row, 1) };
            if each.len() != self.states.len() {
                return exec_err!("{}: states of {} queries, not {}", self.name, each.len(), self.states.len());
            }
            let each = each.as_binary::<i32>();
            self.states.iter_mut().zip(each.iter().flatten()).try_for_each(|(state, bytes)| state.merge(bytes))?;
        }
        Ok(())
    }
}

fn list_of(lengths: OffsetBuffer<i32>, values: ArrayRef) -> ListArray {
    ListArray::new(Arc::new(Field::new_list_field(values.data_type().clone(), true)), lengths, values, None)
}

/// All values in one list.
fn in_one_list(values: impl Array + 'static) -> ListArray {
    list_of(OffsetBuffer::from_lengths([values.len()]), Arc::new(values))
}
