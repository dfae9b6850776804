//! Whatever may stand where a store has a file: opening and verifying say the same, nothing hangs, no link is followed, and
//! nothing is written where a store is refused, nor ever outside of its folder.

#![cfg(unix)]

mod common;

use std::fs;
use std::ops::Range;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::Command;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use common::{episode, episodes, files, is, write_files};
use hv_memory::{
    Changes, Conditions, Episode, EpisodicMemory, HV16, MemoryError, Options, Progress, RecollectPolicy, verify,
};

/// What opening, opening read-only and verifying say to each state of each file, in that order where they differ. `fine` is
/// a store with all of its episodes, `damaged` names the file, `index` the index that does not fit to it, and `payload` is a store
/// that opens and says so when a payload is read, and that verifying calls damaged. A `broken` link leads nowhere.
///
/// A `small` store has not filled a block: its vectors are in the index, and so are its short payloads.
const TABLE: &str = "
store file         missing empty   cut     foreign folder  pipe    link    broken  socket  device
small MANIFEST     damaged damaged damaged index   damaged damaged damaged damaged damaged damaged
small LOCK         fine    fine    fine    fine    damaged damaged damaged damaged damaged damaged
small index.redb   damaged damaged damaged damaged damaged damaged damaged damaged damaged damaged
small vectors-0    damaged fine    fine    fine    damaged damaged damaged damaged damaged damaged
small payloads-0   damaged damaged damaged payload damaged damaged damaged damaged damaged damaged
small log-0        damaged damaged damaged damaged damaged damaged damaged damaged damaged damaged
small MANIFEST.new fine    fine    fine    fine    fine    fine    fine    fine    fine    fine
small index.new    fine    fine    fine    fine    fine    fine    fine    fine    fine    fine
large MANIFEST     damaged damaged damaged index   damaged damaged damaged damaged damaged damaged
large LOCK         fine    fine    fine    fine    damaged damaged damaged damaged damaged damaged
large index.redb   damaged damaged damaged damaged damaged damaged damaged damaged damaged damaged
large vectors-0    damaged damaged damaged damaged damaged damaged damaged damaged damaged damaged
large payloads-0   damaged damaged damaged payload damaged damaged damaged damaged damaged damaged
large log-0        damaged damaged damaged damaged damaged damaged damaged damaged damaged damaged
large MANIFEST.new fine    fine    fine    fine    fine    fine    fine    fine    fine    fine
large index.new    fine    fine    fine    fine    fine    fine    fine    fine    fine    fine
";

const STATES: [&str; 10] =
    ["missing", "empty", "cut", "foreign", "folder", "pipe", "link", "broken", "socket", "device"];

const FILES: [&str; 8] =
    ["MANIFEST", "LOCK", "index.redb", "vectors-0", "payloads-0", "log-0", "MANIFEST.new", "index.new"];

/// A store with retrievals.
fn make(path: &Path, numbers: Range<u64>) {
    let memory = EpisodicMemory::open(path).unwrap();
    let (cue, policy) = (HV16::random(numbers.start), RecollectPolicy::default());
    memory.store_batch(&episodes(numbers)).unwrap();
    memory.recollect(&cue, 2, &Conditions::new(), &policy, 7).unwrap();
}

/// Puts `state` in the place of a file. `outside` is a folder with the file as it was, for links, and `foreign` another
/// store. Returns whether this process may.
fn put(state: &str, path: &Path, outside: &Path, foreign: &Path) -> bool {
    let name = path.file_name().unwrap();
    let old = fs::read(path).unwrap_or_default();
    let _ = fs::remove_file(path);
    match state {
        "missing" => {}
        "empty" => fs::write(path, "").unwrap(),
        "cut" => fs::write(path, &old[..old.len() / 2]).unwrap(),
        "foreign" => fs::write(path, fs::read(foreign.join(name)).unwrap_or(b"foreign".to_vec())).unwrap(),
        "folder" => fs::create_dir(path).unwrap(),
        "link" => std::os::unix::fs::symlink(outside.join(name), path).unwrap(),
        "broken" => std::os::unix::fs::symlink(outside.join("nothing"), path).unwrap(),
        "socket" => drop(UnixListener::bind(path).unwrap()),
        "pipe" => assert!(made(Command::new("mkfifo").arg(path))),
        // On Linux that of /dev/zero, which never ends.
        "device" => return made(Command::new("mknod").arg(path).args(["c", "1", "5"])),
        _ => unreachable!(),
    }
    true
}

