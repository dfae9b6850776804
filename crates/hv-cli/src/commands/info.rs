//! `hv info`: what a store holds, and what searches it on this machine.

use std::io::Write;
use std::path::Path;

use hv_memory::{Stats, Summary};
use indicatif::{HumanBytes, HumanCount};
use serde::Serialize;

use crate::args::InfoArgs;
use crate::failure::Failure;
use crate::json;
use crate::names::shown_path;
use crate::numbers::counted;
use crate::record::Note;
use crate::times::as_date;

pub fn run(args: &InfoArgs, out: &mut impl Write) -> Result<(), Failure> {
    let Summary { stats, metadata, .. } = args.store.with(|path, options| options.summary(path))?;
    let encoder = Note::from_bytes(&metadata).map(|note| note.encoder.to_string());
    if args.json {
        return Ok(writeln!(out, "{}", json::line(&JsonInfo::of(&args.store.path, &stats, encoder))?)?);
    }
    let encoder = encoder.unwrap_or_else(|| "unknown; the store was not made by hv index".to_owned());
    let span = match stats.time_span {
        Some((first, last)) if first == last => utc(first),
        Some((first, last)) => format!("{} to {}", utc(first), utc(last)),
        None => "none".to_owned(),
    };
    let machine = hv_parallel::parallelism_info();
    let disk = format!(
        "{} on disk; {} of vectors, {} of payloads",
        HumanBytes(stats.disk_bytes),
        HumanBytes(stats.vector_bytes),
        HumanBytes(stats.payload_bytes)
    );
    let cores = format!(
        "{} physical, {} logical; {}",
        machine.physical_cores,
        machine.logical_cores,
        counted(machine.pool_threads as u64, "thread")
    );
    let mut episodes = HumanCount(stats.episodes as u64).to_string();
    if stats.forgotten > 0 {
        episodes += &format!("; {} forgotten ones still take space", HumanCount(stats.forgotten as u64));
    }
    for (name, value) in [
        ("store", shown_path(&args.store.path)),
        ("episodes", episodes),
        ("bytes", disk),
        ("time span", span),
        ("encoder", encoder),
        ("backend", machine.backend.to_string()),
        ("cores", cores),
    ] {
        writeln!(out, "{name:<10} {value}")?;
    }
    Ok(())
}

/// The same as it is printed with `--json`. Times are in microseconds since 1970.
#[derive(Serialize)]
struct JsonInfo {
    store: String,
    episodes: usize,
    forgotten: usize,
    bytes: u64,
    vector_bytes: u64,
    payload_bytes: u64,
    first_time: Option<i64>,
    last_time: Option<i64>,
    encoder: Option<String>,
    retrievals: u64,
    backend: String,
    physical_cores: usize,
    logical_cores: usize,
    threads: usize,
}

impl JsonInfo {
    fn of(store: &Path, stats: &Stats, encoder: Option<String>) -> Self {
        let machine = hv_parallel::parallelism_info();
        Self {
            store: shown_path(store),
            episodes: stats.episodes,
            forgotten: stats.forgotten,
            bytes: stats.disk_bytes,
            vector_bytes: stats.vector_bytes,
            payload_bytes: stats.payload_bytes,
            first_time: stats.time_span.map(|(first, _)| first),
            last_time: stats.time_span.map(|(_, last)| last),
            encoder,
            retrievals: stats.retrievals,
            backend: machine.backend.to_string(),
            physical_cores: machine.physical_cores,
            logical_cores: machine.logical_cores,
            threads: machine.pool_threads,
        }
    }
}

/// Microseconds since the Unix epoch as a date, to the second; as a number where that has no date.
fn utc(time: i64) -> String {
    as_date(time).map_or_else(|| format!("{time} us after 1970"), |date| format!("{date:.0}Z"))
}

#[cfg(test)]
mod tests {
    use super::utc;

    #[test]
    fn dates_and_what_has_none() {
        assert_eq!(utc(1_700_000_000_123_456), "2023-11-14T22:13:20Z");
        assert_eq!(utc(-1_000_000), "1969-12-31T23:59:59Z");
        assert_eq!(utc(253_402_300_799_999_999), "9999-12-31T23:59:59Z");
        assert_eq!(utc(253_402_300_800_000_000), "253402300800000000 us after 1970");
        assert_eq!(utc(i64::MAX), "9223372036854775807 us after 1970");
    }
}
