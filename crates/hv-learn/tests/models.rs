//! Models of tables and texts: what they learn, what they refuse, and what their bytes hold.

use hv_learn::{Column, Confusion, Kind, LearnError, Method, Model, Progress, Table};

const METHODS: [Method; 4] = [Method::Centroid, Method::Perceptron, Method::Lvq, Method::Ensemble];

/// Three kinds of flowers: two numbers and a colour, which depend on the kind, and a number that does not.
fn flowers(rows: usize, shift: usize) -> (Table, Vec<String>) {
    let noise = |i: usize, k: usize| ((i + shift) * (7919 * k + 13) % 1_000) as f64 / 1_000.0;
    let number = |k: usize, by: f64| (0..rows).map(|i| (i % 3) as f64 * by + noise(i, k)).collect();
    let colour = |i: usize| ["red", "blue", "white"][if noise(i, 4) < 0.8 { i % 3 } else { 0 }].to_owned();
    let columns = vec![
        ("length".into(), Column::Numbers(number(1, 1.0))),
        ("width".into(), Column::Numbers(number(2, 0.7))),
        ("noise".into(), Column::Numbers(number(3, 0.0))),
        ("colour".into(), Column::Cells((0..rows).map(colour).collect())),
    ];
    let labels = (0..rows).map(|i| ["rose", "iris", "lily"][i % 3].to_owned()).collect();
    (Table::new(columns).unwrap(), labels)
}

fn texts(rows: usize, from: usize) -> (Table, Vec<&'static str>) {
    let words = [["house", "river", "the", "and"], ["haus", "fluss", "der", "und"]];
    let text = |i: usize| (0..5).map(|k| words[i % 2][(i + from) * (k + 3) % 4 % 4]).collect::<Vec<_>>().join(" ");
    (Table::of_texts((0..rows).map(text).collect()), (0..rows).map(|i| ["english", "german"][i % 2]).collect())
}

fn share_right<S: AsRef<str>>(answers: &[&str], labels: &[S]) -> f64 {
    answers.iter().zip(labels).filter(|(a, l)| **a == l.as_ref()).count() as f64 / labels.len() as f64
}

fn cells(texts: &[&str]) -> Column {
    Column::Cells(texts.iter().map(|text| (*text).to_owned()).collect())
}

#[test]
fn every_method_learns_tables_and_texts() {
    let ((train, labels), (test, truth)) = (flowers(240, 0), flowers(90, 5_000));
    for method in METHODS {
        let model = Model::train(&train, &labels, method, 1).unwrap();
        assert_eq!(model.labels(), ["iris", "lily", "rose"]);
        assert!(share_right(&model.predict(&test).unwrap(), &truth) > 0.85, "{method:?}");
        assert_eq!(model.calibration().held_out(), 48);
        for (probabilities, answer) in model.probabilities(&test).unwrap().iter().zip(model.predict(&test).unwrap()) {
            let most = probabilities.iter().copied().fold(0.0, f32::max);
            assert_eq!(probabilities[model.labels().iter().position(|l| l == answer).unwrap()], most);
        }
        let ((train, labels), (test, truth)) = (texts(60, 0), texts(40, 77));
        let model = Model::train(&train, &labels, method, 1).unwrap();
        assert!(model.encoder().is_text(), "{}", model.encoder());
        assert_eq!(share_right(&model.predict(&test).unwrap(), &truth), 1.0, "{method:?}");
    }
}

#[test]
fn the_encoder_is_chosen_from_the_columns_and_fitted_to_what_is_learned_from() {
    let columns = vec![
        ("number".into(), cells(&["1", "2.5", " -3e2 ", "4"])),
        ("word".into(), cells(&["a", "b", "a", "b"])),
        ("text".into(), cells(&["one two", "three", "four", "five"])),
        ("given".into(), Column::Numbers(vec![7.0; 4])),
    ];
    let model = Model::train(&Table::new(columns).unwrap(), &["x", "y", "x", "y"], Method::Centroid, 0).unwrap();
    let kinds: Vec<(&str, Kind)> = model.encoder().columns().collect();
    let number = |low, high| Kind::Number { low, high };
    assert_eq!(
        kinds,
        [("number", number(-300.0, 4.0)), ("word", Kind::Word), ("text", Kind::Text), ("given", number(7.0, 7.0))]
    );
    assert_eq!(
        model.encoder().to_string(),
        "record of 2 columns of numbers, in 32 levels; 1 column of words, each a symbol; 1 column of text, as letter trigrams"
    );
    // Extreme numbers share the first and the last level, and where nearly all are equal the others count.
    let numbers = (0..300).map(|i| if i == 0 { 1e300 } else { f64::from(i) }).collect();
    let rare = (0..300).map(|i| if i < 2 { 5.0 } else { 0.0 }).collect();
    let columns = vec![("skewed".into(), Column::Numbers(numbers)), ("rare".into(), Column::Numbers(rare))];
    let labels: Vec<String> = (0..300).map(|i| (i % 10).to_string()).collect();
    let model = Model::train(&Table::new(columns).unwrap(), &labels, Method::Centroid, 0).unwrap();
    let kinds: Vec<Kind> = model.encoder().columns().map(|(_, kind)| kind).collect();
    assert_eq!(kinds, [number(4.0, 297.0), number(0.0, 5.0)]);
    assert_eq!(model.labels()[9], "9");
}

