//! The scalar functions against the reference, and what they say to wrong input.

mod common;

use common::{planning_error, rows, session, value};
use datafusion::arrow::array::{Array, AsArray};
use datafusion::arrow::datatypes::{DataType, Float32Type, Float64Type, UInt16Type};
use hv_datafusion::hv_memory::HV16;
use hv_encode::{NgramEncoder, TextEncoder};

fn bytes(context: &datafusion::prelude::SessionContext, sql: &str) -> Vec<u8> {
    value(context, sql).as_fixed_size_binary().value(0).to_vec()
}

#[test]
fn each_function_equals_the_library() {
    let context = session(1, 100);
    let (a, b) = (HV16::random(1), HV16::random(2));
    let vector = |sql: &str| bytes(&context, &format!("SELECT {sql}"));
    assert_eq!(vector("hv_random(1)"), a.0);
    assert_eq!(vector("hv_random(18446744073709551615)"), HV16::random(u64::MAX).0);
    assert_eq!(vector("hv_bind(hv_random(1), hv_random(2))"), (a ^ b).0);
    for n in [0_i64, 1, -1, 2_047, 2_048, 5_000, -5_000, 1 << 40] {
        let expected = hv_core::reference::permute(&a, n.rem_euclid(2_048) as i32);
        assert_eq!(vector(&format!("hv_permute(hv_random(1), {n})")), expected.0, "{n}");
    }
    let distance = (a ^ b).0.iter().map(|byte| byte.count_ones()).sum::<u32>();
    let pair = |name: &str| value(&context, &format!("SELECT {name}(hv_random(1), hv_random(2))"));
    assert_eq!(pair("hv_hamming").as_primitive::<UInt16Type>().value(0), distance as u16);
    assert_eq!(pair("hv_similarity").as_primitive::<Float32Type>().value(0), 1.0 - distance as f32 / 2_048.0);
    let ones = [a, b].iter().flat_map(|v| v.0).map(|byte| byte.count_ones()).sum::<u32>();
    let tanimoto = f64::from(ones - distance) / f64::from(ones + distance);
    assert_eq!(pair("hv_tanimoto").as_primitive::<Float64Type>().value(0), tanimoto);
    let hex: String = a.0.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(value(&context, "SELECT hv_hex(hv_random(1))").as_string::<i32>().value(0), hex);
    assert_eq!(vector(&format!("hv_bind(X'{hex}', hv_random(2))")), (a ^ b).0);
    let text = "In the beginning";
    let encoded = |n, seed| TextEncoder::new(n, seed).encode(text).unwrap().0;
    assert_eq!(vector(&format!("hv_encode_text('{text}')")), encoded(NgramEncoder::DEFAULT_N, 0));
    assert_eq!(vector(&format!("hv_encode_text('{text}', 4)")), encoded(4, 0));
    assert_eq!(vector(&format!("hv_encode_text('{text}', 2, 9)")), encoded(2, 9));
}

#[test]
fn columns_of_each_type_give_the_same() {
    let context = session(1, 7);
    for kind in ["FixedSizeBinary(256)", "Binary", "LargeBinary", "BinaryView"] {
        let sql = format!(
            "SELECT id, hv_hamming(arrow_cast(v, '{kind}'), hv_random(3)), hv_hamming(hv_random(3), v) FROM \
             (SELECT value AS id, hv_random(value) AS v FROM generate_series(0, 29)) ORDER BY id"
        );
        let mut id = 0;
        for batch in rows(&context, &sql).unwrap() {
            for row in 0..batch.num_rows() {
                let expected = (HV16::random(id) ^ HV16::random(3)).0.iter().map(|byte| byte.count_ones()).sum::<u32>();
                for column in [1, 2] {
                    let distances = batch.column(column).as_primitive::<UInt16Type>();
                    assert_eq!(distances.value(row), expected as u16, "{kind} {id}");
                }
                id += 1;
            }
        }
        assert_eq!(id, 30);
    }
}

#[test]
fn a_null_gives_a_null() {
    let context = session(1, 100);
    for (call, kind) in [
        ("hv_random(NULL)", DataType::FixedSizeBinary(256)),
        ("hv_bind(NULL, hv_random(1))", DataType::FixedSizeBinary(256)),
        ("hv_permute(hv_random(1), NULL)", DataType::FixedSizeBinary(256)),
        ("hv_hamming(hv_random(1), NULL)", DataType::UInt16),
        ("hv_similarity(NULL, NULL)", DataType::Float32),
        ("hv_tanimoto(NULL, hv_random(1))", DataType::Float64),
        ("hv_hex(NULL)", DataType::Utf8),
        ("hv_encode_text(NULL)", DataType::FixedSizeBinary(256)),
        ("hv_encode_text('a', NULL)", DataType::FixedSizeBinary(256)),
    ] {
        let found = value(&context, &format!("SELECT {call}"));
        assert!(found.is_null(0) && *found.data_type() == kind, "{call}: {:?}", found.data_type());
    }
}

#[test]
fn wrong_literals_are_errors_when_planning() {
    let context = session(1, 100);
    for (call, why) in [
        ("hv_hex(X'0102')", "hv_hex: a value has 2 bytes; a vector has 256"),
        ("hv_bind(hv_random(1), X'')", "hv_bind: a value has 0 bytes"),
        ("hv_random(-1)", "hv_random: the seed is -1"),
        ("hv_random('a')", "seed is Utf8"),
        ("hv_encode_text('a', 0)", "n is 0; give 1 to 2048"),
        ("hv_encode_text(7)", "text is Int64; give a text"),
        ("hv_permute(hv_random(1), 0.5)", "n is Float64; give an integer"),
        ("hv_bind(hv_random(1))", "hv_bind takes (a, b), not 1 arguments"),
        ("hv_hamming(7, hv_random(1))", "a is Int64"),
    ] {
        let error = planning_error(&context, &format!("SELECT {call}"));
        assert!(error.contains(why), "{call}: {error}");
    }
}

#[test]
fn wrong_values_of_columns_are_errors() {
    let context = session(1, 100);
    let error = rows(&context, "SELECT hv_hex(v) FROM (VALUES (X'0102')) AS t (v)").unwrap_err().to_string();
    assert!(error.contains("has 2 bytes"), "{error}");
    let error =
        rows(&context, "SELECT hv_encode_text(s) FROM (VALUES ('a'), ('...')) AS t (s)").unwrap_err().to_string();
    assert!(error.contains("\"...\""), "{error}");
}
