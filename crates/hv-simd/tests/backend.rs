//! `HV_BACKEND` in processes of its own: this test runs itself again with the variable set.

mod common;

use std::process::{Command, Output};

use hv_simd::{Backend, BackendError, HV16};

/// Runs the probe below as a process with `HV_BACKEND` set.
fn probe(backend: &str) -> Output {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "probe_of_a_child", "--ignored", "--nocapture"])
        .env("HV_BACKEND", backend)
        .output()
        .unwrap()
}

/// Not a test: what a child process does.
#[test]
#[ignore = "run by the tests of HV_BACKEND as a child process"]
fn probe_of_a_child() {
    if std::env::var_os("HV_BACKEND").is_none() {
        return;
    }
    println!("init: {:?}", hv_simd::init().map_err(|error| error.to_string()));
    println!("distance: {}", hv_simd::simd_hamming(&HV16::ZERO, &HV16::ONES));
    println!("active: {}", hv_simd::active_backend());
}

#[test]
fn every_supported_backend_can_be_forced() {
    for kernels in common::all_kernels() {
        let name = kernels.backend().name();
        let output = probe(name);
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
        assert!(text.contains(&format!("init: Ok({:?})", kernels.backend())), "{text}");
        assert!(text.contains("distance: 2048") && text.contains(&format!("active: {name}")), "{text}");
    }
}

#[test]
fn an_empty_variable_means_the_best() {
    let output = probe("");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains(&format!("active: {}", Backend::best())), "{text}");
}

#[test]
fn a_wrong_backend_is_an_error_and_a_panic_of_the_same_text() {
    let unsupported = Backend::ALL.iter().find(|backend| !backend.is_supported());
    let unsupported = unsupported.map(|backend| (backend.name(), "does not support"));
    for (name, message) in
        [("avx3", "there is no backend \\\"avx3\\\": HV_BACKEND may be scalar, sse2, avx2, avx512, neon or simd128")]
            .into_iter()
            .chain([("AVX2", "there is no backend")])
            .chain(unsupported)
    {
        let output = probe(name);
        let (text, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(!output.status.success(), "HV_BACKEND={name} must not run");
        assert!(text.contains("init: Err") && text.contains(message), "{text}");
        assert!(!text.contains("distance:"), "no silent fallback: {text}");
        assert!(errors.contains(&message.replace('\\', "")), "{errors}");
    }
}

#[test]
fn names_round_trip() {
    for &backend in Backend::ALL {
        assert_eq!(backend.to_string().parse(), Ok(backend));
    }
    let error = "AVX3".parse::<Backend>().unwrap_err();
    assert_eq!(error, BackendError::Unknown { name: "AVX3".to_owned() });
    assert_eq!(
        error.to_string(),
        "there is no backend \"AVX3\": the names are scalar, sse2, avx2, avx512, neon and simd128"
    );
    assert!(Backend::best().is_supported() && Backend::Scalar.is_supported());
}
