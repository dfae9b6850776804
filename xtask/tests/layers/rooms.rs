//! Rooms: groups of top-level modules of a crate, and which room may import from which.

use std::collections::{BTreeMap, BTreeSet};

use crate::imports::{Import, module_of};

/// A room: its name, its modules (files or folders of `src`), and the rooms that it may import from.
pub type Room = (&'static str, &'static [&'static str], &'static [&'static str]);

/// What is wrong in a crate, given its rooms, its files and their imports. The root of the crate is in no room: it may
/// import from all, and nobody from it.
pub fn faults(rooms: &[Room], files: &BTreeMap<String, String>, imports: &BTreeSet<Import>) -> Vec<String> {
    let modules: BTreeSet<String> = files.keys().filter_map(|file| module_of(file).into_iter().next()).collect();
    let room = |module: &str| rooms.iter().find(|(_, modules, _)| modules.contains(&module));
    let homeless = modules.iter().filter(|module| room(module).is_none());
    let mut faults: Vec<String> = homeless.map(|module| format!("{module} is in no room: add it to one")).collect();
    for (name, members, may) in rooms {
        let missing = members.iter().filter(|module| !modules.contains(**module));
        faults.extend(missing.map(|module| format!("{module} of the room {name} does not exist")));
        let unknown = may.iter().filter(|other| !rooms.iter().any(|(name, ..)| name == *other));
        faults.extend(unknown.map(|other| format!("{other}, which {name} may import, is no room")));
    }
    for Import { from, line, path, to } in imports {
        let [from_room, to_room] = [from, to].map(|file| module_of(file).first().and_then(|module| room(module)));
        if let (Some((name, _, may)), Some((other, ..))) = (from_room, to_room)
            && name != other
            && !may.contains(other)
        {
            faults.push(format!("{from}:{line} imports {to} ({path}), but {name} may import: {}", may.join(", ")));
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imports::imports;

    const FILES: [(&str, &str); 5] = [
        ("lib.rs", "mod ids; mod state; mod disk; pub use disk::file::File;"),
        ("ids.rs", "pub struct Id;"),
        ("state.rs", "use crate::ids::Id; pub struct State;"),
        ("disk/mod.rs", "pub mod file;"),
        ("disk/file.rs", "use crate::state::State; pub struct File;"),
    ];

    fn faults_of(rooms: &[Room]) -> Vec<String> {
        let files = FILES.iter().map(|(file, text)| ((*file).to_owned(), (*text).to_owned())).collect();
        faults(rooms, &files, &imports(&files).imports)
    }

    #[test]
    fn rooms_that_keep_to_the_table_have_no_fault() {
        let rooms: [Room; 2] = [("state", &["ids", "state"], &[]), ("disk", &["disk"], &["state"])];
        assert_eq!(faults_of(&rooms), [""; 0]);
    }

    #[test]
    fn an_import_against_the_table_is_a_fault() {
        let rooms: [Room; 3] =
            [("ids", &["ids"], &["disk"]), ("state", &["state"], &[]), ("disk", &["disk"], &["ids"])];
        let expected = [
            "disk/file.rs:1 imports state.rs (crate::state::State), but disk may import: ids",
            "state.rs:1 imports ids.rs (crate::ids::Id), but state may import: ",
        ];
        assert_eq!(faults_of(&rooms), expected);
    }

    #[test]
    fn a_table_that_is_not_of_the_crate_is_a_fault() {
        let rooms: [Room; 2] = [("state", &["state", "gone"], &[]), ("disk", &["disk"], &["state", "none"])];
        let expected = [
            "ids is in no room: add it to one",
            "gone of the room state does not exist",
            "none, which disk may import, is no room",
        ];
        assert_eq!(faults_of(&rooms), expected);
    }
}
