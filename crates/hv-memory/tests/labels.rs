//! Groups, sources, keys and tags: what is stored comes back, keys are unique, and what breaks the rules is refused whole.

mod common;

use std::collections::{BTreeMap, BTreeSet};

use std::time::Duration;

use common::cases;
use hv_memory::{
    Changes, ConsolidatePolicy, Durability, EpisodeId, EpisodicMemory, HV16, Key, MAX_SOURCE_BYTES, MAX_TAG_BYTES,
    MAX_TAGS, MemoryError, NewEpisode, Options, Snapshot,
};
use proptest::prelude::*;

/// The live episodes by id, as they were given.
type Model = BTreeMap<u64, NewEpisode>;

fn keyed(content: u64, key: impl Into<Key>) -> NewEpisode {
    NewEpisode { content: HV16::random(content), key: Some(key.into()), ..NewEpisode::default() }
}

/// Sources that are alike, empty, or no UTF-8, and one that no episode has.
fn sources() -> [&'static [u8]; 6] {
    [b"", b"a", b"a\0", b"\xff\xfe", "ä.txt".as_bytes(), b"of none"]
}

fn tags() -> [&'static str; 6] {
    ["", "a", "b", "tag", "Ä", "of none"]
}

fn keys() -> Vec<Key> {
    let numbers = [0, 7, u64::MAX].map(Key::from);
    let texts = ["", "0", "7", "page"].map(Key::from);
    numbers.into_iter().chain(texts).collect()
}

/// An episode with labels that follow from a number. Neighbours often have the same.
fn labelled(number: u32) -> NewEpisode {
    let pick = |shift: u32, below: u32| (number >> shift) % below;
    NewEpisode {
        content: HV16::random(u64::from(number)),
        group: [0, 0, 7, u16::MAX][pick(0, 4) as usize],
        source: (pick(4, 3) > 0).then(|| sources()[pick(6, 5) as usize].to_vec()),
        key: keys().get(pick(10, 16) as usize).cloned(),
        tags: (0..pick(16, 4)).map(|i| tags()[pick(18 + 3 * i, 5) as usize].to_owned()).collect(),
        payload: number.to_le_bytes().to_vec(),
        ..NewEpisode::default()
    }
}

/// Checks that a snapshot holds a model, and that its look-ups agree with a scan over its episodes.
fn check(snapshot: &Snapshot, model: &Model) {
    let stored: Vec<_> = snapshot.episodes().map(Result::unwrap).collect();
    assert!(stored.iter().map(|e| e.id.0).eq(model.keys().copied()));
    for (episode, given) in stored.iter().zip(model.values()) {
        let sorted: BTreeSet<&String> = given.tags.iter().collect();
        assert!(episode.tags.iter().eq(sorted), "{episode:?}");
        assert_eq!((episode.group, &episode.source, &episode.key), (given.group, &given.source, &given.key));
        assert_eq!((episode.content, &episode.payload), (given.content, &given.payload));
        assert_eq!(snapshot.get(episode.id).unwrap().as_ref(), Some(episode));
    }
    let ids = |has: &dyn Fn(&hv_memory::Episode) -> bool| -> Vec<EpisodeId> {
        stored.iter().filter(|e| has(e)).map(|e| e.id).collect()
    };
    for key in keys() {
        let of_key = ids(&|e| e.key.as_ref() == Some(&key));
        assert!(of_key.len() <= 1, "{key:?}");
        assert_eq!(snapshot.id_of_key(&key), of_key.first().copied(), "{key:?}");
    }
    let (mut by_source, mut by_tag) = (Vec::new(), Vec::new());
    for source in sources() {
        let of_source = ids(&|e| e.source.as_deref() == Some(source));
        assert_eq!(snapshot.ids_of_source(source), of_source, "{source:?}");
        by_source.push((source.to_vec(), of_source.len()));
    }
    for tag in tags() {
        let of_tag = ids(&|e| e.tags.iter().any(|of| of == tag));
        assert_eq!(snapshot.ids_of_tag(tag), of_tag, "{tag:?}");
        by_tag.push((tag.to_owned(), of_tag.len()));
    }
    by_source.retain(|(_, count)| *count > 0);
    by_source.sort();
    assert_eq!(snapshot.sources(), by_source);
    by_tag.retain(|(_, count)| *count > 0);
    by_tag.sort();
    assert_eq!(snapshot.tags(), by_tag);
}

