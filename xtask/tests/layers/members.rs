//! The members of the workspace and their sources.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// A member of the workspace.
pub struct Member {
    pub name: String,
    pub folder: PathBuf,
    /// Its dependencies, optional ones too. Those for tests are left out: a test may look where it likes, as long as
    /// cargo allows it.
    pub dependencies: BTreeSet<String>,
    /// Whether it is among the default members.
    pub is_default: bool,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// All members, by name.
pub fn members() -> Vec<Member> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--offline", "--no-deps", "--format-version", "1"])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo prints JSON");
    let default = metadata["workspace_default_members"].as_array().expect("a list");
    let packages = metadata["packages"].as_array().expect("a list").iter();
    let mut members: Vec<Member> = packages.map(|package| member(package, default)).collect();
    members.sort_by(|a, b| a.name.cmp(&b.name));
    members
}

fn member(package: &Value, default: &[Value]) -> Member {
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let dependencies = package["dependencies"].as_array().expect("a list").iter();
    Member {
        name: text(&package["name"]),
        folder: Path::new(&text(&package["manifest_path"])).parent().expect("a folder").to_owned(),
        dependencies: dependencies.filter(|one| one["kind"] != "dev").map(|one| text(&one["name"])).collect(),
        is_default: default.contains(&package["id"]),
    }
}

impl Member {
    /// The texts of the Rust files under `src`, by path there.
    pub fn sources(&self) -> BTreeMap<String, String> {
        sources(&self.folder.join("src"))
    }

    /// The texts of the files that may not be long: of benches and xtask all, of the others those under `src`.
    pub fn short_files(&self) -> BTreeMap<String, String> {
        match self.name.as_str() {
            "hv-benches" | "xtask" => sources(&self.folder),
            _ => self.sources(),
        }
    }
}

fn sources(folder: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(&next).unwrap_or_else(|error| panic!("{}: {error}", next.display())) {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let segments = path.strip_prefix(folder).expect("it is under the folder").iter();
                let name: Vec<_> = segments.map(|segment| segment.to_string_lossy()).collect();
                found.insert(name.join("/"), std::fs::read_to_string(&path).expect("UTF-8"));
            }
        }
    }
    found
}

/// The lines of code in a file, comments and tests left out, each with its number.
pub fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = text.lines().enumerate().take_while(|(_, line)| !line.starts_with("mod tests {"));
    lines.filter(|(_, line)| !line.trim_start().starts_with("//")).map(|(i, line)| (i + 1, line.trim()))
}
