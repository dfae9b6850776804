//! The thread that commits batched episodes when they have waited long enough.

use std::sync::{Arc, Condvar, Mutex, PoisonError, Weak};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::process::Owned;
use crate::shared::Shared;

/// The longest pause after attempts that failed, unless the delay is longer.
const LONGEST: Duration = Duration::from_secs(4);

/// Commits at least once in each delay while something waits, less often while that fails; ends when dropped.
pub(crate) struct Timer {
    stop: Arc<(Mutex<bool>, Condvar)>,
    thread: Owned<JoinHandle<()>>,
}

impl Timer {
    /// `None` where the system gives no thread.
    pub(crate) fn start(shared: Weak<Shared>, delay: Duration) -> Option<Self> {
        // A thread that does not rest would keep a core busy.
        let delay = delay.max(Duration::from_millis(1));
        let stop = Arc::new((Mutex::new(false), Condvar::new()));
        let waiting = Arc::clone(&stop);
        let thread = thread::Builder::new().name("hv-memory commit".into()).spawn(move || {
            let (stopped, wake) = &*waiting;
            let mut pause = delay;
            loop {
                let guard = stopped.lock().unwrap_or_else(PoisonError::into_inner);
                let waited = wake.wait_timeout_while(guard, pause, |stopped| !*stopped);
                let (guard, _) = waited.unwrap_or_else(PoisonError::into_inner);
                if *guard {
                    return;
                }
                drop(guard);
                let Some(shared) = shared.upgrade() else { return };
                // What fails remains. The next store or flush commits, whatever waits, and so reports it.
                pause = if shared.flush().is_ok() { delay } else { (pause * 2).min(LONGEST.max(delay)) };
            }
        });
        Some(Self { stop, thread: Owned::new(thread.ok()?) })
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        // A forked child has no such thread.
        let Some(thread) = self.thread.take() else { return };
        let (stopped, wake) = &*self.stop;
        *stopped.lock().unwrap_or_else(PoisonError::into_inner) = true;
        wake.notify_all();
        let _ = thread.join();
    }
}
