//! The progress bar.

use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use hv_memory::Progress;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use terminal_size::terminal_size_of;

// For terminals that are too narrow for the others.
const NARROW: &str = "{percent:>3}% {wide_msg}";
const NARROW_COUNTER: &str = "{bytes} {wide_msg}";
/// What the texts of a bar take next to it, about.
const WIDE: u16 = 70;

const BAR: &str = "{msg} {wide_bar} {percent}% of {total_bytes}, {binary_bytes_per_sec}, {eta} left";
const COUNTER: &str = "{msg}: {bytes}, {binary_bytes_per_sec}";
const EPISODES: &str = "{msg} {wide_bar} {percent}% of {human_len} episodes, {per_sec}, {eta} left";
const WORK: &str = "{msg} {wide_bar} {percent}%, {eta} left";

/// A bar for a known number of bytes, with rate and time left; a counter where the number is 0. On standard error,
/// and only where that is a terminal.
pub fn bytes_bar(bytes: u64) -> ProgressBar {
    let (bar, template) = match bytes {
        0 => (ProgressBar::no_length(), COUNTER),
        bytes => (ProgressBar::new(bytes), BAR),
    };
    shown(bar, template)
}

/// A bar for episodes, whose number comes with [`ProgressBar::set_length`].
pub fn episodes_bar(what: String) -> ProgressBar {
    shown(ProgressBar::new(1), EPISODES).with_message(what)
}

/// A bar for work in whatever unit, whose amount comes with [`ProgressBar::set_length`].
pub fn work_bar(what: String) -> ProgressBar {
    shown(ProgressBar::new(1), WORK).with_message(what)
}

/// What is done by then shows no bar.
const AT_FIRST: Duration = Duration::from_millis(300);
/// How often a bar is brought up to date.
const EVERY: Duration = Duration::from_millis(50);

/// Does some work while a bar shows how far it is, and takes the bar away at the end, whatever that is.
pub fn watched<T>(progress: &Progress, bar: &ProgressBar, work: impl FnOnce() -> T) -> T {
    let _gone = Gone(bar);
    if bar.is_hidden() {
        return work();
    }
    thread::scope(|scope| {
        // Dropped when the work ends, also by a panic.
        let (_at_work, ended) = channel::<()>();
        // Where the system gives no thread, nothing is shown.
        let _ = thread::Builder::new().spawn_scoped(scope, move || {
            let mut wait = AT_FIRST;
            while ended.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
                wait = EVERY;
                if progress.all() > 0 {
                    bar.set_length(progress.all());
                    bar.set_position(progress.done());
                }
            }
        });
        work()
    })
}

/// Takes a bar away when dropped.
struct Gone<'a>(&'a ProgressBar);

impl Drop for Gone<'_> {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

/// A bar as a template says. A terminal that cannot move its cursor gets none.
fn shown(bar: ProgressBar, template: &str) -> ProgressBar {
    if std::env::var_os("TERM").is_some_and(|terminal| terminal == "dumb") {
        bar.set_draw_target(ProgressDrawTarget::hidden());
    }
    let is_narrow = terminal_size_of(std::io::stderr()).is_some_and(|(columns, _)| columns.0 < WIDE);
    bar.with_style(style(match (is_narrow, template) {
        (false, _) => template,
        (true, COUNTER) => NARROW_COUNTER,
        (true, _) => NARROW,
    }))
}

/// The style of a template; they are fixed, and a test tries them.
fn style(template: &str) -> ProgressStyle {
    // Of ASCII, which every terminal has.
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_are_valid() {
        for template in [BAR, COUNTER, EPISODES, WORK, NARROW, NARROW_COUNTER] {
            assert!(ProgressStyle::with_template(template).is_ok());
        }
    }
}
