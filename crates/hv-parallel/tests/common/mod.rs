//! What the tests of this crate share: pools of every size, and vectors with many ties.

#![allow(dead_code)] // each test takes what it needs

#[cfg(unix)]
pub mod fork;

use hv_parallel::{HV16, Thresholds};
use rayon::{ThreadPool, ThreadPoolBuilder};

/// Everything parallel.
pub const ALWAYS: Thresholds = Thresholds { bind: 0, similarity: 0, bundle: 0, nearest: 0, top_k: 0 };

/// Sizes around the parts that the crate cuts: 64, 128 and 256 vectors, and tiles of 512.
pub const SIZES: [usize; 19] = [0, 1, 2, 3, 7, 63, 64, 65, 127, 128, 129, 255, 256, 257, 500, 511, 512, 513, 1_100];

/// Runs `test` in pools of 1, 2, 3 and 8 threads, and, with the pool's size as 0, on this thread outside of any.
pub fn in_every_pool(test: impl Fn(usize) + Sync) {
    test(0);
    for threads in [1, 2, 3, 8] {
        pool(threads).install(|| test(threads));
    }
}

pub fn pool(threads: usize) -> ThreadPool {
    ThreadPoolBuilder::new().num_threads(threads).build().unwrap()
}

/// Vectors, many of them equal and the others near one another, so that ranking meets ties everywhere.
pub fn tied(n: usize) -> Vec<HV16> {
    let vector = |i: usize| {
        let mut v = HV16::random(i as u64 * 7 % 13);
        v.set_bit(i % 5, i.is_multiple_of(3));
        v
    };
    (0..n).map(vector).collect()
}
