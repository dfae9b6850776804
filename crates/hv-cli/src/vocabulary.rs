//! In how many lines of a store each word is: rows of the store, changed in the step that changes its lines.
//!
//! The row `words` holds the number of lines that were counted, as 8 bytes, lowest first. The rows `words/0` to `words/63`
//! hold the words, each in the one that a hash of its bytes picks: for every word, in order, the length of its UTF-8 as 2
//! bytes, the UTF-8, and the number of lines as 4 bytes. Few large rows, because a batch of lines changes thousands of words.
//!
//! A row has at most [`MAX_ROW`] bytes, so the words of a store take at most 32 MiB, on disk and in memory. Beyond that the
//! rarest words of a row are left out. They are found all the same, but their typos are not known as such.

use std::collections::BTreeMap;

use hv_encode::{Questions, WordCounts};
use hv_memory::{Changes, Episode, EpisodeId, EpisodicMemory, MemoryError, Snapshot};

use crate::failure::Failure;
use crate::record::Record;

const TEXTS: &str = "words";
const ROWS: u32 = 64;
/// The most bytes of a row: half of what a row of a store may have.
const MAX_ROW: usize = Changes::MAX_ROW_VALUE / 2;

/// The words of one row with their counts.
type Row = BTreeMap<String, u32>;

/// Adds new counts of words to `changes`. `gone` are the words of forgotten lines and `new` the words of stored lines, each
/// with the number of lines. A store whose lines were not counted stays uncounted.
pub fn count(
    snapshot: &Snapshot,
    mut changes: Changes,
    gone: (&WordCounts, u64),
    new: (&WordCounts, u64),
) -> Result<Changes, Failure> {
    let Some(texts) = texts(snapshot)? else { return Ok(changes) };
    let mut touched: BTreeMap<u32, Vec<(&str, i64)>> = BTreeMap::new();
    for (words, sign) in [(gone.0, -1), (new.0, 1)] {
        for (word, count) in words.sorted() {
            touched.entry(row_of(word)).or_default().push((word, sign * count as i64));
        }
    }
    for (number, words) in touched {
        let key = key(number);
        let mut row = decode(&snapshot.row(key.as_bytes())?.unwrap_or_default())?;
        for (word, change) in words {
            let count = row.get(word).map_or(0, |&count| i64::from(count)) + change;
            match u32::try_from(count.max(0)).unwrap_or(u32::MAX) {
                0 => row.remove(word),
                count => row.insert(word.to_owned(), count),
            };
        }
        changes = changes.put_row(key, encode(&row));
    }
    let texts = texts.saturating_sub(gone.1).saturating_add(new.1);
    Ok(changes.put_row(TEXTS, texts.to_le_bytes()))
}

/// Begins to count in a store that holds no line yet.
pub fn begin(changes: Changes) -> Changes {
    changes.put_row(TEXTS, 0_u64.to_le_bytes())
}

/// How many lines were counted; `None` where none are.
pub fn texts(snapshot: &Snapshot) -> Result<Option<u64>, Failure> {
    let Some(bytes) = snapshot.row(TEXTS.as_bytes())? else { return Ok(None) };
    let bytes = <[u8; 8]>::try_from(bytes).map_err(|_| wrong())?;
    Ok(Some(u64::from_le_bytes(bytes)))
}

/// Adds to `changes` that the words of some episodes are gone, and that some texts are new.
pub fn replace(
    snapshot: &Snapshot,
    changes: Changes,
    gone: &[EpisodeId],
    new: &[impl AsRef<str> + Sync],
) -> Result<Changes, Failure> {
    let words = words_of(gone.iter().map(|&id| snapshot.get(id)))?;
    count(snapshot, changes, (&words, gone.len() as u64), (&WordCounts::of(new), new.len() as u64))
}

