//! Serde for the encoders: their settings are written, read encoders encode the same, and wrong settings are errors.
#![cfg(feature = "serde")]

use hv_encode::structures::{
    BindSequence, BundleSequence, FiniteAutomaton, Graph, HashTable, Multiset, Set, StructureError, Tree,
};
use hv_encode::{
    CircularEncoder, Encoder, FloatEncoder, HV16, ImageEncoder, ItemMemory, LevelEncoder, NgramEncoder, RecordEncoder,
    SeriesEncoder, SparseDistributedMemory, TextEncoder, ThermometerEncoder, WordNgramEncoder,
};
use serde_json::{Value, from_value, json, to_value};

/// The settings of an encoder, after a look at what was read from them.
fn settings<T: ?Sized, E: Encoder<T> + serde::Serialize + serde::de::DeserializeOwned>(encoder: E, input: &T) -> Value {
    let value = to_value(&encoder).unwrap();
    let read: E = from_value(value.clone()).unwrap();
    assert_eq!(read.encode(input).unwrap(), encoder.encode(input).unwrap());
    value
}

#[test]
fn encoders_are_their_settings() {
    let scale = json!({ "low": -1.0, "high": 1.0, "levels": 9, "seed": 7 });
    let level = LevelEncoder::new(-1.0, 1.0, 9, 7).unwrap();
    assert_eq!(settings(level.clone(), &0.5), scale);
    assert_eq!(settings(ThermometerEncoder::new(-1.0, 1.0, 9, 7).unwrap(), &0.5), scale);
    let circle = json!({ "period": 24.0, "levels": 8, "seed": 7 });
    assert_eq!(settings(CircularEncoder::new(24.0, 8, 7).unwrap(), &5.0), circle);
    let ngrams = json!({ "n": 3, "seed": 7 });
    assert_eq!(settings(NgramEncoder::new(3, 7), "some text"), ngrams);
    assert_eq!(settings(TextEncoder::new(3, 7), "some text"), ngrams);
    assert_eq!(settings(WordNgramEncoder::new(3, 7).unwrap(), "some text"), ngrams);
    assert_eq!(settings(ItemMemory::new(7), "item"), json!({ "seed": 7 }));
    assert_eq!(settings(RecordEncoder::new(7), &[('a', HV16::ONES)][..]), json!({ "roles": { "seed": 7 } }));
    let series = SeriesEncoder::new(2, 3, level.clone(), 8).unwrap();
    assert_eq!(settings(series, &[0.5, 0.1][..]), json!({ "channels": 2, "n": 3, "values": scale, "seed": 8 }));
    let image = ImageEncoder::new(2, 1, level, 8).unwrap();
    assert_eq!(settings(image, &[0.5, 0.1][..]), json!({ "width": 2, "height": 1, "values": scale, "seed": 8 }));
    let floats = FloatEncoder::new(2, 7).with_thresholds(&[0.5, 0.25]).unwrap();
    assert_eq!(settings(floats, &[0.9, 0.1][..]), json!({ "dimensions": 2, "seed": 7, "thresholds": [0.5, 0.25] }));
}

#[test]
fn wrong_settings_are_errors() {
    fn refused<E: serde::de::DeserializeOwned>(settings: Value) -> String {
        from_value::<E>(settings).err().map(|error| error.to_string()).unwrap()
    }
    let scale = json!({ "low": 1.0, "high": -1.0, "levels": 9, "seed": 7 });
    assert_eq!(refused::<LevelEncoder>(scale.clone()), LevelEncoder::new(1.0, -1.0, 9, 7).unwrap_err().to_string());
    refused::<ThermometerEncoder>(scale.clone());
    refused::<CircularEncoder>(json!({ "period": 0.0, "levels": 8, "seed": 7 }));
    for n in [0, 2_049] {
        let ngrams = json!({ "n": n, "seed": 7 });
        refused::<NgramEncoder>(ngrams.clone());
        refused::<TextEncoder>(ngrams.clone());
        refused::<WordNgramEncoder>(ngrams);
    }
    refused::<SeriesEncoder<ItemMemory>>(json!({ "channels": 0, "n": 3, "values": { "seed": 1 }, "seed": 8 }));
    refused::<ImageEncoder<LevelEncoder>>(json!({ "width": 2, "height": 1, "values": scale, "seed": 8 }));
    refused::<FloatEncoder>(json!({ "dimensions": 0, "seed": 7, "thresholds": [] }));
    refused::<FloatEncoder>(json!({ "dimensions": 2, "seed": 7, "thresholds": [0.5] }));
}

