//! What every test here needs: the devices that are there, and vectors of all kinds.

// Each test file uses a part of this.
#![allow(dead_code)]

use std::io::Write;
use std::sync::OnceLock;

use hv_core::reference;
use hv_gpu::for_benchmarks::random_vector;
use hv_gpu::hv_parallel::SliceSearch;
use hv_gpu::{Bitmap, Bound, Gpu, GpuOptions, HV16, Hits, Interface, Search};

/// All devices, opened once. An interface that has none is named in the output, and is a failure where `HV_REQUIRE` lists
/// it (`HV_REQUIRE=vulkan,cuda`).
pub fn gpus() -> &'static [Gpu] {
    static GPUS: OnceLock<Vec<Gpu>> = OnceLock::new();
    GPUS.get_or_init(|| {
        let open = |device| Gpu::open_device(device, &GpuOptions::new()).unwrap();
        let gpus: Vec<Gpu> = Gpu::devices().iter().map(open).collect();
        let required = std::env::var("HV_REQUIRE").unwrap_or_default();
        for required in required.split(',').filter(|name| !name.is_empty()) {
            assert!(Interface::ALL.iter().any(|one| one.name() == required), "HV_REQUIRE={required} is no interface");
        }
        for interface in Interface::ALL {
            if gpus.iter().any(|gpu| gpu.device().interface() == interface) {
                continue;
            }
            let required = required.split(',').any(|name| name == interface.name());
            assert!(!required, "HV_REQUIRE: there is no device for {interface}");
            // Past the test harness, which hides what passing tests print.
            std::io::stderr()
                .write_all(format!("not tested: there is no device for {interface}\n").as_bytes())
                .unwrap();
        }
        gpus
    })
}

/// Numbers that look random.
pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % n
    }
}

/// What the vectors are like.
#[derive(Clone, Copy, Debug)]
pub enum Like {
    /// Unrelated to each other.
    Random,
    /// Near a few, with many equal ones and complements.
    Tied,
    /// Of few ones.
    Sparse,
}

pub fn vectors(n: usize, like: Like, seed: u64) -> Vec<HV16> {
    let mut random = Random(seed);
    let centres = [0, 1, 2].map(|centre| HV16::random(seed ^ centre));
    let vector = |i: usize| match like {
        // Faster than HV16::random, whose ChaCha is not optimised in tests.
        Like::Random => random_vector(seed as usize * 1_000_003 + i),
        Like::Tied => {
            let centre = centres[random.below(3)];
            let near = [centre, !centre, HV16::ZERO, HV16::ONES][random.below(4)];
            let flips = random.below(3);
            flipped(near, flips, &mut random)
        }
        Like::Sparse => {
            let ones = random.below(40);
            flipped(HV16::ZERO, ones, &mut random)
        }
    };
    (0..n).map(vector).collect()
}

fn flipped(mut v: HV16, bits: usize, random: &mut Random) -> HV16 {
    for _ in 0..bits {
        let bit = random.below(HV16::DIM);
        v.set_bit(bit, !v.bit(bit));
    }
    v
}

/// A filter that admits about one of `every` vectors.
pub fn filter(n: usize, every: usize, seed: u64) -> Bitmap {
    let mut random = Random(seed);
    Bitmap::from_fn(n, |_| random.below(every) == 0)
}

/// What the reference finds.
pub fn reference_top_k(
    queries: &[HV16],
    memory: &[HV16],
    k: usize,
    bound: Bound,
    filter: Option<&Bitmap>,
) -> Vec<Vec<(usize, u16)>> {
    let one = |query: &HV16| {
        let distances = memory.iter().enumerate().map(|(i, v)| (i, reference::hamming(query, v) as u16));
        let counts =
            |&(i, distance): &(usize, u16)| bound.admits(distance) && filter.is_none_or(|filter| filter.get(i));
        let mut found: Vec<(usize, u16)> = distances.filter(counts).collect();
        found.sort_by_key(|&(i, distance)| (distance, i));
        found.truncate(k);
        found
    };
    queries.iter().map(one).collect()
}

/// What the CPU finds.
pub fn cpu_top_k(queries: &[HV16], memory: &[HV16], k: usize, bound: Bound, filter: Option<&Bitmap>) -> Hits {
    SliceSearch::new(&[memory]).find_top_k(queries, k, bound, filter).unwrap()
}
