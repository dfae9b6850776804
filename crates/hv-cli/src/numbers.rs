//! Numbers and times as people read them.

use std::time::Duration;

use indicatif::HumanCount;

/// A number of things: "1 line", "2,000 lines".
pub fn counted(count: u64, what: &str) -> String {
    format!("{} {what}{}", HumanCount(count), if count == 1 { "" } else { "s" })
}

/// A time in the unit that suits it.
pub fn micros(time: Duration) -> String {
    let us = time.as_secs_f64() * 1e6;
    match us {
        ..100.0 => format!("{us:.1} us"),
        ..10_000.0 => format!("{us:.0} us"),
        ..1e6 => format!("{:.1} ms", us / 1e3),
        _ => format!("{:.2} s", us / 1e6),
    }
}
