//! SIGINT and SIGTERM: noted while lines are stored, so that a command can end in good order.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag::{register_conditional_shutdown, register_usize};

use crate::failure::Failure;

/// Signals that ask a command to end.
#[derive(Clone, Default)]
pub struct Signals {
    /// The signal that came last; 0 for none.
    seen: Arc<AtomicUsize>,
    /// Whether a signal ends the process where it is.
    at_once: Arc<AtomicBool>,
}

impl Signals {
    /// Watches for signals from now on. Until [`hold`](Self::hold) they end the process at once, with the same exit code.
    pub fn watch() -> Result<Self, Failure> {
        let signals = Self { at_once: Arc::new(AtomicBool::new(true)), ..Self::default() };
        for signal in [SIGINT, SIGTERM] {
            register_conditional_shutdown(signal, 128 + signal, Arc::clone(&signals.at_once))
                .and_then(|_| register_usize(signal, Arc::clone(&signals.seen), signal as usize))
                .map_err(|error| Failure::failed(format_args!("cannot watch for signals: {error}")))?;
        }
        Ok(signals)
    }

    /// From now on a signal is only noted.
    pub fn hold(&self) {
        self.at_once.store(false, Ordering::Relaxed);
    }

    /// An error if a signal came.
    pub fn check(&self) -> Result<(), Failure> {
        match self.seen.load(Ordering::Relaxed) {
            0 => Ok(()),
            signal => {
                let name = if signal == SIGINT as usize { "SIGINT" } else { "SIGTERM" };
                Err(Failure::Stopped { text: format!("stopped by {name}"), code: 128 + signal as u8 })
            }
        }
    }
}
