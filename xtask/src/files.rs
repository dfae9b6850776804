//! Where the repository is, and files written whole or not at all.

use std::fs::{self, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use crate::outcome::Outcome;
use crate::say::say;

/// The repository.
pub fn root() -> &'static Path {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().unwrap_or(xtask)
}

/// Writes a file, and its folder where there is none. On a full disk, or ended meanwhile, it leaves the file as it was:
/// one of them is source, and cut off would keep xtask itself from building.
pub fn save(path: &Path, text: &str) -> Outcome {
    write(path, text).map_err(|error| cannot_write(path, &error))?;
    say!("wrote {}", path.display());
    Ok(())
}

/// Fails where [`save`] would, so that nothing is measured in vain.
pub fn check(path: &Path) -> Outcome {
    let opened = if is_special(path) {
        OpenOptions::new().write(true).open(path).map(drop)
    } else {
        beside(path).and_then(|beside| fs::write(&beside, "").and_then(|()| fs::remove_file(&beside)))
    };
    opened.map_err(|error| cannot_write(path, &error).into())
}

/// Writes beside the file, and then puts that in its place.
fn write(path: &Path, text: &str) -> io::Result<()> {
    if is_special(path) {
        return fs::write(path, text);
    }
    let beside = beside(path)?;
    let written = fs::write(&beside, text).and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        let _ = fs::remove_file(&beside); // the first error says more
    }
    written
}

/// The name of a file beside another, in a folder that is there.
fn beside(path: &Path) -> io::Result<PathBuf> {
    fs::create_dir_all(path.parent().unwrap_or(path))?;
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".partial");
    Ok(path.with_file_name(name))
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
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn a_file_is_written_whole_or_stays() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("new/file.rs");
        write(&file, "before").unwrap();
        write(&file, "after").unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "after");
        assert_eq!(names(file.parent().unwrap()), ["file.rs"]);

        fs::create_dir(file.with_file_name("file.rs.partial")).unwrap();
        assert!(write(&file, "never").is_err());
        assert_eq!(fs::read_to_string(&file).unwrap(), "after");
    }

    #[test]
    fn what_cannot_be_written_is_told_before() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        check(&file).unwrap();
        assert!(names(folder.path()).is_empty());
        fs::write(&file, "text").unwrap();
        check(&file).unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "text");
        for wrong in [file.join("in a file"), folder.path().to_owned()] {
            let error = check(&wrong).unwrap_err().to_string();
            assert!(error.contains("cannot write"), "{error}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn devices_and_links_stay_what_they_are() {
        let folder = tempfile::tempdir().unwrap();
        let [file, link] = ["file", "link"].map(|name| folder.path().join(name));
        std::os::unix::fs::symlink(&file, &link).unwrap();
        write(&file, "before").unwrap();
        write(&link, "after").unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_to_string(&file).unwrap(), "after");
        assert!(is_special(Path::new("/dev/null")));
        check(Path::new("/dev/null")).unwrap();
    }
}
