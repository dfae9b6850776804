//! Which file of a crate imports which: every path of every module, followed to the file that defines what it names.

use std::collections::{BTreeMap, BTreeSet};

use crate::items::{Items, Path, items};

/// An import of one file of a crate by another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Import {
    pub from: String,
    pub line: usize,
    /// The path as it is written.
    pub path: String,
    pub to: String,
}

/// The imports of a crate's files, and those imports that take a name from where it is not defined.
#[derive(Debug, Default)]
pub struct Imports {
    pub imports: BTreeSet<Import>,
    pub detours: BTreeSet<String>,
}

/// The module path of a file under `src`: none for the root, `["a", "b"]` for `a/b.rs` and `a/b/mod.rs`.
pub fn module_of(file: &str) -> Vec<String> {
    let path = file.strip_suffix(".rs").unwrap_or(file);
    let mut segments: Vec<String> = path.split('/').map(str::to_owned).collect();
    if segments.last().is_some_and(|last| ["mod", "lib", "main"].contains(&last.as_str())) {
        segments.pop();
    }
    segments
}

/// The imports among the files of a crate, given by path under `src`, such as `disk/files.rs`. Tests are left out.
pub fn imports(files: &BTreeMap<String, String>) -> Imports {
    let tree = Tree::new(&without_tests(files));
    let mut found = Imports::default();
    for (module, (file, items)) in &tree.modules {
        for path in &items.paths {
            tree.follow(module, file, path, &mut found);
        }
        for (name, line) in &items.macros_called {
            // Macros that are not imported by path are in scope below where they are defined.
            if let Some(to) = tree.macros.get(name).filter(|to| *to != file && !tree.is_in_scope(module, name)) {
                found.add(file, *line, format!("{name}!"), to);
            }
        }
    }
    found
}

/// The files without those of modules that exist for tests only.
pub fn without_tests(files: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let mut of_tests: Vec<Module> = Vec::new();
    for (file, text) in files {
        for items in items(text) {
            let declared = |name| [&module_of(file)[..], &items.module, &[name]].concat();
            of_tests.extend(items.test_only.iter().cloned().map(declared));
        }
    }
    let is_of_tests = |file: &str| of_tests.iter().any(|test| module_of(file).starts_with(test));
    files.iter().filter(|(file, _)| !is_of_tests(file)).map(|(file, text)| (file.clone(), text.clone())).collect()
}

impl Imports {
    fn add(&mut self, from: &str, line: usize, path: String, to: &str) {
        if from != to {
            self.imports.insert(Import { from: from.to_owned(), line, path, to: to.to_owned() });
        }
    }
}

type Module = Vec<String>;

/// The modules of a crate.
struct Tree {
    modules: BTreeMap<Module, (String, Items)>,
    /// The files that define macros, by name.
    macros: BTreeMap<String, String>,
}

/// Where a path leads.
struct Found {
    /// The module that defines the name or is meant itself; `None` for another crate.
    module: Option<Module>,
    /// The path under which the name can be had from where it is defined.
    path: String,
    /// The modules whose `use` was followed.
    via: Vec<Module>,
}

impl Tree {
    fn new(files: &BTreeMap<String, String>) -> Self {
        let mut modules = BTreeMap::new();
        let mut macros = BTreeMap::new();
        for (file, text) in files {
            let module = module_of(file);
            for items in items(text) {
                let module = [&module[..], &items.module].concat();
                macros.extend(items.macros_defined.iter().map(|name| (name.clone(), file.clone())));
                modules.insert(module, (file.clone(), items));
            }
        }
        Self { modules, macros }
    }

    /// Whether a bare name is defined in a module or comes by a `use` of it.
    fn is_in_scope(&self, module: &[String], name: &str) -> bool {
        let items = &self.modules[module].1;
        items.defined.iter().any(|defined| defined == name) || items.used(name).is_some()
    }

    /// Whether a bare name means a module.
    fn is_module(&self, module: &[String], name: &str) -> bool {
        let found = self.resolve(module, &[name.to_owned()], 0).and_then(|found| Some((found.module?, found.path)));
        found.is_some_and(|(module, path)| path == path_of(&module, None))
    }