/// The episodes to the model, under ids from `first` on.
fn put(model: &mut Model, first: u64, episodes: &[NewEpisode]) {
    for (id, new) in (first..).zip(episodes) {
        if new.key.is_some() {
            model.retain(|_, old| old.key != new.key);
        }
        model.insert(id, new.clone());
    }
}

/// Stores in the memory and in the model.
fn store(memory: &EpisodicMemory, model: &mut Model, episodes: &[NewEpisode]) {
    let first = memory.stats().next_id;
    let ids = memory.store_batch(episodes).unwrap();
    assert!(ids.iter().map(|id| id.0).eq(first..first + episodes.len() as u64));
    put(model, first, episodes);
}

/// Keeps this many of the newest in the memory and in the model.
fn keep(memory: &EpisodicMemory, model: &mut Model, count: usize) {
    let policy = ConsolidatePolicy::new().without_fading().floor(0.0).capacity(count);
    memory.consolidate(&policy, 0).unwrap();
    while model.len() > count {
        model.pop_first();
    }
}

/// Exports, and checks what imports of that hold.
fn check_exchange(memory: &EpisodicMemory, model: &Model) {
    let folder = tempfile::tempdir().unwrap();
    let (export, path) = (folder.path().join("export"), folder.path().join("store"));
    memory.export(&export).unwrap();
    for imported in [EpisodicMemory::in_memory(), EpisodicMemory::open(&path).unwrap()] {
        assert_eq!(imported.import(&export).unwrap(), model.len());
        check(&imported.snapshot(), model);
    }
    let reopened = EpisodicMemory::open(&path).unwrap();
    check(&reopened.snapshot(), model);
    assert!(reopened.verify().unwrap().is_sound());
}

#[test]
fn labels_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let mut model = Model::new();
    let mut memory = EpisodicMemory::open(folder.path()).unwrap();
    let mut random = common::Random(3);
    let episodes: Vec<NewEpisode> = (0..9_000).map(|_| labelled(random.below(1 << 32) as u32)).collect();
    for batch in episodes.chunks(4_000) {
        store(&memory, &mut model, batch);
        check(&memory.snapshot(), &model);
    }
    for change in 0..4 {
        match change {
            1 => memory.compact().unwrap(),
            2 => keep(&memory, &mut model, 4_400),
            3 => check_exchange(&memory, &model),
            _ => {}
        }
        check(&memory.snapshot(), &model);
        drop(memory);
        check(&EpisodicMemory::open_read_only(folder.path()).unwrap().snapshot(), &model);
        memory = EpisodicMemory::open(folder.path()).unwrap();
        check(&memory.snapshot(), &model);
    }
    assert!(memory.verify().unwrap().is_sound());
}

#[test]
fn a_key_is_replaced_in_one_step() {
    let folder = tempfile::tempdir().unwrap();
    for memory in [EpisodicMemory::in_memory(), EpisodicMemory::open(folder.path()).unwrap()] {
        let mut model = Model::new();
        store(&memory, &mut model, &[keyed(0, 7), keyed(1, "7")]);
        assert_eq!(memory.len(), 2, "the number 7 and the text 7 are two keys");
        let before = memory.snapshot();
        let old = model.clone();
        // Within one batch the last counts, and what is replaced there had an id too.
        store(&memory, &mut model, &[keyed(2, 7), keyed(3, "x"), keyed(4, 7), keyed(5, "x")]);
        assert!(model.keys().copied().eq([1, 4, 5]));
        check(&memory.snapshot(), &model);
        assert!([0, 2, 3].iter().all(|&id| memory.get(EpisodeId(id)).unwrap().is_none()));
        assert_eq!(memory.recall(&HV16::random(4), 1).unwrap()[0].id.0, 4);
        assert_eq!(memory.recall(&HV16::random(4), 9).unwrap().len(), 3, "what was replaced is found no more");
        check(&before, &old);
        // Forgotten in the same step, the key is free.
        let applied = memory.apply(&Changes::new().store(keyed(6, 7)).forget([EpisodeId(4)])).unwrap();
        assert_eq!((applied.ids, applied.forgotten), (vec![EpisodeId(6)], 1));
        put(&mut model, 6, &[keyed(6, 7)]);
        check(&memory.snapshot(), &model);
        // Forgotten before: the key has no episode until it is stored again.
        assert_eq!(memory.forget(&[EpisodeId(6), EpisodeId(5)]).unwrap(), 2);
        model.retain(|id, _| *id == 1);
        check(&memory.snapshot(), &model);
        store(&memory, &mut model, &[keyed(7, "x"), keyed(8, "7")]);
        assert!(model.keys().copied().eq([7, 8]));
        check(&memory.snapshot(), &model);
        check(&before, &old);
        memory.compact().unwrap();
        check(&memory.snapshot(), &model);
        check(&before, &old);
        // Replaced by the step that compacts.
        memory.apply(&Changes::new().store(keyed(9, "x")).store(keyed(10, "y")).compact()).unwrap();
        put(&mut model, 9, &[keyed(9, "x"), keyed(10, "y")]);
        check(&memory.snapshot(), &model);
        check(&before, &old);
    }
    let memory = EpisodicMemory::open(folder.path()).unwrap();
    assert!(memory.snapshot().episodes().map(|e| e.unwrap().id.0).eq([8, 9, 10]));
    assert_eq!(memory.snapshot().id_of_key(&Key::from("x")), Some(EpisodeId(9)));
}

