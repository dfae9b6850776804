//! The table of a store.

use std::ops::Range;
use std::sync::Arc;

use async_trait::async_trait;
use datafusion::arrow::array::{
    ArrayRef, AsArray, BooleanArray, Float32Array, Float64Array, Int64Array, LargeBinaryArray, RecordBatch,
    RecordBatchOptions, StringArray, UInt64Array,
};
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{Column, DFSchema, DataFusionError, Result};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::logical_expr::utils::conjunction;
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown, TableType};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::streaming::{PartitionStream, StreamingTableExec};
use datafusion::physical_plan::{ExecutionPlan, PhysicalExpr};
use hv_memory::internal::Columns;
use hv_memory::{Key, Snapshot};

use crate::vectors::{self, VECTOR};

/// The first columns, which are in memory, and by which rows are filtered before any other is read.
const FILTERED: usize = 4;

/// A store as a table, as it was when the snapshot was taken: a row for each episode.
///
/// | column | type | |
/// |---|---|---|
/// | `id` | UInt64 | |
/// | `time` | Int64 | microseconds since the Unix epoch |
/// | `valence` | Float32 | -1 to 1 |
/// | `strength` | Float64 | as it was last set |
/// | `key` | Utf8 | a number as its digits; null for none |
/// | `vector` | FixedSizeBinary(256) | |
/// | `payload` | LargeBinary | read from disk where a query wants it |
///
/// Conditions on the first four columns are checked before the others are read. What is stored after the snapshot is not in
/// the table; register another one to see it. Memory: a batch of rows for each partition.
///
/// ```
/// use std::sync::Arc;
///
/// use datafusion::prelude::SessionContext;
/// use hv_datafusion::StoreTable;
/// use hv_datafusion::hv_memory::{EpisodicMemory, HV16, NewEpisode};
///
/// # tokio::runtime::Runtime::new()?.block_on(async {
/// let memory = EpisodicMemory::in_memory();
/// for time in 0..10 {
///     memory.store(NewEpisode { content: HV16::random(7), time, ..NewEpisode::default() })?;
/// }
/// let context = SessionContext::new();
/// context.register_table("m", Arc::new(StoreTable::new(memory.snapshot())))?;
/// let found = context.sql("SELECT id FROM m WHERE time >= 8").await?.collect().await?;
/// assert_eq!(found.iter().map(|batch| batch.num_rows()).sum::<usize>(), 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct StoreTable {
    snapshot: Snapshot,
    schema: SchemaRef,
}

impl StoreTable {
    /// The table of a snapshot.
    #[must_use]
    pub fn new(snapshot: Snapshot) -> Self {
        let field = |name: &str, kind| Field::new(name, kind, false);
        let schema = Schema::new(vec![
            field("id", DataType::UInt64),
            field("time", DataType::Int64),
            field("valence", DataType::Float32),
            field("strength", DataType::Float64),
            Field::new("key", DataType::Utf8, true),
            field("vector", VECTOR),
            field("payload", DataType::LargeBinary),
        ]);
        Self { snapshot, schema: Arc::new(schema) }
    }

    /// Whether a condition asks for nothing but the first columns of a row.
    fn can_filter(&self, condition: &Expr) -> Result<bool> {
        let is_first = |name: &str| self.schema.index_of(name).is_ok_and(|index| index < FILTERED);
        if condition.is_volatile() || !condition.column_refs().iter().all(|column| is_first(&column.name)) {
            return Ok(false);
        }
        let mut is_of_a_row = true;
        condition.apply(|expr| {
            is_of_a_row &= !matches!(
                expr,
                Expr::ScalarSubquery(_)
                    | Expr::InSubquery(_)
                    | Expr::Exists(_)
                    | Expr::OuterReferenceColumn(..)
                    | Expr::Placeholder(_)
            );
            Ok(TreeNodeRecursion::Continue)
        })?;
        Ok(is_of_a_row)
    }
}

