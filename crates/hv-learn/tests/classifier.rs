//! What classifiers, clusters and calibration promise, on made-up classes.

use hv_encode::hv_parallel::hv_simd::hv_core::reference;
use hv_encode::{Accumulator, HV16};
use hv_learn::{Calibration, Classifier, Counts, LearnError, Rule, Training, Vector, k_means};

/// Examples of classes that lie so close that centroids confuse them: each has the bits of a shared vector, some of its
/// own, and noise.
fn examples(classes: usize, each: usize, from: u64) -> (Vec<HV16>, Vec<usize>) {
    let example = |i: usize| {
        let class = i % classes;
        let noise = |n: u64| HV16::random(from + 3 * i as u64 + n);
        let parts = [HV16::random(1), HV16::random(2), HV16::random(100 + class as u64)];
        reference::bundle(&[&parts[..], &[noise(0), noise(1)]].concat()).unwrap()
    };
    (0..classes * each).map(|i| (example(i), i % classes)).unzip()
}

fn right<V: Vector>(model: &Classifier<V>, rows: &[V], labels: &[usize]) -> usize {
    model.predict_batch(rows).iter().zip(labels).filter(|(answer, label)| **answer == Some(**label)).count()
}

fn all_rules() -> [Training; 4] {
    let perceptron = Training { rule: Rule::Perceptron, learning_rate: 0.05, ..HV16::TRAINING };
    let online = Training { rule: Rule::Online, learning_rate: 0.05, ..HV16::TRAINING };
    [HV16::TRAINING, perceptron, online, Training { prototypes: 3, ..HV16::TRAINING }]
}

#[test]
fn without_epochs_prototypes_are_majorities() {
    let (rows, labels) = examples(3, 7, 1_000);
    let model = Classifier::fit(&rows, &labels, HV16::TRAINING.centroid()).unwrap();
    let majority = |class: usize| {
        let of_class: Vec<HV16> = rows.iter().zip(&labels).filter(|(_, l)| **l == class).map(|(r, _)| *r).collect();
        reference::bundle(&of_class).unwrap()
    };
    let prototypes: Vec<(usize, HV16)> = model.prototypes().map(|(class, vector)| (class, *vector)).collect();
    assert_eq!(prototypes, [0, 1, 2].map(|class| (class, majority(class))));
    let cosine = |v: &HV16| 2.0 * reference::similarity(&rows[0], v) - 1.0;
    assert_eq!(model.scores(&rows[0]), prototypes.iter().map(|(_, v)| cosine(v)).collect::<Vec<_>>());
}

/// Classes of two clusters each, one near that of the next class, with much noise.
fn hard_examples(each: usize, from: u64) -> (Vec<HV16>, Vec<usize>) {
    let example = |i: usize| {
        let (class, cluster) = (i as u64 % 6, i as u64 / 6 % 2);
        let shared = HV16::random(1 + (class + cluster) % 6);
        let own = HV16::random(100 + class * 2 + cluster);
        let noise = (0..18).map(|n| HV16::random(from + 18 * i as u64 + n));
        reference::bundle(&[shared, shared, own].into_iter().chain(noise).collect::<Vec<_>>()).unwrap()
    };
    (0..6 * each).map(|i| (example(i), i % 6)).unzip()
}

#[test]
fn every_rule_beats_the_centroids() {
    let (rows, labels) = hard_examples(100, 1_000);
    let (held_rows, held_labels) = hard_examples(40, 9_000_000);
    let centroid = Classifier::fit(&rows, &labels, HV16::TRAINING.centroid()).unwrap();
    let before = right(&centroid, &held_rows, &held_labels);
    for training in all_rules() {
        let model = Classifier::fit(&rows, &labels, training).unwrap();
        let after = right(&model, &held_rows, &held_labels);
        assert!(after > before, "{training:?}: {before} to {after} of {}", held_rows.len());
        assert_eq!(model.epochs(), training.epochs);
    }
}

