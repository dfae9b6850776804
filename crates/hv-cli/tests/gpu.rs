//! `--device gpu`: the answers of the CPU, or what is missing.

mod common;

use common::Place;
#[cfg(feature = "gpu")]
use common::{stderr, stdout};
use hv_memory::HV16;

/// A store of some hundred lines, some of them equal, and files of codes.
fn place() -> Place {
    let place = Place::new();
    let lines: String = (0..400).map(|i| format!("the {} cats of day {} sleep\n", i % 37, i * i % 101)).collect();
    place.write("a.txt", lines);
    place.succeed(&["index", "s.hv", "a.txt"]);
    place.succeed(&["forget", "s.hv", "3", "5"]);
    let codes = |n: u64| (0..n).flat_map(|i| HV16::random(i % 50).0).collect::<Vec<u8>>();
    place.write("m.bin", codes(300));
    place.write("q.bin", codes(20));
    place
}

const ASKED: [&[&str]; 5] = [
    &["recall", "s.hv", "7 cats of day 5", "--json", "--by", "similarity"],
    &["recall", "s.hv", "the 12 catz sleeep", "--json", "-k", "9", "--exclude", "12"],
    &["recall", "s.hv", "cats", "--json", "--source", "a.txt", "--min-similarity", "0.6"],
    &["search", "m.bin", "q.bin"],
    &["search", "m.bin", "q.bin", "-k", "100", "--min-similarity", "0.5", "--json"],
];

/// What was printed, without how long it took.
fn answer(text: &str) -> String {
    let timed = |line: &str| match serde_json::from_str::<serde_json::Value>(line) {
        Ok(serde_json::Value::Object(mut fields)) => {
            fields.remove("search_us");
            serde_json::Value::Object(fields).to_string()
        }
        _ => line.to_owned(),
    };
    text.lines().map(timed).collect::<Vec<_>>().join("\n")
}

#[test]
#[cfg(feature = "gpu")]
fn a_gpu_answers_as_the_cpu_does() {
    let place = place();
    for args in ASKED {
        let expected = place.succeed(args);
        let output = place.run(&[args, &["--device", "gpu"]].concat());
        let said = stderr(&output);
        match hv_gpu::Gpu::open() {
            Ok(gpu) => {
                assert_eq!(output.status.code(), Some(0), "{said}");
                assert_eq!(answer(&stdout(&output)), answer(&expected));
                // Drivers may say something of their own.
                assert!(said.lines().any(|line| line == format!("searching on {}", gpu.device())), "{said}");
                assert_eq!(said.contains("software"), gpu.device().is_software());
            }
            Err(error) => {
                let required = std::env::var("HV_REQUIRE").unwrap_or_default();
                assert!(required.is_empty(), "HV_REQUIRE={required}: {error}");
                assert_eq!((output.status.code(), stdout(&output).as_str()), (Some(1), ""));
                assert!(said.contains(&format!("error: {error}\n")), "{said}");
            }
        }
    }
}

#[test]
#[cfg(feature = "gpu")]
fn no_gpu_is_said_in_one_sentence() {
    let place = place();
    for args in ASKED {
        let output = place.command(&[args, &["--device", "gpu"]].concat()).env("HV_GPU", "off").output().unwrap();
        assert_eq!((output.status.code(), stdout(&output).as_str()), (Some(1), ""));
        assert_eq!(stderr(&output), "error: there is no GPU: HV_GPU is off\n");
        let output = place.command(args).env("HV_GPU", "nonsense").output().unwrap();
        assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(0), ""), "the CPU needs no GPU");
    }
}

#[test]
#[cfg(not(feature = "gpu"))]
fn a_program_without_gpus_says_how_to_get_one() {
    let place = place();
    for args in ASKED {
        place.fail(&[args, &["--device", "gpu"]].concat(), 1, &["was built without GPUs", "--features gpu"]);
        assert_eq!(answer(&place.succeed(&[args, &["--device", "cpu"]].concat())), answer(&place.succeed(args)));
    }
}

#[test]
fn what_a_gpu_cannot_do_is_refused() {
    let place = place();
    let args = ["search", "m.bin", "q.bin", "--metric", "tanimoto", "--device", "gpu"];
    place.fail(&args, 2, &["a GPU finds by --metric hamming alone"]);
    place.fail(&["recall", "s.hv", "cats", "--device", "tpu"], 2, &["tpu", "cpu, gpu"]);
}
