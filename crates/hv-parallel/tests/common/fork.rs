//! A test process forks, as Python's multiprocessing does.

#![allow(dead_code, unsafe_code)] // the standard library cannot fork

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;
use std::time::{Duration, Instant};

/// How long a child may take before it counts as one that hangs.
const LONGEST: Duration = Duration::from_secs(60);

/// A forked child. It is killed if it is dropped before it has ended.
pub struct Child {
    process: libc::pid_t,
    ended: bool,
}

/// How a child ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// It ran to its end.
    Done,
    /// It has panicked.
    Panicked,
    /// It has left by itself with this status.
    Exit(i32),
    /// This signal has killed it.
    Signal(i32),
    /// It took too long, and was killed.
    Hung,
}

/// Forks a child that runs `run`, drops what that has taken, and leaves without the rest of the program.
pub fn fork(run: impl FnOnce()) -> Child {
    // SAFETY: other threads may hold locks now that nobody will release in the child. The child takes none but the
    // allocator's, which the C library sees to, and those of the code that is tested, which must not matter.
    match unsafe { libc::fork() } {
        -1 => panic!("cannot fork: {}", std::io::Error::last_os_error()),
        0 => {
            // The harness captures the message of a panic under a lock of its own.
            std::panic::set_hook(Box::new(|_| ()));
            let status = if catch_unwind(AssertUnwindSafe(run)).is_ok() { 0 } else { 101 };
            // SAFETY: ends the process at once.
            unsafe { libc::_exit(status) }
        }
        process => Child { process, ended: false },
    }
}

/// Ends this process as SIGKILL does.
pub fn kill_this_process() {
    // SAFETY: a signal to itself.
    unsafe { libc::kill(libc::getpid(), libc::SIGKILL) };
}

impl Child {
    /// Waits until the child has ended.
    pub fn wait(mut self) -> End {
        self.ended_within(LONGEST).unwrap_or_else(|| {
            self.kill();
            let _ = self.ended_within(LONGEST);
            End::Hung
        })
    }

    /// Sends SIGKILL.
    pub fn kill(&self) {
        // SAFETY: a signal to a process of ours that was not waited for, so that no other has its number.
        unsafe { libc::kill(self.process, libc::SIGKILL) };
    }

    fn ended_within(&mut self, longest: Duration) -> Option<End> {
        let start = Instant::now();
        while start.elapsed() < longest {
            let mut status = 0;
            // SAFETY: `status` is a place for one integer.
            if unsafe { libc::waitpid(self.process, &raw mut status, libc::WNOHANG) } == self.process {
                self.ended = true;
                return Some(match libc::WIFEXITED(status).then(|| libc::WEXITSTATUS(status)) {
                    Some(0) => End::Done,
                    Some(101) => End::Panicked,
                    Some(status) => End::Exit(status),
                    None => End::Signal(libc::WTERMSIG(status)),
                });
            }
            thread::sleep(Duration::from_millis(1));
        }
        None
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        if !self.ended {
            self.kill();
            let _ = self.ended_within(LONGEST);
        }
    }
}
