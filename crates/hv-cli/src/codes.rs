//! Files of codes: rows of bits, whatever the format, as hypervectors.

mod block;
mod fps;
mod npy;
#[cfg(feature = "parquet")]
mod parquet;
mod rows;

use std::fmt::Display;
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use hv_memory::HV16;

pub use self::block::Block;
use self::block::{Why, text};
use self::fps::Fps;
use self::rows::Rows;
use crate::args::BitOrder;
use crate::failure::Failure;

/// Codes of a block: 16 MiB.
const BLOCK: usize = 1 << 16;

/// What a file of codes is read by.
const BUFFER: usize = 1 << 18;

/// A file of codes, read from its first row to its last.
pub struct CodeFile {
    path: PathBuf,
    /// The bits of a row, where the file says them.
    bits: Option<u16>,
    has_names: bool,
    rows: u64,
    format: Format,
}

enum Format {
    Rows(Rows),
    Fps(Fps),
    #[cfg(feature = "parquet")]
    Parquet(parquet::Parquet),
}

impl CodeFile {
    /// Opens a file, whose format its name's ending says. `bits` are those that were asked for.
    pub fn open(path: &Path, bits: Option<u16>, order: BitOrder) -> Result<Self, Failure> {
        Self::try_open(path, bits, order).map_err(|why| unreadable(path, why))
    }

    fn try_open(path: &Path, asked: Option<u16>, order: BitOrder) -> Result<Self, Why> {
        let extension = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
        let open = || {
            let file = File::open(path).map_err(text)?;
            let metadata = file.metadata().map_err(text)?;
            if metadata.is_dir() {
                return Err("it is a folder; give a file of codes".to_owned());
            }
            let len = metadata.is_file().then_some(metadata.len());
            Ok((BufReader::with_capacity(BUFFER, file), len))
        };
        let (format, bits) = match extension.as_str() {
            "npy" => {
                let (reader, len) = open()?;
                let (rows, bits) = Rows::of_npy(Box::new(reader), len, order)?;
                (Format::Rows(rows), Some(bits))
            }
            "bin" => {
                let (reader, len) = open()?;
                let bits = asked.unwrap_or(HV16::DIM as u16);
                (Format::Rows(Rows::of_bytes(Box::new(reader), len, bits, order)?), Some(bits))
            }
            "fps" => {
                let fps = Fps::new(Box::new(open()?.0))?;
                let bits = fps.bits();
                (Format::Fps(fps), bits)
            }
            #[cfg(feature = "parquet")]
            "parquet" => {
                let codes = parquet::Parquet::new(File::open(path).map_err(text)?, order)?;
                let bits = 8 * codes.row_bytes() as u16;
                (Format::Parquet(codes), Some(bits))
            }
            #[cfg(not(feature = "parquet"))]
            "parquet" => return Err(NO_PARQUET.to_owned()),
            _ => return Err("its name ends in none of .npy, .bin, .fps and .parquet; give a file that does".to_owned()),
        };
        if let (Some(bits), Some(asked)) = (bits, asked)
            && bits.div_ceil(8) > asked.div_ceil(8)
        {
            return Err(format!(
                "its rows have {} bytes, more than --bits {asked}; give --bits {bits}",
                bits.div_ceil(8)
            ));
        }
        Ok(Self { path: path.to_owned(), bits, has_names: matches!(format, Format::Fps(_)), rows: 0, format })
    }

    /// The bits of a row, where the file says them: one of fingerprints may have no row.
    pub fn bits(&self) -> Option<u16> {
        self.bits
    }

    /// Whether its rows have names.
    pub fn has_names(&self) -> bool {
        self.has_names
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The bytes that a row takes in the file, about.
    pub fn row_bytes(&self) -> u64 {
        match &self.format {
            Format::Rows(rows) => rows.row_bytes() as u64,
            #[cfg(feature = "parquet")]
            Format::Parquet(codes) => codes.row_bytes() as u64,
            Format::Fps(fps) => u64::from(fps.bits().unwrap_or_default()) / 4,
        }
    }

    /// The next rows, at most 65,536. At the end of the file the block is empty.
    pub fn next_block(&mut self) -> Result<Block, Failure> {
        let mut block = Block::default();
        self.read_block(&mut block)?;
        Ok(block)
    }

    /// Replaces the contents of a block by the next rows, as [`next_block`](Self::next_block) returns them. Rows of a fixed
    /// length are written to the memory that the block has.
    pub fn read_block(&mut self, block: &mut Block) -> Result<(), Failure> {
        let read = match &mut self.format {
            Format::Rows(rows) => rows.read(BLOCK, &mut block.codes),
            #[cfg(feature = "parquet")]
            Format::Parquet(codes) => codes.read(BLOCK).map(|codes| block.codes = codes),
            Format::Fps(fps) => fps.read(BLOCK).map(|read| *block = read),
        };
        read.map_err(|why| unreadable(&self.path, format_args!("after row {}, {why}", self.rows)))?;
        self.rows += block.codes.len() as u64;
        Ok(())
    }

    /// All rows that are left.
    pub fn read_all(&mut self) -> Result<Block, Failure> {
        let mut all = Block::default();
        loop {
            let mut block = self.next_block()?;
            if block.codes.is_empty() {
                return Ok(all);
            }
            all.codes.append(&mut block.codes);
            all.names.append(&mut block.names);
        }
    }
}

/// What to say of a file that this build cannot read.
#[cfg(not(feature = "parquet"))]
pub const NO_PARQUET: &str = "this hv was built without Parquet; build one that has it with \
                          cargo install --path crates/hv-cli --features parquet, or write the codes as .npy";

fn unreadable(path: &Path, why: impl Display) -> Failure {
    Failure::failed(format_args!("cannot read {}: {why}", path.display()))
}
