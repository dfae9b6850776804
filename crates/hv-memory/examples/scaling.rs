//! How the time of the analyses grows with the history, and how they compare with their obvious quadratic forms.
//!
//! ```text
//! cargo run --release -p hv-memory --example scaling
//! ```
//!
//! No arguments. For coactivations, causal chains and consolidation without merging, prints
//!
//! - the time at 1,000, 10,000 and 100,000 (medians), and the exponent of the power law fitted to the three, which is
//!   to be at most 1.25;
//! - the ratio to the obvious quadratic form at 1,000, the two run in turns, beside the ratio that the published
//!   system claims for its own. Both forms are checked to agree.
//!
//! The history is a stream of that many episodes: one a second, each a copy of the one before with 64 bits flipped.
//! Every episode is retrieved ten times, and each retrieval has ten later ones in its window. Chains are followed to
//! their beginning, and consolidation keeps half. The quadratic forms compare the retrievals of every two episodes,
//! look at all episodes at every step, and drop the weakest until few enough are left.
//!
//! The last row is coactivations at its hardest: of 100,000 retrievals, a million pairs of episodes met once.

use std::cmp::Reverse;
use std::hint::black_box;
use std::time::Instant;

use hv_memory::analysis::{
    CausalPolicy, Columns, ConsolidatePolicy, TimeOrder, causal_chain, coactivations, consolidation_plan,
};
use hv_memory::hv_parallel::hv_simd::simd_hamming;
use hv_memory::{EpisodeId, HV16};

const SIZES: [usize; 3] = [1_000, 10_000, 100_000];
const SECOND: i64 = 1_000_000;
const WINDOW: u64 = 10 * SECOND as u64;
const CAUSAL: CausalPolicy = CausalPolicy { tau: 60e6, threshold: 0.1, max_len: usize::MAX };

fn main() {
    let analyses = [
        Analysis { name: "coactivations", fast: pairs, obvious: pairs_obviously, published: 400 },
        Analysis { name: "causal chain", fast: chain, obvious: chain_obviously, published: 850 },
        Analysis { name: "consolidation", fast: kept, obvious: kept_obviously, published: 20 },
    ];
    let histories = SIZES.map(History::new);
    println!("analysis         1,000     10,000    100,000   exponent   quadratic / this, at 1,000 (published)");
    for analysis in analyses {
        let times = histories.each_ref().map(|history| median(5, || analysis.fast(history)));
        let points: Vec<(f64, f64)> = SIZES.iter().zip(times).map(|(&n, time)| ((n as f64).ln(), time.ln())).collect();
        let [a, b, c] = times.map(milliseconds);
        let (exponent, ratio) = (slope(&points), analysis.ratio(&histories[0]));
        let (name, published) = (analysis.name, analysis.published);
        println!("{name:<14}{a} {b} {c}   {exponent:<8.2}   {ratio:.0} x ({published} x)");
    }
    // No two episodes meet twice, so a million pairs are found and put in order.
    let retrievals: Vec<_> = (0..100_000).map(|i| (EpisodeId(i * 7_919 % 100_003), i as i64 * SECOND)).collect();
    let time = median(9, || coactivations(&retrievals, WINDOW, 1));
    let found = coactivations(&retrievals, WINDOW, 1).len();
    println!("coactivations of 100,000 retrievals, {found} pairs:{}", milliseconds(time));
}

/// What an analysis found, in a form that its two implementations share.
type Found = Vec<(u64, u64)>;

struct Analysis {
    name: &'static str,
    fast: fn(&History) -> Found,
    obvious: fn(&History) -> Found,
    published: u32,
}

impl Analysis {
    fn fast(&self, history: &History) -> usize {
        (self.fast)(black_box(history)).len()
    }

    fn ratio(&self, history: &History) -> f64 {
        assert_eq!((self.fast)(history), (self.obvious)(history), "{}: the two forms disagree", self.name);
        let mut ratios: Vec<f64> = (0..9)
            .map(|_| median(1, || (self.obvious)(black_box(history))) / median(9, || self.fast(history)))
            .collect();
        ratios.sort_unstable_by(f64::total_cmp);
        ratios[ratios.len() / 2]
    }
}

/// The median time of a call, in seconds.
fn median<T>(runs: usize, mut run: impl FnMut() -> T) -> f64 {
    let mut times: Vec<f64> = (0..runs)
        .map(|_| {
            let start = Instant::now();
            black_box(run());
            start.elapsed().as_secs_f64()
        })
        .collect();
    times.sort_unstable_by(f64::total_cmp);
    times[runs / 2]
}

fn milliseconds(seconds: f64) -> String {
    format!("{:>8.3} ms", seconds * 1e3)
}

/// The slope of the line nearest to the points, by least squares.
fn slope(points: &[(f64, f64)]) -> f64 {
    let mean = |value: fn(&(f64, f64)) -> f64| points.iter().map(value).sum::<f64>() / points.len() as f64;
    let (x, y) = (mean(|p| p.0), mean(|p| p.1));
    let covariance: f64 = points.iter().map(|p| (p.0 - x) * (p.1 - y)).sum();
    covariance / points.iter().map(|p| (p.0 - x).powi(2)).sum::<f64>()
}

struct History {
    vectors: Vec<HV16>,
    strengths: Vec<f64>,
    /// In order of time.
    retrievals: Vec<(EpisodeId, i64)>,
    /// When each episode was retrieved.
    logs: Vec<Vec<i64>>,
}