#[test]
fn models_are_the_same_for_any_number_of_threads() {
    let (rows, labels) = examples(9, 60, 1_000);
    let counts: Vec<Counts> = rows.iter().map(Counts::from).collect();
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let models = all_rules().map(|training| Classifier::fit(&rows, &labels, training).unwrap());
            let of_counts = Classifier::fit(&counts, &labels, Counts::TRAINING).unwrap();
            (models, of_counts, k_means(&rows, 9, 3))
        })
    };
    assert!(on(1) == on(3), "threads change a model");
    let other = Training { seed: 1, ..HV16::TRAINING };
    assert_ne!(Classifier::fit(&rows, &labels, other).unwrap(), on(1).0[0], "the seed does nothing");
}

#[test]
fn training_stops_early_at_the_best_epoch() {
    let (rows, labels) = examples(6, 6, 1_000);
    let held = examples(6, 30, 9_000_000);
    let training = Training { epochs: 200, patience: 3, ..HV16::TRAINING };
    let model = Classifier::fit_with_held_out(&rows, &labels, (&held.0, &held.1), training).unwrap();
    assert!((1..200).contains(&model.epochs()), "{}", model.epochs());
    // Stopping after a given number of epochs at the same rates gives no better model before it.
    let last = Classifier::fit(&rows, &labels, training).unwrap();
    assert!(right(&model, &held.0, &held.1) >= right(&last, &held.0, &held.1));
    let no_rows = Classifier::fit_with_held_out(&rows, &labels, (&[], &[]), training);
    assert_eq!(no_rows, Err(LearnError::NoExamples));
}

#[test]
fn more_examples_are_learned_from() {
    let (rows, labels) = examples(4, 10, 1_000);
    let centroid = HV16::TRAINING.centroid();
    let mut model = Classifier::fit(&rows[..11], &labels[..11], centroid).unwrap();
    model.partial_fit(&rows[11..], &labels[11..]).unwrap();
    let whole = Classifier::fit(&rows, &labels, centroid).unwrap();
    let near = |(a, b): ((usize, &HV16), (usize, &HV16))| a.0 == b.0 && reference::hamming(a.1, b.1) < 20;
    assert!(model.prototypes().zip(whole.prototypes()).all(near), "means of parts are the mean, up to rounding");
    // A class that was never there, and one that had no examples.
    for training in [centroid, HV16::TRAINING] {
        let mut model = Classifier::fit(&rows[..1], &[1], training).unwrap();
        assert_eq!((model.classes(), model.predict(&rows[3])), (2, Some(1)));
        assert_eq!(model.scores(&rows[0])[0], f32::NEG_INFINITY);
        model.partial_fit(&rows[2..4], &[0, 3]).unwrap();
        assert_eq!(model.predict_batch(&[rows[0], rows[2], rows[3]]), [Some(1), Some(0), Some(3)]);
        let before = model.clone();
        assert_eq!(model.partial_fit(&rows[..1], &[]), Err(LearnError::Unequal { rows: 1, labels: 0 }));
        assert_eq!(model, before);
    }
}

#[test]
fn wrong_settings_and_no_examples_are_errors() {
    let rows = [HV16::ZERO];
    assert_eq!(Classifier::<HV16>::fit(&[], &[], HV16::TRAINING), Err(LearnError::NoExamples));
    assert_eq!(Classifier::fit(&rows, &[0, 1], HV16::TRAINING), Err(LearnError::Unequal { rows: 1, labels: 2 }));
    let good = HV16::TRAINING;
    let wrong = [
        ("epochs", Training { epochs: 10_001, ..good }),
        ("learning_rate", Training { learning_rate: f32::NAN, ..good }),
        ("learning_rate", Training { learning_rate: 0.0, ..good }),
        ("margin", Training { margin: -0.1, ..good }),
        ("sharpness", Training { sharpness: f32::INFINITY, ..good }),
        ("prototypes", Training { prototypes: 0, ..good }),
        ("batch", Training { batch: 0, ..good }),
    ];
    for (setting, training) in wrong {
        let error = Classifier::fit(&rows, &[0], training).unwrap_err();
        assert!(matches!(error, LearnError::Setting { name, .. } if name == setting), "{error}");
    }
}

