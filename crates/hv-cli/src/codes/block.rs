//! What every format of codes is read into, and by.

use std::fmt::Display;
use std::io::Read;

use hv_memory::HV16;

/// Codes that follow each other in a file.
#[derive(Default)]
pub struct Block {
    pub codes: Vec<HV16>,
    /// One for each code, where the file has names.
    pub names: Vec<String>,
}

/// Why a file of codes cannot be read, without its name.
pub type Why = String;

pub fn text(error: impl Display) -> Why {
    error.to_string()
}

/// Fills a buffer with at most `bytes`, as far as the file goes.
pub fn read_up_to(reader: &mut dyn Read, buffer: &mut Vec<u8>, bytes: usize) -> Result<(), Why> {
    buffer.clear();
    reader.take(bytes as u64).read_to_end(buffer).map_err(text)?;
    Ok(())
}
