//! A recording is read from JSON, and a wrong one is an error that names the field.

use hv_ltc::{LtcError, Recording};
use serde_json::{Value, json};

/// An LTC of one input and two units, with a synapse between them.
fn ltc() -> Value {
    json!({
        "kind": "ltc", "inputs": 1, "units": 2, "outputs": 1, "unfolds": 6, "epsilon": 1e-8,
        "adjacency": [[0, 0], [-1, 0]], "sensory_adjacency": [[0, 1]],
        "params": {
            "gleak": [0.5, 0.25], "vleak": [0.1, -0.1], "cm": [0.5, 0.5],
            "w": [[9, 9], [0.5, 9]], "mu": [[9, 9], [0.5, 9]], "sigma": [[9, 9], [4, 9]], "erev": [[9, 9], [-1, 9]],
            "sensory_w": [[9, 0.5]], "sensory_mu": [[9, 0.5]], "sensory_sigma": [[9, 4]], "sensory_erev": [[9, 1]],
            "input_w": [1], "input_b": [0], "output_w": [2], "output_b": [1]
        },
        "x": [[0.5], [1]], "elapsed": [1, 0.5], "state0": [0, 0], "loss_weights": [[1], [-1]]
    })
}

fn cfc() -> Value {
    json!({
        "kind": "cfc", "inputs": 1, "units": 1, "outputs": 1, "mode": "default", "activation": "tanh",
        "backbone_layers": 0, "backbone_units": 0,
        "params": {
            "ff1.weight": [[0.5, 0.25]], "ff1.bias": [0.1], "ff2.weight": [[-0.5, 1]], "ff2.bias": [0],
            "time_a.weight": [[1, 0]], "time_a.bias": [0], "time_b.weight": [[0, 1]], "time_b.bias": [-1]
        },
        "x": [[1]], "elapsed": [2], "state0": [0.5], "loss_weights": [[1]]
    })
}

fn read(value: &Value) -> Result<Recording<f64>, LtcError> {
    Recording::from_json(&value.to_string())
}

#[test]
fn a_recording_has_the_parameters_of_its_file_and_ignores_what_is_masked() {
    let recording = read(&ltc()).unwrap();
    let network = &recording.network;
    let dense = |name: &str| network.dense(name, network.parameters()).unwrap().unwrap();
    assert_eq!(dense("w"), [0.0, 0.0, 0.5, 0.0]);
    assert_eq!(dense("sensory_sigma"), [0.0, 4.0]);
    assert_eq!(dense("gleak"), [0.5, 0.25]);
    let run = recording.gradients().unwrap().run;
    assert_eq!(run.outputs[1], run.state[0] * 2.0 + 1.0);
}

#[test]
fn an_ltc_computes_with_the_softplus_of_its_parameters_unless_the_file_says_otherwise() {
    let mut soft = ltc();
    let mut clip = ltc();
    for name in ["w", "sensory_w", "cm", "gleak"] {
        let raw = soft["params"][name].clone();
        let softplus = |value: &Value| json!(value.as_f64().unwrap().exp().ln_1p());
        clip["params"][name] = raw
            .as_array()
            .unwrap()
            .iter()
            .map(|value| value.as_array().map_or_else(|| softplus(value), |row| row.iter().map(softplus).collect()))
            .collect();
    }
    clip["implicit_param_constraints"] = json!(false);
    let state = |value: &Value| read(value).unwrap().gradients().unwrap().run.state;
    let (a, b) = (state(&soft), state(&clip));
    assert!(a.iter().zip(&b).all(|(a, b)| (a - b).abs() < 1e-14), "{a:?} {b:?}");
    soft["implicit_param_constraints"] = json!(true);
    assert_eq!(state(&soft), a);
    soft["implicit_param_constraints"] = json!(1);
    assert!(read(&soft).unwrap_err().to_string().contains("\"implicit_param_constraints\""));
}

#[test]
fn a_cfc_without_a_backbone_is_its_formula() {
    let run = read(&cfc()).unwrap().gradients().unwrap().run;
    let (ff1, ff2) = ((0.5f64 + 0.125 + 0.1).tanh(), (-0.5f64 + 0.5).tanh());
    let gate = 1.0 / (1.0 + (-(1.0f64 * 2.0 + (0.5 - 1.0))).exp());
    assert!((run.outputs[0] - (ff1 * (1.0 - gate) + gate * ff2)).abs() < 1e-15);
}

#[test]
fn a_wrong_recording_is_an_error_that_names_the_field() {
    let text = |from: fn() -> Value, pointer: &str, value: Value| {
        let mut object = from();
        match object.pointer_mut(pointer) {
            Some(field) => *field = value,
            None => object[&pointer[1..]] = value,
        }
        read(&object).unwrap_err().to_string()
    };
    assert!(Recording::<f64>::from_json("{").unwrap_err().to_string().starts_with("the text is not JSON"));
    assert!(Recording::<f64>::from_json("[]").unwrap_err().to_string().contains("\"the whole text\""));
    for field in
        ["kind", "params", "unfolds", "epsilon", "adjacency", "x", "elapsed", "state0", "loss_weights", "units"]
    {
        assert!(text(ltc, &format!("/{field}"), Value::Null).contains(&format!("\"{field}\"")), "{field}");
    }
    assert!(text(ltc, "/params/w", Value::Null).contains("\"w\""));
    assert!(text(ltc, "/params/w", json!([[1, 2]])).contains("[2, 2]"));
    assert!(text(ltc, "/params/cm", json!([1, 2, 3])).contains("\"cm\""));
    let infinite = ltc().to_string().replace("\"epsilon\":1e-8", "\"epsilon\":1e999");
    assert!(Recording::<f64>::from_json(&infinite).unwrap_err().to_string().contains("number out of range"));
    assert!(text(ltc, "/adjacency", json!([[0, 0], [1]])).contains("square"));
    assert!(text(ltc, "/adjacency/0/0", json!(0.5)).contains("\"adjacency\""));
    assert!(text(ltc, "/sensory_adjacency", json!([])).starts_with("sensory_adjacency has 0 values"));
    assert!(text(ltc, "/elapsed", json!([1, -1])).starts_with("the elapsed time at index 1 is -1"));
    assert!(text(ltc, "/elapsed", json!([1])).starts_with("the inputs has 2 values, and 1 are needed"));
    assert!(text(ltc, "/units", json!(3)).starts_with("the list of units has 2 values"));
    assert!(text(ltc, "/outputs", json!(3)).starts_with("the number of outputs is 3"));
    assert!(text(ltc, "/x/1", json!([1, 2])).starts_with("row 1 of x has 2 values"));
    assert!(text(ltc, "/loss_weights", json!([])).starts_with("loss_weights has 0 values"));
    assert!(text(cfc, "/mode", json!("odd")).contains("\"no_gate\""));
    assert!(text(cfc, "/activation", json!("odd")).contains("\"gelu\""));
    assert!(text(cfc, "/units", json!(u64::MAX)).starts_with("ff1.bias has 1 values"));
    assert!(text(cfc, "/inputs", json!(1e15 as u64)).starts_with("a row of ff1.weight has 2 values"));
    assert!(text(cfc, "/backbone_layers", json!(u64::MAX)).contains("backbone.0.bias"));
    let mut more = ltc();
    more["params"]["other"] = json!([1]);
    assert!(read(&more).unwrap_err().to_string().contains("\"other\""));
    let mut single = ltc();
    single["params"]["cm"] = json!([1, 1e300]);
    assert!(
        Recording::<f32>::from_json(&single.to_string()).unwrap_err().to_string().contains("cm has inf at index 1")
    );
}