/// Forgets episodes and, in the same step, applies `changes` and subtracts their words from the counts. On a full disk it only
/// forgets; [`mend`] counts again once there is room.
pub fn forget(memory: &EpisodicMemory, changes: Changes, ids: &[EpisodeId]) -> Result<(), Failure> {
    let forget = |changes: Changes| changes.forget(ids.iter().copied());
    let counted = replace(&memory.snapshot(), forget(changes), ids, &[] as &[&str])?;
    match memory.apply(&counted) {
        Err(MemoryError::Full { .. }) => memory.apply(&forget(Changes::new()))?,
        done => done?,
    };
    Ok(())
}

/// Counts all words again if the number of counted lines is not the number of lines in the store. That happens when another
/// program has changed the store, or a step was interrupted.
pub fn mend(memory: &EpisodicMemory) -> Result<(), Failure> {
    let snapshot = memory.snapshot();
    let known = texts(&snapshot)?;
    if known.is_none_or(|texts| texts == snapshot.len() as u64) {
        return Ok(());
    }
    let words = words_of(snapshot.episodes().map(|episode| episode.map(Some)))?;
    memory.apply(&counted(&words, snapshot.len() as u64))?;
    Ok(())
}

/// All counts of a store of this many lines, in the place of those that it has.
pub fn counted(words: &WordCounts, lines: u64) -> Changes {
    let mut rows: Vec<Row> = vec![Row::new(); ROWS as usize];
    for (word, count) in words.sorted() {
        rows[row_of(word) as usize].insert(word.to_owned(), u32::try_from(count).unwrap_or(u32::MAX));
    }
    let changes = Changes::new().put_row(TEXTS, lines.to_le_bytes());
    (0..).zip(&rows).fold(changes, |changes, (number, row)| changes.put_row(key(number), encode(row)))
}

/// The words of episodes. Those of other programs have none.
fn words_of(episodes: impl Iterator<Item = Result<Option<Episode>, MemoryError>>) -> Result<WordCounts, Failure> {
    let mut words = WordCounts::default();
    for episode in episodes {
        if let Some(episode) = episode?
            && let Ok(record) = Record::from_bytes(episode.id, &episode.payload)
        {
            words.add(&record.text);
        }
    }
    Ok(words)
}

/// Shows all words to some questions.
pub fn show(snapshot: &Snapshot, questions: &mut Questions) -> Result<(), Failure> {
    for number in 0..ROWS {
        let row = snapshot.row(key(number).as_bytes())?.unwrap_or_default();
        decode_each(&row, &mut |word, count| questions.see(word, count.into()))?;
    }
    Ok(())
}

fn key(number: u32) -> String {
    format!("{TEXTS}/{number}")
}

/// The row of a word: FNV-1a of its bytes.
fn row_of(word: &str) -> u32 {
    let mix = |hash: u32, byte: u8| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    word.bytes().fold(0x811c_9dc5, mix) % ROWS
}

fn encode(row: &Row) -> Vec<u8> {
    let size = |word: &String| 2 + word.len() + 4;
    let mut bytes: usize = row.keys().map(size).sum();
    let mut rarest: Vec<(&String, &u32)> = if bytes > MAX_ROW { row.iter().collect() } else { Vec::new() };
    rarest.sort_by(|a, b| b.1.cmp(a.1));
    let mut left_out = std::collections::BTreeSet::new();
    while bytes > MAX_ROW
        && let Some((word, _)) = rarest.pop()
    {
        bytes -= size(word);
        left_out.insert(word);
    }
    let mut out = Vec::with_capacity(bytes);
    for (word, count) in row.iter().filter(|(word, _)| !left_out.contains(word)) {
        out.extend_from_slice(&(word.len() as u16).to_le_bytes());
        out.extend_from_slice(word.as_bytes());
        out.extend_from_slice(&count.to_le_bytes());
    }
    out
}

fn decode(row: &[u8]) -> Result<Row, Failure> {
    let mut words = Row::new();
    decode_each(row, &mut |word, count| {
        words.insert(word.to_owned(), count);
    })?;
    Ok(words)
}

