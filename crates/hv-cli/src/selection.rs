//! Episodes by their names: keys and labels, sources, tags.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::Path;

use hv_memory::{Episode, EpisodeId, Key, Snapshot};
use serde::Deserialize;

use crate::args::Labels;
use crate::failure::Failure;
use crate::names::{self, bytes_of, given};

/// The names in a record.
#[derive(Deserialize)]
struct Names<'a> {
    #[serde(borrow, default)]
    source: Cow<'a, str>,
    #[serde(borrow, default)]
    key: Option<Cow<'a, str>>,
}

/// The episodes that meet every kind of name that was given, in order; `None` where none was. A kind that no episode meets is
/// an error, for it is a misspelt name more often than not.
pub fn named(snapshot: &Snapshot, labels: &Labels, store: &Path) -> Result<Option<Vec<EpisodeId>>, Failure> {
    let Labels { keys, sources, tags } = labels;
    let found = |what: &str, names: String, hint: &str, ids: BTreeSet<EpisodeId>| match ids.is_empty() {
        true => Err(Failure::failed(format_args!("{} has no episode {what} {names}; {hint}", store.display()))),
        false => Ok(ids),
    };
    let mut kinds = Vec::new();
    if !keys.is_empty() {
        let hint = "hv list shows each key in brackets";
        kinds.push(found("with the key", shown(keys), hint, of_keys(snapshot, keys)?)?);
    }
    if !sources.is_empty() {
        let hint = "name the file as when it was indexed, as hv sources shows it";
        kinds.push(found("from", shown(sources), hint, of_sources(snapshot, sources)?)?);
    }
    for tag in tags {
        let ids = snapshot.ids_of_tag(tag).into_iter().collect();
        kinds.push(found("with the tag", shown(&[tag]), "hv list --json shows each tag", ids)?);
    }
    Ok(kinds.into_iter().reduce(|a, b| &a & &b).map(|ids| ids.into_iter().collect()))
}

fn shown(names: &[impl AsRef<std::ffi::OsStr>]) -> String {
    let quoted = names.iter().map(|name| format!("\"{}\"", names::shown(&bytes_of(name))));
    quoted.collect::<Vec<_>>().join(" or ")
}

/// The episodes that have one of these as their key or label. Cost: a look-up for each key, and for labels a pass over all
/// episodes.
pub fn of_keys(snapshot: &Snapshot, keys: &[String]) -> Result<BTreeSet<EpisodeId>, Failure> {
    let numbers = keys.iter().filter_map(|key| key.parse().ok()).map(Key::Number);
    let texts = keys.iter().map(|key| Key::from(key.as_str()));
    let mut ids: BTreeSet<EpisodeId> = texts.chain(numbers).filter_map(|key| snapshot.id_of_key(&key)).collect();
    ids.extend(with(snapshot, |_, names| names.key.as_ref().is_some_and(|label| keys.iter().any(|key| key == label)))?);
    Ok(ids)
}

/// The episodes that came from one of these files. Cost: a pass over the sources, and where some episodes have none, as in
/// stores of hv 0.1, one over all episodes.
pub fn of_sources(snapshot: &Snapshot, names: &[OsString]) -> Result<BTreeSet<EpisodeId>, Failure> {
    // A name is given as it is, or as it is shown.
    let is_asked = |source: &[u8]| {
        let is_same =
            |name: &OsString| *source == bytes_of(name) || name.to_str().is_some_and(|name| given(name) == source);
        names.iter().any(is_same)
    };
    let (mut ids, mut sourced) = (BTreeSet::new(), 0);
    for (source, count) in snapshot.sources() {
        sourced += count;
        if is_asked(&source) {
            ids.extend(snapshot.ids_of_source(&source));
        }
    }
    if sourced < snapshot.len() {
        ids.extend(with(snapshot, |episode, Names { source, .. }| {
            episode.source.is_none() && !source.is_empty() && is_asked(&given(source))
        })?);
    }
    Ok(ids)
}

/// The sources of episodes as they are shown, in order of their bytes, each with its number of lines; at last without a name
/// what came from none.
pub fn sources(snapshot: &Snapshot) -> Result<Vec<(Option<String>, u64)>, Failure> {
    let mut counts = std::collections::BTreeMap::<Vec<u8>, u64>::new();
    let mut sourced = 0;
    for (source, count) in snapshot.sources() {
        sourced += count;
        *counts.entry(source).or_default() += count as u64;
    }
    let mut nameless = 0;
    if sourced < snapshot.len() {
        for episode in snapshot.episodes() {
            let episode = episode?;
            match serde_json::from_slice::<Names>(&episode.payload) {
                _ if episode.source.is_some() => (),
                Ok(names) if !names.source.is_empty() => {
                    *counts.entry(given(&names.source)).or_default() += 1;
                }
                _ => nameless += 1,
            }
        }
    }
    let named = counts.into_iter().map(|(source, count)| (Some(names::shown(&source)), count));
    Ok(named.chain((nameless > 0).then_some((None, nameless))).collect())
}

/// The episodes whose record meets a condition. Those of other programs have none.
fn with(snapshot: &Snapshot, met: impl Fn(&Episode, &Names) -> bool) -> Result<Vec<EpisodeId>, Failure> {
    let mut ids = Vec::new();
    for episode in snapshot.episodes() {
        let episode = episode?;
        if serde_json::from_slice::<Names>(&episode.payload).is_ok_and(|names| met(&episode, &names)) {
            ids.push(episode.id);
        }
    }
    Ok(ids)
}