/// What was written, after a look at what was read from it.
fn written<S: PartialEq + std::fmt::Debug + serde::Serialize + serde::de::DeserializeOwned>(structure: &S) -> Value {
    let value = to_value(structure).unwrap();
    assert_eq!(&from_value::<S>(value.clone()).unwrap(), structure);
    value
}

#[test]
fn structures_are_what_was_put_into_them() -> Result<(), StructureError> {
    let [a, b, c] = [1, 2, 3].map(HV16::random);
    let mut multiset = Multiset::new();
    [a, a, b].iter().for_each(|item| multiset.insert(item));
    written(&multiset);
    let mut set = Set::new();
    assert!(set.insert(&a) && set.insert(&b));
    written(&set);
    let mut table = HashTable::new();
    table.put(&a, &b);
    written(&table);
    for mut graph in [Graph::directed(), Graph::undirected()] {
        graph.add_edge(&a, &b)?;
        written(&graph);
    }
    let mut tree = Tree::new(7);
    tree.put(&[1, 2], &c)?;
    assert_eq!(written(&tree)["branches"], json!({ "seed": 7 }));
    let mut automaton = FiniteAutomaton::new();
    automaton.add_transition(&a, &b, &c);
    written(&automaton);
    Ok(())
}

#[test]
fn sequences_go_on_where_they_were() -> Result<(), StructureError> {
    let [a, b, c] = [1, 2, 3].map(HV16::random);
    let mut bundled = BundleSequence::new();
    let mut bound = BindSequence::new();
    for item in [a, b] {
        bundled.append(&item)?;
        bound.append(&item)?;
    }
    bundled.rotate(-5);
    bound.rotate(-5);
    let mut bundled_again: BundleSequence = from_value(written(&bundled)).unwrap();
    let mut bound_again: BindSequence = from_value(written(&bound)).unwrap();
    bundled.append(&c)?;
    bundled_again.append(&c)?;
    bound.append(&c)?;
    bound_again.append(&c)?;
    assert_eq!((bundled_again, bound_again), (bundled, bound));
    Ok(())
}

#[test]
fn positions_that_are_none_are_errors() {
    let mut sequence = BundleSequence::new();
    sequence.append(&HV16::ZERO).unwrap();
    let right = to_value(&sequence).unwrap();
    for (part, wrong) in [("shift", json!(2048)), ("shift", json!(-1)), ("shift", json!(i32::MIN))] {
        let mut sequence = right.clone();
        sequence[part] = wrong;
        assert!(from_value::<BundleSequence>(sequence).is_err());
    }
    for (part, wrong) in [("first", json!(-1)), ("first", json!(2048)), ("len", json!(2049))] {
        let mut sequence = right.clone();
        sequence["run"][part] = wrong;
        assert!(from_value::<BundleSequence>(sequence).is_err());
    }
}

#[test]
fn a_sparse_distributed_memory_keeps_what_was_stored() {
    let mut memory = SparseDistributedMemory::new(100, 1_000, 7).unwrap();
    memory.write(&HV16::random(1), &HV16::random(2));
    let mut value = to_value(&memory).unwrap();
    assert_eq!((&value["radius"], &value["seed"]), (&json!(1_000), &json!(7)));
    let again: SparseDistributedMemory = from_value(value.clone()).unwrap();
    assert_eq!(again.read(&HV16::random(1)), Some(HV16::random(2)));
    assert_eq!(again.read(&HV16::random(9)), memory.read(&HV16::random(9)));
    value["radius"] = json!(2_049);
    assert!(from_value::<SparseDistributedMemory>(value).is_err());
}
