//! A saved network is read back exactly, and a bad file is an error that says what is wrong.

mod common;

use common::{all, sequence};
use hv_ltc::{LtcError, Network, Wiring};
use serde_json::Value;

fn changed(text: &str, change: impl FnOnce(&mut Value)) -> String {
    let mut value: Value = serde_json::from_str(text).unwrap();
    change(&mut value);
    value.to_string()
}

#[test]
fn a_network_is_read_back_exactly() {
    for network in all::<f64>() {
        let again = Network::<f64>::from_json(&network.to_json()).unwrap();
        assert_eq!(again, network);
        let (inputs, times, state) = sequence(&network);
        assert_eq!(again.run(&inputs, &times, &state).unwrap(), network.run(&inputs, &times, &state).unwrap());
    }
    for network in all::<f32>() {
        assert_eq!(Network::<f32>::from_json(&network.to_json()).unwrap(), network);
        let wide = Network::<f64>::from_json(&network.to_json()).unwrap();
        assert!(wide.parameters().iter().zip(network.parameters()).all(|(a, b)| *a == f64::from(*b)));
    }
}

#[test]
fn wirings_of_all_rules_are_read_back() {
    let wirings = [
        Wiring::fully_connected(2, 9, 3, 1).unwrap(),
        Wiring::random(2, 9, 3, 0.7, 1).unwrap(),
        Wiring::auto_ncp(2, 14, 3, 0.5, 1).unwrap(),
        Wiring::from_matrices(&[], &[vec![0, 1], vec![-1, 0]], 1).unwrap(),
    ];
    for wiring in wirings {
        let network = Network::<f32>::ltc(&wiring, 1);
        let again = Network::<f32>::from_json(&network.to_json()).unwrap();
        assert_eq!(again.wiring(), Some(&wiring));
    }
}

#[test]
fn what_is_added_to_a_network_does_not_depend_on_the_order() {
    for network in all::<f64>().into_iter().filter(|network| network.outputs() != 4) {
        let one = network.clone().with_mixed_memory(1).with_projection(4, 2).unwrap();
        let other = network.clone().with_projection(4, 2).unwrap().with_mixed_memory(1);
        assert_eq!(one.outputs(), 4);
        assert_eq!(one.tensors(), other.tensors());
        assert_eq!(one, Network::from_json(&one.to_json()).unwrap());
        let own = &network.parameters()[..network.tensors()[0].range().end];
        assert_eq!(&one.parameters()[..own.len()], own);
        assert!(network.clone().with_projection(0, 1).is_err());
        assert!(one.with_projection(5, 1).unwrap_err().to_string().contains("is 5; 4, which the network has,"));
    }
}

#[test]
fn bad_files_are_errors_that_say_what_is_wrong() {
    let text = Network::<f64>::ltc(&Wiring::auto_ncp(3, 14, 2, 0.5, 3).unwrap(), 1).with_mixed_memory(1).to_json();
    let error = |text: &str| Network::<f64>::from_json(text).unwrap_err();
    for end in 0..text.len() {
        assert!(matches!(error(&text[..end]), LtcError::Json { .. }), "cut off after {end} bytes");
    }
    assert!(error("[]").to_string().contains("an object is needed"));
    assert!(error("{}").to_string().contains("\"format\""));
    let newer = error(&changed(&text, |file| file["version"] = 2.into())).to_string();
    assert_eq!(newer, "the saved network has version 2, and this program reads version 1; read it with a newer one");
    // Every field is needed, and none may be of another form.
    let whole: Value = serde_json::from_str(&text).unwrap();
    let groups: [&[&str]; 4] = [&[], &["cell"], &["cell", "wiring"], &["parameters"]];
    for group in groups {
        let at = |file: &'_ mut Value, field: Option<&str>, new: Option<Value>| {
            let object = group.iter().fold(file, |value, field| &mut value[*field]).as_object_mut().unwrap();
            match (field, new) {
                (Some(field), Some(new)) => drop(object.insert(field.into(), new)),
                (Some(field), None) => drop(object.remove(field)),
                (None, _) => {}
            }
        };
        let fields: Vec<String> =
            group.iter().fold(&whole, |value, field| &value[*field]).as_object().unwrap().keys().cloned().collect();
        for field in fields {
            let optional = ["projection", "implicit_param_constraints"].contains(&field.as_str());
            let gone = changed(&text, |file| at(file, Some(&field), None));
            assert_eq!(Network::<f64>::from_json(&gone).is_ok(), optional, "without {field}");
            for other in [Value::from("x"), Value::from(-1), Value::from(1e300), serde_json::json!([[-1]])] {
                let bad = changed(&text, |file| at(file, Some(&field), Some(other.clone())));
                // An epsilon may be any number that is not negative.
                let fits = field == "epsilon" && other.as_f64() == Some(1e300);
                assert_eq!(Network::<f64>::from_json(&bad).is_ok(), fits, "{field} is {other}");
            }
        }
    }
}

#[test]
fn a_file_that_asks_for_too_much_is_refused() {
    let wirings = Wiring::auto_ncp(3, 14, 2, 0.5, 3).unwrap();
    let networks = [
        Network::<f64>::ltc(&wirings, 1),
        Network::plain(&wirings, 1),
        Network::wired_cfc(&Wiring::fully_connected(1, 4, 4, 1).unwrap(), hv_ltc::Mode::Pure, 1),
    ];
    for network in networks {
        for count in [1u64 << 24, 1 << 40, u64::MAX] {
            let file = changed(&network.to_json(), |file| {
                file["cell"]["wiring"]["units"] = count.into();
                file["cell"]["wiring"]["layers"] = serde_json::json!([[0]]);
            });
            assert!(Network::<f64>::from_json(&file).is_err());
        }
    }
    for field in ["inputs", "units", "backbone_layers", "backbone_units"] {
        let text = all::<f64>()[4].to_json();
        assert!(text.contains(field));
        for count in [1u64 << 24, 1 << 40, u64::MAX] {
            let file = changed(&text, |file| file["cell"][field] = count.into());
            assert!(Network::<f64>::from_json(&file).is_err(), "{count} {field}");
        }
    }
    let duplicate = changed(&Network::<f64>::plain(&wirings, 1).to_json(), |file| {
        let list = file["cell"]["wiring"]["synapses"].as_array_mut().unwrap();
        list[1] = list[0].clone();
    });
    let error = Network::<f64>::from_json(&duplicate).unwrap_err().to_string();
    assert!(error.contains("different synapses"), "{error}");
}
