//! A sparse matrix as `scipy.sparse.save_npz` writes it: a zip archive of NumPy arrays.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use hv_memory::hv_parallel::SimilarPairs;
use zip::write::{SimpleFileOptions, ZipWriter};

use crate::failure::Failure;
use crate::npy::header;

/// Writes the pairs as a matrix in compressed rows (CSR).
pub fn write(path: &Path, pairs: &SimilarPairs) -> Result<(), Failure> {
    let written = File::create(path).and_then(|file| archive(file, pairs));
    written.map_err(|error| Failure::failed(format_args!("cannot write {}: {error}", path.display())))
}

fn archive(file: File, pairs: &SimilarPairs) -> io::Result<()> {
    let mut archive = ZipWriter::new(BufWriter::new(file));
    let vectors = pairs.vectors() as u64;
    let list = |len: usize| format!("({len},)");
    array(
        &mut archive,
        "indices",
        "<i8",
        &list(pairs.columns().len()),
        pairs.columns().iter().map(|x| x.to_le_bytes()),
    )?;
    array(&mut archive, "indptr", "<i8", &list(pairs.starts().len()), pairs.starts().iter().map(|x| x.to_le_bytes()))?;
    array(&mut archive, "format", "|S3", "()", [*b"csr"])?;
    array(&mut archive, "shape", "<i8", "(2,)", [vectors.to_le_bytes(); 2])?;
    array(&mut archive, "data", "<f8", &list(pairs.scores().len()), pairs.scores().iter().map(|x| x.to_le_bytes()))?;
    archive.finish()?.flush()
}

fn array<const N: usize>(
    archive: &mut ZipWriter<BufWriter<File>>,
    name: &str,
    descr: &str,
    shape: &str,
    values: impl IntoIterator<Item = [u8; N]>,
) -> io::Result<()> {
    // Not compressed, and without a time, so that the same pairs are the same file.
    let options = SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Stored)
        .last_modified_time(zip::DateTime::default())
        .large_file(true);
    archive.start_file(format!("{name}.npy"), options)?;
    archive.write_all(&header(descr, shape))?;
    values.into_iter().try_for_each(|value| archive.write_all(&value))
}
