//! How much structures hold: measured against predictions, for docs/capacity.md.
//!
//! `HV_GOLDEN=write cargo test -p hv-encode --test capacity -- --ignored` measures for a minute and writes the
//! page and its plot. Without the variable it compares them.

mod plot;

use std::fmt::Write;

use hv_encode::statistics::{bundle_similarity, capacity, clean_up_error};
use hv_encode::structures::{BindSequence, BundleSequence, FiniteAutomaton, Graph, HashTable, Multiset, Set, Tree};
use hv_encode::{Codebook, HV16, ItemMemory};
use hv_parallel::hv_simd::{simd_bundle, simd_similarity};
use plot::{Panel, Series, golden, svg};

/// Values that may be meant where something is cleaned up.
const NAMES: usize = 1_000;
/// The error at which the capacity is read.
const ERROR: f64 = 0.01;

/// How often answers were wrong of how many.
type Wrong = (u64, u64);

/// A structure: its name, the predicted error for n items, and a trial with n items and a seed.
struct Structure {
    name: &'static str,
    predicted: fn(u64) -> f64,
    trial: Box<dyn Fn(u64, u64) -> Wrong>,
}

/// The normal distribution above `z`.
fn above(z: f64) -> f64 {
    libm::erfc(z / std::f64::consts::SQRT_2) / 2.0
}

/// An item that was put in, or not, is taken for the other: noise of all others reaches half of an item.
fn membership_error(n: u64) -> f64 {
    let error = |others: u64| above(1024.0 / (2048.0 * others as f64).sqrt());
    (error(n - 1) + error(n)) / 2.0
}

/// A count is wrong: the noise reaches half of an item to either side.
fn count_error(n: u64) -> f64 {
    2.0 * above(1024.0 / (2048.0 * (n - 1) as f64).sqrt())
}

/// The same from the vector alone, with the threshold halfway between an item and chance.
fn vector_error(n: u64) -> f64 {
    let item = bundle_similarity(n);
    let half = (item - 0.5) / 2.0 * 2048.0;
    (above(half / (2048.0 * item * (1.0 - item)).sqrt()) + above(half / 512f64.sqrt())) / 2.0
}

fn table_error(n: u64) -> f64 {
    clean_up_error(n, NAMES as u64)
}

fn wrong(answers: impl Iterator<Item = bool>) -> Wrong {
    answers.fold((0, 0), |(wrong, all), is_right| (wrong + u64::from(!is_right), all + 1))
}

fn key(seed: u64, i: u64) -> HV16 {
    ItemMemory::new(seed).vector(&i)
}

/// The number of the value that belongs to item i.
fn value(seed: u64, i: u64) -> usize {
    (HV16::random(seed ^ i << 32).0[0] as usize * 256 + HV16::random(seed ^ i << 32).0[1] as usize) % NAMES
}

