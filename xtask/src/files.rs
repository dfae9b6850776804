//! Where the repository is, and files written whole or not at all.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use tempfile::NamedTempFile;

use crate::outcome::Outcome;
use crate::say::say;

/// The repository.
pub fn root() -> &'static Path {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().unwrap_or(xtask)
}

/// Writes a file, and its folder where there is none. On a full disk, or ended meanwhile, it leaves the file as it was:
/// libraries are compiled with some of them, so half of one would keep xtask itself from building.
pub fn save(path: &Path, text: &str) -> Outcome {
    write(path, text).map_err(|error| cannot_write(path, &error))?;
    say!("wrote {}", path.display());
    Ok(())
}

/// Fails where [`save`] would, so that nothing is measured in vain.
pub fn check(path: &Path) -> Outcome {
    let opened =
        if is_special(path) { fs::OpenOptions::new().write(true).open(path).map(drop) } else { new(path).map(drop) };
    opened.map_err(|error| cannot_write(path, &error).into())
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    if is_special(path) {
        return fs::write(path, text);
    }
    let mut file = new(path)?;
    file.write_all(text.as_bytes())?;
    file.persist(path)?;
    Ok(())
}

/// A new file next to the one that it will replace.
fn new(path: &Path) -> io::Result<NamedTempFile> {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder)?;
    let mut file = tempfile::Builder::new();
    #[cfg(unix)]
    file.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644));
    file.tempfile_in(folder)
}

/// Whether this is there and no plain file: a device or a pipe is written to, not replaced, and so is what a link leads
/// to.
fn is_special(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|it| !it.is_file())
}

fn cannot_write(path: &Path, error: &io::Error) -> String {
    format!("cannot write {}: {error}", path.display())
}

#[cfg(test)]
#[path = "../tests/units/files.rs"]
mod tests;
