//! `hv classify`: what it prints where, how it finds columns, and what it refuses.

mod common;

use std::fmt::Write;

use common::{Place, stderr, stdout};

/// Rows of three kinds: two numbers, a word, and the kind.
fn csv(rows: usize, from: usize) -> String {
    let mut text = "length,width,colour,kind\n".to_owned();
    for i in from..from + rows {
        let (kind, noise) = (i % 3, (i * 7919 % 100) as f64 / 100.0);
        let colour = ["red", "blue", "green"][if i % 7 == 0 { 0 } else { kind }];
        writeln!(text, "{:.2},{:.2},{colour},kind {kind}", kind as f64 * 0.6 + noise, 5.0 - kind as f64 * 0.8 + noise)
            .unwrap();
    }
    text
}

/// A .npy file of 64-bit floats.
fn npy(rows: usize, columns: usize, fortran: bool, numbers: &[f64]) -> Vec<u8> {
    let order = if fortran { "True" } else { "False" };
    let header = format!("{{'descr': '<f8', 'fortran_order': {order}, 'shape': ({rows}, {columns}), }}\n");
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
    bytes
}

/// Trains, which prints to standard error alone, and returns that.
fn train(place: &Place, args: &[&str]) -> String {
    let output = place.run(&[&["classify", "train"], args].concat());
    assert_eq!((output.status.code(), stdout(&output).as_str()), (Some(0), ""), "{}", stderr(&output));
    stderr(&output)
}

fn with_model() -> Place {
    let place = Place::new();
    place.write("train.csv", csv(150, 0));
    place.write("test.csv", csv(60, 1_000));
    train(&place, &["m", "train.csv"]);
    place
}

#[test]
fn a_table_is_learned_and_predicted() {
    let place = with_model();
    assert_eq!(
        train(&place, &["m2", "train.csv"]),
        "learning from 150 rows\nencoder: record of 2 columns of numbers, in 32 levels; 1 column of words, each a symbol\n\
         3 labels; calibrated by 30 rows\n"
    );
    let predicted = place.succeed(&["classify", "predict", "m", "test.csv"]);
    let right =
        predicted.lines().enumerate().filter(|(i, label)| *label == format!("kind {}", (i + 1_000) % 3)).count();
    assert!(predicted.lines().count() == 60 && right > 50, "{right} of 60: {predicted}");
    // The columns in another order, with one more and without the labels.
    let mut moved = "extra,colour,width,length\n".to_owned();
    for line in csv(60, 1_000).lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        writeln!(moved, "x,{},{},{}", cells[2], cells[1], cells[0]).unwrap();
    }
    place.write("moved.csv", moved);
    assert_eq!(place.succeed(&["classify", "predict", "m", "moved.csv"]), predicted);
    let json: serde_json::Value =
        serde_json::from_str(&place.succeed(&["classify", "eval", "m", "test.csv", "--json", "--plot", "c.svg"]))
            .unwrap();
    assert_eq!((&json["n"], &json["accuracy"]), (&60.into(), &(right as f64 / 60.0).into()));
    assert_eq!((json["labels"][2].as_str(), json["confusion"][0].as_array().map(Vec::len)), (Some("kind 2"), Some(3)));
    assert!(std::fs::read_to_string(place.path("c.svg")).unwrap().starts_with("<svg"));
    let table = place.succeed(&["classify", "eval", "m", "test.csv"]);
    assert!(table.starts_with("accuracy ") && table.contains("\ntruth   kind 0"), "{table}");
}

#[test]
fn methods_seeds_and_labels_in_any_column() {
    let place = with_model();
    for method in ["centroid", "perceptron", "lvq", "ensemble"] {
        train(&place, &["m3", "train.csv", "--method", method, "--seed", "5"]);
        let first = std::fs::read(place.path("m3")).unwrap();
        train(&place, &["m3", "train.csv", "--method", method, "--seed", "5"]);
        assert!(first == std::fs::read(place.path("m3")).unwrap(), "{method} differs from itself");
        train(&place, &["m3", "train.csv", "--method", method, "--seed", "6"]);
        assert!(first != std::fs::read(place.path("m3")).unwrap(), "{method}: the seed does nothing");
    }
    train(&place, &["by_colour", "train.csv", "--label", "colour"]);
    // The column of the training is the default of eval; predict ignores it.
    assert!(place.succeed(&["classify", "eval", "by_colour", "test.csv"]).contains("truth   blue  green  red   found"));
    assert!(place.succeed(&["classify", "predict", "by_colour", "test.csv"]).starts_with("blue\n"));
}

