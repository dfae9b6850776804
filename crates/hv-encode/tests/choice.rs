//! Batches are shared from the thresholds on and not below, and not under a lock. A program of its own, because it holds
//! the threads of the global pool, and because thresholds are the process's.
//!
//! A call from outside of the pool that shares its work ends after its helpers have run, and so not while all threads
//! of the pool are held. One that does not share its work does.

use std::sync::{Arc, Barrier, mpsc};
use std::thread;
use std::time::Duration;

use hv_encode::NgramEncoder;
use hv_parallel::for_storage::SequentialScope;
use hv_parallel::{Thresholds, set_thresholds};

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
fn batches_are_shared_from_the_thresholds_on_and_not_below() {
    rayon::ThreadPoolBuilder::new().num_threads(THREADS).build_global().unwrap();
    let encoder = NgramEncoder::new(3, 1);
    let texts = ["twelve bytes"; 100];
    let bytes = 100 * 12 * 8; // as vectors of a bundle
    let never = Thresholds::from_fn(|_| usize::MAX);
    let call = || drop(encoder.encode_batch(&texts));
    set_thresholds(Thresholds { bundle: bytes + 1, ..never });
    assert!(ends_alone(&call, LONG), "encode_batch shares work of one less than its threshold");
    set_thresholds(Thresholds { bundle: bytes, ..never });
    assert!(!ends_alone(&call, SHORT), "encode_batch does not share work of its threshold");
    let under_a_lock = || {
        let _alone = SequentialScope::enter();
        call();
    };
    assert!(ends_alone(&under_a_lock, LONG), "encode_batch waits for the pool under a lock");
}
