//! How files are read.

use crate::units::Unit;

/// How files are read.
#[derive(Clone, Copy, Default)]
pub struct How {
    pub by: Unit,
    pub tsv: bool,
    /// Whether files that are known are stored again, next to what is there.
    pub again: bool,
}
