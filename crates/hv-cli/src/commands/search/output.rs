//! The answers of `hv search`: as lines, as JSON, and as arrays of NumPy.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::states::Found;
use crate::escape::on_one_line;
use crate::failure::Failure;
use crate::npy::header;
use crate::numbers::counted;

/// What each query has found, with the names of the queries and of what was found.
pub struct Answers {
    pub found: Vec<Vec<Found>>,
    pub names: Option<(Vec<String>, HashMap<usize, String>)>,
}

#[derive(Serialize)]
struct JsonAnswer<'a> {
    query: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    query_name: Option<&'a str>,
    matches: Vec<JsonMatch<'a>>,
}

#[derive(Serialize)]
struct JsonMatch<'a> {
    index: usize,
    distance: u16,
    similarity: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
}

impl Answers {
    /// The name of a query, empty where it has none; `None` where there are no names at all.
    fn query_name(&self, query: usize) -> Option<&str> {
        self.names.as_ref().map(|(names, _)| names.get(query).map_or("", String::as_str))
    }

    /// The name of a code that was found, likewise.
    fn name(&self, index: usize) -> Option<&str> {
        self.names.as_ref().map(|(_, names)| names.get(&index).map_or("", String::as_str))
    }

    pub fn write_tsv(&self, out: &mut impl Write) -> Result<(), Failure> {
        let names = if self.names.is_some() { "\tquery_name\tname" } else { "" };
        writeln!(out, "#query\tindex\trank\tdistance\tsimilarity{names}")?;
        for (query, found) in self.found.iter().enumerate() {
            for (rank, &Found { index, distance, similarity }) in found.iter().enumerate() {
                write!(out, "{query}\t{index}\t{rank}\t{distance}\t{similarity}")?;
                if let (Some(query_name), Some(name)) = (self.query_name(query), self.name(index)) {
                    write!(out, "\t{}\t{}", on_one_line(query_name), on_one_line(name))?;
                }
                writeln!(out)?;
            }
        }
        Ok(())
    }

    pub fn write_json(&self, out: &mut impl Write) -> Result<(), Failure> {
        for (query, found) in self.found.iter().enumerate() {
            let json = |&Found { index, distance, similarity }| JsonMatch {
                index,
                distance,
                similarity,
                name: self.name(index),
            };
            let matches = found.iter().map(json).collect();
            let answer = JsonAnswer { query, query_name: self.query_name(query), matches };
            writeln!(out, "{}", serde_json::to_string(&answer).map_err(Failure::failed)?)?;
        }
        Ok(())
    }
}

/// The files of arrays that `--out` names.
pub struct Arrays {
    indices: (PathBuf, File),
    distances: (PathBuf, File),
}

impl Arrays {
    pub fn create(prefix: &Path) -> Result<Self, Failure> {
        let create = |end: &str| {
            let path = PathBuf::from([prefix.as_os_str(), end.as_ref()].into_iter().collect::<OsString>());
            let file = File::create(&path).map_err(|error| cannot_write(&path, &error))?;
            Ok::<_, Failure>((path, file))
        };
        Ok(Self { indices: create(".indices.npy")?, distances: create(".distances.npy")? })
    }

    /// Fails if arrays of `k` slots for each query would be larger than any file.
    pub fn check(queries: usize, k: usize) -> Result<(), Failure> {
        if queries.saturating_mul(k) <= isize::MAX as usize / 8 {
            return Ok(());
        }
        let rows = counted(queries as u64, "row");
        Err(Failure::failed(format_args!(
            "an array of {rows} of {k} is larger than any file; give a smaller -k with --out"
        )))
    }

    /// Writes `k` slots for each query; those without a match have -1 and 65535.
    pub fn write(self, answers: &Answers, k: usize, out: &mut impl Write) -> Result<(), Failure> {
        let none = -1_i64;
        write_array(&self.indices, "<i8", answers, k, none.to_le_bytes(), |found| (found.index as i64).to_le_bytes())?;
        write_array(&self.distances, "<u2", answers, k, u16::MAX.to_le_bytes(), |found| found.distance.to_le_bytes())?;
        let rows = counted(answers.found.len() as u64, "row");
        let (indices, distances) = (self.indices.0.display(), self.distances.0.display());
        Ok(writeln!(out, "wrote {indices} and {distances}: {rows} of {k}")?)
    }
}

fn write_array<const N: usize>(
    (path, file): &(PathBuf, File),
    descr: &str,
    answers: &Answers,
    k: usize,
    none: [u8; N],
    value: impl Fn(&Found) -> [u8; N],
) -> Result<(), Failure> {
    let mut out = BufWriter::new(file);
    let mut write = || {
        out.write_all(&header(descr, &format!("({}, {k})", answers.found.len())))?;
        for found in &answers.found {
            found.iter().try_for_each(|found| out.write_all(&value(found)))?;
            (found.len()..k).try_for_each(|_| out.write_all(&none))?;
        }
        out.flush()
    };
    write().map_err(|error| cannot_write(path, &error))
}

fn cannot_write(path: &Path, error: &std::io::Error) -> Failure {
    Failure::failed(format_args!("cannot write {}: {error}", path.display()))
}