fn decode_each(mut row: &[u8], each: &mut impl FnMut(&str, u32)) -> Result<(), Failure> {
    while !row.is_empty() {
        let (length, rest) = row.split_first_chunk::<2>().ok_or_else(wrong)?;
        let (word, rest) = rest.split_at_checked(u16::from_le_bytes(*length).into()).ok_or_else(wrong)?;
        let (count, rest) = rest.split_first_chunk::<4>().ok_or_else(wrong)?;
        each(std::str::from_utf8(word).map_err(|_| wrong())?, u32::from_le_bytes(*count));
        row = rest;
    }
    Ok(())
}

fn wrong() -> Failure {
    Failure::failed("the store's counts of words are not what hv index wrote; index its files into a new store")
}

#[cfg(test)]
mod tests {
    use hv_memory::{HV16, NewEpisode};

    use super::*;

    fn counted_in(memory: &EpisodicMemory) -> (Option<u64>, Vec<(String, u32)>) {
        let snapshot = memory.snapshot();
        let rows = (0..ROWS)
            .flat_map(|number| decode(&snapshot.row(key(number).as_bytes()).unwrap().unwrap_or_default()).unwrap());
        let mut words: Vec<(String, u32)> = rows.collect();
        words.sort();
        (texts(&snapshot).unwrap(), words)
    }

    fn change(memory: &EpisodicMemory, gone: &[&str], new: &[&str]) {
        let (gone, new) = ((WordCounts::of(gone), gone.len() as u64), (WordCounts::of(new), new.len() as u64));
        let changes = count(&memory.snapshot(), Changes::new(), (&gone.0, gone.1), (&new.0, new.1)).unwrap();
        memory.apply(&changes).unwrap();
    }

    #[test]
    fn counts_follow_the_lines() {
        let memory = EpisodicMemory::in_memory();
        change(&memory, &[], &["not counted"]);
        assert_eq!(counted_in(&memory), (None, Vec::new()));
        memory.apply(&begin(Changes::new())).unwrap();
        change(&memory, &[], &["the cat", "the dog", "玻璃"]);
        change(&memory, &["the dog"], &["a dog", "the ox"]);
        let expected = [("a", 1), ("cat", 1), ("dog", 1), ("ox", 1), ("the", 2), ("玻", 1), ("玻璃", 1), ("璃", 1)];
        assert_eq!(counted_in(&memory), (Some(4), expected.map(|(word, count)| (word.to_owned(), count)).to_vec()));
        change(&memory, &["the cat", "a dog", "the ox", "玻璃"], &[]);
        assert_eq!(counted_in(&memory), (Some(0), Vec::new()));
        change(&memory, &["never there"], &[]);
        assert_eq!(counted_in(&memory), (Some(0), Vec::new()));
    }

    #[test]
    fn a_row_is_bounded_and_keeps_the_commonest() {
        let row: Row = (0..60_000_u32).map(|i| (format!("word{i}"), i + 1)).collect();
        let bytes = encode(&row);
        assert!((MAX_ROW - 20..=MAX_ROW).contains(&bytes.len()));
        let kept = decode(&bytes).unwrap();
        assert!(kept.values().all(|&count| count > 60_000 - kept.len() as u32));
    }

    #[test]
    fn wrong_bytes_are_an_error() {
        let memory = EpisodicMemory::in_memory();
        memory.store(NewEpisode { content: HV16::random(1), ..NewEpisode::default() }).unwrap();
        for row in [&b"\x05"[..], b"\x05\0abc", b"\x01\0a\x01\0\0", b"\x01\0\xff\x01\0\0\0"] {
            assert!(decode(row).is_err(), "{row:?}");
        }
        memory.apply(&Changes::new().put_row(TEXTS, [1, 2])).unwrap();
        assert!(texts(&memory.snapshot()).is_err());
    }
}