#[test]
fn columns_are_found_by_name_and_others_ignored() {
    let (train, labels) = flowers(90, 0);
    let model = Model::train(&train, &labels, Method::Perceptron, 1).unwrap();
    let by_name = |names: &[&str]| {
        let column =
            |name: &&str| ((*name).to_owned(), train.column(name).cloned().unwrap_or(Column::Numbers(vec![1e9; 90])));
        Table::new(names.iter().map(column).collect()).unwrap()
    };
    let shuffled = by_name(&["colour", "extra", "noise", "length", "width"]);
    assert_eq!(model.predict(&shuffled), model.predict(&train));
    let error = model.predict(&by_name(&["colour", "noise", "length"])).unwrap_err().to_string();
    assert!(error.contains("column \"width\" is missing") && error.contains("colour, noise, length"), "{error}");
}

#[test]
fn wrong_tables_are_errors_that_name_the_cell() {
    let table = |columns: Vec<(&str, Column)>| {
        Table::new(columns.into_iter().map(|(name, column)| (name.to_owned(), column)).collect())
    };
    let numbers = |numbers: &[f64]| Column::Numbers(numbers.to_vec());
    for (wrong, said) in [
        (table(vec![]), "no columns"),
        (table(vec![("a", numbers(&[1.0])), ("b", numbers(&[]))]), "column \"b\" has 0 rows, but column \"a\" has 1"),
        (table(vec![("a", numbers(&[])), ("a", numbers(&[]))]), "two columns are named \"a\""),
        (table(vec![("a", numbers(&[1.0, f64::NAN]))]), "row 2, column \"a\": \"NaN\" is not a finite number"),
        (table(vec![("a", numbers(&[f64::INFINITY]))]), "row 1, column \"a\": \"inf\""),
    ] {
        let error = wrong.unwrap_err().to_string();
        assert!(error.contains(said), "{error}");
    }
    // Cells of a column of numbers that are none, to learn from and to predict.
    for cell in ["", "NA", "nan", "inf", "?"] {
        let wrong = table(vec![("a", cells(&["1", cell, "3"]))]).unwrap();
        let error = Model::train(&wrong, &["x", "y", "x"], Method::Ensemble, 0).unwrap_err().to_string();
        assert!(error.contains(&format!("row 2, column \"a\": {cell:?}")), "{error}");
    }
    let good = table(vec![("a", numbers(&[1.0, 2.0]))]).unwrap();
    let model = Model::train(&good, &["x", "y"], Method::Ensemble, 0).unwrap();
    let error = model.predict(&table(vec![("a", cells(&["1", "two"]))]).unwrap()).unwrap_err().to_string();
    assert!(error.contains("row 2, column \"a\": \"two\""), "{error}");
    assert_eq!(Model::train(&good, &["x"], Method::Lvq, 0), Err(LearnError::Unequal { rows: 2, labels: 1 }));
    let none = table(vec![("a", numbers(&[]))]).unwrap();
    assert_eq!(Model::train::<&str>(&none, &[], Method::Lvq, 0), Err(LearnError::NoExamples));
}

#[test]
fn few_examples_are_enough() {
    let (train, mut labels) = flowers(30, 0);
    labels[4] = "orchid".to_owned();
    for method in METHODS {
        let model = Model::train(&train, &labels, method, 1).unwrap();
        assert_eq!(model.labels().len(), 4);
        assert!(model.labels().contains(&model.predict(&train).unwrap()[4].to_owned()));
        // One label alone, one row alone.
        let one = Table::new(vec![("a".into(), Column::Numbers(vec![1.0]))]).unwrap();
        let model = Model::train(&one, &["only"], method, 1).unwrap();
        assert_eq!((model.predict(&one).unwrap(), model.calibration().held_out()), (vec!["only"], 0));
        assert_eq!(model.probabilities(&one).unwrap(), [[1.0]]);
        // Words that were not seen, and texts that say nothing.
        let (train, labels) = texts(20, 0);
        let model = Model::train(&train, &labels, method, 1).unwrap();
        let odd = Table::of_texts(vec!["".into(), "?!".into(), "xyzzy".into()]);
        assert_eq!(model.predict(&odd).unwrap()[..2], ["english", "english"]);
        assert_eq!(model.probabilities(&odd).unwrap()[0], [0.5, 0.5]);
    }
}

