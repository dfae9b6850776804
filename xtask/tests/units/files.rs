use super::*;

#[test]
fn a_file_is_written_whole_and_what_cannot_be_is_told_before() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("new/file");
    check(&file).unwrap();
    assert!(!file.exists());
    for text in ["before", "after"] {
        write(&file, text).unwrap();
        check(&file).unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), text);
    }
    assert_eq!(fs::read_dir(file.parent().unwrap()).unwrap().count(), 1, "nothing is left next to it");
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
