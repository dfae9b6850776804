//! Saving what is sound of a damaged store: all that is not hit by the damage comes back as it was, the damaged store is not
//! written to, and the new one is sound.

mod common;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::OnceLock;

use common::{Random, episode, files, is, write_files};
use hv_memory::{
    Changes, Conditions, Episode, EpisodeId, EpisodicMemory, HV16, Key, MemoryError, NewEpisode, Options, Progress,
    RecollectPolicy, Salvage, verify,
};

type Files = BTreeMap<String, Vec<u8>>;

/// Two full blocks and a tail.
const LEN: u64 = 2 * 4_096 + 50;
const FORGOTTEN: u64 = 4_100;

fn given(number: u64) -> NewEpisode {
    NewEpisode { key: number.is_multiple_of(7).then(|| Key::from(number)), ..episode(number) }
}

/// A store with all that a store can have, without the reserve, which has no meaning.
fn store() -> &'static Files {
    static STORE: OnceLock<Files> = OnceLock::new();
    STORE.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let memory = EpisodicMemory::open(folder.path()).unwrap();
        memory.store_batch(&(0..LEN).map(given).collect::<Vec<_>>()).unwrap();
        memory.set_metadata(b"a note").unwrap();
        for (number, now) in [(3, 40), (8_200, 41), (3, 42)] {
            let (cue, policy) = (HV16::random(number), RecollectPolicy::default());
            memory.recollect(&cue, 1, &Conditions::new(), &policy, now).unwrap();
        }
        memory.forget(&[EpisodeId(FORGOTTEN), EpisodeId(LEN - 1)]).unwrap();
        memory.apply(&Changes::new().put_row("a", "1").put_row("b", "2")).unwrap();
        drop(memory);
        let mut files = files(folder.path());
        files.remove("reserve");
        files
    })
}

/// What became of a store.
struct Saved {
    salvage: Salvage,
    memory: EpisodicMemory,
    /// How many episodes were encoded again.
    encoded: usize,
    _folder: tempfile::TempDir,
}

/// Saves a store; the vector of an episode follows from its id.
fn save(damaged: &Files) -> Result<Saved, MemoryError> {
    let folder = tempfile::tempdir().unwrap();
    let [path, new] = ["store", "new"].map(|name| folder.path().join(name));
    write_files(&path, damaged);
    let salvage = Options::new().salvage(&path, &Progress::new());
    assert!(files(&path) == *damaged, "the damaged store was written to");
    let mut salvage = salvage?;
    let mut encoded = 0;
    salvage.encode(false, |episodes| {
        encoded += episodes.len();
        episodes.iter().map(|episode| Some(HV16::random(episode.id.0))).collect()
    })?;
    let note = salvage.metadata().unwrap_or(b"lost").to_vec();
    let progress = Progress::new();
    let memory = salvage.write(&new, &note, &Changes::new(), &progress)?;
    assert_eq!((progress.done(), progress.all()), (memory.len() as u64, memory.len() as u64));
    drop(memory);
    let found = verify(&new).unwrap();
    assert!(found.is_sound(), "{:?}", found.damage);
    assert!(files(&path) == *damaged, "the damaged store was written to");
    let memory = EpisodicMemory::open(&new).unwrap();
    Ok(Saved { salvage, memory, encoded, _folder: folder })
}

/// Checks what was saved against what was stored. Returns the ids that are missing.
fn missing(saved: &Saved) -> Vec<u64> {
    let snapshot = saved.memory.snapshot();
    let all: Vec<Episode> = snapshot.episodes().map(Result::unwrap).collect();
    for episode in &all {
        let given = given(episode.id.0);
        assert!(is(episode, &given), "episode {} is not what was stored", episode.id);
        assert_eq!(episode.key, given.key);
        assert_eq!(snapshot.id_of_key(&Key::from(episode.id.0)), given.key.map(|_| episode.id));
    }
    let there: Vec<u64> = all.iter().map(|episode| episode.id.0).collect();
    (0..LEN).filter(|id| there.binary_search(id).is_err()).collect()
}

fn damaged(name: &str, change: impl Fn(&mut Vec<u8>)) -> Files {
    let mut files = store().clone();
    change(files.get_mut(name).unwrap());
    files
}

