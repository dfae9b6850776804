//! Recalls with conditions on ids, keys, sources and tags.

use hv_memory::{Conditions, EpisodeId, EpisodicMemory, HV16, Key, NewEpisode};

/// Keys, sources and tags against a filter over all that is found.
#[test]
fn conditions_on_labels() {
    let memory = EpisodicMemory::in_memory();
    let labelled = |i: u64| NewEpisode {
        content: HV16::random(i),
        time: i as i64,
        key: (i % 2 == 1).then(|| Key::from(i)),
        source: (!i.is_multiple_of(3)).then(|| format!("source {}", i % 3).into_bytes()),
        tags: (0..i % 4).map(|tag| format!("tag {tag}")).collect(),
        ..NewEpisode::default()
    };
    memory.store_batch(&(0..400).map(labelled).collect::<Vec<_>>()).unwrap();
    memory.forget(&[EpisodeId(7), EpisodeId(100)]).unwrap();
    let cue = HV16::random(1_000);
    let all = memory.recall(&cue, usize::MAX).unwrap();
    let check = |conditions: Conditions, admits: &dyn Fn(&NewEpisode) -> bool| {
        let expected: Vec<_> = all.iter().copied().filter(|found| admits(&labelled(found.id.0))).collect();
        for k in [0, 1, 10, usize::MAX] {
            let found = memory.recall_where(&cue, k, &conditions).unwrap();
            assert_eq!(found, expected[..k.min(expected.len())], "{conditions:?}");
        }
        expected.len()
    };
    let keys = [Key::from(9), Key::from(7), Key::from(8), Key::from("9"), Key::from(9), Key::from(3)];
    assert_eq!(
        check(Conditions::new().keys(keys.clone()), &|e| e.key.as_ref().is_some_and(|key| keys.contains(key))),
        2
    );
    let late = Conditions::new().keys(keys).time(5..);
    assert_eq!(check(late, &|e| e.key == Some(9.into())), 1);
    let sources = Conditions::new().sources(["source 2", "no such source"]);
    assert!(check(sources, &|e| e.source.as_deref() == Some(b"source 2")) > 100);
    let tags = Conditions::new().tags(["tag 1"]).tags(["tag 0"]);
    assert!(check(tags, &|e| e.tags.len() > 1) > 100);
    let both = Conditions::new().tags(["tag 2"]).sources(["source 1"]);
    assert!(check(both, &|e| e.tags.len() == 3 && e.source.as_deref() == Some(b"source 1")) > 10);
    // In any order, one of them twice, one forgotten, and one that never was.
    let ids = [9, 5, 3, 9, 7, 2, 400].map(EpisodeId);
    let given = |of: &[u64]| of.iter().map(|&i| labelled(i)).collect::<Vec<_>>();
    let some = given(&[9, 5, 3, 2]);
    assert_eq!(check(Conditions::new().ids(ids), &|e| some.contains(e)), 4);
    assert_eq!(check(Conditions::new().ids(ids).time(5..).tags(["tag 0"]), &|e| given(&[9, 5]).contains(e)), 2);
    let keyed = Conditions::new().ids(ids).keys([3, 5, 11].map(Key::from));
    assert_eq!(check(keyed, &|e| given(&[3, 5]).contains(e)), 2);
    check(Conditions::new().ids([]), &|_| false);
    check(Conditions::new().tags(["no such tag"]), &|_| false);
    check(Conditions::new().keys([]), &|_| false);
    check(Conditions::new().sources(Vec::<&str>::new()), &|_| false);
}

/// With work in the square of their number this would take minutes.
#[test]
fn many_values_one_by_one() {
    const VALUES: u64 = 400_000;
    let memory = EpisodicMemory::in_memory();
    let of = |id: u64| NewEpisode {
        content: HV16::random(id),
        key: Some(Key::from(id)),
        source: Some(id.to_string().into_bytes()),
        ..NewEpisode::default()
    };
    memory.store_batch(&[0, 1, 2].map(of)).unwrap();
    let one_by_one = |add: fn(Conditions, u64) -> Conditions| (1..VALUES).rev().fold(Conditions::new(), add);
    let found = |conditions: &Conditions| {
        let found = memory.recall_where(&HV16::random(1), 9, conditions).unwrap();
        found.into_iter().map(|found| found.id.0).collect::<Vec<_>>()
    };
    let excluded = one_by_one(|conditions, id| conditions.exclude([EpisodeId(id)]));
    assert_eq!(found(&excluded), [0]);
    assert_eq!(
        excluded,
        Conditions::new().exclude((1..VALUES).chain(1..9).map(EpisodeId)),
        "the order does not matter"
    );
    assert_eq!(found(&one_by_one(|conditions, id| conditions.ids([EpisodeId(id)]))), [1, 2]);
    let keyed = one_by_one(|conditions, id| conditions.keys([Key::from(id)]));
    assert_eq!(found(&keyed), [1, 2]);
    let of_sources = one_by_one(|conditions, id| conditions.sources([id.to_string()]));
    assert_eq!(found(&of_sources), [1, 2]);
    assert!(found(&one_by_one(|conditions, id| conditions.tags([id.to_string()]))).is_empty());
}