fn made(command: &mut Command) -> bool {
    command.output().unwrap().status.success()
}

/// Runs something that is not to hang.
fn in_time<T: Send + 'static>(what: &str, run: impl FnOnce() -> T + Send + 'static) -> T {
    let (done, result) = channel();
    thread::spawn(move || done.send(run()));
    result.recv_timeout(Duration::from_secs(60)).unwrap_or_else(|error| panic!("{what}: {error}"))
}

/// An error in a word.
fn word(error: &MemoryError, name: &str) -> String {
    let text = error.to_string();
    match error {
        MemoryError::Damaged { path, .. } if path.ends_with(name) => "damaged".into(),
        MemoryError::Damaged { path, .. } if path.ends_with("index.redb") => "index".into(),
        MemoryError::NotAStore { .. } => "no store".into(),
        _ => text,
    }
}

fn opened(path: &Path, read_only: bool, name: &str, len: u64) -> String {
    let open = if read_only { EpisodicMemory::open_read_only } else { EpisodicMemory::open };
    match open(path) {
        Err(error) => word(&error, name),
        Ok(memory) if memory.snapshot().episodes().any(|episode| episode.is_err()) => "partly".into(),
        Ok(memory) => {
            let right = |(number, found): (u64, Episode)| is(&found, &episode(number));
            let all: Vec<_> = memory.snapshot().episodes().map(Result::unwrap).collect();
            assert!(all.len() as u64 == len && (0..).zip(all).all(right), "a wrong answer");
            "fine".into()
        }
    }
}

fn verified(path: &Path, name: &str) -> String {
    match verify(path) {
        Err(error) => word(&error, name),
        Ok(found) if found.is_sound() => "fine".into(),
        Ok(found) if found.damage.iter().any(|damage| damage.path.ends_with(name)) => "damaged".into(),
        Ok(found) if found.damage.iter().any(|damage| damage.path.ends_with("index.redb")) => "index".into(),
        Ok(found) => format!("{:?}", found.damage),
    }
}

/// The regular files of a folder and what else is in it, to be compared.
fn listing(path: &Path) -> Vec<(String, Option<Vec<u8>>)> {
    let mut names: Vec<_> = fs::read_dir(path).unwrap().map(|entry| entry.unwrap()).collect();
    names.sort_by_key(|entry| entry.file_name());
    let contents = |entry: &fs::DirEntry| entry.file_type().unwrap().is_file().then(|| fs::read(entry.path()).unwrap());
    names.iter().map(|entry| (entry.file_name().into_string().unwrap(), contents(entry))).collect()
}

