//! Holds a result until all of it is there: in memory, and above 64 MiB in a file.

use std::fs::File;
use std::io::{BufReader, Seek};

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::arrow::ipc::reader::StreamReader;
use datafusion::arrow::ipc::writer::StreamWriter;
use datafusion::error::Result;

/// Bytes that are kept in memory.
const IN_MEMORY: usize = 64 << 20;

/// A result.
pub struct Spool {
    schema: SchemaRef,
    batches: Vec<RecordBatch>,
    bytes: usize,
    limit: usize,
    /// Has all batches once there is one.
    file: Option<StreamWriter<File>>,
}

impl Spool {
    /// An empty result.
    pub fn new(schema: SchemaRef) -> Self {
        Self::with_limit(schema, IN_MEMORY)
    }

    fn with_limit(schema: SchemaRef, limit: usize) -> Self {
        Self { schema, batches: Vec::new(), bytes: 0, limit, file: None }
    }

    /// Adds rows.
    ///
    /// # Errors
    ///
    /// If they cannot be written to a file.
    pub fn push(&mut self, batch: RecordBatch) -> Result<()> {
        self.bytes += batch.get_array_memory_size();
        self.batches.push(batch);
        if self.bytes <= self.limit {
            return Ok(());
        }
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(StreamWriter::try_new(tempfile::tempfile()?, &self.schema)?),
        };
        for batch in self.batches.drain(..) {
            file.write(&batch)?;
        }
        Ok(())
    }

    /// Whether it is too large for memory.
    pub fn is_in_file(&self) -> bool {
        self.file.is_some()
    }

    /// The columns.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// The rows, in order.
    ///
    /// # Errors
    ///
    /// If the file cannot be read; an item is an error where a batch cannot be.
    pub fn into_batches(mut self) -> Result<Box<dyn Iterator<Item = Result<RecordBatch>>>> {
        let rest = self.batches.into_iter().map(Ok);
        let Some(writer) = &mut self.file else { return Ok(Box::new(rest)) };
        writer.finish()?;
        let mut file = writer.get_ref().try_clone()?;
        file.rewind()?;
        let read = StreamReader::try_new(BufReader::new(file), None)?;
        Ok(Box::new(read.map(|batch| Ok(batch?)).chain(rest)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use datafusion::arrow::array::{AsArray, Int64Array};
    use datafusion::arrow::datatypes::{DataType, Field, Int64Type, Schema};
    use std::sync::Arc;

    #[test]
    fn rows_come_back_in_order_from_memory_and_file() {
        let schema = Arc::new(Schema::new(vec![Field::new("n", DataType::Int64, false)]));
        for limit in [0, 3_000, usize::MAX] {
            let mut spool = Spool::with_limit(Arc::clone(&schema), limit);
            for first in (0..1_000).step_by(100) {
                let column = Int64Array::from_iter_values(first..first + 100);
                spool.push(RecordBatch::try_new(Arc::clone(&schema), vec![Arc::new(column)]).unwrap()).unwrap();
            }
            assert_eq!(spool.file.is_some(), limit < usize::MAX);
            let batches: Vec<RecordBatch> = spool.into_batches().unwrap().collect::<Result<_>>().unwrap();
            let rows = batches.iter().flat_map(|batch| batch.column(0).as_primitive::<Int64Type>().values().to_vec());
            assert!(rows.eq(0..1_000));
        }
    }
}
