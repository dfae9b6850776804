//! `Thresholds` as text and as the process's setting, and what a wrong environment says.
//!
//! The environment is read once a process, so each case runs in a child: this test program again, asked for one
//! ignored test.

mod common;

use std::process::{Command, Output};

use hv_parallel::hv_simd::active_backend;
use hv_parallel::*;
use proptest::prelude::*;

/// Runs one of the ignored tests below in a child with `HV_THRESHOLDS` set, and `HV_BACKEND` where it is given.
fn child(test: &str, thresholds: &str, backend: Option<&str>) -> Output {
    Command::new(std::env::current_exe().unwrap())
        .args([test, "--exact", "--ignored", "--nocapture"])
        .env("HV_THRESHOLDS", thresholds)
        .envs(backend.map(|backend| ("HV_BACKEND", backend)))
        .output()
        .unwrap()
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[test]
#[ignore = "run in a child"]
fn child_prints_what_init_says() {
    match init() {
        Ok(_) => println!("thresholds {}", thresholds()),
        Err(error) => println!("error {error}"),
    }
}

#[test]
#[ignore = "run in a child"]
fn child_uses_an_adaptive_function() {
    let _ = adaptive_batch_bind(&[HV16::ZERO], &HV16::ONES);
}

#[test]
#[ignore = "run in a child"]
fn child_binds() {
    let _ = parallel_batch_bind(&[HV16::ZERO], &HV16::ONES);
}

#[test]
#[ignore = "run in a child"]
fn child_binds_pairs() {
    let _ = parallel_batch_bind_pairs(&[HV16::ZERO], &[HV16::ONES]);
}

#[test]
#[ignore = "run in a child"]
fn child_takes_the_defaults() {
    assert_eq!(Thresholds::default(), Thresholds::for_backend(Backend::best()));
    assert_eq!("bind=7".parse(), Ok(Thresholds { bind: 7, ..Thresholds::default() }));
}

#[test]
#[ignore = "run in a child"]
fn child_sets_thresholds() {
    set_thresholds(common::ALWAYS);
    assert_eq!(thresholds(), common::ALWAYS);
    let changed = Thresholds { top_k: 5, ..thresholds() };
    set_thresholds(changed);
    assert_eq!(thresholds(), changed);
}

#[test]
fn the_environment_sets_thresholds() {
    let output = child("child_prints_what_init_says", "bind=1, top_k = 22", None);
    let expected = Thresholds { bind: 1, top_k: 22, ..Thresholds::for_backend(active_backend()) };
    assert!(text(&output).contains(&format!("thresholds {expected}")), "{}", text(&output));
    let output = child("child_prints_what_init_says", "", None);
    let expected = Thresholds::for_backend(active_backend());
    assert!(text(&output).contains(&format!("thresholds {expected}")), "{}", text(&output));
    let output = child("child_sets_thresholds", "bind=1", None);
    assert!(output.status.success(), "{}", text(&output));
}

#[test]
fn a_malformed_variable_is_an_error_and_without_init_a_panic_of_the_same_text() {
    let expected = "HV_THRESHOLDS: \" bund=2\" names no threshold; give bind=N,similarity=N,bundle=N";
    let output = child("child_prints_what_init_says", "bind=1, bund=2", None);
    assert!(text(&output).contains(&format!("error {expected}")), "{}", text(&output));
    for test in ["child_uses_an_adaptive_function", "child_sets_thresholds"] {
        let output = child(test, "bind=1, bund=2", None);
        assert!(!output.status.success() && text(&output).contains(expected), "{}", text(&output));
    }
}

#[test]
fn a_wrong_backend_is_an_error_and_without_init_a_panic_of_the_same_text() {
    let expected = "there is no backend \"avx3\"";
    let output = child("child_prints_what_init_says", "", Some("avx3"));
    assert!(text(&output).contains(&format!("error {expected}")), "{}", text(&output));
    for test in ["child_uses_an_adaptive_function", "child_binds", "child_binds_pairs", "child_sets_thresholds"] {
        let output = child(test, "", Some("avx3"));
        assert!(!output.status.success() && text(&output).contains(expected), "{test}: {}", text(&output));
    }
}

/// The defaults and their text form know nothing of the environment.
#[test]
fn defaults_do_not_read_the_environment() {
    for (thresholds, backend) in [("bund=2", None), ("", Some("avx3")), ("bind=1", Some("scalar"))] {
        let output = child("child_takes_the_defaults", thresholds, backend);
        assert!(output.status.success(), "{}", text(&output));
    }
}

/// What `HV_THRESHOLDS` leaves out are the defaults of the backend in use, not of the best.
#[test]
fn the_environment_fills_up_from_the_backend_in_use() {
    let output = child("child_prints_what_init_says", "bind=1", Some("scalar"));
    let expected = Thresholds { bind: 1, ..Thresholds::for_backend(Backend::Scalar) };
    assert!(text(&output).contains(&format!("thresholds {expected}")), "{}", text(&output));
}

#[test]
fn each_operation_has_its_field_and_its_name() {
    let names: Vec<&str> = Operation::ALL.iter().map(|operation| operation.name()).collect();
    assert_eq!(names, ["bind", "similarity", "bundle", "nearest", "top_k"]);
    let mut thresholds = Thresholds::from_fn(|operation| operation.name().len());
    assert_eq!(thresholds.to_string(), "bind=4,similarity=10,bundle=6,nearest=7,top_k=5");
    thresholds[Operation::TopK] = 9;
    assert_eq!((thresholds.top_k, thresholds[Operation::Bundle]), (9, 6));
}

#[test]
fn malformed_texts_name_the_part_at_fault() {
    for (text, part, problem) in [
        ("", "", "is not of the form"),
        ("bind=1,,top_k=2", "", "is not of the form"),
        ("bind", "bind", "is not of the form"),
        ("bind=1,Bundle=3", "Bundle=3", "names no threshold"),
        ("=3", "=3", "names no threshold"),
        ("bind=", "bind=", "whole number"),
        ("nearest=-1", "nearest=-1", "whole number"),
        ("nearest=1.5", "nearest=1.5", "whole number"),
        ("bind=99999999999999999999999", "bind=99999999999999999999999", "too large"),
        ("bind=1;top_k=2", "bind=1;top_k=2", "whole number"),
        ("top_k=1,bind=2,top_k=1", "top_k=1", "set before"),
    ] {
        let error = text.parse::<Thresholds>().unwrap_err();
        assert_eq!(error.part(), part, "{text:?}");
        let message = error.to_string();
        assert!(message.contains(problem) && message.contains("similarity=N"), "{text:?} gives {message:?}");
    }
}

proptest! {
    #[test]
    fn thresholds_round_trip_as_text(
        [bind, similarity, bundle, nearest, top_k] in any::<[usize; 5]>(),
    ) {
        let thresholds = Thresholds { bind, similarity, bundle, nearest, top_k };
        prop_assert_eq!(thresholds.to_string().parse(), Ok(thresholds));
    }
}

#[test]
fn the_info_is_of_the_pool_in_use() {
    let info = common::pool(3).install(parallelism_info);
    assert_eq!((info.pool_threads, info.backend), (3, active_backend()));
    assert!(info.physical_cores >= 1 && info.logical_cores >= 1);
    assert!(info.to_string().contains("pool of 3"), "{info}");
}
