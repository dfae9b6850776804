//! What several tests use: sessions, files of Parquet, and the plain reference.

#![allow(dead_code, reason = "no test uses all of it")]

use std::path::Path;
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, AsArray, FixedSizeBinaryArray, Int64Array, RecordBatch};
use datafusion::arrow::datatypes::{Int64Type, UInt16Type};
use datafusion::error::Result;
use datafusion::parquet::arrow::ArrowWriter;
use datafusion::parquet::file::properties::WriterProperties;
use datafusion::prelude::{SessionConfig, SessionContext};
use hv_datafusion::hv_memory::HV16;

/// A row of a table of vectors.
pub type Row = (i64, HV16);

/// Waits for what is asynchronous.
pub fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Runtime::new().unwrap().block_on(future)
}

/// A session with our functions.
pub fn session(partitions: usize, batch: usize) -> SessionContext {
    let config = SessionConfig::new().with_target_partitions(partitions).with_batch_size(batch);
    let context = SessionContext::new_with_config(config);
    hv_datafusion::register(&context);
    context
}

/// The result of a statement.
pub fn rows(context: &SessionContext, sql: &str) -> Result<Vec<RecordBatch>> {
    wait(async { context.sql(sql).await?.collect().await })
}

/// The text of an error that a statement gives when it is planned.
pub fn planning_error(context: &SessionContext, sql: &str) -> String {
    let planned = wait(async { context.sql(sql).await?.create_physical_plan().await });
    planned.map(|_| ()).unwrap_err().strip_backtrace()
}

/// A single value.
pub fn value(context: &SessionContext, sql: &str) -> ArrayRef {
    let batches = rows(context, sql).unwrap();
    let batch = batches.iter().find(|batch| batch.num_rows() > 0).expect("a row");
    Arc::clone(batch.column(0))
}

/// Columns `id` and `v`.
pub fn batch_of(table: &[Row]) -> RecordBatch {
    let ids: ArrayRef = Arc::new(Int64Array::from_iter_values(table.iter().map(|row| row.0)));
    let vectors: ArrayRef = Arc::new(match table {
        [] => FixedSizeBinaryArray::try_from_sparse_iter_with_size(std::iter::empty::<Option<&[u8]>>(), 256).unwrap(),
        rows => FixedSizeBinaryArray::try_from_iter(rows.iter().map(|row| row.1.0)).unwrap(),
    });
    RecordBatch::try_from_iter([("id", ids), ("v", vectors)]).unwrap()
}

/// Writes a file of Parquet.
pub fn write_parquet(path: &Path, table: &[Row], row_group: usize) {
    let batch = batch_of(table);
    let properties = WriterProperties::builder().set_max_row_group_row_count(Some(row_group)).build();
    let file = std::fs::File::create(path).unwrap();
    let mut writer = ArrowWriter::try_new(file, batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

/// The `k` nearest as `(distance, id)`, in the most obvious form.
pub fn nearest(table: &[Row], query: &HV16, k: usize) -> Vec<(u16, i64)> {
    let distance = |v: &HV16| v.0.iter().zip(query.0).map(|(a, b)| (a ^ b).count_ones() as u16).sum::<u16>();
    let mut all: Vec<(u16, i64)> = table.iter().map(|(id, v)| (distance(v), *id)).collect();
    all.sort_unstable();
    all.truncate(k);
    all
}

/// The entries of a list of structs `id`, `distance`, as `(distance, id)`.
pub fn entries(list: &ArrayRef) -> Vec<(u16, i64)> {
    let entries = list.as_struct();
    let ids = entries.column(0).as_primitive::<Int64Type>().values();
    let distances = entries.column(1).as_primitive::<UInt16Type>().values();
    distances.iter().copied().zip(ids.iter().copied()).collect()
}

/// A vector as a literal of SQL.
pub fn literal(vector: &HV16) -> String {
    let digits: String = vector.0.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("X'{digits}'")
}
