//! hv-memory.

use hv_memory::*;

fn episode(seed: u64, time: i64) -> NewEpisode {
    NewEpisode { content: HV16::random(seed), time, payload: vec![seed as u8], ..Default::default() }
}

#[test]
fn episodes_are_stored_and_read() {
    let memory: EpisodicMemory = EpisodicMemory::in_memory();
    let new =
        NewEpisode { content: HV16::random(0), time: 5, valence: 0.5, payload: b"tea".to_vec(), ..Default::default() };
    let id: EpisodeId = memory.store(new).unwrap();
    assert_eq!(id, EpisodeId(0));
    assert_eq!(memory.store_batch(&[episode(1, 6), episode(2, 7)]).unwrap(), [EpisodeId(1), EpisodeId(2)]);
    let read: Episode = memory.get(id).unwrap().unwrap();
    assert_eq!((read.id, read.content, read.time, read.valence), (id, HV16::random(0), 5, 0.5));
    assert_eq!((read.payload, memory.len()), (b"tea".to_vec(), 3));
    assert_eq!(memory.get(EpisodeId(3)).unwrap(), None);
}

#[test]
fn recalls() {
    let memory = EpisodicMemory::in_memory();
    memory.store_batch(&(0..9).map(|i| episode(i, i as i64)).collect::<Vec<_>>()).unwrap();
    let cues = [HV16::random(3), HV16::random(4)];
    let found: Vec<Match> = memory.recall(&cues[0], 2).unwrap();
    assert_eq!((found.len(), found[0].id, found[0].distance), (2, EpisodeId(3), 0));
    assert_eq!(memory.recall_batch(&cues, 2).unwrap()[0], found);
    let late = Conditions::new().time(4..);
    let found = memory.recall_where(&cues[1], 2, &late).unwrap();
    assert_eq!(found[0].id, EpisodeId(4));
    let both = memory.recall_batch_where(&cues, 2, &late).unwrap();
    assert!(both[0].iter().all(|found| found.id >= EpisodeId(4)) && both[1] == found);
}

#[test]
fn strengths_change() {
    let memory = EpisodicMemory::in_memory();
    memory.store_batch(&[episode(0, 0), episode(1, 1)]).unwrap();
    let policy = RecollectPolicy::default();
    let found = memory.recollect(&HV16::random(1), 1, &Conditions::new(), &policy, 10).unwrap();
    assert_eq!(found[0].id, EpisodeId(1));
    let policy = ConsolidatePolicy::new().capacity(1);
    let kept = memory.consolidate(&policy, 20).unwrap().kept;
    assert_eq!((kept, memory.len(), memory.get(EpisodeId(0)).unwrap()), (1, 1, None));
}

#[test]
fn episodes_are_forgotten_but_not_in_a_snapshot() {
    let memory = EpisodicMemory::in_memory();
    let id = memory.store(episode(0, 0)).unwrap();
    let before: Snapshot = memory.snapshot();
    assert_eq!(memory.forget(&[id]).unwrap(), 1);
    assert_eq!((memory.len(), before.len()), (0, 1));
    assert_eq!(before.recall(&HV16::random(0), 1).unwrap()[0].id, id);
    assert_eq!(memory.store(episode(1, 1)).unwrap(), EpisodeId(1), "ids are never reused");
}

#[test]
fn a_store_stays() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let missing: Result<EpisodicMemory, MemoryError> = EpisodicMemory::open_read_only(&path);
    assert!(matches!(missing, Err(MemoryError::NotFound { .. })));
    let memory = EpisodicMemory::open(&path).unwrap();
    memory.set_metadata(b"note").unwrap();
    memory.store(episode(0, 0)).unwrap();
    drop(memory);
    let memory = EpisodicMemory::open_read_only(&path).unwrap();
    assert_eq!((memory.len(), memory.metadata().unwrap()), (1, b"note".to_vec()));
}

#[test]
fn stores_are_checked_and_copied_and_the_progress_is_seen() {
    let folder = tempfile::tempdir().unwrap();
    let [store, first, second] = ["store", "first", "second"].map(|name| folder.path().join(name));
    let memory = EpisodicMemory::open(&store).unwrap();
    memory.store_batch(&[episode(0, 0), episode(1, 1)]).unwrap();
    let progress: Progress = Progress::new();
    memory.export(&first).unwrap();
    memory.export_with(&second, &progress).unwrap();
    assert_eq!((progress.done(), progress.all(), progress.fraction()), (2, 2, 1.0));
    drop(memory);
    assert!(verify(&store).unwrap().is_sound() && verify_with(&store, &progress).unwrap().is_sound());
    let copies = [EpisodicMemory::in_memory(), EpisodicMemory::in_memory()];
    assert_eq!(copies[0].import(&first).unwrap(), 2);
    assert_eq!(copies[1].import_with(&second, &progress).unwrap(), 2);
    assert!(copies.iter().all(|copy| copy.get(EpisodeId(1)).unwrap().unwrap().content == HV16::random(1)));
}
