//! Threads of one search show each other their bounds.

use std::sync::Barrier;

use hv_simd::workspace_internals::Kernels;

use super::*;
use crate::best::Nearest;
use crate::segments::Segments;

/// What one thread has found bounds the search of another; at the same distance the lower index is still wanted.
#[test]
fn threads_show_each_other_their_bounds() {
    let vectors = [3, 2, 1, 0].map(|bits| {
        let mut v = HV16::random(1);
        (0..bits).for_each(|bit| v.set_bit(bit, !v.bit(bit)));
        v
    });
    let queries = [HV16::random(1)];
    let asked = Mutex::new(Vec::new());
    let keep = |index| {
        lock(&asked).push(index);
        true
    };
    let (segments, shown) = ([&vectors[..]], [AtomicU16::new(Bound::NONE.limit())]);
    let job = Job {
        kernels: Kernels::active(),
        queries: &queries,
        memory: &Segments::new(&segments),
        limit: Bound::NONE,
        keep,
        threads: 2,
        wanted: 1,
    };
    let [mut one, mut other]: [Block<_, 1>; 2] = [(); 2].map(|()| Block::new(|| Nearest(None), 1, Bound::NONE));
    one.scan(&job, &queries, 2..3);
    one.exchange_bounds(&shown);
    other.exchange_bounds(&shown);
    lock(&asked).clear();
    other.scan(&job, &queries, 0..4);
    assert_eq!(*lock(&asked), [2, 3], "0 and 1 are farther than 2, which is as near as what was found");
    other.exchange_bounds(&shown);
    one.exchange_bounds(&shown);
    assert_eq!((one.bounds, other.bounds), ([Bound::below(1)], [Bound::NOTHING]));
}

/// One thread has found a near vector in its part before another goes on with its own: that asks for nothing farther.
#[test]
fn a_search_exchanges_bounds_under_way() {
    const HALF: usize = 4 * EXCHANGE;
    let query = HV16::random(0);
    let at_distance = |distance| {
        let mut v = query;
        (0..distance).for_each(|bit| v.set_bit(bit, !v.bit(bit)));
        v
    };
    let mut memory = vec![at_distance(1_000); 2 * HALF];
    memory[1] = at_distance(10);
    // Proof that the first thread has come to its second piece, and so has shown what it found.
    memory[EXCHANGE] = at_distance(5);
    memory[HALF + EXCHANGE] = at_distance(100);
    let (met, asked) = (Barrier::new(2), Mutex::new(Vec::new()));
    let keep = |index| {
        lock(&asked).push(index);
        let times = match index {
            0 | EXCHANGE => 1,
            HALF => 2,
            _ => 0,
        };
        for _ in 0..times {
            met.wait();
        }
        true
    };
    let (queries, segments) = ([query], [&memory[..]]);
    let job = Job {
        kernels: Kernels::active(),
        queries: &queries,
        memory: &Segments::new(&segments),
        limit: Bound::NONE,
        keep,
        threads: 2,
        wanted: 1,
    };
    let mut found = [None];
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
    pool.install(|| run(&job, || Nearest(None), |Nearest(best), i, out: &mut &mut [_]| out[i] = best, &mut found[..]));
    assert_eq!(found, [Some((5, EXCHANGE))]);
    let mut asked = asked.into_inner().unwrap();
    asked.sort_unstable();
    assert_eq!(asked, [0, 1, EXCHANGE, HALF]);
}
