//! Batches are shared from the thresholds on and not below, and not under a lock. A program of its own, because it holds
//! the threads of the global pool, and because thresholds are the process's.
//!
//! A call from outside of the pool that shares its work ends after its helpers have run, and so not while all threads
//! of the pool are held. One that does not share its work does.

use std::sync::{Arc, Barrier, mpsc};
use std::thread;
use std::time::Duration;

use hv_encode::HV16;
use hv_encode::hv_parallel::for_storage::SequentialScope;
use hv_encode::hv_parallel::{Thresholds, set_thresholds};
use hv_learn::Prototypes;

const THREADS: usize = 2;

/// How long to look whether a call ends that must not: one that wrongly does takes less than a tenth of it.
const SHORT: Duration = Duration::from_millis(200);

/// How long a call may take that must end.
const LONG: Duration = Duration::from_secs(30);

/// Whether a call ends within `limit` while no thread of the pool can help.
fn ends_alone(call: &(dyn Fn() + Sync), limit: Duration) -> bool {
    let [held, free] = [(); 2].map(|()| Arc::new(Barrier::new(THREADS + 1)));
    let barriers = (held.clone(), free.clone());
    rayon::spawn_broadcast(move |_| {
        barriers.0.wait();
        barriers.1.wait();
    });
    held.wait();
    thread::scope(|scope| {
        let (sender, receiver) = mpsc::channel();
        scope.spawn(move || {
            call();
            sender.send(())
        });
        let ended = receiver.recv_timeout(limit).is_ok();
        free.wait();
        ended
    })
}

#[test]
fn batches_of_queries_are_shared_from_the_thresholds_on_and_not_below() {
    rayon::ThreadPoolBuilder::new().num_threads(THREADS).build_global().unwrap();
    let mut prototypes = Prototypes::new(3);
    (0..3).for_each(|class| prototypes.add(class, &HV16::random(class as u64)));
    let prototypes = prototypes.counters();
    let queries: Vec<HV16> = (0..100).map(HV16::random).collect();
    let products = 100 * 3 * (8 + 1); // as distances
    let never = Thresholds::from_fn(|_| usize::MAX);
    let calls: [(&str, Thresholds, &(dyn Fn() + Sync)); 2] = [
        ("rank_batch", Thresholds { nearest: products, ..never }, &|| drop(prototypes.rank_batch(&queries, 2))),
        ("classify_batch", Thresholds { nearest: products, ..never }, &|| drop(prototypes.classify_batch(&queries))),
    ];
    for (name, thresholds, call) in calls {
        set_thresholds(Thresholds { nearest: products + 1, ..thresholds });
        assert!(ends_alone(call, LONG), "{name} shares work of one less than its threshold");
        set_thresholds(thresholds);
        assert!(!ends_alone(call, SHORT), "{name} does not share work of its threshold");
        let under_a_lock = || {
            let _alone = SequentialScope::enter();
            call();
        };
        assert!(ends_alone(&under_a_lock, LONG), "{name} waits for the pool under a lock");
    }
}
