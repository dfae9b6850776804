//! The tables of a query.

use std::cell::OnceCell;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use datafusion::prelude::{ParquetReadOptions, SessionContext};
use hv_datafusion::StoreTable;
use hv_datafusion::hv_memory::EpisodicMemory;

use super::failure::Failure;

/// The file that every hv store has.
const OF_A_STORE: &str = "index.redb";

/// Bytes of Parquet that make a task of their own.
const TASK: u64 = 128 << 20;

/// The tasks that a query is cut into at most.
const MOST_TASKS: u64 = 4_096;

/// Where a table is.
pub enum Source {
    /// A file or a folder of Parquet.
    Parquet(String),
    Store(PathBuf),
}

/// A table by its name.
pub struct Table {
    name: String,
    source: Source,
    /// Files and bytes of Parquet.
    files: u64,
    bytes: u64,
    /// The store, which stays open as long as the query reads it.
    store: OnceCell<EpisodicMemory>,
}

impl Table {
    /// Finds out what is at a path.
    ///
    /// # Errors
    ///
    /// If nothing is there, or nothing that can be a table.
    pub fn find(name: &str, path: &Path) -> Result<Self, Failure> {
        let wrong =
            |what: &dyn std::fmt::Display| Failure::failed(format!("--table {name}={}: {what}", path.display()));
        if let Some(url) = path.to_str().filter(|path| path.starts_with("s3://")) {
            return Ok(Self {
                name: name.to_owned(),
                source: Source::Parquet(url.to_owned()),
                files: 1,
                bytes: 0,
                store: OnceCell::new(),
            });
        }
        let absolute = std::path::absolute(path).map_err(|error| wrong(&error))?;
        let metadata = std::fs::metadata(&absolute).map_err(|error| wrong(&error))?;
        let (source, files, bytes) = if !metadata.is_dir() {
            (Source::Parquet(url_of(&absolute, "").ok_or_else(|| wrong(&"the path is not UTF-8"))?), 1, metadata.len())
        } else if absolute.join(OF_A_STORE).exists() {
            (Source::Store(absolute), 0, 0)
        } else {
            let (files, bytes) = parquet_in(&absolute).map_err(|error| wrong(&error))?;
            if files == 0 {
                return Err(wrong(&"the folder is no hv store, and has no file whose name ends in .parquet"));
            }
            (Source::Parquet(url_of(&absolute, "/").ok_or_else(|| wrong(&"the path is not UTF-8"))?), files, bytes)
        };
        Ok(Self { name: name.to_owned(), source, files, bytes, store: OnceCell::new() })
    }

    /// Whether it is an hv store.
    pub fn is_store(&self) -> bool {
        matches!(self.source, Source::Store(_))
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Makes it known to a session.
    ///
    /// # Errors
    ///
    /// If it cannot be read.
    pub async fn register(&self, context: &SessionContext) -> Result<(), Failure> {
        let wrong = |error: &dyn std::fmt::Display| Failure::failed(format!("--table {}: {error}", self.name));
        match &self.source {
            Source::Store(path) => {
                let memory = EpisodicMemory::open_read_only(path).map_err(|error| wrong(&error))?;
                let table = StoreTable::new(self.store.get_or_init(|| memory).snapshot());
                context.register_table(self.name.as_str(), Arc::new(table)).map_err(|error| wrong(&error))?;
            }
            Source::Parquet(url) => {
                // A file may have any name; of a folder those are read that end in .parquet.
                let file_extension = if url.ends_with('/') { ".parquet" } else { "" };
                let options = ParquetReadOptions { file_extension, ..ParquetReadOptions::default() };
                let registered = context.register_parquet(self.name.as_str(), url, options).await;
                registered.map_err(|error| wrong(&error.strip_backtrace()))?;
            }
        }
        Ok(())
    }
}

/// Into how many tasks a query over these tables is cut: one a file, more for large ones, and at least two.
pub fn tasks(tables: &[Table]) -> usize {
    let most = tables.iter().map(|table| table.files.max(table.bytes.div_ceil(TASK))).max();
    most.unwrap_or(1).clamp(2, MOST_TASKS) as usize
}

/// The URL of a path, in which no character is a pattern.
fn url_of(path: &Path, end: &str) -> Option<String> {
    use std::fmt::Write as _;
    let mut url = "file://".to_owned();
    for byte in path.to_str()?.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'.' | b'_' | b'~' => url.push(char::from(byte)),
            _ => write!(url, "%{byte:02X}").ok()?,
        }
    }
    Some(url.trim_end_matches('/').to_owned() + end)
}

/// The files of Parquet in a folder and those below it, and their bytes.
fn parquet_in(folder: &Path) -> std::io::Result<(u64, u64)> {
    let (mut files, mut bytes) = (0, 0);
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next)? {
            let path = entry?.path();
            let metadata = std::fs::metadata(&path)?;
            if metadata.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "parquet") {
                files += 1;
                bytes += metadata.len();
            }
        }
    }
    Ok((files, bytes))
}
