//! Recordings of ncps 1.0.1 are computed as the reference computed them, where they are on this machine.
//! `HV_RECORDINGS` names another folder of them.

use std::path::{Path, PathBuf};

use hv_ltc::{Float, Recording};
use serde_json::Value;

/// All numbers of nested lists, row by row.
fn flat(value: &Value) -> Vec<f64> {
    match value {
        Value::Array(values) => values.iter().flat_map(flat).collect(),
        value => vec![value.as_f64().expect("a number")],
    }
}

fn wide<F: Float>(values: &[F]) -> Vec<f64> {
    values.iter().map(|value| value.to_f64()).collect()
}

/// The largest difference, which must be at most `most` times `scale`.
fn compare(what: &str, ours: &[f64], theirs: &[f64], most: f64, scale: f64) -> f64 {
    assert_eq!(ours.len(), theirs.len(), "{what}");
    let error = ours.iter().zip(theirs).map(|(a, b)| (a - b).abs() / scale).fold(0.0, f64::max);
    assert!(error <= most, "{what} is off by {error}, more than {most}");
    error
}

#[test]
fn recordings_of_the_reference() {
    let given = std::env::var_os("HV_RECORDINGS").map(PathBuf::from);
    let usual = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/ltc");
    let folder = given.clone().unwrap_or_else(usual);
    let Ok(entries) = std::fs::read_dir(&folder) else {
        assert!(given.is_none(), "HV_RECORDINGS names {}, which cannot be read", folder.display());
        println!("NOT TESTED: no recordings of ncps in ../shared/data/ltc");
        return;
    };
    let mut count = 0;
    for path in entries.map(|entry| entry.unwrap().path()).filter(|path| path.extension().is_some_and(|e| e == "json"))
    {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        let file: Value = serde_json::from_str(&text).unwrap();
        let recording = Recording::<f64>::from_json(&text).unwrap();
        let ours = recording.gradients().unwrap();
        let (output, state) = (flat(&file["output"]), flat(&file["state"]));
        let outputs = compare(&format!("{name}, output"), &ours.run.outputs, &output, 1e-9, 1.0);
        let states = compare(&format!("{name}, state"), &ours.run.state, &state, 1e-9, 1.0);
        let mut gradients: f64 = 0.0;
        let all = file["grad"].as_object().unwrap();
        assert_eq!(all.len(), recording.network.tensors().len(), "{name}");
        for (parameter, theirs) in all {
            let ours = recording.network.dense(parameter, &ours.parameters).unwrap().expect(parameter);
            let theirs = flat(theirs);
            let scale = theirs.iter().fold(0.0, |most: f64, value| most.max(value.abs()));
            // A parameter without influence has the gradient 0; where all are 0, so must ours be.
            let scale = if scale == 0.0 { 1.0 } else { scale };
            gradients = gradients.max(compare(&format!("{name}, {parameter}"), &ours, &theirs, 1e-6, scale));
        }
        let single = Recording::<f32>::from_json(&text).unwrap();
        let run = single.gradients().unwrap().run;
        let single = compare(&format!("{name}, output in f32"), &wide(&run.outputs), &output, 1e-5, 1.0).max(compare(
            &format!("{name}, state in f32"),
            &wide(&run.state),
            &state,
            1e-5,
            1.0,
        ));
        println!("{name}: outputs {outputs:.1e}, states {states:.1e}, gradients {gradients:.1e}; f32 {single:.1e}");
        count += 1;
    }
    assert!(count > 0, "{} has no recordings", folder.display());
}
