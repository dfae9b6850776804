//! The layers of the workspace, held: which crate may depend on which, which module may import which, that no files
//! import each other in a circle, who prints, where unsafe code lives, and how long a file may be. The rules are in
//! `tables`.

mod circles;
mod imports;
mod items;
mod made_up;
mod members;
mod rooms;
mod tables;
mod tokens;

use members::{Member, code, members};
use tables::{CRATES, HEAVY, LONGEST, May, NOT_DEFAULT, ROOMS, UNSAFE};

/// What a member may do, by the table.
fn may(member: &Member) -> May {
    let row = CRATES.iter().find(|(name, _)| *name == member.name);
    row.unwrap_or_else(|| panic!("{} is not in the table of crates: give it its layer", member.name)).1
}

/// Fails with the faults, if there are any.
fn none(faults: impl IntoIterator<Item = String>) {
    let faults: Vec<String> = faults.into_iter().collect();
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

#[test]
fn each_crate_depends_only_on_those_that_it_may() {
    let members = members();
    let is_library =
        |name: &str| CRATES.iter().any(|(library, may)| *library == name && *may != May::UseAnyLibraryAndPrint);
    let mut faults = Vec::new();
    for member in &members {
        let may = may(member);
        for other in members.iter().map(|other| other.name.as_str()).filter(|name| member.dependencies.contains(*name))
        {
            let allowed = match may {
                May::Use(allowed) => allowed.contains(&other),
                // The wheel has the program, too.
                May::UseAnyLibrary => is_library(other) || (member.name == "hv-python" && other == "hv-cli"),
                May::UseAnyLibraryAndPrint => is_library(other) || (member.name == "xtask" && other == "hv-benches"),
            };
            if !allowed {
                faults.push(format!("{} depends on {other}, but may: {may:?}", member.name));
            }
        }
    }
    none(faults);
}

#[test]
fn default_members_are_all_that_any_machine_can_build() {
    let wrong = |member: &Member| member.is_default == NOT_DEFAULT.contains(&member.name.as_str());
    let faults = members().into_iter().filter(wrong);
    none(faults.map(|member| format!("{}: default-members of Cargo.toml and NOT_DEFAULT disagree", member.name)));
}

#[test]
fn heavy_dependencies_stay_where_they_are_needed() {
    let mut faults = Vec::new();
    for member in members().iter().filter(|member| may(member) != May::UseAnyLibraryAndPrint) {
        for (heavy, allowed) in HEAVY.iter().filter(|(heavy, _)| member.dependencies.contains(*heavy)) {
            if !allowed.contains(&member.name.as_str()) {
                faults.push(format!("{} depends on {heavy}, which only {allowed:?} may", member.name));
            }
        }
    }
    none(faults);
}

#[test]
fn libraries_do_not_print() {
    let mut faults = Vec::new();
    for member in members().iter().filter(|member| may(member) != May::UseAnyLibraryAndPrint) {
        for (file, text) in imports::without_tests(&member.sources()) {
            if file.starts_with("bin/") {
                continue;
            }
            let prints = |line: &str| {
                ["println!", "print!", "eprintln!", "eprint!", "dbg!"].iter().any(|print| line.contains(print))
            };
            let lines = code(&text).filter(|(_, line)| prints(line));
            faults.extend(lines.map(|(number, line)| format!("{} {file}:{number} prints: {line}", member.name)));
        }
    }
    none(faults);
}

#[test]
fn unsafe_code_lives_in_hv_simd() {
    let mut faults = Vec::new();
    for member in members().iter().filter(|member| !UNSAFE.contains(&member.name.as_str())) {
        for (file, text) in member.sources() {
            let allows =
                |line: &str| ["allow", "expect", "warn"].iter().any(|l| line.contains(&format!("{l}(unsafe_code")));
            let lines = code(&text).filter(|(_, line)| allows(line));
            let why = "allows unsafe code, which belongs in hv-simd";
            faults.extend(lines.map(|(number, line)| format!("{} {file}:{number} {why}: {line}", member.name)));
        }
    }
    none(faults);
}

#[test]
fn no_file_imports_one_that_imports_it() {
    let mut faults = Vec::new();
    for member in members() {
        let circles = circles::circles(&imports::imports(&member.sources()).imports);
        faults.extend(circles.iter().map(|circle| format!("{}:\n{}", member.name, circles::describe(circle))));
    }
    none(faults);
}

#[test]
fn each_room_imports_only_from_those_that_it_may() {
    let mut faults = Vec::new();
    for member in members() {
        let Some((_, rooms)) = ROOMS.iter().find(|(name, _)| *name == member.name) else { continue };
        let files = imports::without_tests(&member.sources());
        let found = rooms::faults(rooms, &files, &imports::imports(&files).imports);
        faults.extend(found.into_iter().map(|fault| format!("{} {fault}", member.name)));
    }
    none(faults);
}

#[test]
fn commands_of_hv_do_not_use_each_other() {
    let command = |file: &str| imports::module_of(file).get(1).filter(|_| file.starts_with("commands/")).cloned();
    for member in members().iter().filter(|member| member.name == "hv-cli") {
        let imports = imports::imports(&member.sources()).imports.into_iter();
        let between = imports.filter(|import| {
            let [from, to] = [command(&import.from), command(&import.to)];
            from.is_some() && to.is_some() && from != to
        });
        none(between.map(|import| format!("{}:{} imports {}", import.from, import.line, import.to)));
    }
}

#[test]
fn names_are_imported_from_where_they_are_defined() {
    let detours = |member: Member| {
        let detours = imports::imports(&member.sources()).detours.into_iter();
        detours.map(move |detour| format!("{} {detour}", member.name)).collect::<Vec<_>>()
    };
    none(members().into_iter().flat_map(detours));
}

#[test]
fn no_file_is_long() {
    let mut faults = Vec::new();
    for member in members() {
        for (file, text) in member.short_files() {
            let lines = text.matches('\n').count();
            if lines > LONGEST {
                faults.push(format!("{} {file} has {lines} lines, over {LONGEST}", member.name));
            }
        }
    }
    none(faults);
}
