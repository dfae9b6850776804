//! `hv export` and `hv import` of Parquet: the columns that hv-datafusion's table of a store has.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use hv_memory::{Episode, HV16, Key, NewEpisode, Snapshot};
use parquet::basic::{Compression, ZstdLevel};
use parquet::data_type::{
    ByteArray, ByteArrayType, DataType, DoubleType, FixedLenByteArray, FixedLenByteArrayType, FloatType, Int64Type,
};
use parquet::errors::{ParquetError, Result};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::record::reader::RowIter;
use parquet::record::{Field, Row};
use parquet::schema::parser::parse_message_type;
use parquet::schema::types::{ColumnPath, Type};

use crate::failure::Failure;

/// The table that is written.
const SCHEMA: &str = "message episodes {
    REQUIRED INT64 id (INTEGER(64, false));
    REQUIRED INT64 time;
    REQUIRED FLOAT valence;
    REQUIRED DOUBLE strength;
    OPTIONAL BYTE_ARRAY key (STRING);
    REQUIRED FIXED_LEN_BYTE_ARRAY(256) vector;
    REQUIRED BYTE_ARRAY payload;
}";

/// Rows of a group, the unit in which Parquet is read; fewer where they have [`MOST_BYTES`] of payloads.
const GROUP_ROWS: usize = 1 << 17;

/// Rows that are read at a time; fewer where they have [`MOST_BYTES`] of payloads.
const BLOCK: usize = 1 << 13;

/// Bytes of payloads that are held in memory at a time, about.
const MOST_BYTES: usize = 1 << 26;

/// Writes all episodes, in order of id. `written` is told of each.
pub fn write(snapshot: &Snapshot, path: &Path, file: &File, written: impl Fn()) -> Result<(), Failure> {
    let cannot = |error: ParquetError| Failure::failed(format_args!("cannot write {}: {error}", path.display()));
    let (vector, payload) = (ColumnPath::from("vector"), ColumnPath::from("payload"));
    // Vectors look random: nothing compresses them, and they have no order that says anything.
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_column_compression(vector.clone(), Compression::UNCOMPRESSED)
        .set_column_dictionary_enabled(vector.clone(), false)
        .set_column_statistics_enabled(vector, EnabledStatistics::None)
        .set_column_statistics_enabled(payload, EnabledStatistics::None)
        .build();
    let schema = Arc::new(parse_message_type(SCHEMA).map_err(cannot)?);
    let mut writer = SerializedFileWriter::new(file, schema, Arc::new(properties)).map_err(cannot)?;
    let (mut rows, mut bytes) = (Vec::new(), 0);
    for episode in snapshot.episodes() {
        let episode = episode?;
        bytes += episode.payload.len();
        rows.push(episode);
        if rows.len() == GROUP_ROWS || bytes >= MOST_BYTES {
            write_group(writer.next_row_group().map_err(cannot)?, &rows).map_err(cannot)?;
            rows.clear();
            bytes = 0;
        }
        written();
    }
    if !rows.is_empty() {
        write_group(writer.next_row_group().map_err(cannot)?, &rows).map_err(cannot)?;
    }
    writer.close().map(drop).map_err(cannot)
}

fn write_group(mut group: SerializedRowGroupWriter<'_, &File>, rows: &[Episode]) -> Result<()> {
    column::<Int64Type>(&mut group, rows.iter().map(|row| row.id.0.cast_signed()))?;
    column::<Int64Type>(&mut group, rows.iter().map(|row| row.time))?;
    column::<FloatType>(&mut group, rows.iter().map(|row| row.valence))?;
    column::<DoubleType>(&mut group, rows.iter().map(|row| row.strength))?;
    let keys: Vec<Option<String>> = rows.iter().map(|row| row.key.as_ref().map(Key::to_string)).collect();
    let given: Vec<i16> = keys.iter().map(|key| key.is_some().into()).collect();
    let keys: Vec<ByteArray> = keys.into_iter().flatten().map(|key| key.into_bytes().into()).collect();
    let mut column_of_keys = next_column(&mut group)?;
    column_of_keys.typed::<ByteArrayType>().write_batch(&keys, Some(&given), None)?;
    column_of_keys.close()?;
    let vector = |row: &Episode| FixedLenByteArray::from(ByteArray::from(row.content.0.to_vec()));
    column::<FixedLenByteArrayType>(&mut group, rows.iter().map(vector))?;
    column::<ByteArrayType>(&mut group, rows.iter().map(|row| row.payload.clone().into()))?;
    group.close().map(drop)
}