#[test]
fn a_sound_store_is_copied_whole() {
    let saved = save(store()).unwrap();
    assert_eq!(missing(&saved), [FORGOTTEN, LEN - 1]);
    let (snapshot, salvage) = (saved.memory.snapshot(), &saved.salvage);
    assert!(salvage.damage().is_empty() && salvage.lost().is_empty() && saved.encoded == 0);
    assert_eq!(salvage.metadata(), Some(&b"a note"[..]));
    assert_eq!(snapshot.metadata().unwrap(), b"a note");
    let log = [(3, 40), (8_200, 41), (3, 42)].map(|(id, time)| (EpisodeId(id), time));
    assert_eq!(snapshot.retrieval_log().unwrap(), log);
    assert!(snapshot.get(EpisodeId(3)).unwrap().unwrap().strength > 1.1);
    let rows: Vec<_> = snapshot.rows(b"").map(Result::unwrap).collect();
    assert_eq!(rows, [(b"a".to_vec(), b"1".to_vec()), (b"b".to_vec(), b"2".to_vec())]);
    assert_eq!(saved.memory.store(given(LEN)).unwrap().0, LEN, "no id is given out again");
}

#[test]
fn a_flipped_bit_of_the_vectors_costs_no_episode() {
    let saved = save(&damaged("vectors-0", |bytes| bytes[5_000] ^= 4)).unwrap();
    assert_eq!((missing(&saved), saved.encoded), (vec![FORGOTTEN, LEN - 1], 4_096));
    assert_eq!(saved.salvage.damage().len(), 1, "{:?}", saved.salvage.damage());
    assert!(saved.salvage.lost().is_empty());
}

#[test]
fn what_has_no_vector_is_lost_and_listed() {
    let folder = tempfile::tempdir().unwrap();
    let [path, new] = ["store", "new"].map(|name| folder.path().join(name));
    write_files(&path, &damaged("vectors-0", |bytes| bytes.truncate(4_096 * 256 + 9)));
    let read = || Options::new().salvage(&path, &Progress::new()).unwrap();
    let mut salvage = read();
    assert_eq!(salvage.without_vector(), 4_095, "one of the block is forgotten");
    salvage
        .encode(false, |episodes| episodes.iter().map(|e| (e.id.0 > 5_000).then(|| HV16::random(e.id.0))).collect())
        .unwrap();
    let lost: Vec<u64> = salvage.lost().iter().map(|lost| lost.id.0).collect();
    assert_eq!(lost, (4_096..=5_000).filter(|&id| id != FORGOTTEN).collect::<Vec<_>>());
    let first = &salvage.lost()[0];
    assert_eq!((&first.source, &first.payload), (&given(4_096).source, &given(4_096).payload));
    let memory = salvage.write(&new, b"", &Changes::new(), &Progress::new()).unwrap();
    assert_eq!(memory.len() as u64, LEN - 2 - lost.len() as u64);
    // Without a call of `encode`, none of them is written.
    let memory = read().write(folder.path().join("third"), b"", &Changes::new(), &Progress::new()).unwrap();
    assert_eq!(memory.len() as u64, LEN - 2 - 4_095);
}

#[test]
fn all_vectors_can_be_made_again() {
    let folder = tempfile::tempdir().unwrap();
    let [path, new] = ["store", "new"].map(|name| folder.path().join(name));
    write_files(&path, store());
    let mut salvage = Options::new().salvage(&path, &Progress::new()).unwrap();
    salvage.encode(true, |episodes| episodes.iter().map(|episode| Some(!episode.content)).collect()).unwrap();
    let changes = Changes::new().put_row("b", "3").put_row("c", "4").delete_row("a");
    let memory = salvage.write(&new, b"another note", &changes, &Progress::new()).unwrap();
    assert_eq!(memory.metadata().unwrap(), b"another note");
    let rows: Vec<_> = memory.snapshot().rows(b"").map(Result::unwrap).collect();
    assert_eq!(rows, [(b"b".to_vec(), b"3".to_vec()), (b"c".to_vec(), b"4".to_vec())]);
    assert_eq!(memory.len() as u64, LEN - 2);
    assert!(
        memory.snapshot().episodes().all(|found| found.is_ok_and(|found| found.content == !given(found.id.0).content))
    );
}

#[test]
fn a_damaged_payload_costs_its_episode() {
    let number = (0..LEN).find(|&number| given(number).payload.len() > 20_000).unwrap();
    let payload = given(number).payload;
    let saved = save(&damaged("payloads-0", |bytes| {
        let at = bytes.windows(payload.len()).position(|window| window == payload).unwrap();
        bytes[at + 7] ^= 1;
    }));
    let saved = saved.unwrap();
    let mut expected = vec![number, FORGOTTEN, LEN - 1];
    expected.sort_unstable();
    assert_eq!(missing(&saved), expected);
    let [lost] = saved.salvage.lost() else { panic!("{:?}", saved.salvage.lost()) };
    assert_eq!((lost.id.0, lost.payload.len(), &lost.source), (number, payload.len(), &given(number).source));
}