#[test]
fn texts_and_arrays() {
    let place = Place::new();
    let line = |i: usize| {
        let words = [["house", "river", "and the"], ["haus", "fluss", "und der"]][i % 2];
        format!("{} {} {}\t{}\n", words[i % 3], words[i / 3 % 3], words[2], ["english", "german"][i % 2])
    };
    place.write("t.tsv", (0..40).map(line).collect::<String>());
    place.write("alone.tsv", "the house\nder fluss\n\n");
    let said = train(&place, &["t", "t.tsv"]);
    assert!(said.contains("encoder: text, as counts of letter trigrams\n"), "{said}");
    assert_eq!(place.succeed(&["classify", "predict", "t", "alone.tsv"]), "english\ngerman\nenglish\n");
    assert!(place.succeed(&["classify", "eval", "t", "t.tsv"]).starts_with("accuracy 100.0% of 40 rows\n"));
    // A few words that repeat are still text, so that `predict` reads the same kind of file.
    place.write("short.tsv", "red\twarm\nblue\tcold\n".repeat(20));
    assert!(train(&place, &["s", "short.tsv"]).contains("encoder: text"));
    place.write("reds.tsv", "red\nreds\n");
    assert_eq!(place.succeed(&["classify", "predict", "s", "reds.tsv"]), "warm\nwarm\n");
    // Arrays by rows and by columns are one table.
    let row = |i: usize| [(i % 2) as f64 * 3.0 + (i % 5) as f64 * 0.1, (i % 7) as f64];
    let by_rows: Vec<f64> = (0..40).flat_map(row).collect();
    let by_columns: Vec<f64> = (0..2).flat_map(|c| (0..40).map(move |i| row(i)[c])).collect();
    place.write("c.npy", npy(40, 2, false, &by_rows));
    place.write("f.npy", npy(40, 2, true, &by_columns));
    place.write("y.txt", (0..40).map(|i| format!("{}\n", ["even", "odd"][i % 2])).collect::<String>());
    train(&place, &["a", "c.npy", "--labels", "y.txt"]);
    let predicted = place.succeed(&["classify", "predict", "a", "f.npy"]);
    assert_eq!(predicted, "even\nodd\n".repeat(20));
    let json = place.succeed(&["classify", "eval", "a", "c.npy", "--labels", "y.txt", "--json"]);
    assert!(json.starts_with("{\"accuracy\":1.0,\"n\":40,"), "{json}");
}