fn structures() -> Vec<Structure> {
    // Every vector gets the name of the nearest: what is measured is whether it is right.
    let names = Codebook::from_items(ItemMemory::new(1), (0..NAMES).map(|i| i.to_string()));
    let names: &'static Codebook = Box::leak(Box::new(names.unwrap().with_false_alarms(1.0).unwrap()));
    let v = |i: usize| names.vectors()[i];
    let membership = |seed: u64, n: u64, has: &dyn Fn(u64) -> bool| {
        let _ = seed;
        wrong((0..n).map(has).chain((n..2 * n).map(|i| !has(i))))
    };
    vec![
        Structure {
            name: "Set",
            predicted: membership_error,
            trial: Box::new(move |n, seed| {
                let mut multiset = Set::new();
                (0..n).for_each(|i| _ = multiset.insert(&key(seed, i)));
                membership(seed, n, &|i| multiset.contains(&key(seed, i)))
            }),
        },
        Structure {
            name: "Set, from its vector alone",
            predicted: vector_error,
            trial: Box::new(move |n, seed| {
                let vector = simd_bundle(&(0..n).map(|i| key(seed, i)).collect::<Vec<_>>()).unwrap();
                let half = (0.5 + bundle_similarity(n)) / 2.0;
                membership(seed, n, &|i| f64::from(simd_similarity(&vector, &key(seed, i))) >= half)
            }),
        },
        Structure {
            name: "Multiset",
            predicted: count_error,
            trial: Box::new(|n, seed| {
                let mut multiset = Multiset::new();
                (0..n).for_each(|i| multiset.insert(&key(seed, i)));
                wrong((0..n).map(|i| multiset.count(&key(seed, i)) == 1))
            }),
        },
        Structure {
            name: "Graph, undirected",
            predicted: membership_error,
            trial: Box::new(move |n, seed| {
                let edge = |i: u64| (v(value(seed, i)), key(seed, i));
                let mut graph = Graph::undirected();
                (0..n).for_each(|i| graph.add_edge(&edge(i).0, &edge(i).1).unwrap());
                membership(seed, n, &|i| graph.has_edge(&edge(i).1, &edge(i).0))
            }),
        },
        Structure {
            name: "Graph, directed",
            predicted: membership_error,
            trial: Box::new(move |n, seed| {
                let edge = |i: u64| (v(value(seed, i)), key(seed, i));
                let mut graph = Graph::directed();
                (0..n).for_each(|i| graph.add_edge(&edge(i).0, &edge(i).1).unwrap());
                membership(seed, n, &|i| graph.has_edge(&edge(i).0, &edge(i).1))
            }),
        },
        Structure {
            name: "HashTable",
            predicted: table_error,
            trial: Box::new(move |n, seed| {
                let mut table = HashTable::new();
                (0..n).for_each(|i| table.put(&key(seed, i), &v(value(seed, i))));
                wrong((0..n).map(|i| table.get(&key(seed, i), names).unwrap().index == value(seed, i)))
            }),
        },
        Structure {
            name: "BundleSequence",
            predicted: table_error,
            trial: Box::new(move |n, seed| {
                let mut sequence = BundleSequence::new();
                (0..n).for_each(|i| sequence.append(&v(value(seed, i))).unwrap());
                wrong((0..n).map(|i| sequence.get(i as usize, names).unwrap().index == value(seed, i)))
            }),
        },
        Structure {
            name: "Tree",
            predicted: table_error,
            trial: Box::new(move |n, seed| {
                let path = |i: u64| [i as usize % 3, i as usize / 3 % 3, i as usize / 9];
                let mut tree = Tree::new(seed);
                (0..n).for_each(|i| tree.put(&path(i), &v(value(seed, i))).unwrap());
                wrong((0..n).map(|i| tree.get(&path(i), names).unwrap().unwrap().index == value(seed, i)))
            }),
        },
        Structure {
            name: "FiniteAutomaton",
            predicted: table_error,
            trial: Box::new(move |n, seed| {
                let state = |i: u64| v((i as usize * 7 + seed as usize) % NAMES);
                let mut automaton = FiniteAutomaton::new();
                (0..n).for_each(|i| automaton.add_transition(&state(i), &key(seed, i % 3), &v(value(seed, i))));
                let step = |i: u64| automaton.step(&state(i), &key(seed, i % 3), names).unwrap().index;
                wrong((0..n).map(|i| step(i) == value(seed, i)))
            }),
        },
    ]
}

/// The most items for which the predicted error is at most 1 %.
fn predicted_capacity(structure: &Structure) -> u64 {
    (2..).find(|&n| (structure.predicted)(n) > ERROR).unwrap() - 1
}

/// The error with n items, of at least this many answers.
fn measure(structure: &Structure, n: u64, answers: u64) -> f64 {
    let (mut wrong, mut all) = (0, 0);
    for seed in 1.. {
        let (more_wrong, more) = (structure.trial)(n, seed * 1_000_003 + n);
        (wrong, all) = (wrong + more_wrong, all + more);
        if all >= answers {
            break;
        }
    }
    wrong as f64 / all as f64
}