#[test]
fn a_batched_memory_replaces() {
    let batched = Options::new().durability(Durability::Batched { episodes: 10, delay: Duration::from_secs(600) });
    let folder = tempfile::tempdir().unwrap();
    let mut model = Model::new();
    for round in 0..6 {
        let memory = batched.open(folder.path()).unwrap();
        check(&memory.snapshot(), &model);
        // What waits is replaced by what waits, what is stored too, and the limit is passed in the middle of it.
        for i in 0..7 + round {
            store(&memory, &mut model, &[keyed(100 * round + i, i % 3), keyed(i, format!("{}", round % 2).as_str())]);
            check(&memory.snapshot(), &model);
        }
        match round {
            1 => memory.flush().unwrap(),
            2 => memory.compact().unwrap(),
            3 => drop(memory.apply(&Changes::new().store(keyed(0, 1)).compact()).unwrap()),
            4 => _ = memory.forget(&[memory.snapshot().id_of_key(&Key::from(2)).unwrap()]).unwrap(),
            _ => {}
        }
        match round {
            3 => {
                let id = memory.stats().next_id - 1;
                put(&mut model, id, &[keyed(0, 1)]);
            }
            4 => model.retain(|_, e| e.key != Some(Key::from(2))),
            _ => {}
        }
        check(&memory.snapshot(), &model);
    }
    let memory = EpisodicMemory::open(folder.path()).unwrap();
    check(&memory.snapshot(), &model);
    assert!(memory.verify().unwrap().is_sound());
}

#[test]
fn limits_of_labels() {
    let folder = tempfile::tempdir().unwrap();
    let full = |more: usize| {
        let tags = (0..MAX_TAGS).map(|i| format!("{i:0>0$}", MAX_TAG_BYTES)).collect();
        [
            NewEpisode { source: Some(vec![0xff; MAX_SOURCE_BYTES + more]), ..NewEpisode::default() },
            keyed(0, "k".repeat(Key::MAX_BYTES + more)),
            NewEpisode { tags: vec!["ä".repeat(MAX_TAG_BYTES / 2) + &"x".repeat(more)], ..NewEpisode::default() },
            // Tags count before equal ones are one.
            NewEpisode { tags: vec!["a".into(); MAX_TAGS + more], ..NewEpisode::default() },
            NewEpisode { tags, source: Some(vec![1; MAX_SOURCE_BYTES]), ..keyed(1, "k".repeat(Key::MAX_BYTES)) },
        ]
    };
    for memory in [EpisodicMemory::in_memory(), EpisodicMemory::open(folder.path()).unwrap()] {
        for over in &full(1)[..4] {
            let batch = [keyed(1, 1), over.clone()];
            let changes = Changes::new().store_batch(batch.clone()).put_row("row", "value").compact();
            let errors = [memory.store_batch(&batch).unwrap_err(), memory.apply(&changes).unwrap_err()];
            for error in errors {
                assert!(matches!(error, MemoryError::InvalidLabel { index: 1, .. }), "{error}");
            }
            assert_eq!((memory.len(), memory.stats().next_id, memory.snapshot().row_count()), (0, 0, 0));
            assert_eq!(memory.snapshot().id_of_key(&Key::from(1)), None);
        }
        memory.store_batch(&full(0)).unwrap();
    }
    let memory = EpisodicMemory::open(folder.path()).unwrap();
    let stored: Vec<_> = memory.snapshot().episodes().map(Result::unwrap).collect();
    assert_eq!(stored.len(), 4, "two have the same key");
    assert_eq!(stored[0].source, Some(vec![0xff; MAX_SOURCE_BYTES]));
    assert_eq!((stored[2].tags.len(), stored[3].tags.len()), (1, MAX_TAGS));
    assert!(stored[3].tags.iter().all(|tag| tag.len() == MAX_TAG_BYTES));
    let export = tempfile::tempdir().unwrap();
    memory.export(export.path()).unwrap();
    let imported = EpisodicMemory::in_memory();
    imported.import(export.path()).unwrap();
    assert!(imported.snapshot().episodes().map(Result::unwrap).eq(stored));
}