#[test]
fn labels_that_were_never_seen_count_as_wrong() {
    let place = with_model();
    place.write("new.csv", "length,width,colour,kind\n0.5,5,red,kind 0\n0.5,5,red,kind 9\n");
    let output = place.run(&["classify", "eval", "m", "new.csv", "--json"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(stdout(&output).starts_with("{\"accuracy\":0.5,\"n\":2,\"unseen\":1,"), "{}", stdout(&output));
    assert!(
        stderr(&output).contains("1 row with labels that the model has never seen, which count as wrong: kind 9\n")
    );
    let long = format!("kind {}", "x".repeat(60));
    let rows: String = (10..30).map(|i| format!("0.5,5,red,{i} {long}\n")).collect();
    place.write("many.csv", format!("length,width,colour,kind\n{rows}"));
    let said = stderr(&place.run(&["classify", "eval", "m", "many.csv"]));
    assert!(said.contains(&format!("14 kind {}... and 15 more\n", "x".repeat(32))), "{said}");
}

#[test]
fn labels_that_are_nearly_all_different_are_a_note() {
    let place = Place::new();
    place.write("wrong.tsv", (0..30).map(|i| format!("label\ta text, number {i}\n")).collect::<String>());
    let said = train(&place, &["m", "wrong.tsv"]);
    assert!(said.contains("note: 30 different labels, such as a text, number 0: is this the column"), "{said}");
}

#[test]
fn wrong_input_is_said() {
    let place = with_model();
    let train = |args: &[&str], code: i32, texts: &[&str]| {
        let output = place.run(&[&["classify", "train", "new"], args].concat());
        // Notes may come before the error.
        let message = stderr(&output);
        assert_eq!((output.status.code(), stdout(&output).as_str()), (Some(code), ""), "{message}");
        texts.iter().for_each(|text| assert!(message.contains(text), "{text:?} is not in: {message}"));
        assert!(!place.path("new").exists() && message.contains("error: "), "{message}");
    };
    for (name, content, texts) in [
        ("ragged.csv", "a,b\n1,x\n2\n", &["ragged.csv: line 3 has 1 cells, but the header has 2"][..]),
        ("nan.csv", "a,b\n1,x\nNaN,y\n", &["row 2, column \"a\": \"NaN\" is not a finite number"]),
        ("gap.csv", "a,b\n1,x\n,y\n", &["row 2, column \"a\": \"\""]),
        ("rows.csv", "a,b\n", &["rows.csv: there are no examples"]),
        ("empty.csv", "", &["the file is empty; its first line must name the columns"]),
        ("alone.csv", "a\nx\n", &["there are no columns to learn from"]),
        ("twice.csv", "a,a,b\n1,2,x\n", &["two columns are named \"a\""]),
        ("semi.csv", "a;b\n1;x\n", &["cells are separated by ';'; a .csv separates them by commas"]),
        ("label.csv", "a,b\n1,x\n2,\n", &["row 2 has the label \"\""]),
        ("tab.tsv", "some text\tx\nno label\n", &["line 2 has no tab"]),
        ("tabs.tsv", "a\tb\tc\n", &["line 1 has more than one tab"]),
    ] {
        place.write(name, content);
        train(&[name], 1, texts);
    }
    for (name, bytes) in [("latin1.csv", &b"a,b\nth\xe9,x\n"[..]), ("latin1.tsv", b"th\xe9\tx\n")] {
        place.write(name, bytes);
        train(&[name], 1, &[name, " is not UTF-8; convert it, for example with iconv -f latin1 -t utf-8"]);
    }
    train(&["missing.csv"], 1, &["cannot read missing.csv"]);
    train(&["train.csv", "--label", "nobody"], 1, &["no column \"nobody\"", "length, width, colour, kind"]);
    train(&["train.txt"], 2, &["ends in none of .csv, .tsv and .npy"]);
    train(&["train.csv", "--labels", "y.txt"], 2, &["--labels is for .npy files"]);
    train(&["train.csv", "--method", "magic"], 2, &["magic"]);
    train(&["train.csv", "--seed", "-1"], 2, &["give a whole number"]);
    for (name, bytes, text) in [
        ("cut.npy", &npy(2, 2, false, &[1.0, 2.0, 3.0])[..], "cut short"),
        ("nan.npy", &npy(2, 1, false, &[1.0, f64::NAN]), "row 2, column \"0\""),
        ("three.npy", b"not an array", "three.npy: it starts with the magic"),
    ] {
        place.write(name, bytes);
        place.write("y.txt", "a\nb\n");
        train(&[name, "--labels", "y.txt"], 1, &[text]);
    }
    place.write("x.npy", npy(2, 1, false, &[1.0, 2.0]));
    train(&["x.npy"], 2, &["give their file with --labels"]);
    place.write("y.txt", "a\n");
    train(&["x.npy", "--labels", "y.txt"], 1, &["there are 2 rows but 1 labels"]);
    // A table is never replaced by a model, and no model is made of a table.
    place.fail(&["classify", "train", "train.csv", "test.csv"], 1, &["train.csv is there and no model"]);
    place.fail(&["classify", "predict", "train.csv", "test.csv"], 1, &["train.csv: this is no model of hv"]);
    place.write("few.csv", "length,colour\n1,red\n");
    place.fail(&["classify", "predict", "m", "few.csv"], 1, &["few.csv: column \"width\" is missing"]);
    place.fail(&["classify", "eval", "m", "few.csv"], 1, &["no column \"kind\" for the labels"]);
    place.write("t.tsv", "some text\n");
    place.fail(&["classify", "predict", "m", "t.tsv"], 1, &["the model learned from a table"]);
    place.fail(&["classify", "predict", "m"], 2, &["<FILE>"]);
    let mut model = std::fs::read(place.path("m")).unwrap();
    model[100] ^= 1;
    place.write("damaged", model);
    place.fail(&["classify", "predict", "damaged", "test.csv"], 1, &["damaged: the model is damaged"]);
}
