//! Writes a table of vectors from a seed: `make_codes FOLDER [ROWS [FILES [SEED]]]`, 10,000,000 rows in 10 files by default.
//!
//! Row `i` is `id = i` and `v = HV16::random(SEED + i)`. 10,000,000 rows are 2.6 GB. Vectors look random, so they are not
//! compressed, and neither a dictionary nor statistics are kept for them.

use std::error::Error;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use datafusion::arrow::array::{FixedSizeBinaryBuilder, Int64Array, RecordBatch};
use datafusion::arrow::datatypes::{DataType, Field, Schema};
use datafusion::parquet::arrow::ArrowWriter;
use datafusion::parquet::file::properties::{EnabledStatistics, WriterProperties};
use hv_datafusion::hv_memory::HV16;

/// Rows of a group, the unit in which Parquet is read: 32 MiB.
const ROW_GROUP: usize = 1 << 17;

/// Rows that are written at a time.
const BATCH: u64 = 1 << 13;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |index: usize, default: u64| arguments.get(index).map_or(Ok(default), |text| text.parse::<u64>());
    let Some(folder) = arguments.first() else { return Err("make_codes FOLDER [ROWS [FILES [SEED]]]".into()) };
    let (rows, files, seed) = (number(1, 10_000_000)?, number(2, 10)?.max(1), number(3, 0)?);
    std::fs::create_dir_all(folder)?;
    let of_a_file = rows.div_ceil(files);
    for file in 0..files {
        let path = Path::new(folder).join(format!("{file:05}.parquet"));
        write(&path, file * of_a_file..rows.min((file + 1) * of_a_file), seed)?;
    }
    Ok(())
}

fn write(path: &Path, ids: std::ops::Range<u64>, seed: u64) -> Result<(), Box<dyn Error>> {
    let schema = Arc::new(Schema::new(vec![
        Field::new("id", DataType::Int64, false),
        Field::new("v", DataType::FixedSizeBinary(HV16::BYTES as i32), false),
    ]));
    let properties = WriterProperties::builder()
        .set_max_row_group_row_count(Some(ROW_GROUP))
        .set_column_dictionary_enabled("v".into(), false)
        .set_column_statistics_enabled("v".into(), EnabledStatistics::None)
        .build();
    let mut writer = ArrowWriter::try_new(File::create(path)?, Arc::clone(&schema), Some(properties))?;
    for first in ids.clone().step_by(BATCH as usize) {
        let batch = first..ids.end.min(first + BATCH);
        let mut vectors = FixedSizeBinaryBuilder::with_capacity(BATCH as usize, HV16::BYTES as i32);
        for id in batch.clone() {
            vectors.append_value(HV16::random(seed.wrapping_add(id)).0)?;
        }
        let ids = Int64Array::from_iter_values(batch.map(|id| id as i64));
        writer.write(&RecordBatch::try_new(Arc::clone(&schema), vec![Arc::new(ids), Arc::new(vectors.finish())])?)?;
    }
    writer.close()?;
    Ok(())
}