/// Where the line through the logarithms of errors crosses 1 %.
fn crossing(points: &[(f64, f64)]) -> f64 {
    let (n, logs) = (points.len() as f64, points.iter().map(|&(x, y)| (x, (y / ERROR).ln())));
    let (x, y) = logs.clone().fold((0.0, 0.0), |sum, point| (sum.0 + point.0 / n, sum.1 + point.1 / n));
    let (xy, xx) = logs
        .fold((0.0, 0.0), |sum, point| (sum.0 + (point.0 - x) * (point.1 - y), sum.1 + (point.0 - x) * (point.0 - x)));
    x - y * xx / xy
}

/// A fast look at each prediction: at 1.4 times the capacity, where errors are more frequent.
#[test]
fn errors_are_as_predicted() {
    for structure in structures() {
        let n = predicted_capacity(&structure) * 7 / 5;
        let (measured, predicted) = (measure(&structure, n, 12_000), (structure.predicted)(n));
        assert!(
            (measured / predicted - 1.0).abs() < 0.2,
            "{} of {n}: {measured}, expected {predicted}",
            structure.name
        );
    }
    assert_eq!(predicted_capacity(&structures()[5]), capacity(NAMES as u64, ERROR));
}

/// Of how many sequences a product of n items from a codebook of 16 is not taken apart.
fn products(n: usize, trials: u64) -> Wrong {
    wrong((0..trials).map(|seed| {
        let names = Codebook::from_items(ItemMemory::new(seed + 7), (0..16).map(|i| i.to_string())).unwrap();
        let mut sequence = BindSequence::new();
        let item = |i: usize| (i * i + seed as usize) % 16;
        (0..n).for_each(|i| sequence.append(&names.vectors()[item(i)]).unwrap());
        sequence.items(&names).is_some_and(|found| found.iter().enumerate().all(|(i, found)| found.index == item(i)))
    }))
}

#[test]
#[ignore = "measures for a minute"]
fn the_page_is_as_measured() {
    const ANSWERS: u64 = 30_000;
    let mut page = include_str!("capacity.md").to_owned();
    let mut rows = String::new();
    let mut panels = [Vec::new(), Vec::new()];
    for (i, structure) in structures().into_iter().enumerate() {
        let expected = predicted_capacity(&structure);
        let measured: Vec<(f64, f64)> = [90, 95, 100, 105, 110, 120]
            .map(|percent| (expected * percent + 50) / 100)
            .map(|n| (n as f64, measure(&structure, n, ANSWERS)))
            .to_vec();
        let at: Vec<(f64, f64)> = measured.iter().map(|&(n, _)| (n, (structure.predicted)(n as u64))).collect();
        let (found, predicted) = (crossing(&measured), crossing(&at));
        assert!((found / predicted - 1.0).abs() < 0.05, "{}: {found} items, expected {predicted}", structure.name);
        let (name, more) = structure.name.split_at(structure.name.find(',').unwrap_or(structure.name.len()));
        writeln!(rows, "| `{name}`{more} | {expected} | {predicted:.1} | {found:.1} |").unwrap();
        let curve = (expected / 2..expected * 3 / 2).map(|n| (n as f64, (structure.predicted)(n)));
        let series =
            Series { name: structure.name.into(), curve: curve.filter(|point| point.1 > 1e-4).collect(), measured };
        panels[usize::from(i >= 5)].push(series);
    }
    // 16 names at n positions are 16 n equations of 2,048 bits; some 7 less leave one answer in 99 of 100 cases.
    let expected = (HV16::DIM - 7) / 16;
    assert_eq!(products(expected, 5).0, 0);
    assert!(products(expected + 1, 10).0 > 0);
    writeln!(rows, "| `BindSequence`, of 16 names | {expected} | {expected} | {expected} |").unwrap();
    page = page.replace("{rows}", rows.trim_end());
    let [sets, tables] = panels;
    let panel =
        |title: &str, to: f64, series| Panel { title: title.into(), x: 0.0..to, y: 1e-4..0.3, log: true, series };
    let plots =
        [panel("Membership: error by items", 150.0, sets), panel("Values of 1,000: error by items", 60.0, tables)];
    golden("capacity.svg", &svg(&plots).unwrap());

    golden("capacity.md", &page);
}