#[test]
fn opening_and_verifying_say_the_same() {
    let mut table = format!("\n{:<5} {:<12}", "store", "file");
    STATES.iter().for_each(|state| table += &format!(" {state:<7}"));
    let stores = tempfile::tempdir().unwrap();
    for (store, len) in [("small", 30), ("large", 4_200)] {
        let [whole, foreign] = ["whole", "foreign"].map(|name| stores.path().join(format!("{store}-{name}")));
        make(&whole, 0..len);
        make(&foreign, 10_000..10_000 + len);
        let whole = files(&whole);
        for (name, state) in FILES.iter().flat_map(|name| STATES.iter().map(move |state| (*name, *state))) {
            let what = format!("{store} {name} {state}");
            if state == STATES[0] {
                table += &format!("\n{store:<5} {name:<12}");
            }
            let mut says = Vec::new();
            for way in ["open", "read-only", "verify"] {
                let [inside, outside] = [(); 2].map(|()| tempfile::tempdir().unwrap());
                write_files(inside.path(), &whole);
                write_files(outside.path(), &whole);
                if !put(state, &inside.path().join(name), outside.path(), &foreign) {
                    eprintln!("NOT TESTED: this user may make no devices");
                    says.push("damaged".to_owned());
                    continue;
                }
                let (before, path) = (listing(inside.path()), inside.path().to_path_buf());
                let said = in_time(&what, move || match way {
                    "verify" => verified(&path, name),
                    way => opened(&path, way == "read-only", name, len),
                });
                assert_eq!(listing(outside.path()).len(), whole.len(), "{what}: something was made outside");
                assert!(files(outside.path()) == whole, "{what}: something was written outside");
                if way != "open" || said != "fine" && said != "partly" {
                    assert!(listing(inside.path()) == before, "{what} {way}: something was written");
                }
                says.push(said);
            }
            says.dedup();
            let cell = if says == ["partly", "damaged"] { "payload".to_owned() } else { says.join("|") };
            table += &format!(" {cell:<7}");
        }
    }
    // Trailing blanks are not in the source.
    let table: String = table.lines().map(|line| line.trim_end().to_owned() + "\n").collect();
    assert!(table == TABLE, "not as the table has it:\n{table}");
}

/// Saves what is sound, and returns how much that is, by a word. The vector of an episode follows from its id.
fn saved(path: &Path, len: u64) -> String {
    let folder = tempfile::tempdir().unwrap();
    let new = folder.path().join("new");
    let mut salvage = match Options::new().salvage(path, &Progress::new()) {
        Ok(salvage) => salvage,
        Err(error) if error.to_string().contains("nothing of the store can be saved") => return "nothing".into(),
        Err(error) => return error.to_string(),
    };
    salvage.encode(false, |some| some.iter().map(|episode| Some(HV16::random(episode.id.0))).collect()).unwrap();
    let memory = salvage.write(&new, b"", &Changes::new(), &Progress::new()).unwrap();
    assert!(memory.verify().unwrap().is_sound());
    let all: Vec<_> = memory.snapshot().episodes().map(Result::unwrap).collect();
    if all.iter().any(|found| is(found, &episode(10_000 + found.id.0))) {
        assert!(!salvage.damage().is_empty());
        return "foreign".into();
    }
    assert!(all.iter().all(|found| is(found, &episode(found.id.0))), "a wrong answer");
    assert_eq!((all.len() + salvage.lost().len()) as u64, len, "an episode is gone unsaid");
    if salvage.lost().is_empty() { "all".into() } else { "some".into() }
}

#[test]
fn what_is_sound_is_saved_whatever_the_rest_is() {
    let stores = tempfile::tempdir().unwrap();
    for (store, len) in [("small", 30), ("large", 4_200)] {
        let [whole, foreign] = ["whole", "foreign"].map(|name| stores.path().join(format!("{store}-{name}")));
        make(&whole, 0..len);
        make(&foreign, 10_000..10_000 + len);
        let whole = files(&whole);
        for (name, state) in FILES.iter().flat_map(|name| STATES.iter().map(move |state| (*name, *state))) {
            let what = format!("{store} {name} {state}");
            let [inside, outside] = [(); 2].map(|()| tempfile::tempdir().unwrap());
            write_files(inside.path(), &whole);
            write_files(outside.path(), &whole);
            if !put(state, &inside.path().join(name), outside.path(), &foreign) {
                continue;
            }
            let (before, path) = (listing(inside.path()), inside.path().to_path_buf());
            let saved = in_time(&what, move || saved(&path, len));
            let expected = match (name, state, store) {
                ("index.redb", "foreign", _) => "foreign",
                ("index.redb", ..) => "nothing",
                ("payloads-0", ..) => "some",
                _ => "all",
            };
            assert_eq!(saved, expected, "{what}");
            assert!(listing(inside.path()) == before, "{what}: something was written");
        }
    }
}