/// Writes the next column, without nulls.
fn column<T: DataType>(
    group: &mut SerializedRowGroupWriter<'_, &File>,
    values: impl Iterator<Item = T::T>,
) -> Result<()> {
    let mut column = next_column(group)?;
    column.typed::<T>().write_batch(&values.collect::<Vec<T::T>>(), None, None)?;
    column.close()
}

fn next_column<'a>(
    group: &'a mut SerializedRowGroupWriter<'_, &File>,
) -> Result<parquet::file::writer::SerializedColumnWriter<'a>> {
    group.next_column()?.ok_or_else(|| ParquetError::General("the table has fewer columns".to_owned()))
}

/// What reads the next rows of a table, none at its end: of each row its `vector`, and where there are such columns its `time`, `valence`, `key` and `payload`. Any
/// other column is left out. A row without a time is of `now`.
pub fn blocks(path: &Path, now: i64) -> Result<impl FnMut() -> Result<Vec<NewEpisode>, Failure> + use<>, Failure> {
    let why = |why: String| Failure::failed(format_args!("cannot read {}: {why}", path.display()));
    let file = File::open(path).map_err(|error| why(error.to_string()))?;
    let reader = SerializedFileReader::new(file).map_err(|error| why(error.to_string()))?;
    let schema = reader.metadata().file_metadata().schema();
    let wanted = |field: &&Arc<Type>| ["vector", "time", "valence", "key", "payload"].contains(&field.name());
    let fields: Vec<Arc<Type>> = schema.get_fields().iter().filter(wanted).cloned().collect();
    if !fields.iter().any(|field| field.name() == "vector") {
        let names: Vec<&str> = schema.get_fields().iter().map(|field| field.name()).collect();
        let names = names.join(", ");
        return Err(why(format!(
            "none of its columns ({names}) is named vector; call the one with the 256-byte vectors that"
        )));
    }
    let columns = Type::group_type_builder(schema.name()).with_fields(fields).build();
    let columns = columns.map_err(|error| why(error.to_string()))?;
    let rows = RowIter::from_file_into(Box::new(reader)).project(Some(columns));
    let mut rows = rows.map_err(|error| why(error.to_string()))?;
    let (path, mut done) = (path.to_owned(), 0_u64);
    Ok(move || {
        let (mut block, mut bytes) = (Vec::new(), 0);
        while block.len() < BLOCK && bytes < MOST_BYTES {
            let Some(row) = rows.next() else { break };
            let episode = row.map_err(|error| error.to_string()).and_then(|row| episode(&row, now));
            let episode = episode.map_err(|why| {
                Failure::failed(format_args!("cannot read {}: after row {done}, {why}", path.display()))
            })?;
            bytes += episode.payload.len();
            block.push(episode);
            done += 1;
        }
        Ok(block)
    })
}

fn episode(row: &Row, now: i64) -> Result<NewEpisode, String> {
    let mut episode = NewEpisode { time: now, ..NewEpisode::default() };
    for (name, field) in row.get_column_iter() {
        match (name.as_str(), field) {
            ("vector", Field::Bytes(bytes)) if bytes.len() == HV16::BYTES => {
                episode.content.0.copy_from_slice(bytes.data());
            }
            ("vector", Field::Bytes(bytes)) => {
                return Err(format!("a vector has {} bytes; give 256 in each row", bytes.len()));
            }
            ("time", Field::Long(micros) | Field::TimestampMicros(micros)) => episode.time = *micros,
            ("time", Field::TimestampMillis(millis)) => episode.time = millis.saturating_mul(1_000),
            ("valence", Field::Float(valence)) => episode.valence = *valence,
            ("key", Field::Str(key)) => episode.key = Some(Key::from(key.as_str())),
            ("key", Field::Long(key)) if *key >= 0 => episode.key = Some(Key::from(key.cast_unsigned())),
            ("key", Field::ULong(key)) => episode.key = Some(Key::from(*key)),
            ("payload", Field::Bytes(bytes)) => episode.payload = bytes.data().to_vec(),
            ("payload", Field::Str(text)) => episode.payload = text.clone().into_bytes(),
            ("key" | "payload" | "time" | "valence", Field::Null) => {}
            (name, field) => return Err(format!("its {name} is {field}; {}", expected(name))),
        }
    }
    Ok(episode)
}

/// What a column must have.
fn expected(name: &str) -> &'static str {
    match name {
        "vector" => "vectors are values of 256 bytes (FixedSizeBinary or Binary)",
        "time" => "times are microseconds since the Unix epoch (INT64)",
        "valence" => "valences are numbers from -1 to 1 (FLOAT)",
        "key" => "keys are text, or numbers of 64 bits from 0 on",
        _ => "payloads are bytes or text",
    }
}

