//! The reader of imports on made-up crates: it must see every way to name another file, and every fault.

use std::collections::BTreeMap;

use crate::circles::circles;
use crate::imports::{Imports, imports, module_of};

/// The imports of a crate of these files.
fn read(files: &[(&str, &str)]) -> Imports {
    let files = files.iter().map(|(file, text)| ((*file).to_owned(), (*text).to_owned()));
    imports(&files.collect::<BTreeMap<_, _>>())
}

/// The imports as `from -> to`, in order, each once.
fn edges(files: &[(&str, &str)]) -> Vec<String> {
    let mut edges: Vec<String> =
        read(files).imports.iter().map(|import| format!("{} -> {}", import.from, import.to)).collect();
    edges.dedup();
    edges
}

#[test]
fn files_have_their_modules() {
    for (file, module) in
        [("lib.rs", &[][..]), ("main.rs", &[]), ("a.rs", &["a"]), ("a/mod.rs", &["a"]), ("a/b.rs", &["a", "b"])]
    {
        assert_eq!(module_of(file), module, "{file}");
    }
}

#[test]
fn a_mod_line_is_no_import() {
    assert_eq!(edges(&[("lib.rs", "mod a; pub mod b;"), ("a.rs", ""), ("b.rs", "")]), [""; 0]);
}

#[test]
fn every_form_of_use_is_read() {
    let b = ("b.rs", "pub struct B; pub fn f() {} pub mod inner { pub struct C; }");
    for text in [
        "use crate::b::B;",
        "use crate::b;",
        "use crate::b::{self, B};",
        "use crate::{b::{B, f}, c::D};",
        "use crate::b::*;",
        "use super::b::B;",
        "use super::{c::D, b::{self as other}};",
        "pub(crate) use crate::b::B as Other;",
        "use crate::b::inner::C;",
        "fn g() { use crate::b::f; f() }",
    ] {
        let read = edges(&[("lib.rs", "mod a; mod b; mod c;"), ("a.rs", text), b, ("c.rs", "pub struct D;")]);
        assert!(read.contains(&"a.rs -> b.rs".to_owned()), "{text}: {read:?}");
        let names_c = text.contains("D");
        assert_eq!(read.contains(&"a.rs -> c.rs".to_owned()), names_c, "{text}: {read:?}");
    }
}

#[test]
fn paths_in_code_are_read() {
    for text in [
        "fn f() { crate::b::g() }",
        "fn f() { super::b::g::<u8>() }",
        "fn f(x: &crate::b::B) {}",
        "use crate::b; fn f() { b::g() }",
        "impl From<crate::b::B> for u8 {}",
        "fn f() { for x in crate::b::all() {} for y in 0..super::b::N {} }",
        "#[arg(value_parser = crate::b::parse)] struct A;",
        "macro_rules! m { () => { $crate::b::g() } }",
        "mod inner { fn f() { super::super::b::g() } }",
    ] {
        let read = edges(&[("lib.rs", "mod a; mod b;"), ("a.rs", text), ("b.rs", "")]);
        assert!(read.contains(&"a.rs -> b.rs".to_owned()), "{text}: {read:?}");
    }
    let child = [("lib.rs", "mod a;"), ("a.rs", "mod b; fn f() { b::g(); self::b::g() }"), ("a/b.rs", "pub fn g() {}")];
    assert_eq!(edges(&child), ["a.rs -> a/b.rs"]);
}

#[test]
fn what_is_no_import_is_not_read() {
    for text in [
        "// use crate::b::B;\n/* crate::b::g() */",
        "const S: &str = \"use crate::b::B;\";",
        "pub(in crate::b) fn f() {}",
        "use std::fs; fn f() { fs::read(x) }",
        "use b_of_another_crate::b::B;",
        "fn f() { x.b::<u8>() }",
        "#[cfg(test)] mod tests { use crate::b::B; }",
        "#[cfg(test)] use crate::b::B;",
        "#[cfg(all(test, feature = \"x\"))]\n#[allow(y)]\nfn f(a: u8, b: u8) -> crate::b::B { crate::b::g() }",
        "struct A { #[cfg(test)] x: crate::b::B, y: u8 }",
        "mod inner { fn f() { super::g() } } fn g() {}",
    ] {
        let read = edges(&[("lib.rs", "mod a; mod b;"), ("a.rs", text), ("b.rs", "")]);
        assert_eq!(read, [""; 0], "{text}");
    }
    let tests =
        [("lib.rs", "mod a; mod b; #[cfg(test)] mod t;"), ("a.rs", ""), ("b.rs", ""), ("t.rs", "use crate::b::B;")];
    assert_eq!(edges(&tests), [""; 0]);
    let not_test = [("lib.rs", "mod a; mod b;"), ("a.rs", "#[cfg(not(test))] use crate::b::B;"), ("b.rs", "")];
    assert_eq!(edges(&not_test), ["a.rs -> b.rs"]);
}

