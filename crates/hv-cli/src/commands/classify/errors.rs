//! Errors about a file, which they name.

use std::fmt::Display;
use std::path::Path;

use crate::failure::Failure;

/// An error of a library, and the file that it is about.
pub fn in_file(path: &Path, error: &dyn Display) -> Failure {
    Failure::failed(format_args!("{}: {error}", path.display()))
}

/// A file of text in another encoding.
pub fn not_utf8(path: &Path) -> Failure {
    let path = path.display();
    Failure::failed(format_args!("{path} is not UTF-8; convert it, for example with iconv -f latin1 -t utf-8"))
}

/// A file that cannot be read.
pub fn cannot_read(path: &Path, error: &dyn Display) -> Failure {
    Failure::failed(format_args!("cannot read {}: {error}", path.display()))
}
