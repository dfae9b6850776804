//! Export and import: the same memory comes back, and anything malformed is refused whole.

mod common;

use std::fs;
use std::path::Path;
use std::time::Duration;

use common::history::{Focus, Model};
use common::{Random, episode, episodes, files};
use hv_memory::{Conditions, EpisodeId, EpisodicMemory, HV16, MemoryError, NewEpisode, Progress, RecollectPolicy};

fn some_memory(path: &Path) -> (EpisodicMemory, Model) {
    let memory = EpisodicMemory::open(path).unwrap();
    let (mut random, mut model) = (Random(5), Model::default());
    for now in 0..25 {
        let change = model.next(&mut random, Focus::Consolidation, 5_000);
        model.run(&memory, &change, now).unwrap();
        model.apply(&change, now);
    }
    (memory, model)
}

#[test]
fn an_import_of_an_export_is_the_same_memory() {
    let folder = tempfile::tempdir().unwrap();
    let (memory, model) = some_memory(&folder.path().join("store"));
    let export = folder.path().join("export");
    memory.export(&export).unwrap();
    // As another program would read it.
    let text = fs::read_to_string(export.join("episodes.jsonl")).unwrap();
    let first: serde_json::Value = serde_json::from_str(text.lines().nth(1).unwrap()).unwrap();
    let id = *model.live.keys().next().unwrap();
    assert_eq!((first["id"].as_u64(), first["time"].as_i64()), (Some(id), Some(episode(id).time)));
    assert_eq!(fs::read(export.join("vectors.bin")).unwrap()[..256], HV16::random(id).0);

    let there = EpisodicMemory::open(folder.path().join("imported")).unwrap();
    for imported in [&there, &EpisodicMemory::in_memory()] {
        assert_eq!(imported.import(&export).unwrap(), model.live.len());
        assert_eq!(Model::of(imported), model);
        assert!(
            imported.snapshot().episodes().zip(memory.snapshot().episodes()).all(|(a, b)| a.unwrap() == b.unwrap())
        );
        assert!(matches!(imported.import(&export), Err(MemoryError::NotEmpty { .. })));
    }
    drop(there);
    let there = EpisodicMemory::open(folder.path().join("imported")).unwrap();
    assert_eq!(Model::of(&there), model);
    assert!(there.verify().unwrap().is_sound());
    assert_eq!(there.store(episode(model.next_id)).unwrap().0, model.next_id);
    assert!(matches!(memory.export(&export), Err(MemoryError::Io { .. })));
}

/// Three episodes and their retrievals: at times that go back, and several at one time, the nearest first.
fn some_retrievals() -> EpisodicMemory {
    let memory = EpisodicMemory::in_memory();
    memory.store_batch(&[episode(0), episode(1), episode(2)]).unwrap();
    let recollected = [(0, 5, 1), (1, 4, 1), (0, 3, 1), (0, i64::MIN, 1), (1, 9, 2), (0, 7, 1)];
    for (id, now, k) in recollected {
        let (cue, policy) = (HV16::random(id), RecollectPolicy::default());
        memory.recollect(&cue, k, &Conditions::new().exclude([EpisodeId(2)]), &policy, now).unwrap();
    }
    memory
}

#[test]
fn retrievals_keep_the_order_in_which_they_were_logged() {
    let (memory, folder) = (some_retrievals(), tempfile::tempdir().unwrap());
    memory.export(folder.path()).unwrap();
    let stored = EpisodicMemory::open(folder.path().join("store")).unwrap();
    for imported in [EpisodicMemory::in_memory(), stored] {
        imported.import(folder.path()).unwrap();
        let log = [(0, 5), (1, 4), (0, 3), (0, i64::MIN), (1, 9), (0, 9), (0, 7)];
        assert_eq!(imported.snapshot().retrieval_log().unwrap(), log.map(|(id, time)| (EpisodeId(id), time)));
        assert_eq!(memory.snapshot().retrieval_log().unwrap(), imported.snapshot().retrieval_log().unwrap());
        assert_eq!(imported.snapshot().retrievals(EpisodeId(0)).unwrap(), [5, 3, i64::MIN, 9, 7]);
        let together = |memory: &EpisodicMemory| memory.snapshot().coactivations(Duration::from_micros(2), 1).unwrap();
        assert_eq!(together(&imported), together(&memory));
    }
}

