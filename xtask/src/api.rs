//! `cargo xtask api`: the public interface of each library, compared with what is written down in `api/`.

use std::collections::BTreeSet;
use std::error::Error;
use std::fs;
use std::process::Command;

use serde_json::Value;

use crate::cargo::cargo;
use crate::files::{root, save};
use crate::outcome::Outcome;
use crate::say::say;

/// Compare the public interface of each library with the text in api/, and fail where they differ.
///
/// The text has a line for each public item, with all features on. It shows in a review what a change means for users: a
/// line that is gone, or different, breaks somebody's build. It is made of rustdoc's JSON, which only a nightly compiler
/// writes, and whose form changes; this reads the form that the nightly in HV_NIGHTLY (default: nightly) of 2026-05 writes.
#[derive(clap::Args)]
pub struct Args {
    /// Write the present interfaces to api/.
    #[arg(long)]
    write: bool,
}

/// The library outside of the default members that is compared, too. Its features show nothing more, so it is taken without
/// them, and wgpu is not compiled.
const WITHOUT_FEATURES: &str = "hv-gpu";

/// Compares or writes, for every library that is published and built by default, and for hv-gpu.
pub fn run(args: &Args) -> Outcome {
    let mut changed = Vec::new();
    for library in libraries()? {
        let (path, now) = (root().join(format!("api/{library}.txt")), interface(&library)?);
        if args.write {
            save(&path, &now)?;
            continue;
        }
        let then = fs::read_to_string(&path).unwrap_or_default();
        let difference = difference(&then, &now);
        if difference.is_empty() {
            say!("{library}: as in api/{library}.txt");
        } else {
            changed.push(format!("{library}:\n{}", difference.join("\n")));
        }
    }
    if changed.is_empty() {
        return Ok(());
    }
    Err(format!(
        "public interfaces have changed (- before, + now):\n{}\nif that is meant, write them down with `cargo xtask api --write`",
        changed.join("\n")
    )
    .into())
}

/// The names of the libraries.
fn libraries() -> Result<Vec<String>, Box<dyn Error>> {
    let output = cargo().args(["metadata", "--no-deps", "--format-version", "1"]).output()?;
    let metadata: Value = serde_json::from_slice(&output.stdout)?;
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let default = list(&metadata["workspace_default_members"]);
    let is_library = |package: &&Value| {
        let has_lib = list(&package["targets"]).iter().any(|target| list(&target["kind"]).contains(&"lib".into()));
        // `publish = false` is an empty list of registries.
        let is_compared = default.contains(&package["id"]) || package["name"] == WITHOUT_FEATURES;
        has_lib && package["publish"].is_null() && is_compared
    };
    let packages = list(&metadata["packages"]);
    let names = packages.iter().filter(is_library).filter_map(|package| package["name"].as_str());
    Ok(names.map(ToOwned::to_owned).collect())
}

/// A line for each public item of a library, without what every type has.
fn interface(library: &str) -> Result<String, Box<dyn Error>> {
    let nightly = std::env::var("HV_NIGHTLY").unwrap_or_else(|_| "nightly".to_owned());
    let mut rustdoc = Command::new("rustup");
    rustdoc.current_dir(root()).args(["run", &nightly, "cargo", "rustdoc", "--quiet", "--package", library, "--lib"]);
    let features = if library == WITHOUT_FEATURES { "--no-default-features" } else { "--all-features" };
    rustdoc.args([features, "--target-dir", "target/api", "--"]);
    rustdoc.args(["-Z", "unstable-options", "--output-format", "json", "--cap-lints", "allow"]);
    let status = rustdoc.status().map_err(|error| format!("cannot start rustup, which finds a nightly: {error}"))?;
    if !status.success() {
        return Err(format!(
            "rustdoc of {nightly} failed for {library}; set HV_NIGHTLY to a nightly that is installed"
        )
        .into());
    }
    let json = root().join("target/api/doc").join(format!("{}.json", library.replace('-', "_")));
    let api = public_api::Builder::from_rustdoc_json(json)
        .omit_blanket_impls(true)
        .omit_auto_trait_impls(true)
        .omit_auto_derived_impls(true)
        .build()
        .map_err(|error| format!("{library}: {error}; take a nightly of 2026-05, as HV_NIGHTLY=nightly-2026-05-20"))?;
    Ok(api.to_string())
}

/// The lines that are in one text alone.
fn difference(then: &str, now: &str) -> Vec<String> {
    let [before, after] = [then, now].map(|text| text.lines().collect::<BTreeSet<_>>());
    let gone = before.difference(&after).map(|line| format!("- {line}"));
    gone.chain(after.difference(&before).map(|line| format!("+ {line}"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_shown_line_by_line() {
        assert_eq!(difference("a\nb\n", "b\na\n"), [""; 0]);
        assert_eq!(difference("fn a()\nfn b()\n", "fn b(x: u8)\nfn a()\n"), ["- fn b()", "+ fn b(x: u8)"]);
    }

    #[test]
    fn every_library_has_its_interface_written_down() {
        let libraries = libraries().unwrap();
        assert!(libraries.contains(&"hv-core".to_owned()) && !libraries.contains(&"xtask".to_owned()), "{libraries:?}");
        for library in libraries {
            let text = fs::read_to_string(root().join(format!("api/{library}.txt"))).expect("api/LIBRARY.txt");
            assert!(text.contains(&format!("pub mod {}", library.replace('-', "_"))), "{library}");
        }
    }
}
