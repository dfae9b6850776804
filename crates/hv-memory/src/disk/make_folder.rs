//! Making folders whose names are durable.

use std::fs::{self, File};
use std::io;
use std::path::Path;

/// Makes a folder and those above it that are missing, durably.
pub(crate) fn make_folder(path: &Path) -> io::Result<()> {
    let parents = parents_of_missing(path, |path| path.exists());
    fs::create_dir_all(path)?;
    parents.into_iter().try_for_each(|parent| if_permitted(sync_folder(parent)))
}

/// The folders that will hold a new name when a folder is made, with those above it that are missing: from the nearest
/// that is there, down.
fn parents_of_missing(path: &Path, exists: impl Fn(&Path) -> bool) -> Vec<&Path> {
    let missing = path.ancestors().take_while(|path| !path.as_os_str().is_empty() && !exists(path));
    let mut parents: Vec<&Path> = missing.filter_map(parent).collect();
    parents.reverse();
    parents
}

/// The folder that holds the name of another; `None` for the root.
fn parent(path: &Path) -> Option<&Path> {
    path.parent().map(|parent| if parent.as_os_str().is_empty() { Path::new(".") } else { parent })
}

/// Makes the name of a folder durable, where this process may look into the folder that holds it.
pub(crate) fn sync_name_of(path: &Path) -> io::Result<()> {
    if_permitted(parent(path).map_or(Ok(()), sync_folder))
}

/// A folder that may be written but not looked into cannot be synced: its owner has to see to the names in it.
pub(super) fn if_permitted(synced: io::Result<()>) -> io::Result<()> {
    match synced {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Ok(()),
        result => result,
    }
}

/// Makes the names in a folder durable. Only Unix lets a folder be opened and synced; elsewhere this does nothing.
pub(crate) fn sync_folder(path: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(path)?.sync_all() } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_folder_that_gets_a_new_name_is_synced() {
        let parents = |path: &'static str, there: &[&str]| {
            let parents =
                parents_of_missing(Path::new(path), |path| there.iter().any(|there| path == Path::new(there)));
            parents.iter().map(|path| path.to_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(parents("a/b/c", &[]), [".", "a", "a/b"]);
        assert_eq!(parents("a/b/c", &["a"]), ["a", "a/b"]);
        assert_eq!(parents("/x/a/b", &["/", "/x"]), ["/x", "/x/a"]);
        assert!(parents("a", &["a"]).is_empty() && parents("/", &["/"]).is_empty());
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a/b/c");
        make_folder(&path).unwrap();
        assert!(path.is_dir());
        make_folder(&path).unwrap();
    }

    /// Its name cannot be synced, but it can be made.
    #[cfg(unix)]
    #[test]
    fn a_folder_in_one_that_may_not_be_looked_into() {
        use std::os::unix::fs::PermissionsExt;
        let parent = tempfile::tempdir().unwrap();
        fs::set_permissions(parent.path(), fs::Permissions::from_mode(0o300)).unwrap();
        if File::open(parent.path()).is_ok() {
            eprintln!("NOT TESTED: this user may look into every folder");
        }
        let made = parent.path().join("store");
        let (result, named) = (make_folder(&made), sync_name_of(&made));
        fs::set_permissions(parent.path(), fs::Permissions::from_mode(0o700)).unwrap();
        assert!(result.is_ok() && named.is_ok() && made.is_dir(), "{result:?} {named:?}");
    }
}