/// Counts against plain arithmetic, in the range of 12 bits and above it.
#[test]
fn counts_compare_by_cosine() {
    for n in [1, 2, 130, 4_095, 4_096, 9_000] {
        let mut counted = Accumulator::new();
        for i in 0..n.min(9) {
            counted.add_weighted(&HV16::random(i), (n / n.min(9)) as u32);
        }
        let signed: Vec<f64> = (0..HV16::DIM).map(|i| 2.0 * counted.count(i) as f64 - counted.len() as f64).collect();
        let norm = signed.iter().map(|v| v * v).sum::<f64>().sqrt();
        for seed in [0, 3, 77] {
            let v = HV16::random(seed);
            let dot: f64 = signed.iter().enumerate().map(|(i, s)| if v.bit(i) { *s } else { -s }).sum();
            let cosine = f64::from(Counts::from(&counted).cosine(&Counts::from(&v)));
            assert!((cosine - dot / (norm * 2048f64.sqrt())).abs() < 1e-3, "{n} vectors, seed {seed}: {cosine}");
        }
    }
    assert_eq!(Counts::from(&Accumulator::new()).cosine(&Counts::from(&HV16::ONES)), 0.0);
}

#[test]
fn clusters_are_found_and_have_members() {
    let vectors: Vec<HV16> = (0..60)
        .map(|i| reference::bundle(&[HV16::random(i % 4), HV16::random(500 + i), HV16::random(i % 4)]).unwrap())
        .collect();
    let clusters = k_means(&vectors, 4, 1);
    let mut members = clusters.members.clone();
    members.sort();
    assert_eq!(members, [0, 1, 2, 3].map(|c| (0..60).filter(|i| i % 4 == c).collect::<Vec<_>>()));
    for (centre, members) in clusters.centres.iter().zip(&clusters.members) {
        let vectors: Vec<HV16> = members.iter().map(|&i| vectors[i]).collect();
        assert_eq!(*centre, reference::bundle(&vectors).unwrap());
    }
    // No more clusters than different vectors, and none of nothing.
    assert_eq!(k_means(&[HV16::ZERO, HV16::ONES, HV16::ZERO], 5, 1).centres.len(), 2);
    assert!(k_means::<HV16>(&[], 3, 1).centres.is_empty() && k_means(&vectors, 0, 1).members.is_empty());
}

#[test]
fn sets_of_classes_cover_what_they_say() {
    let (rows, labels) = examples(8, 10, 1_000);
    let model = Classifier::fit(&rows, &labels, HV16::TRAINING.centroid()).unwrap();
    let [held, new] = [examples(8, 60, 5_000_000), examples(8, 200, 9_000_000)];
    let calibration = Calibration::fit(&model.scores_batch(&held.0), &held.1);
    assert_eq!(calibration.held_out(), 480);
    for coverage in [0.5, 0.8, 0.95] {
        let (mut covered, mut sizes) = (0, 0);
        for (scores, label) in model.scores_batch(&new.0).iter().zip(&new.1) {
            let probabilities = calibration.probabilities(scores);
            assert!((probabilities.iter().sum::<f32>() - 1.0).abs() < 1e-5);
            let classes = calibration.classes(&probabilities, coverage).unwrap();
            covered += usize::from(classes.contains(label));
            sizes += classes.len();
        }
        let share = covered as f64 / new.0.len() as f64;
        assert!(share > coverage - 0.05, "{share} of {coverage}");
        assert!(sizes < 7 * new.0.len(), "sets of {sizes} classes say nothing");
    }
    // Too few examples for the coverage: all classes. Out of range: an error.
    let few = Calibration::fit(&model.scores_batch(&held.0[..5]), &held.1[..5]);
    assert_eq!(few.classes(&[0.9, 0.05, 0.05], 0.95).unwrap(), [0, 1, 2]);
    for wrong in [0.0, 1.0, f64::NAN] {
        assert!(few.classes(&[1.0], wrong).unwrap_err().to_string().contains("above 0 and below 1"));
    }
}