#[test]
fn bytes_hold_the_model_and_damage_is_found() {
    let ((train, labels), (words, word_labels)) = (flowers(60, 0), texts(30, 0));
    for method in METHODS {
        let models = [Model::train(&train, &labels, method, 9), Model::train(&words, &word_labels, method, 9)];
        for model in models.map(Result::unwrap) {
            let bytes = model.to_bytes();
            assert_eq!(Model::from_bytes(&bytes), Ok(model));
            for at in (0..bytes.len()).step_by(bytes.len() / 40).chain([bytes.len() - 1]) {
                let mut wrong = bytes.clone();
                wrong[at] ^= 1;
                assert!(Model::from_bytes(&wrong).is_err(), "byte {at} of {} changed", bytes.len());
                assert!(Model::from_bytes(&bytes[..at]).is_err(), "cut at {at}");
            }
            assert!(Model::from_bytes(&[&bytes[..], b"x"].concat()).is_err());
        }
    }
    let error = |bytes: &[u8]| Model::from_bytes(bytes).unwrap_err().to_string();
    assert!(error(b"length,width\n1,2\n").contains("no model of hv"));
    assert!(error(b"hv-model\x02\0\0\0\0\0\0\0").contains("version 2 of the format, and this program reads 1"));
}

#[test]
fn the_model_is_the_same_for_any_number_of_threads() {
    let (train, labels) = flowers(120, 0);
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| METHODS.map(|method| Model::train(&train, &labels, method, 3).unwrap().to_bytes()))
    };
    assert!(on(1) == on(4));
}

#[test]
fn a_confusion_matrix_reads_well() {
    let mut confusion = Confusion::new(["a<b", "long name"]);
    assert_eq!(confusion.accuracy(), None);
    for (truth, answer, times) in [("a<b", "a<b", 12), ("a<b", "long name", 3), ("new", "a<b", 1)] {
        (0..times).for_each(|_| confusion.add(truth, answer));
    }
    assert_eq!((confusion.n(), confusion.accuracy()), (16, Some(0.75)));
    assert_eq!(confusion.labels(), ["a<b", "long name", "new"]);
    let table = "\
truth      a<b  long name  new   found
a<b         12          3    0   80.0%
long name    0          0    0       -
new          1          0    0    0.0%
";
    assert_eq!(confusion.to_string(), table);
    let svg = confusion.to_svg();
    assert!(svg.starts_with("<svg") && svg.trim_end().ends_with("</svg>") && svg.contains(">12</text>"));
    assert!(svg.contains("a&lt;b") && !svg.contains("a<b"), "labels are escaped");
    assert_eq!(svg.matches("<rect").count(), 1 + 9);
}

#[test]
fn training_counts_its_rows_and_can_be_stopped() {
    let (table, labels) = flowers(240, 0);
    // 240 rows and the 192 that are not held out.
    for (method, epochs) in METHODS.into_iter().zip([0, 20, 20, 100]) {
        let progress = Progress::new();
        let model = Model::train_with(&table, &labels, method, 1, &progress).unwrap();
        assert_eq!(model, Model::train(&table, &labels, method, 1).unwrap());
        assert_eq!((progress.done(), progress.all()), ((240 + 192) * epochs, (240 + 192) * epochs), "{method:?}");
        progress.stop();
        let stopped = Model::train_with(&table, &labels, method, 1, &progress);
        assert_eq!(stopped, Err(LearnError::Stopped), "{method:?}");
        assert_eq!(progress.done(), 0);
    }
}

#[test]
fn training_that_has_begun_can_be_stopped() {
    let (table, labels) = flowers(3_000, 0);
    let progress = Progress::new();
    let stopped = std::thread::scope(|scope| {
        let training = scope.spawn(|| Model::train_with(&table, &labels, Method::Ensemble, 1, &progress));
        while progress.done() == 0 && !training.is_finished() {
            std::thread::yield_now();
        }
        progress.stop();
        training.join().unwrap()
    });
    assert_eq!(stopped, Err(LearnError::Stopped));
    assert!(0 < progress.done() && progress.done() < progress.all());
}

#[test]
fn predictions_count_their_rows_and_can_be_stopped() {
    let (table, labels) = flowers(5_000, 0);
    let model = Model::train(&table, &labels, Method::Centroid, 1).unwrap();
    let progress = Progress::new();
    assert_eq!(model.predict_with(&table, &progress), model.predict(&table));
    assert_eq!((progress.done(), progress.all()), (5_000, 5_000));
    assert_eq!(model.probabilities_with(&table, &progress), model.probabilities(&table));
    assert_eq!((progress.done(), progress.all()), (5_000, 5_000));
    progress.stop();
    assert_eq!(model.predict_with(&table, &progress), Err(LearnError::Stopped));
    assert_eq!(model.probabilities_with(&table, &progress), Err(LearnError::Stopped));
    assert_eq!((progress.done(), progress.all()), (0, 5_000));
}
