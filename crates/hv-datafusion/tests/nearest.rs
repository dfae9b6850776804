//! `hv_top_k`, `hv_batch_top_k` and `hv_bundle` against the plain reference, on any cut of the rows.

mod common;

use std::collections::BTreeMap;
use std::sync::Arc;

use common::{Row, batch_of, entries, literal, nearest, planning_error, rows, session, value, wait, write_parquet};
use datafusion::arrow::array::AsArray;
use datafusion::arrow::datatypes::{DataType, Int64Type};
use datafusion::common::ScalarValue;
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::datasource::MemTable;
use datafusion::physical_plan::aggregates::AggregateExec;
use datafusion::prelude::SessionContext;
use hv_datafusion::hv_memory::HV16;
use proptest::prelude::*;

/// Ids in any order and often equal, and many equal vectors.
fn table() -> impl Strategy<Value = Vec<Row>> {
    let id = prop_oneof![-3_i64..3, any::<i64>()];
    let vector = prop_oneof![(0_u64..4).prop_map(HV16::random), any::<u64>().prop_map(HV16::random)];
    prop::collection::vec((id, vector), 0..200)
}

/// A table `t` of the rows, cut into partitions and batches.
fn context_of(table: &[Row], partitions: usize, batch: usize) -> SessionContext {
    let context = session(partitions, batch);
    let part = table.len().div_ceil(partitions).max(1);
    let batches = |rows: &[Row]| rows.chunks(batch).map(batch_of).collect::<Vec<_>>();
    let mut parts: Vec<_> = table.chunks(part).map(batches).collect();
    parts.resize_with(partitions, Vec::new);
    let memory = MemTable::try_new(batch_of(&[]).schema(), parts).unwrap();
    context.register_table("t", Arc::new(memory)).unwrap();
    context
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn searches_equal_the_reference(table in table(), partitions in 1_usize..4, batch in 1_usize..70, k in 0_usize..30) {
        let context = context_of(&table, partitions, batch);
        let queries: Vec<HV16> = (0..3).map(HV16::random).collect();
        let expected: Vec<_> = queries.iter().map(|query| nearest(&table, query, k)).collect();

        let list = value(&context, &format!("SELECT hv_top_k(id, v, {}, {k}) FROM t", literal(&queries[1])));
        prop_assert_eq!(&entries(&list.as_list::<i32>().value(0)), &expected[1]);

        let literals: Vec<String> = queries.iter().map(literal).collect();
        let lists = value(&context, &format!("SELECT hv_batch_top_k(id, v, [{}], {k}) FROM t", literals.join(",")));
        let lists = lists.as_list::<i32>().value(0);
        let found: Vec<_> = lists.as_list::<i32>().iter().map(|list| entries(&list.unwrap())).collect();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn bundles_by_group_equal_the_reference(table in table(), partitions in 1_usize..4, batch in 1_usize..70) {
        let context = context_of(&table, partitions, batch);
        let mut groups: BTreeMap<i64, Vec<HV16>> = BTreeMap::new();
        for (id, vector) in &table {
            groups.entry(*id).or_default().push(*vector);
        }
        let batches = rows(&context, "SELECT id, hv_bundle(v) FROM t GROUP BY id ORDER BY id").unwrap();
        let mut expected = groups.iter();
        for batch in batches {
            let ids = batch.column(0).as_primitive::<Int64Type>();
            for (id, bundle) in ids.values().iter().zip(batch.column(1).as_fixed_size_binary().iter()) {
                let (group, vectors) = expected.next().unwrap();
                let majority = hv_core::reference::bundle(vectors).unwrap();
                prop_assert_eq!((id, bundle), (group, Some(majority.0.as_slice())));
            }
        }
        prop_assert!(expected.next().is_none());

        let all: Vec<HV16> = table.iter().map(|row| row.1).collect();
        let bundle = value(&context, "SELECT hv_bundle(v) FROM t");
        let expected = hv_core::reference::bundle(&all);
        prop_assert_eq!(bundle.as_fixed_size_binary().iter().next().unwrap(), expected.as_ref().map(|v| v.0.as_slice()));
    }

    #[test]
    fn ids_of_each_type_give_the_same(table in table(), k in 1_usize..20) {
        let context = context_of(&table, 2, 16);
        let query = HV16::random(1);
        for kind in ["VARCHAR", "LARGEUTF8", "UTF8VIEW"] {
            let id = format!("arrow_cast(id, '{}')", match kind { "VARCHAR" => "Utf8", "LARGEUTF8" => "LargeUtf8", _ => "Utf8View" });
            let list = value(&context, &format!("SELECT hv_top_k({id}, v, {}, {k}) FROM t", literal(&query)));
            let list = list.as_list::<i32>().value(0);
            let texts = datafusion::arrow::compute::cast(list.as_struct().column(0), &DataType::Utf8).unwrap();
            let found: Vec<String> = texts.as_string::<i32>().iter().flatten().map(str::to_owned).collect();
            let mut expected: Vec<(u16, String)> =
                nearest(&table, &query, usize::MAX).into_iter().map(|(distance, id)| (distance, id.to_string())).collect();
            expected.sort();
            let expected: Vec<String> = expected.into_iter().take(k).map(|entry| entry.1).collect();
            prop_assert_eq!(found, expected, "{}", kind);
        }
    }
}

#[test]
fn unsigned_ids_are_ordered_as_such() {
    let context = session(1, 100);
    let sql = "SELECT hv_top_k(arrow_cast(id, 'UInt64'), hv_random(7), hv_random(7), 3) FROM \
               (VALUES (18446744073709551615), (5)) AS t (id)";
    let list = value(&context, sql);
    let ids = list.as_list::<i32>().value(0).as_struct().column(0).clone();
    let texts = datafusion::arrow::compute::cast(&ids, &DataType::Utf8).unwrap();
    assert_eq!(texts.as_string::<i32>().iter().flatten().collect::<Vec<_>>(), ["5", "18446744073709551615"]);
}

#[test]
fn rows_without_a_vector_are_left_out_and_null_ids_are_errors() {
    let context = session(2, 100);
    let of = |rows: &str| format!("SELECT hv_top_k(id, v, hv_random(1), 5) FROM (VALUES {rows}) AS t (id, v)");
    let list = value(&context, &of("(1, hv_random(1)), (2, NULL), (3, hv_random(3))"));
    let ids: Vec<i64> = entries(&list.as_list::<i32>().value(0)).iter().map(|entry| entry.1).collect();
    assert_eq!(ids, [1, 3]);
    let error = rows(&context, &of("(1, hv_random(1)), (NULL, hv_random(2))")).unwrap_err().to_string();
    assert!(error.contains("hv_top_k: an id is null"), "{error}");
}

#[test]
fn wrong_constants_are_errors_when_planning() {
    let table: Vec<Row> = (0..10).map(|id| (id, HV16::random(id as u64))).collect();
    let context = context_of(&table, 2, 4);
    let query = literal(&HV16::random(1));
    for (call, why) in [
        ("hv_top_k(id, v, X'00ff', 5)".to_owned(), "a value has 2 bytes; a vector has 256"),
        (format!("hv_top_k(id, v, {query}, -1)"), "k is -1"),
        (format!("hv_top_k(id, v, {query}, NULL)"), "k is NULL"),
        ("hv_top_k(id, v, NULL, 5)".to_owned(), "the query is null"),
        ("hv_top_k(id, v, v, 5)".to_owned(), "query must be a constant"),
        (format!("hv_top_k(id, v, {query}, id)"), "k must be a constant"),
        (format!("hv_top_k(id, v, {query})"), "not 3 arguments"),
        (format!("hv_top_k(v, v, {query}, 5)"), "the id is FixedSizeBinary(256)"),
        (format!("hv_top_k(id, id, {query}, 5)"), "v is Int64"),
        (format!("hv_batch_top_k(id, v, [{query}, X'00'], 5)"), "a value has 1 bytes"),
        (format!("hv_batch_top_k(id, v, [{query}, arrow_cast(NULL, 'Binary')], 5)"), "query 1 (from 0) is null"),
        ("hv_batch_top_k(id, v, 7, 5)".to_owned(), "queries is Int64"),
        ("hv_batch_top_k(id, v, NULL, 5)".to_owned(), "queries is Null"),
        (format!("hv_top_k(DISTINCT id, v, {query}, 5)"), "takes no DISTINCT"),
        ("hv_bundle(DISTINCT v)".to_owned(), "takes no DISTINCT"),
        ("hv_bundle(id)".to_owned(), "v is Int64"),
    ] {
        let error = planning_error(&context, &format!("SELECT {call} FROM t"));
        assert!(error.contains(why), "{call}: {error}");
    }
}

#[test]
fn queries_may_be_parameters() {
    let table: Vec<Row> = (0..100).map(|id| (id, HV16::random(id as u64))).collect();
    let context = context_of(&table, 2, 9);
    let queries = [HV16::random(7), HV16::random(200)];
    let binary = queries.map(|query| ScalarValue::Binary(Some(query.0.to_vec())));
    let list = ScalarValue::List(ScalarValue::new_list(&binary, &DataType::Binary, true));
    let found = |sql: &str, value: &ScalarValue| {
        let query = async { context.sql(sql).await?.with_param_values(vec![("q", value.clone())])?.collect().await };
        wait(query).unwrap()[0].column(0).as_list::<i32>().value(0)
    };
    let one = found("SELECT hv_top_k(id, v, $q, 3) FROM t", &binary[1]);
    assert_eq!(entries(&one), nearest(&table, &queries[1], 3));
    let lists = found("SELECT hv_batch_top_k(id, v, $q, 3) FROM t", &list);
    let lists: Vec<_> = lists.as_list::<i32>().iter().map(|list| entries(&list.unwrap())).collect();
    assert_eq!(lists, queries.map(|query| nearest(&table, &query, 3)));
}

/// DataFusion makes an array of each argument for each batch of rows. Of a list that would be a copy for each row.
#[test]
fn a_list_of_queries_is_in_a_dictionary() {
    let context = context_of(&[(1, HV16::random(1))], 1, 9);
    let sql = format!("SELECT hv_batch_top_k(id, v, [{0}, {0}], 2) FROM t", literal(&HV16::random(2)));
    let plan = wait(async { context.sql(&sql).await?.create_physical_plan().await }).unwrap();
    let mut kinds = Vec::new();
    plan.apply(|node| {
        if let Some(aggregate) = node.downcast_ref::<AggregateExec>() {
            let queries = aggregate.aggr_expr().iter().map(|call| call.expressions()[2].clone());
            kinds.extend(queries.map(|queries| queries.data_type(&aggregate.input_schema()).unwrap()));
        }
        Ok(TreeNodeRecursion::Continue)
    })
    .unwrap();
    assert!(!kinds.is_empty() && kinds.iter().all(|kind| matches!(kind, DataType::Dictionary(..))), "{kinds:?}");
}

#[test]
fn the_statement_of_the_guide_works_to_the_letter_on_parquet() {
    let table: Vec<Row> = (0..500).map(|id| (id * 7919 % 500 - 250, HV16::random(id as u64 % 60))).collect();
    let query = HV16::random(1_000);
    let folder = tempfile::tempdir().unwrap();
    for row_group in [1, 7, 5_000] {
        let path = folder.path().join("t.parquet");
        write_parquet(&path, &table, row_group);
        let context = session(3, 64);
        wait(context.register_parquet("t", path.to_str().unwrap(), Default::default())).unwrap();
        let sql = format!(
            "SELECT r['id'] AS id, r['distance'] AS distance FROM (SELECT unnest(hv_top_k(id, v, {}, 50)) AS r FROM t) ORDER BY distance, id",
            literal(&query)
        );
        let found = rows(&context, &sql).unwrap();
        let found = datafusion::arrow::compute::concat_batches(&found[0].schema(), &found).unwrap();
        let names: Vec<_> = found.schema().fields().iter().map(|field| field.name().clone()).collect();
        assert_eq!(names, ["id", "distance"]);
        let ids = found.column(0).as_primitive::<Int64Type>().values().to_vec();
        assert_eq!(ids, nearest(&table, &query, 50).iter().map(|entry| entry.1).collect::<Vec<_>>());
    }
}

#[test]
fn names_of_columns_stay_short() {
    let context = context_of(&[(1, HV16::random(1))], 1, 10);
    let query = literal(&HV16::random(1));
    let other = literal(&HV16::random(2));
    let sql = format!(
        "SELECT hv_top_k(id, v, {query}, 5), hv_top_k(id, v, {other}, 5), hv_batch_top_k(id, v, [{query}, {other}], 2), \
         hv_bundle(hv_bind(v, {query})) FROM t"
    );
    let found = rows(&context, &sql).unwrap();
    for field in found[0].schema().fields() {
        assert!(field.name().len() < 60, "{}", field.name());
    }
    let [own, far] = [0, 1].map(|column| entries(&found[0].column(column).as_list::<i32>().value(0))[0].0);
    assert!(own == 0 && far > 0, "two queries are two columns");
}

#[test]
fn filters_and_groups_of_a_search() {
    let table: Vec<Row> = (0..100).map(|id| (id, HV16::random(id as u64))).collect();
    let context = context_of(&table, 3, 9);
    let query = HV16::random(200);
    let sql = format!(
        "SELECT id % 3 AS part, hv_top_k(id, v, {}, 4) FILTER (WHERE id >= 20) FROM t GROUP BY part ORDER BY part",
        literal(&query)
    );
    let found = rows(&context, &sql).unwrap();
    let lists: Vec<_> =
        found.iter().flat_map(|batch| batch.column(1).as_list::<i32>().iter().collect::<Vec<_>>()).collect();
    assert_eq!(lists.len(), 3);
    for (part, list) in lists.into_iter().enumerate() {
        let kept: Vec<Row> = table.iter().copied().filter(|row| row.0 >= 20 && row.0 % 3 == part as i64).collect();
        assert_eq!(entries(&list.unwrap()), nearest(&kept, &query, 4));
    }
}