#[test]
fn what_follows_a_test_is_read() {
    let text = "#[cfg(test)] fn f() { if x { y } } #[cfg(test)] use c::d; use crate::b::B;";
    assert_eq!(edges(&[("lib.rs", ""), ("a.rs", text), ("b.rs", "")]), ["a.rs -> b.rs"]);
}

#[test]
fn names_are_followed_to_where_they_are_defined() {
    let files = [
        ("lib.rs", "mod a; mod disk; pub use disk::*;"),
        ("a.rs", "use crate::disk::{File, Row, Open}; use crate::disk::row;"),
        ("disk/mod.rs", "mod file; mod row; pub use self::file::File; pub use row::*; pub struct Open;"),
        ("disk/file.rs", "pub struct File;"),
        ("disk/row.rs", "pub struct Row;"),
    ];
    let read = read(&files);
    let of_a: Vec<_> = read.imports.iter().filter(|import| import.from == "a.rs").collect();
    let of_a: Vec<_> = of_a.iter().map(|import| (import.path.as_str(), import.to.as_str())).collect();
    let expected = [
        ("crate::disk::File", "disk/file.rs"),
        ("crate::disk::Open", "disk/mod.rs"),
        ("crate::disk::Row", "disk/row.rs"),
        ("crate::disk::row", "disk/row.rs"),
    ];
    assert_eq!(of_a, expected);
    assert_eq!(read.detours.len(), 0, "{:?}", read.detours);
}

#[test]
fn detours_are_faults_that_name_the_way() {
    let files = [
        ("lib.rs", "mod a; mod b; pub use b::{B, inner::C}; pub use core_crate::H; pub struct Here;"),
        ("a.rs", "use crate::B;\nfn f(x: crate::C) {}\nuse crate::{b::B as Fine, H};\nuse super::Here;"),
        ("b.rs", "mod file; pub mod inner; pub struct B; use file::F;"),
        ("b/file.rs", "pub struct F;"),
        ("b/inner.rs", "use super::F; pub struct C;"),
    ];
    let detours: Vec<String> = read(&files).detours.into_iter().collect();
    let expected = [
        "a.rs:1: crate::B goes through lib.rs; write crate::b::B",
        "a.rs:2: crate::C goes through lib.rs; write crate::b::inner::C",
        "a.rs:3: crate::H goes through lib.rs; write core_crate::H",
        "a.rs:4: super::Here is defined in lib.rs; give it a file",
        "b/inner.rs:1: super::F goes through b.rs; write crate::b::file::F",
    ];
    assert_eq!(detours, expected);
}

#[test]
fn macros_in_scope_by_their_order_are_imports() {
    let files = [
        ("lib.rs", "#[macro_use] mod say; mod a; mod b;"),
        ("say.rs", "macro_rules! say { () => {} }"),
        ("a.rs", "fn f() { say!() }"),
        ("b.rs", "macro_rules! own { () => {} } fn f() { own!(); println!() }"),
    ];
    assert_eq!(edges(&files), ["a.rs -> say.rs"]);
}

#[test]
fn circles_are_found_between_parents_and_children_too() {
    let circle = |files: &[(&str, &str)]| circles(&read(files).imports).len();
    assert_eq!(circle(&[("lib.rs", ""), ("a.rs", "use crate::b::B;"), ("b.rs", "use crate::a::A;")]), 1);
    let parent = "mod b; pub struct A; fn f() { b::g() }";
    assert_eq!(circle(&[("lib.rs", ""), ("a.rs", parent), ("a/b.rs", "use super::A; pub fn g() {}")]), 1);
    assert_eq!(circle(&[("lib.rs", ""), ("a.rs", "mod b; pub struct A;"), ("a/b.rs", "use super::A;")]), 0);
    let by_facade = [
        ("lib.rs", ""),
        ("a/mod.rs", "mod b; mod c; pub use b::B; pub use c::C;"),
        ("a/b.rs", "use super::c::C; pub struct B;"),
        ("a/c.rs", "use crate::a::B; pub struct C;"),
    ];
    assert_eq!(circle(&by_facade), 1);
}
