//! Opening on all cores: the same store comes of it, damage anywhere is found, and a summary needs no vectors.

mod common;

use std::fs;
use std::path::Path;

use common::{check_all, episodes};
use hv_memory::{EpisodeId, EpisodicMemory, HV16, MemoryError, NewEpisode, Options, Progress, Summary};

/// A segment, two blocks and a tail: vectors are read in chunks of different lengths.
const LEN: u64 = 65_536 + 2 * 4_096 + 30;

fn make(path: &Path) {
    let memory = EpisodicMemory::open(path).unwrap();
    let episode =
        |number| NewEpisode { content: HV16::random(number), time: -(number as i64), ..NewEpisode::default() };
    memory.store_batch(&(0..LEN).map(episode).collect::<Vec<_>>()).unwrap();
}

fn flip(path: &Path, at: usize) {
    let mut bytes = fs::read(path).unwrap();
    bytes[at] ^= 1;
    fs::write(path, bytes).unwrap();
}

#[test]
fn every_vector_is_in_its_slot() {
    let folder = tempfile::tempdir().unwrap();
    make(folder.path());
    let progress = Progress::new();
    let memory = Options::new().open_read_only_with(folder.path(), &progress).unwrap();
    assert_eq!((progress.done(), progress.all()), ((65_536 + 2 * 4_096) * 256, (65_536 + 2 * 4_096) * 256));
    let vectors: Vec<HV16> = memory.snapshot().vectors().flatten().copied().collect();
    assert!(vectors.len() as u64 == LEN && (0..).zip(&vectors).all(|(number, vector)| *vector == HV16::random(number)));
    assert_eq!(memory.stats().time_span, Some((1 - LEN as i64, 0)));
    drop(memory);
    let file = folder.path().join("vectors-0");
    for block in [0, 9, 15, 16, 17] {
        flip(&file, block * 4_096 * 256 + 77);
        let error = EpisodicMemory::open_read_only(folder.path()).unwrap_err().to_string();
        assert!(error.contains(&format!("block {block} ")), "{error}");
        flip(&file, block * 4_096 * 256 + 77);
    }
    // Of two the first is named.
    [16, 3].iter().for_each(|block| flip(&file, block * 4_096 * 256));
    assert!(EpisodicMemory::open(folder.path()).unwrap_err().to_string().contains("block 3 "));
}

#[test]
fn a_summary_is_what_opening_tells() {
    let folder = tempfile::tempdir().unwrap();
    let summary = || Options::new().summary(folder.path());
    assert!(matches!(summary(), Err(MemoryError::NotFound { .. })));
    for batch in [0..30, 30..5_000] {
        let memory = EpisodicMemory::open(folder.path()).unwrap();
        memory.store_batch(&episodes(batch)).unwrap();
        memory.set_metadata(b"a note").unwrap();
        assert!(matches!(summary(), Err(MemoryError::InUse { .. })));
        drop(memory);
        let memory = EpisodicMemory::open_read_only(folder.path()).unwrap();
        let Summary { stats, metadata, .. } = summary().unwrap();
        assert_eq!((stats, metadata), (memory.stats(), memory.metadata().unwrap()));
    }
    let memory = EpisodicMemory::open(folder.path()).unwrap();
    check_all(&memory, 5_000);
    memory.forget(&[EpisodeId(7), EpisodeId(4_999)]).unwrap();
    drop(memory);
    let Summary { stats, .. } = summary().unwrap();
    assert_eq!((stats.episodes, stats.forgotten, stats.next_id), (4_998, 2, 5_000));
}

#[test]
fn a_summary_reads_no_vectors_but_checks_the_rest() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    drop(EpisodicMemory::open(path).unwrap().store_batch(&episodes(0..5_000)).unwrap());
    let summary = || Options::new().summary(path);
    flip(&path.join("vectors-0"), 5_000);
    assert!(EpisodicMemory::open_read_only(path).is_err());
    assert_eq!(summary().unwrap().stats.episodes, 5_000);
    let whole = fs::read(path.join("vectors-0")).unwrap();
    fs::write(path.join("vectors-0"), &whole[1..]).unwrap();
    assert!(matches!(summary(), Err(MemoryError::Damaged { .. })), "a file that is cut off");
    fs::write(path.join("vectors-0"), whole).unwrap();
    flip(&path.join("index.redb"), 150_000);
    assert!(matches!(summary(), Err(MemoryError::Damaged { .. })), "an index that is damaged");
}
