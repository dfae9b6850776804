//! `hv verify`: read everything again, and name whatever is not what was written.

use std::io::Write;
use std::path::Path;

use hv_memory::{Damage, Progress, Verification};
use serde::Serialize;

use crate::args::VerifyArgs;
use crate::escape;
use crate::failure::Failure;
use crate::json;
use crate::names::shown_path;
use crate::numbers::counted;
use crate::show;

/// What was found as it is printed with `--json`.
#[derive(Serialize)]
struct JsonVerification {
    store: String,
    sound: bool,
    episodes: u64,
    blocks: u64,
    payloads: u64,
    retrievals: u64,
    rows: u64,
    damage: Vec<JsonDamage>,
}

#[derive(Serialize)]
struct JsonDamage {
    path: String,
    what: String,
}

impl JsonVerification {
    fn of(store: &Path, found: &Verification) -> Self {
        let Verification { episodes, blocks, payloads, retrievals, rows, .. } = *found;
        let damage = found
            .damage
            .iter()
            .map(|Damage { path, what, .. }| JsonDamage { path: shown_path(path), what: what.clone() });
        let (store, sound, damage) = (shown_path(store), found.is_sound(), damage.collect());
        Self { store, sound, episodes, blocks, payloads, retrievals, rows, damage }
    }
}

pub fn run(args: &VerifyArgs, out: &mut impl Write) -> Result<(), Failure> {
    let store = shown_path(&args.store.path);
    let (progress, bar) = (Progress::new(), show::bytes_bar(1).with_message(store.clone()));
    let found =
        show::watched(&progress, &bar, || args.store.with(|path, options| options.verify_with(path, &progress)))?;
    if args.json {
        writeln!(out, "{}", json::line(&JsonVerification::of(&args.store.path, &found))?)?;
    } else {
        found.damage.iter().try_for_each(|damage| writeln!(out, "{}", escape::on_one_line(&damage.to_string())))?;
    }
    if found.is_sound() {
        if args.json {
            return Ok(());
        }
        let (episodes, retrievals) = (counted(found.episodes, "episode"), counted(found.retrievals, "retrieval"));
        writeln!(out, "{store} is sound: checked every byte of {episodes} and {retrievals}")?;
        return Ok(());
    }
    out.flush()?;
    let places = counted(found.damage.len() as u64, "place");
    Err(Failure::failed(format_args!(
        "{store} is damaged in {places}; restore it from a copy, or save the rest: hv repair {store} NEW"
    )))
}
