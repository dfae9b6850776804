//! The similarity profiles of docs/encoders.md: measured points lie on the formulas, and the plot shows them.
//!
//! `HV_GOLDEN=write cargo test -p hv-encode --test profiles` draws docs/encoders.svg again.

mod plot;

use std::f64::consts::PI;

use hv_encode::{
    CircularEncoder, Encoder, FloatEncoder, HV16, ImageEncoder, ItemMemory, LevelEncoder, NgramEncoder, RecordEncoder,
    SeriesEncoder, ThermometerEncoder, WordNgramEncoder,
};
use hv_parallel::hv_simd::simd_similarity;
use plot::{Panel, Series, golden, svg};

/// Seeds whose mean is measured where the profile is one of means.
const SEEDS: u64 = 40;

/// A series whose measured points lie within `bound` of the formula.
fn series(name: &str, to: f64, formula: impl Fn(f64) -> f64, measure: impl Fn(f64) -> f64, bound: f64) -> Series {
    let points = |n: i32| (0..=n).map(move |i| to * f64::from(i) / f64::from(n));
    let measured: Vec<(f64, f64)> = points(20).map(|x| (x, measure(x))).collect();
    for &(x, y) in &measured {
        assert!((y - formula(x)).abs() <= bound, "{name} at {x}: measured {y}, the formula gives {}", formula(x));
    }
    Series { name: name.into(), curve: points(100).map(|x| (x, formula(x))).collect(), measured }
}

fn similarity<T: ?Sized>(encoder: &impl Encoder<T>, a: &T, b: &T) -> f64 {
    f64::from(simd_similarity(&encoder.encode(a).unwrap(), &encoder.encode(b).unwrap()))
}

/// The mean over seeds.
fn mean(of: impl Fn(u64) -> f64) -> f64 {
    (0..SEEDS).map(of).sum::<f64>() / SEEDS as f64
}

/// Two lists of 41 numbers that share a part of them.
fn lists(share: f64) -> [Vec<usize>; 2] {
    let shared = (41.0 * share).round() as usize;
    [(0..41).collect(), (0..41).map(|i| if i < shared { i } else { i + 41 }).collect()]
}

/// The share that there really is.
fn rounded(share: f64) -> f64 {
    (41.0 * share).round() / 41.0
}

fn parts() -> Vec<Series> {
    let formula = |share: f64| 0.5 + rounded(share).asin() / PI;
    let records = |share: f64| {
        mean(|seed| {
            let value = |&i: &usize| (i % 41, HV16::random(1_000 * seed + i as u64));
            let [a, b] = lists(share).map(|list| list.iter().map(value).collect::<Vec<_>>());
            similarity(&RecordEncoder::new(seed), &a[..], &b[..])
        })
    };
    let images = |share: f64| {
        mean(|seed| {
            let [a, b] = lists(share);
            similarity(&ImageEncoder::new(41, 1, ItemMemory::new(seed + 99), seed).unwrap(), &a[..], &b[..])
        })
    };
    let words = |share: f64| {
        mean(|seed| {
            let text = |list: Vec<usize>| list.iter().map(|i| format!("w{i}")).collect::<Vec<_>>().join(" ");
            let [a, b] = lists(share).map(text);
            similarity(&WordNgramEncoder::new(1, seed).unwrap(), a.as_str(), b.as_str())
        })
    };
    let letters = |share: f64| {
        mean(|seed| {
            // Each number is a letter of its own; single letters are the n-grams, and the space is one more.
            let text = |list: Vec<usize>| -> String {
                list.iter().skip(1).filter_map(|&i| char::from_u32(0x4e00 + i as u32)).collect()
            };
            let [a, b] = lists(share.max(1.0 / 41.0)).map(text);
            similarity(&NgramEncoder::new(1, seed), a.as_str(), b.as_str())
        })
    };
    let least = |share: f64| formula(share.max(1.0 / 41.0));
    vec![
        series("records", 1.0, formula, records, 0.01),
        series("images", 1.0, formula, images, 0.01),
        series("words", 1.0, formula, words, 0.01),
        series("letters", 1.0, least, letters, 0.01),
    ]
}

#[test]
fn measured_profiles_lie_on_their_formulas() {
    let level = LevelEncoder::new(0.0, 1.0, 101, 1).unwrap();
    let thermometer = ThermometerEncoder::new(0.0, 1.0, 101, 1).unwrap();
    let circular = CircularEncoder::new(1.0, 100, 1).unwrap();
    let numbers = vec![
        series("level", 1.0, |x| 1.0 - x / 2.0, |x| similarity(&level, &0.0, &x), 1.0 / 2048.0),
        series("thermometer", 1.0, |x| 1.0 - x, |x| similarity(&thermometer, &0.0, &x), 1.0 / 2048.0),
        series("circular", 1.0, |x| 1.0 - x.min(1.0 - x), |x| similarity(&circular, &0.0, &x), 1.0 / 2048.0),
        series(
            "item",
            1.0,
            |x| if x == 0.0 { 1.0 } else { 0.5 },
            |x| mean(|seed| similarity(&ItemMemory::new(seed), "0", format!("{x}").as_str())),
            0.01,
        ),
    ];
    let run = |n: usize| {
        let measure = move |x: f64| {
            mean(|seed| {
                let levels = LevelEncoder::new(0.0, 1.0, 101, seed).unwrap();
                similarity(&SeriesEncoder::new(1, n, levels, seed).unwrap(), &vec![0.0; n][..], &vec![x; n][..])
            })
        };
        series(&format!("n-gram of {n}"), 1.0, move |x| 0.5 + (1.0 - x).powi(n as i32) / 2.0, measure, 0.01)
    };
    let angle = |x: f64| {
        mean(|seed| {
            let row = |angle: f64| {
                let mut row = [0.0; 8];
                (row[2], row[5]) = (angle.cos(), angle.sin());
                row
            };
            similarity(&FloatEncoder::new(8, seed), &row(0.3)[..], &row(0.3 + x)[..])
        })
    };
    let panel = |title: &str, x: f64, y: f64, series: Vec<Series>| Panel {
        title: title.into(),
        x: 0.0..x,
        y: y..1.0,
        log: false,
        series,
    };
    let panels = [
        panel("Numbers: similarity with 0, range or period 1", 1.0, 0.0, numbers),
        panel("Shared parts: similarity by their share", 1.0, 0.4, parts()),
        panel("Time series: one run of n steps, each moved by x", 1.0, 0.4, vec![run(1), run(2), run(4)]),
        panel(
            "Rows of numbers: similarity by their angle",
            PI,
            0.0,
            vec![series("float", PI, |x| 1.0 - x / PI, angle, 0.01)],
        ),
    ];
    golden("encoders.svg", &svg(&panels).unwrap());
}