#[cfg(test)]
mod tests {
    use hv_memory::EpisodicMemory;

    use super::*;

    fn read(path: &Path) -> Result<Vec<NewEpisode>, Failure> {
        let mut next = blocks(path, 77)?;
        let mut all = Vec::new();
        loop {
            let block = next()?;
            if block.is_empty() {
                return Ok(all);
            }
            all.extend(block);
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.parquet");
        let memory = EpisodicMemory::in_memory();
        let episode = |i: u64| NewEpisode {
            content: HV16::random(i),
            time: i.cast_signed() * 3 - 30_000,
            valence: (i % 3) as f32 - 1.0,
            payload: vec![i as u8; i as usize % 5],
            key: (!i.is_multiple_of(4)).then(|| Key::from(format!("k{i}"))),
            ..NewEpisode::default()
        };
        // More than a block of reading.
        let episodes: Vec<NewEpisode> = (0..BLOCK as u64 + 5).map(episode).collect();
        memory.store_batch(&episodes).unwrap();
        write(&memory.snapshot(), &path, &File::create(&path).unwrap(), || {}).unwrap();
        assert_eq!(read(&path).unwrap(), episodes);
        let reader = SerializedFileReader::new(File::open(&path).unwrap()).unwrap();
        let row = reader.get_row_iter(None).unwrap().nth(2).unwrap().unwrap();
        let ids: Vec<&Field> =
            row.get_column_iter().filter(|(name, _)| *name == "id").map(|(_, field)| field).collect();
        let first = memory.snapshot().episodes().nth(2).unwrap().unwrap().id.0;
        assert_eq!(ids, [&Field::ULong(first)]);
    }

    #[test]
    fn few_rows_with_large_payloads_are_read_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.parquet");
        let memory = EpisodicMemory::in_memory();
        let episode = |i: u8| NewEpisode { payload: vec![i; 1 << 20], ..NewEpisode::default() };
        memory.store_batch(&(0..70).map(episode).collect::<Vec<_>>()).unwrap();
        write(&memory.snapshot(), &path, &File::create(&path).unwrap(), || {}).unwrap();
        let groups = SerializedFileReader::new(File::open(&path).unwrap()).unwrap().metadata().num_row_groups();
        let mut next = blocks(&path, 0).unwrap();
        let lengths: Vec<usize> = (0..3).map(|_| next().unwrap().len()).collect();
        assert_eq!((groups, lengths), (2, vec![64, 6, 0]));
    }

    #[test]
    fn no_episodes_are_a_table_without_rows() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.parquet");
        let memory = EpisodicMemory::in_memory();
        write(&memory.snapshot(), &path, &File::create(&path).unwrap(), || {}).unwrap();
        assert!(read(&path).unwrap().is_empty());
    }

    /// A table of one column and one row.
    fn table<T: DataType>(path: &Path, column: &str, value: T::T) {
        let schema = Arc::new(parse_message_type(&format!("message t {{ {column} }}")).unwrap());
        let mut writer = SerializedFileWriter::new(File::create(path).unwrap(), schema, Arc::default()).unwrap();
        let mut group = writer.next_row_group().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        column.typed::<T>().write_batch(&[value], None, None).unwrap();
        column.close().unwrap();
        group.close().unwrap();
        writer.close().unwrap();
    }

    #[test]
    fn a_vector_alone_is_an_episode_of_now_and_what_is_wrong_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.parquet");
        table::<ByteArrayType>(&path, "REQUIRED BYTE_ARRAY vector;", HV16::random(3).0.to_vec().into());
        let expected = NewEpisode { content: HV16::random(3), time: 77, ..NewEpisode::default() };
        assert_eq!(read(&path).unwrap(), [expected]);
        let why = |path: &Path| format!("{:?}", read(path).unwrap_err());
        table::<ByteArrayType>(&path, "REQUIRED BYTE_ARRAY vector;", vec![1; 255].into());
        assert!(why(&path).contains("after row 0, a vector has 255 bytes; give 256"), "{}", why(&path));
        table::<Int64Type>(&path, "REQUIRED INT64 vector;", 5);
        assert!(why(&path).contains("its vector is 5; vectors are values of 256 bytes"), "{}", why(&path));
        table::<Int64Type>(&path, "REQUIRED INT64 number;", 5);
        assert!(why(&path).contains("none of its columns (number) is named vector"), "{}", why(&path));
        std::fs::write(&path, "no table").unwrap();
        assert!(why(&path).contains("cannot read"), "{}", why(&path));
    }
}