    /// Follows a path of a module, and notes what is found.
    fn follow(&self, module: &Module, file: &str, path: &Path, found: &mut Imports) {
        let first = path.segments[0].as_str();
        let is_relative = !["crate", "$crate", "self", "super"].contains(&first);
        if path.name.is_none() && is_relative && !self.is_module(module, first) {
            return; // of an item that was imported by a `use`, which has been followed
        }
        let Some(target) = self.resolve(module, &path.segments, 0) else { return };
        let written = path.segments.join("::");
        // A name that a `use` of the module itself brought is counted there.
        let is_here = |via: &Module| self.modules[via].0 == file;
        let detour = target.via.iter().find(|via| module.starts_with(via) && !is_here(via));
        if let Some(via) = detour {
            let (line, better, through) = (path.line, &target.path, &self.modules[via].0);
            found.detours.insert(format!("{file}:{line}: {written} goes through {through}; write {better}"));
        }
        if let Some(to) = &target.module {
            if to.is_empty() && !module.is_empty() {
                let root = &self.modules[to].0;
                found.detours.insert(format!("{file}:{}: {written} is defined in {root}; give it a file", path.line));
            }
            found.add(file, path.line, written, &self.modules[to].0);
        }
    }

    /// Where a path leads that a module names; `None` where its first segment is nothing that the crate knows.
    fn resolve(&self, module: &[String], segments: &[String], depth: usize) -> Option<Found> {
        let (first, rest) = segments.split_first()?;
        match first.as_str() {
            "crate" | "$crate" => self.walk(&[], rest, depth),
            "self" => self.walk(module, rest, depth),
            "super" => {
                let parent = &module[..module.len().checked_sub(1)?];
                match rest.first().map(String::as_str) {
                    Some("super") => self.resolve(parent, rest, depth),
                    _ => self.walk(parent, rest, depth),
                }
            }
            _ if self.modules.contains_key(&[module, &segments[..1]].concat()) => self.walk(module, segments, depth),
            _ => match self.modules[module].1.used(first) {
                Some(used) if depth < 16 => {
                    let whole = [&used.segments[..], rest].concat();
                    // A module that is imported under its own name would be looked up here again.
                    if whole == segments { None } else { self.resolve(module, &whole, depth + 1) }
                }
                _ => None,
            },
        }
    }

    /// Goes down from a module.
    fn walk(&self, from: &[String], segments: &[String], depth: usize) -> Option<Found> {
        let mut module = from.to_vec();
        for (i, segment) in segments.iter().enumerate() {
            module.push(segment.clone());
            if self.modules.contains_key(&module) {
                continue;
            }
            module.pop();
            return Some(self.name(&module, segment, &segments[i + 1..], depth));
        }
        let path = path_of(&module, None);
        self.modules.contains_key(&module).then_some(Found { module: Some(module), path, via: Vec::new() })
    }

    /// Where a name in a module that is no module itself is defined, and what follows it.
    fn name(&self, module: &Module, name: &str, rest: &[String], depth: usize) -> Found {
        let items = &self.modules[module].1;
        let here = Found { module: Some(module.clone()), path: path_of(module, Some(name)), via: Vec::new() };
        if name == "*" || items.defined.iter().any(|defined| defined == name) || depth >= 16 {
            return here;
        }
        if let Some(used) = items.used(name) {
            let whole = [&used.segments[..], rest].concat();
            let found = self.resolve(module, &whole, depth + 1);
            // A path of another crate starts with a name that this one does not know.
            let outside = || Found { module: None, path: whole.join("::"), via: Vec::new() };
            let mut found = found.unwrap_or_else(outside);
            found.via.push(module.clone());
            return found;
        }
        for glob in items.paths.iter().filter(|path| path.name.as_deref() == Some("*")) {
            let parent = &glob.segments[..glob.segments.len() - 1];
            let Some(Found { module: Some(inner), .. }) = self.resolve(module, parent, depth + 1) else { continue };
            if inner != *module && self.is_in_scope(&inner, name) {
                let mut found = self.name(&inner, name, rest, depth + 1);
                found.via.push(module.clone());
                return found;
            }
        }
        here
    }
}

fn path_of(module: &[String], name: Option<&str>) -> String {
    let segments = ["crate"].into_iter().chain(module.iter().map(String::as_str)).chain(name);
    segments.collect::<Vec<_>>().join("::")
}