impl History {
    fn new(n: usize) -> Self {
        let mut vector = HV16::random(1);
        let step = |i: usize| {
            // Two bytes of noise for each place to flip.
            for place in HV16::random(i as u64).0[..128].chunks_exact(2) {
                let place = usize::from(place[0]) << 3 | usize::from(place[1]) & 7;
                vector.set_bit(place, !vector.bit(place));
            }
            vector
        };
        let (vectors, n) = ((0..n).map(step).collect(), n as u64);
        let strengths = (0..n).map(|i| (i * 7_919 % 10_007) as f64 / 10_007.0).collect();
        // Neighbours are retrieved together, as they are when a cue finds both.
        let id = |i: u64| (i / 20 * 7_919 + i * i % 23) % n;
        let retrievals: Vec<_> = (0..10 * n).map(|i| (EpisodeId(id(i)), i as i64 * SECOND)).collect();
        let mut logs = vec![Vec::new(); n as usize];
        for &(id, time) in &retrievals {
            logs[id.0 as usize].push(time);
        }
        Self { vectors, strengths, retrievals, logs }
    }
}

impl Columns for History {
    fn slots(&self) -> usize {
        self.vectors.len()
    }
    fn is_dead(&self, _: usize) -> bool {
        false
    }
    fn id(&self, slot: usize) -> EpisodeId {
        EpisodeId(slot as u64)
    }
    fn time(&self, slot: usize) -> i64 {
        slot as i64 * SECOND
    }
    fn valence(&self, _: usize) -> f32 {
        0.0
    }
    fn vector(&self, slot: usize) -> &HV16 {
        &self.vectors[slot]
    }
    fn strength(&self, slot: usize) -> f64 {
        self.strengths[slot]
    }
    fn updated(&self, slot: usize) -> i64 {
        self.time(slot)
    }
}

fn pairs(history: &History) -> Found {
    let found = coactivations(&history.retrievals, WINDOW, 3);
    found.iter().map(|pair| (pair.a.0 << 32 | pair.b.0, pair.count)).collect()
}

/// All retrievals of every two episodes.
fn pairs_obviously(history: &History) -> Found {
    let mut found = Vec::new();
    for (a, log_a) in history.logs.iter().enumerate() {
        for (b, log_b) in history.logs.iter().enumerate().skip(a + 1) {
            let within = |a: &i64| log_b.iter().filter(|b| a.abs_diff(**b) <= WINDOW).count() as u64;
            let dts =
                || log_a.iter().flat_map(|a| log_b.iter().map(move |b| a.abs_diff(*b))).filter(|&dt| dt <= WINDOW);
            let count = log_a.iter().map(within).sum();
            if count >= 3 {
                let mean = dts().sum::<u64>() as f64 / count as f64;
                found.push((Reverse(count), mean.to_bits(), a as u64, b as u64));
            }
        }
    }
    found.sort_unstable();
    found.into_iter().map(|(Reverse(count), _, a, b)| (a << 32 | b, count)).collect()
}

fn chain(history: &History) -> Found {
    let chain = causal_chain(history, &TimeOrder::new(history), history.slots() - 1, &CAUSAL);
    let Ok(chain) = chain else { return Vec::new() };
    chain.ids.iter().zip(&chain.links).map(|(id, link)| (id.0, link.to_bits())).collect()
}

/// All episodes at every step.
fn chain_obviously(history: &History) -> Found {
    let (mut found, mut effect) = (Vec::new(), history.slots() - 1);
    loop {
        let earlier = (0..history.slots()).filter(|&cause| history.time(cause) < history.time(effect)).map(|cause| {
            let distance = simd_hamming(history.vector(cause), history.vector(effect));
            (CAUSAL.link(distance, history.time(effect).abs_diff(history.time(cause)), 0.0), cause)
        });
        match earlier.max_by(|a, b| a.0.total_cmp(&b.0)) {
            Some((link, cause)) if link >= CAUSAL.threshold => {
                found.push((cause as u64, link.to_bits()));
                effect = cause;
            }
            _ => break,
        }
    }
    found.reverse();
    found
}

fn policy(history: &History) -> ConsolidatePolicy {
    ConsolidatePolicy { capacity: Some(history.slots() / 2), floor: 0.0, ..ConsolidatePolicy::default() }
}

fn kept(history: &History) -> Found {
    let now = history.time(history.slots());
    let Ok(plan) = consolidation_plan(history, &policy(history), now) else { return Vec::new() };
    plan.kept.iter().map(|kept| (kept.slot as u64, kept.strength.to_bits())).collect()
}

/// Drops the weakest until few enough are left.
fn kept_obviously(history: &History) -> Found {
    let (policy, now) = (policy(history), history.time(history.slots()));
    let strength = |slot: &usize| policy.faded(history.strength(*slot), history.updated(*slot), now);
    let mut left: Vec<(f64, usize)> = (0..history.slots()).map(|slot| (strength(&slot), slot)).collect();
    while left.len() > history.slots() / 2 {
        let weakest =
            (0..left.len()).min_by(|&i, &j| left[i].partial_cmp(&left[j]).unwrap_or(std::cmp::Ordering::Equal));
        left.remove(weakest.unwrap_or(0));
    }
    left.iter().map(|&(strength, slot)| (slot as u64, strength.to_bits())).collect()
}