#[derive(Clone, Debug)]
enum Step {
    Store(Vec<u32>),
    /// The second number of episodes with the labelling of the first.
    Run(u32, u16),
    /// One in this many.
    Forget(u64),
    Apply(u32, u64, bool),
    Keep(u8),
    Compact,
    Reopen,
    Exchange,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => prop::collection::vec(any::<u32>(), 0..9).prop_map(Step::Store),
        2 => (any::<u32>(), 0..700u16).prop_map(|(number, count)| Step::Run(number, count)),
        2 => (2..9u64).prop_map(Step::Forget),
        2 => (any::<u32>(), 2..9u64, any::<bool>()).prop_map(|(number, each, compact)| Step::Apply(number, each, compact)),
        1 => any::<u8>().prop_map(Step::Keep),
        1 => Just(Step::Compact),
        2 => Just(Step::Reopen),
        1 => Just(Step::Exchange),
    ]
}

/// Runs the steps; every snapshot that was taken on the way sees at the end what it saw.
fn run(steps: Vec<Step>, mut memory: EpisodicMemory, reopen: impl Fn(EpisodicMemory) -> EpisodicMemory) {
    let mut model = Model::new();
    let mut seen = Vec::new();
    for step in steps {
        let some = |each: u64, model: &Model| -> Vec<EpisodeId> {
            model.keys().filter(|&id| id % each == 0).map(|&id| EpisodeId(id)).collect()
        };
        match step {
            Step::Store(numbers) => {
                store(&memory, &mut model, &numbers.into_iter().map(labelled).collect::<Vec<_>>());
            }
            Step::Run(number, count) => {
                let new = NewEpisode { key: None, ..labelled(number) };
                store(&memory, &mut model, &vec![new; count as usize]);
            }
            Step::Forget(each) => {
                let ids = some(each, &model);
                assert_eq!(memory.forget(&ids).unwrap(), ids.len());
                ids.iter().for_each(|id| _ = model.remove(&id.0));
            }
            Step::Apply(number, each, compact) => {
                let ids = some(each, &model);
                let first = memory.stats().next_id;
                let changes = Changes::new().store(labelled(number)).forget(ids.clone());
                memory.apply(&if compact { changes.compact() } else { changes }).unwrap();
                ids.iter().for_each(|id| _ = model.remove(&id.0));
                put(&mut model, first, &[labelled(number)]);
            }
            Step::Keep(count) => keep(&memory, &mut model, count.into()),
            Step::Compact => memory.compact().unwrap(),
            Step::Reopen => {
                seen.iter().for_each(|(snapshot, model)| check(snapshot, model));
                seen.clear();
                memory = reopen(memory);
            }
            Step::Exchange => check_exchange(&memory, &model),
        }
        check(&memory.snapshot(), &model);
        seen.push((memory.snapshot(), model.clone()));
    }
    seen.iter().for_each(|(snapshot, model)| check(snapshot, model));
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn look_ups_agree_with_a_scan(steps in prop::collection::vec(step(), 1..14)) {
        let folder = tempfile::tempdir().unwrap();
        run(steps, EpisodicMemory::open(folder.path()).unwrap(), |memory| {
            drop(memory);
            EpisodicMemory::open(folder.path()).unwrap()
        });
        prop_assert!(hv_memory::verify(folder.path()).unwrap().is_sound());
    }

    #[test]
    fn look_ups_agree_where_stores_are_batched(steps in prop::collection::vec(step(), 1..14)) {
        let folder = tempfile::tempdir().unwrap();
        let batched = Durability::Batched { episodes: 400, delay: Duration::from_secs(600) };
        let options = Options::new().durability(batched);
        run(steps, options.open(folder.path()).unwrap(), |memory| {
            drop(memory);
            options.open(folder.path()).unwrap()
        });
    }

    #[test]
    fn look_ups_agree_in_memory(steps in prop::collection::vec(step(), 1..14)) {
        run(steps, EpisodicMemory::in_memory(), |memory| memory);
    }
}