/// Exports from before there were positions have none, and another program may write some.
#[test]
fn positions_in_the_log() {
    let folder = tempfile::tempdir().unwrap();
    some_retrievals().export(folder.path()).unwrap();
    let path = folder.path().join("episodes.jsonl");
    let whole = fs::read_to_string(&path).unwrap();
    let [first, second] = [r#""log_positions":[0,2,3,5,6],"#, r#""log_positions":[1,4],"#];
    assert!(whole.contains(first) && whole.contains(second) && whole.matches("log_positions").count() == 2, "{whole}");
    let import = |to: [&str; 2]| {
        fs::write(&path, whole.replace(first, to[0]).replace(second, to[1])).unwrap();
        let imported = EpisodicMemory::in_memory();
        let ids = |memory: &EpisodicMemory| memory.snapshot().retrieval_log().unwrap().iter().map(|r| r.0.0).collect();
        imported.import(folder.path()).map(|_| ids(&imported)).map_err(|error| error.to_string())
    };
    let order: Result<Vec<u64>, String> = import(["", r#""log_positions":null,"#]);
    assert_eq!(order, Ok(vec![1, 0, 0, 0, 0, 0, 1]), "by time, but not before what was logged before it");
    let gaps = r#""log_positions":[7,9223372036854775807],"#;
    assert_eq!(import([first, gaps]), Ok(vec![0, 0, 0, 0, 0, 1, 1]));
    for (to, expected) in [
        ([first, ""], "line 3: either all episodes"),
        (["", second], "line 3: either all episodes"),
        ([first, r#""log_positions":[1],"#], "line 3: log_positions must be as many"),
        ([first, r#""log_positions":[4,1],"#], "line 3: log_positions must ascend"),
        ([first, r#""log_positions":[4,4],"#], "line 3: log_positions must ascend"),
        ([first, r#""log_positions":[-1,4],"#], "line 3: log_positions must ascend"),
        ([first, r#""log_positions":[1,9223372036854775808],"#], "line 3: log_positions must ascend"),
        ([first, r#""log_positions":[1,4.5],"#], "line 3: log_positions must ascend"),
        ([first, r#""log_positions":7,"#], "line 3: log_positions must be an array"),
        ([first, r#""log_positions":[1,3],"#], "two episodes have 3 among their log_positions"),
    ] {
        let error = import(to).unwrap_err();
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn numbers_come_back_bit_for_bit() {
    let memory = EpisodicMemory::in_memory();
    let mut random = Random(1);
    for time in [i64::MIN, i64::MAX, 0] {
        for _ in 0..200 {
            let valence = f32::from_bits(random.below(0x3f80_0000) as u32);
            let payload = (0..random.below(9)).map(|_| random.below(256) as u8).collect();
            memory.store(NewEpisode { content: HV16::ZERO, time, valence, payload, ..NewEpisode::default() }).unwrap();
        }
    }
    let folder = tempfile::tempdir().unwrap();
    memory.export(folder.path()).unwrap();
    let imported = EpisodicMemory::in_memory();
    imported.import(folder.path()).unwrap();
    assert!(memory.snapshot().episodes().zip(imported.snapshot().episodes()).all(|(a, b)| a.unwrap() == b.unwrap()));
}

#[test]
fn what_is_no_export_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let memory = EpisodicMemory::in_memory();
    memory.store_batch(&[episode(0), episode(1), episode(2)]).unwrap();
    memory.export(folder.path()).unwrap();
    let (lines, vectors) = (folder.path().join("episodes.jsonl"), folder.path().join("vectors.bin"));
    let whole = fs::read_to_string(&lines).unwrap();
    let refused = |text: &str, expected: &str| {
        fs::write(&lines, text).unwrap();
        for imported in [EpisodicMemory::in_memory(), EpisodicMemory::open(folder.path().join("store")).unwrap()] {
            let error = imported.import(folder.path()).unwrap_err();
            assert!(error.to_string().contains(expected), "{error}");
            assert_eq!((imported.len(), imported.stats().next_id), (0, 0));
        }
    };
    refused("", "line 1: the file is empty");
    refused(&whole.replace("hv-export", "other"), "line 1: the first line");
    let one_more = whole.replace("\"episodes\":3", "\"episodes\":4").replace("\"next_id\":3", "\"next_id\":4");
    refused(&one_more, "3 episodes, but the first line says 4");
    refused(&whole.replace("\"id\":1", "\"id\":0"), "line 3: ids must ascend");
    refused(&whole.replace("\"id\":2", "\"id\":7"), "line 4: ids must ascend, and be below next_id");
    refused(&whole.replace("\"strength\":1.0", "\"strength\":-1.0"), "line 2: valence");
    refused(&whole.replace("\"time\"", "\"when\""), "line 2: time must be a whole number of microseconds");
    refused(&format!("{whole}\n"), "the line is empty");
    let no_colon = whole.replacen("\"time\":", "\"time\" ", 1);
    let column = no_colon.lines().nth(1).unwrap().find("\"time\" ").unwrap() + "\"time\" ".len() + 1;
    refused(&no_colon, &format!("line 2: column {column}: expected `:`. Nothing was imported"));
    refused(&whole.replace("\"episodes\":3", "\"episodes\":2"), "line 4: more episodes than 2");
    refused(&whole[..whole.len() - 9], "line 4");
    refused(&whole.replace("\"next_id\":3", "\"next_id\":2"), "line 1: next_id is 2, but must be from the number");
    let too_large = format!("\"next_id\":{}", 1u64 << 63);
    refused(&whole.replace("\"next_id\":3", &too_large), "line 1: next_id is 9223372036854775808, but must be");
    refused(&whole.replacen("\"retrievals\":[]", "\"retrievals\":7", 1), "line 2: retrievals must be an array");
    refused(&whole.replacen("\"retrievals\":[]", "\"retrievals\":{}", 1), "line 2: retrievals must be an array");
    refused(&format!("{whole}{}", " ".repeat((64 << 20) + 1)), "line 5: the line is longer than 64 MiB");
    fs::write(&vectors, [0; 256 * 2]).unwrap();
    refused(&whole, "read as many vectors as episodes");
    fs::write(&vectors, [0; 256 * 3 + 1]).unwrap();
    refused(&whole, "more vectors than episodes");
}

/// The last ids are given out, and then no more, with what was stored unharmed.
#[test]
fn ids_come_to_an_end() {
    let (export, store) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    EpisodicMemory::in_memory().export(export.path()).unwrap();
    let lines = export.path().join("episodes.jsonl");
    let whole = fs::read_to_string(&lines).unwrap();
    fs::write(&lines, whole.replace("\"next_id\":0", &format!("\"next_id\":{}", i64::MAX - 2))).unwrap();
    for memory in [EpisodicMemory::in_memory(), EpisodicMemory::open(store.path()).unwrap()] {
        memory.import(export.path()).unwrap();
        let ids = memory.store_batch(&[episode(0), episode(1)]).unwrap();
        assert_eq!(ids, [i64::MAX as u64 - 2, i64::MAX as u64 - 1].map(EpisodeId));
        let error = memory.store(episode(2)).unwrap_err();
        assert!(matches!(error, MemoryError::NoMoreIds { .. }), "{error}");
        assert_eq!(memory.len(), 2);
    }
    assert_eq!(EpisodicMemory::open(store.path()).unwrap().len(), 2);
}

/// Without retrievals, as another program may write it, and with lines as long as a legal one can be.
#[test]
fn optional_and_long_values() {
    let folder = tempfile::tempdir().unwrap();
    let memory = EpisodicMemory::in_memory();
    memory.store(NewEpisode { payload: vec![1; hv_memory::MAX_BYTES], ..episode(0) }).unwrap();
    memory.set_metadata(&vec![7; hv_memory::MAX_BYTES]).unwrap();
    memory.export(folder.path()).unwrap();
    let lines = folder.path().join("episodes.jsonl");
    let whole = fs::read_to_string(&lines).unwrap();
    for retrievals in ["", "\"retrievals\":null,", "\"retrievals\":[],"] {
        fs::write(&lines, whole.replace("\"retrievals\":[],", retrievals)).unwrap();
        let imported = EpisodicMemory::in_memory();
        assert_eq!(imported.import(folder.path()).unwrap(), 1);
        assert_eq!(imported.metadata().unwrap(), memory.metadata().unwrap());
        assert!(
            imported.snapshot().episodes().zip(memory.snapshot().episodes()).all(|(a, b)| a.unwrap() == b.unwrap())
        );
    }
}

/// An export of payloads of 1 KiB; every tenth is not text.
fn large_export(folder: &Path, episodes: u64) {
    let payload = |number: u64| vec![if number.is_multiple_of(10) { 0xff } else { b'a' }; 1 << 10];
    let batch = (0..episodes).map(|number| NewEpisode { payload: payload(number), ..episode(number) });
    let memory = EpisodicMemory::in_memory();
    memory.store_batch(&batch.collect::<Vec<_>>()).unwrap();
    memory.export(folder).unwrap();
}

#[test]
fn what_is_refused_late_leaves_nothing_behind() {
    let (export, store) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    large_export(export.path(), 5_000);
    let lines = export.path().join("episodes.jsonl");
    let whole = fs::read_to_string(&lines).unwrap();
    fs::write(&lines, whole.replace("\"id\":4900,", "\"id\":4890,")).unwrap();
    let memory = EpisodicMemory::open(store.path()).unwrap();
    let names = || files(store.path()).into_iter().map(|(name, bytes)| (name, bytes.len())).collect::<Vec<_>>();
    let before = names();
    let progress = Progress::new();
    let error = memory.import_with(export.path(), &progress).unwrap_err();
    assert!(progress.done() == 4_900 && error.to_string().contains("line 4902: ids must ascend"), "{error}");
    assert_eq!((memory.len(), names()), (0, before));
    // The same handle goes on.
    fs::write(&lines, &whole).unwrap();
    assert_eq!(memory.import(export.path()).unwrap(), 5_000);
    drop(memory);
    let memory = EpisodicMemory::open(store.path()).unwrap();
    assert!(memory.len() == 5_000 && memory.verify().unwrap().is_sound());
    assert_eq!(memory.get(EpisodeId(4_990)).unwrap().unwrap().payload, [0xff; 1_024]);
}

#[test]
fn an_import_into_a_new_store_is_all_or_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let here = |name: &str| folder.path().join(name);
    let (memory, model) = some_memory(&here("store"));
    memory.export(here("export")).unwrap();
    memory.export(here("bad")).unwrap();
    let lines = fs::read_to_string(here("bad/episodes.jsonl")).unwrap();
    fs::write(here("bad/episodes.jsonl"), lines + "{}\n").unwrap();
    let names = || {
        let mut names: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        names
    };
    let before = names();

    // What it makes is gone where it fails, and what was there stays.
    for (path, export) in [("a", "bad"), ("a/new/and/deeper", "bad"), ("a/b", "none"), ("", "bad")] {
        let failed = EpisodicMemory::import_new(if path.is_empty() { path.into() } else { here(path) }, here(export));
        assert!(failed.is_err(), "{path}");
        assert_eq!(names(), before, "{path}");
    }
    fs::create_dir(here("empty")).unwrap();
    EpisodicMemory::import_new(here("empty/new"), here("bad")).unwrap_err();
    EpisodicMemory::import_new(here("empty"), here("bad")).unwrap_err();
    assert!(files(&here("empty")).is_empty());
    fs::write(here("empty/other"), "other").unwrap();
    let error = EpisodicMemory::import_new(here("empty"), here("export")).unwrap_err();
    assert!(matches!(error, MemoryError::NotAStore { .. }), "{error}");
    assert_eq!(files(&here("empty")).len(), 1);
    drop(EpisodicMemory::open(here("unused")).unwrap());
    EpisodicMemory::import_new(here("unused"), here("bad")).unwrap_err();
    assert!(EpisodicMemory::open_read_only(here("unused")).unwrap().is_empty());

    for path in ["made/and/deeper", "unused"] {
        let progress = Progress::new();
        let copy = EpisodicMemory::import_new_with(here(path), here("export"), &progress).unwrap();
        assert_eq!((progress.done(), progress.all()), (copy.len() as u64, copy.len() as u64));
        assert_eq!(Model::of(&copy), model);
        let error = EpisodicMemory::import_new(here(path), here("export")).unwrap_err();
        assert!(matches!(error, MemoryError::InUse { .. }), "{error}");
        drop(copy);
        let error = EpisodicMemory::import_new(here(path), here("export")).unwrap_err();
        assert!(matches!(error, MemoryError::NotEmpty { .. }), "{error}");
        assert_eq!(Model::of(&EpisodicMemory::open_read_only(here(path)).unwrap()), model);
    }
}

/// What is no file is not read: a pipe would be waited for.
#[cfg(unix)]
#[test]
fn exports_with_pipes_and_folders() {
    for name in ["episodes.jsonl", "vectors.bin", "rows.jsonl"] {
        for pipe in [true, false] {
            let folder = tempfile::tempdir().unwrap();
            let (path, memory) = (folder.path().join(name), EpisodicMemory::in_memory());
            memory.store_batch(&episodes(0..3)).unwrap();
            memory.export(folder.path()).unwrap();
            let _ = fs::remove_file(&path);
            match pipe {
                true => assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success()),
                false => fs::create_dir(&path).unwrap(),
            }
            let error = EpisodicMemory::in_memory().import(folder.path()).unwrap_err();
            assert!(error.to_string().contains(&format!("{name}: it is not a file")), "{error}");
        }
    }
}
