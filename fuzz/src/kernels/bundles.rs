//! Bundles and accumulators.

use hv_simd::hv_core::reference;
use hv_simd::{Accumulator, HV16};

use super::backends;
use super::vectors::{side, vectors};
use crate::input::Input;

/// The most vectors that an accumulator counts.
const MAX_LEN: i128 = 1 << 63;

pub(super) fn check(input: &mut Input<'_>) {
    if input.below(2) == 0 { bundle(input) } else { accumulators(input) }
}

fn bundle(input: &mut Input<'_>) {
    let n = side(input);
    let vectors = vectors(input, n);
    let mut counters = Counters::new();
    vectors.iter().for_each(|v| counters.add(v, 1));
    let expected = (n > 0).then(|| counters.majority());
    if n < 20 {
        assert_eq!(reference::bundle(&vectors), expected);
    }
    for kernels in backends() {
        assert_eq!(kernels.bundle(&vectors), expected, "{}, n = {n}", kernels.backend());
    }
}

/// Something that is done to an accumulator.
enum Change {
    Add(HV16),
    AddMany(Vec<HV16>),
    AddWeighted(HV16, u32),
    /// Merge it with itself.
    Double,
}

fn accumulators(input: &mut Input<'_>) {
    let mut counters = Counters::new();
    let mut changes = Vec::new();
    while changes.len() < 64 && (input.has_more() || changes.is_empty()) {
        let change = change(input);
        if counters.n + change.len(&counters) > MAX_LEN {
            break;
        }
        counters.apply(&change);
        changes.push(change);
    }
    let probe = HV16::random(u64::from(input.u8()));
    let mut bytes = None;
    for kernels in backends() {
        let (mut whole, mut parts) = (kernels.accumulator(), kernels.accumulator());
        for change in &changes {
            apply(&mut whole, change);
            // Counted apart, and merged.
            let mut part = kernels.accumulator();
            match change {
                Change::Double => part = parts.clone(),
                change => apply(&mut part, change),
            }
            parts.merge(&part);
        }
        assert!(whole == parts, "{}", kernels.backend());
        counters.compare(&whole, &[probe, HV16::ONES]);
        let found = whole.to_bytes();
        assert!(bytes.get_or_insert_with(|| found.clone()) == &found, "{}", kernels.backend());
    }
}

fn change(input: &mut Input<'_>) -> Change {
    match input.below(6) {
        0 | 1 => Change::Add(vectors(input, 1)[0]),
        2 => {
            let n = input.below(40);
            Change::AddMany(vectors(input, n))
        }
        3 => Change::AddWeighted(vectors(input, 1)[0], u32::from(input.u8())),
        4 => Change::AddWeighted(vectors(input, 1)[0], input.u32()),
        _ => Change::Double,
    }
}

impl Change {
    /// How many vectors it adds.
    fn len(&self, to: &Counters) -> i128 {
        match self {
            Self::Add(_) => 1,
            Self::AddMany(vectors) => vectors.len() as i128,
            Self::AddWeighted(_, weight) => i128::from(*weight),
            Self::Double => to.n,
        }
    }
}

fn apply(counters: &mut Accumulator, change: &Change) {
    match change {
        Change::Add(v) => counters.add(v),
        Change::AddMany(vectors) => counters.add_many(vectors),
        Change::AddWeighted(v, weight) => counters.add_weighted(v, *weight),
        Change::Double => counters.merge(&counters.clone()),
    }
}

/// Counters one by one, in integers too wide to overflow: the obvious form of [`Accumulator`].
struct Counters {
    counts: Vec<i128>,
    n: i128,
}

impl Counters {
    fn new() -> Self {
        Self { counts: vec![0; HV16::DIM], n: 0 }
    }

    fn add(&mut self, v: &HV16, weight: i128) {
        self.n += weight;
        for (byte, counts) in v.0.iter().zip(self.counts.chunks_mut(8)) {
            counts.iter_mut().enumerate().for_each(|(bit, count)| *count += i128::from(byte >> bit & 1) * weight);
        }
    }

    fn apply(&mut self, change: &Change) {
        match change {
            Change::Add(v) => self.add(v, 1),
            Change::AddMany(vectors) => vectors.iter().for_each(|v| self.add(v, 1)),
            Change::AddWeighted(v, weight) => self.add(v, i128::from(*weight)),
            Change::Double => {
                self.n *= 2;
                self.counts.iter_mut().for_each(|count| *count *= 2);
            }
        }
    }

    fn majority(&self) -> HV16 {
        let mut out = HV16::ZERO;
        for i in 0..HV16::DIM {
            let left = |by| self.counts[(i + HV16::DIM - by) % HV16::DIM];
            let tie = (left(1) & 1 == 1) != (2 * left(2) > self.n);
            out.set_bit(i, 2 * self.counts[i] > self.n || 2 * self.counts[i] == self.n && tie);
        }
        out
    }

    fn dot(&self, v: &HV16) -> i128 {
        let signed = |i: usize| (2 * self.counts[i] - self.n) * if v.bit(i) { 1 } else { -1 };
        (0..HV16::DIM).map(signed).sum()
    }

    fn compare(&self, found: &Accumulator, probes: &[HV16]) {
        assert_eq!((i128::from(found.len()), found.is_empty()), (self.n, self.n == 0));
        assert_eq!(found.majority(), (self.n > 0).then(|| self.majority()), "{found:?}");
        assert!((0..HV16::DIM).all(|i| i128::from(found.count(i)) == self.counts[i]), "{found:?}");
        for probe in probes {
            let expected = self.dot(probe).clamp(i64::MIN.into(), i64::MAX.into());
            assert_eq!(i128::from(found.dot(probe)), expected, "{found:?}");
        }
        let norm = self.counts.iter().map(|count| ((2 * count - self.n) as f64).powi(2)).sum::<f64>().sqrt();
        assert!((found.norm() - norm).abs() <= 1e-12 * norm, "{found:?}");
    }
}