#[async_trait]
impl TableProvider for StoreTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
        let supported = |filter: &&Expr| {
            Ok(match self.can_filter(filter)? {
                true => TableProviderFilterPushDown::Exact,
                false => TableProviderFilterPushDown::Unsupported,
            })
        };
        filters.iter().map(supported).collect()
    }

    async fn scan(
        &self,
        session: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let filtered: SchemaRef = Arc::new(self.schema.project(&(0..FILTERED).collect::<Vec<_>>())?);
        let names = DFSchema::try_from(Arc::clone(&filtered))?;
        let condition = conjunction(filters.iter().cloned())
            .map(|condition| session.create_physical_expr(unqualified_columns(condition)?, &names))
            .transpose()?;
        let columns = projection.cloned().unwrap_or_else(|| (0..self.schema.fields().len()).collect());
        let schema = Arc::new(self.schema.project(&columns)?);
        let slots = Columns::of(&self.snapshot).slots();
        let part = slots.div_ceil(session.config().target_partitions().max(1)).max(1);
        let rows = |first| {
            Arc::new(Rows {
                snapshot: self.snapshot.clone(),
                slots: first..slots.min(first + part),
                condition: condition.clone(),
                filtered: Arc::clone(&filtered),
                columns: columns.clone(),
                schema: Arc::clone(&schema),
            }) as Arc<dyn PartitionStream>
        };
        let parts = (0..slots.max(1)).step_by(part).map(rows).collect();
        Ok(Arc::new(StreamingTableExec::try_new(Arc::clone(&schema), parts, None, [], false, limit)?))
    }
}

/// The same without the names of tables.
fn unqualified_columns(condition: Expr) -> Result<Expr> {
    let unqualified = condition.transform(|expr| {
        Ok(match expr {
            Expr::Column(column) => Transformed::yes(Expr::Column(Column::from_name(column.name))),
            other => Transformed::no(other),
        })
    })?;
    Ok(unqualified.data)
}

/// Some rows of a store: a partition of a scan.
#[derive(Clone, Debug)]
struct Rows {
    snapshot: Snapshot,
    slots: Range<usize>,
    /// On the first columns, and their schema.
    condition: Option<Arc<dyn PhysicalExpr>>,
    filtered: SchemaRef,
    /// Which columns of the table, and their schema.
    columns: Vec<usize>,
    schema: SchemaRef,
}

impl PartitionStream for Rows {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, context: Arc<TaskContext>) -> SendableRecordBatchStream {
        let size = context.session_config().batch_size().max(1);
        let rows = self.clone();
        let batches =
            self.slots.clone().step_by(size).map(move |first| rows.batch(first..rows.slots.end.min(first + size)));
        Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&self.schema), futures::stream::iter(batches)))
    }
}

impl Rows {
    fn batch(&self, slots: Range<usize>) -> Result<RecordBatch> {
        let store = Columns::of(&self.snapshot);
        let mut slots: Vec<usize> = slots.filter(|&slot| store.is_live(slot)).collect();
        if let Some(condition) = &self.condition {
            let first = (0..FILTERED).map(|column| column_of(store, column, &slots)).collect::<Result<Vec<_>>>()?;
            let batch = RecordBatch::try_new(Arc::clone(&self.filtered), first)?;
            let kept = condition.evaluate(&batch)?.into_array(slots.len())?;
            let kept: &BooleanArray = kept.as_boolean();
            let mut kept = kept.iter();
            slots.retain(|_| kept.next().flatten() == Some(true));
        }
        let columns = self.columns.iter().map(|&column| column_of(store, column, &slots)).collect::<Result<_>>()?;
        // A query may want no column at all: how many rows there are.
        let options = RecordBatchOptions::new().with_row_count(Some(slots.len()));
        Ok(RecordBatch::try_new_with_options(Arc::clone(&self.schema), columns, &options)?)
    }
}

/// A column of the table, by its index there, of some slots.
fn column_of(store: Columns<'_>, column: usize, slots: &[usize]) -> Result<ArrayRef> {
    let slots = slots.iter().copied();
    let key = |slot| {
        store.key(slot).map(|key| match key {
            Key::Number(number) => number.to_string(),
            Key::Text(text) => text.to_string(),
        })
    };
    Ok(match column {
        0 => Arc::new(slots.map(|slot| store.id(slot).0).collect::<UInt64Array>()),
        1 => Arc::new(slots.map(|slot| store.time(slot)).collect::<Int64Array>()),
        2 => Arc::new(slots.map(|slot| store.valence(slot)).collect::<Float32Array>()),
        3 => Arc::new(slots.map(|slot| store.strength(slot)).collect::<Float64Array>()),
        4 => Arc::new(slots.map(key).collect::<StringArray>()),
        5 => vectors::array_of(slots.map(|slot| Some(*store.vector(slot))))?,
        _ => {
            let payloads: Vec<Vec<u8>> = slots
                .map(|slot| store.payload(slot).map_err(|error| DataFusionError::External(Box::new(error))))
                .collect::<Result<_>>()?;
            Arc::new(LargeBinaryArray::from_iter_values(payloads))
        }
    })
}
