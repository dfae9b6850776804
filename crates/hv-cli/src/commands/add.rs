//! `hv add`: one text into a store.

use std::io::Write;

use hv_memory::{Changes, EpisodeId, Key, MAX_BYTES, MAX_SOURCE_BYTES, MAX_TAGS, NewEpisode};

use crate::args::AddArgs;
use crate::failure::Failure;
use crate::names::{bytes_of, given, shown};
use crate::record::{Encoder, Record};
use crate::signals::Signals;
use crate::store::Target;
use crate::times::Clock;
use crate::vocabulary;

pub fn run(args: &AddArgs, out: &mut impl Write) -> Result<(), Failure> {
    let text = args.text.join(" ");
    let time = args.time.map_or_else(|| Clock::SYSTEM.now(), Ok)?;
    let source = args.source.as_deref().map(|name| name.to_str().map_or_else(|| bytes_of(name), given));
    let record = Record { source: source.as_deref().map_or_else(String::new, shown), line: 0, key: None, text };
    let payload = record.to_bytes()?;
    check(args, &record, &payload)?;

    let signals = Signals::default();
    let mut target = Target::find(&args.store, None, None, &signals)?;
    let content = target.encoder.encode_batch(&[&record.text]).remove(0).map_err(Failure::failed)?;
    let memory = target.opened()?;
    let key = args.key.as_deref().map(Key::from);
    let snapshot = memory.snapshot();
    let replaced: Vec<EpisodeId> = key.iter().filter_map(|key| snapshot.id_of_key(key)).collect();
    let (valence, tags) = (args.valence.unwrap_or(0.0), args.tags.clone());
    let episode = NewEpisode { content, time, valence, payload, source, key, tags, ..NewEpisode::default() };
    let changes = Changes::new().store(episode);
    let stored = memory.apply(&vocabulary::replace(&snapshot, changes, &replaced, &[&record.text])?)?.ids;
    for id in stored {
        match replaced.first() {
            Some(old) => writeln!(out, "stored #{id} in place of #{old}, which had the same key")?,
            None => writeln!(out, "stored #{id}")?,
        }
    }
    Ok(())
}

/// Whether it can be stored: what cannot should be found before a store is made.
fn check(args: &AddArgs, record: &Record, payload: &[u8]) -> Result<(), Failure> {
    let encoder = Encoder::folded_ngrams(3, 0).make().map_err(Failure::failed)?;
    if encoder.encode_batch(&[&record.text])[0].is_err() {
        return Err(Failure::failed("the text has no letter and no digit; give words, such as \"call Ada\""));
    }
    if payload.len() > MAX_BYTES {
        return Err(Failure::failed("the text is longer than an episode can hold (1 MiB); store it in parts"));
    }
    let source = args.source.as_ref().map_or(0, |source| source.len());
    if source > MAX_SOURCE_BYTES {
        return Err(Failure::usage(format_args!("--source has {source} bytes; give at most {MAX_SOURCE_BYTES}")));
    }
    if args.tags.len() > MAX_TAGS {
        let tags = args.tags.len();
        return Err(Failure::usage(format_args!("an episode has at most {MAX_TAGS} tags, and these are {tags}")));
    }
    Ok(())
}
