//! The table of a store.

mod common;

use std::sync::Arc;

use common::{rows, session, wait};
use datafusion::arrow::array::{Array, AsArray};
use datafusion::arrow::datatypes::{DataType, Float32Type, Float64Type, Int64Type, UInt64Type};
use datafusion::prelude::SessionContext;
use hv_datafusion::StoreTable;
use hv_datafusion::hv_memory::{EpisodeId, EpisodicMemory, HV16, NewEpisode};

fn episode(i: u64) -> NewEpisode {
    NewEpisode {
        content: HV16::random(i),
        time: 1_000 - i as i64,
        valence: (i % 5) as f32 / 4.0,
        payload: format!("payload {i}").into_bytes(),
        key: i.is_multiple_of(3).then(|| format!("key {i}").into()),
        ..NewEpisode::default()
    }
}

/// A hundred episodes, with two of them forgotten.
fn memory() -> EpisodicMemory {
    let memory = EpisodicMemory::in_memory();
    for i in 0..100 {
        memory.store(episode(i)).unwrap();
    }
    memory.forget(&[EpisodeId(10), EpisodeId(99)]).unwrap();
    memory
}

fn context_of(memory: &EpisodicMemory) -> SessionContext {
    let context = session(3, 8);
    context.register_table("m", Arc::new(StoreTable::new(memory.snapshot()))).unwrap();
    context
}

fn ids(context: &SessionContext, condition: &str) -> Vec<u64> {
    let sql = format!("SELECT id FROM m WHERE {condition} ORDER BY id");
    let batches = rows(context, &sql).unwrap();
    batches.iter().flat_map(|batch| batch.column(0).as_primitive::<UInt64Type>().values().to_vec()).collect()
}

#[test]
fn every_column_is_what_was_stored() {
    let context = context_of(&memory());
    let batches = rows(&context, "SELECT * FROM m ORDER BY id").unwrap();
    let mut expected = (0..99).filter(|&i| i != 10);
    for batch in &batches {
        for row in 0..batch.num_rows() {
            let i = expected.next().unwrap();
            let stored = episode(i);
            assert_eq!(batch.column(0).as_primitive::<UInt64Type>().value(row), i);
            assert_eq!(batch.column(1).as_primitive::<Int64Type>().value(row), stored.time);
            assert_eq!(batch.column(2).as_primitive::<Float32Type>().value(row), stored.valence);
            assert_eq!(batch.column(3).as_primitive::<Float64Type>().value(row), 1.0);
            let keys = batch.column(4).as_string::<i32>();
            assert_eq!(keys.is_valid(row).then(|| keys.value(row).into()), stored.key);
            assert_eq!(batch.column(5).as_fixed_size_binary().value(row), stored.content.0);
            assert_eq!(batch.column(6).as_binary::<i64>().value(row), stored.payload);
        }
    }
    assert_eq!(expected.next(), None);
    let names: Vec<String> = batches[0].schema().fields().iter().map(|field| field.name().clone()).collect();
    assert_eq!(names, ["id", "time", "valence", "strength", "key", "vector", "payload"]);
    assert_eq!(*batches[0].column(5).data_type(), DataType::FixedSizeBinary(256));
}

#[test]
fn conditions_of_any_kind_find_what_they_should() {
    let context = context_of(&memory());
    let all = || (0..99_u64).filter(|&i| i != 10);
    assert_eq!(ids(&context, "id < 5 OR id = 10 OR id >= 97"), [0, 1, 2, 3, 4, 97, 98]);
    assert_eq!(ids(&context, "time BETWEEN 980 AND 990"), all().filter(|i| (11..=20).contains(i)).collect::<Vec<_>>());
    assert_eq!(ids(&context, "valence > 0.7 AND m.strength = 1"), all().filter(|i| i % 5 > 2).collect::<Vec<_>>());
    assert_eq!(ids(&context, "strength < 1"), Vec::<u64>::new());
    assert_eq!(ids(&context, "key = 'key 33' OR id = 7"), [7, 33]);
    assert_eq!(ids(&context, "hv_hamming(vector, hv_random(42)) = 0 AND time < 2000"), [42]);
    assert_eq!(ids(&context, "id IN (SELECT id + 1 FROM m WHERE id < 2)"), [1, 2]);
    let count = rows(&context, "SELECT count(*) FROM m WHERE id > 50").unwrap();
    assert_eq!(count[0].column(0).as_primitive::<Int64Type>().value(0), 48);
    assert_eq!(
        rows(&context, "SELECT id FROM m LIMIT 5").unwrap().iter().map(|batch| batch.num_rows()).sum::<usize>(),
        5
    );
}

#[test]
fn conditions_on_the_first_columns_are_left_to_the_table() {
    let context = context_of(&memory());
    let plan = |condition: &str| {
        let sql = format!("SELECT payload FROM m WHERE {condition}");
        let plan = wait(async { context.sql(&sql).await?.create_physical_plan().await }).unwrap();
        datafusion::physical_plan::displayable(plan.as_ref()).indent(false).to_string()
    };
    for first in ["id = 7", "time > 5 AND valence <= 0.5", "strength BETWEEN 0.1 AND 0.9"] {
        assert!(!plan(first).contains("FilterExec"), "{first}: {}", plan(first));
    }
    for other in ["key = 'a'", "hv_hamming(vector, vector) = 0", "id = 7 OR key = 'a'"] {
        assert!(plan(other).contains("FilterExec"), "{other}: {}", plan(other));
    }
}

#[test]
fn a_table_stays_as_the_snapshot_is() {
    let memory = memory();
    let context = context_of(&memory);
    memory.store(episode(200)).unwrap();
    assert_eq!(ids(&context, "true").len(), 98);
    assert_eq!(ids(&context_of(&memory), "true").len(), 99);
    assert!(ids(&context_of(&EpisodicMemory::in_memory()), "true").is_empty());
}