#[test]
fn damaged_retrievals_are_left_out() {
    let saved = save(&damaged("log-0", |bytes| bytes[25] ^= 1)).unwrap();
    let log = saved.memory.snapshot().retrieval_log().unwrap();
    assert_eq!(log, [(EpisodeId(3), 40), (EpisodeId(3), 42)]);
    assert_eq!(saved.salvage.damage().len(), 1);
}

/// Each file is missing, empty, or half there.
#[test]
fn a_store_is_saved_without_its_other_files() {
    for name in ["MANIFEST", "LOCK", "vectors-0", "payloads-0", "log-0"] {
        for keep in [None, Some(0), Some(2)] {
            let mut files = store().clone();
            let bytes = files.remove(name).unwrap();
            keep.map(|part| files.insert(name.into(), bytes[..bytes.len() * part / 4].to_vec()));
            let saved = save(&files).unwrap_or_else(|error| panic!("{name}: {error}"));
            let missing = missing(&saved);
            match name {
                "payloads-0" => {
                    assert!(missing.len() > 2 && missing.len() == saved.salvage.lost().len() + 2, "{keep:?}")
                }
                _ => assert_eq!(missing, [FORGOTTEN, LEN - 1], "{name} {keep:?}"),
            }
            assert_eq!(saved.salvage.damage().is_empty(), name == "LOCK", "{name} {keep:?}");
        }
    }
}

/// The index: what it says of the episodes is saved, or nothing is.
#[test]
fn flipped_bits_of_the_index_give_no_wrong_episode() {
    let rounds = std::env::var("HV_DAMAGE").map_or(30, |rounds| rounds.parse().expect("HV_DAMAGE is a number"));
    let (mut random, mut saved_some) = (Random(5), 0);
    for _ in 0..rounds {
        let index = damaged("index.redb", |_| ());
        let at = random.below(index["index.redb"].len() as u64) as usize;
        let flipped = damaged("index.redb", |bytes| bytes[at] ^= 1 << (at % 8));
        match save(&flipped) {
            Ok(saved) => {
                let deleted_again = saved.salvage.damage().iter().any(|damage| damage.what.contains("deleted"));
                let lost = missing(&saved).len();
                assert!(lost >= 2 || deleted_again, "byte {at}");
                assert!(lost == 2 || !saved.salvage.damage().is_empty(), "byte {at}: {lost} are gone unsaid");
                saved_some += u64::from(saved.memory.len() > 4_000);
            }
            Err(error) => assert!(matches!(error, MemoryError::Damaged { .. }), "byte {at}: {error}"),
        }
    }
    assert!(saved_some > rounds / 2, "of {rounds} stores {saved_some} were saved");
    for len in [0, 10_000] {
        let error = save(&damaged("index.redb", |bytes| bytes.truncate(len))).err().unwrap();
        assert!(error.to_string().contains("nothing of the store can be saved"), "{error}");
    }
}

#[test]
fn nothing_is_written_over_and_nothing_into_the_damaged_store() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    write_files(&path, store());
    let salvage = Options::new().salvage(&path, &Progress::new()).unwrap();
    let refused = |new: &Path| salvage.write(new, b"", &Changes::new(), &Progress::new()).unwrap_err().to_string();
    assert!(refused(folder.path()).contains("something is there already"));
    assert!(refused(&path.join("LOCK")).contains("something is there already"));
    assert!(refused(&path.join("a/b")).contains("within the damaged store"));
    assert!(files(&path) == *store());
    assert!(matches!(
        Options::new().salvage(folder.path().join("none"), &Progress::new()),
        Err(MemoryError::NotFound { .. })
    ));
    // A large row is refused before anything is made.
    let changes = Changes::new().put_row("a", vec![0; Changes::MAX_ROW_VALUE + 1]);
    let new = folder.path().join("new");
    assert!(salvage.write(&new, b"", &changes, &Progress::new()).is_err() && !new.exists());
}

#[test]
fn stores_of_format_2_are_saved() {
    let mut files = common::format_2::files();
    files.get_mut("vectors-0").unwrap()[77] ^= 1;
    let folder = tempfile::tempdir().unwrap();
    let [path, new] = ["store", "new"].map(|name| folder.path().join(name));
    write_files(&path, &files);
    let mut salvage = Options::new().salvage(&path, &Progress::new()).unwrap();
    salvage.encode(false, |some| some.iter().map(|e| Some(HV16::random(e.id.0 % 37))).collect()).unwrap();
    let note = salvage.metadata().unwrap().to_vec();
    drop(salvage.write(&new, &note, &Changes::new(), &Progress::new()).unwrap());
    assert!(verify(&new).unwrap().is_sound());
    common::format_2::check(&EpisodicMemory::open(&new).unwrap());
    assert_eq!(common::files(&path).len(), files.len());
}
