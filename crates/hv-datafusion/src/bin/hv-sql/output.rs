//! Prints a result.

use std::io::{self, BufWriter, Write};

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::csv;
use datafusion::arrow::json::WriterBuilder;
use datafusion::arrow::json::writer::LineDelimited;
use datafusion::arrow::util::pretty::pretty_format_batches_with_schema;
use datafusion::error::{DataFusionError, Result};

use super::args::Format;
use super::failure::Failure;
use super::spool::Spool;

/// Prints a result to standard output. Vectors and other bytes are hexadecimal digits.
///
/// # Errors
///
/// If the format cannot hold the result, or it cannot be written. That nobody reads on is no error.
pub fn print(spool: Spool, format: Format) -> Result<(), Failure> {
    if format == Format::Csv
        && let Some(nested) = spool.schema().fields().iter().find(|field| field.data_type().is_nested())
    {
        return Err(Failure::failed(format!(
            "the column {} is nested, which CSV cannot hold; take --format json, or unnest() it",
            nested.name()
        )));
    }
    let mut out = BufWriter::new(io::stdout().lock());
    match write(spool, format, &mut out).and_then(|()| Ok(out.flush()?)) {
        Err(error) if is_broken_pipe(&error) => Ok(()),
        result => result.map_err(Failure::from),
    }
}

fn is_broken_pipe(error: &DataFusionError) -> bool {
    // Writers of Arrow keep the error of the operating system as a text.
    matches!(error.find_root(), DataFusionError::IoError(error) if error.kind() == io::ErrorKind::BrokenPipe)
        || error.to_string().contains("Broken pipe")
}

fn write(spool: Spool, format: Format, out: &mut dyn Write) -> Result<()> {
    let schema = spool.schema().clone();
    match format {
        // A result in a file is printed as a table for each batch: the width of its columns is not known before its end.
        Format::Table => {
            let mut held = Vec::new();
            let is_in_file = spool.is_in_file();
            for batch in spool.into_batches()? {
                held.push(batch?);
                if is_in_file {
                    writeln!(out, "{}", pretty_format_batches_with_schema(schema.clone(), &held)?)?;
                    held.clear();
                }
            }
            if !is_in_file {
                writeln!(out, "{}", pretty_format_batches_with_schema(schema, &held)?)?;
            }
        }
        Format::Csv => {
            let mut writer = csv::WriterBuilder::new().with_header(true).build(out);
            // The line of names is there for no rows, too.
            writer.write(&RecordBatch::new_empty(schema))?;
            for batch in spool.into_batches()? {
                writer.write(&batch?)?;
            }
        }
        Format::Json => {
            let mut writer = WriterBuilder::new().with_explicit_nulls(true).build::<_, LineDelimited>(out);
            for batch in spool.into_batches()? {
                writer.write(&batch?)?;
            }
            writer.finish()?;
        }
    }
    Ok(())
}
