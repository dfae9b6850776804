//! What a measurement was taken on, and when: every published figure says so.

use std::fmt;

use hv_parallel::parallelism_info;
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// The machine, in words, and today's date.
pub struct Machine {
    /// The CPU as it names itself.
    pub cpu: String,
    /// Cores, hardware threads, pool and kernels.
    pub parallelism: String,
    /// The date in UTC, as year-month-day.
    pub date: String,
}

impl Machine {
    /// This machine, now.
    pub fn here() -> Self {
        Self {
            cpu: cpu().unwrap_or_else(|| format!("unnamed {} CPU", std::env::consts::ARCH)),
            parallelism: parallelism_info().to_string(),
            date: Timestamp::now().to_zoned(TimeZone::UTC).date().to_string(),
        }
    }
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}; {}", self.cpu, self.parallelism, self.date)
    }
}

/// The model with its family and number, where Linux tells them: virtual machines hide the rest of the name.
fn cpu() -> Option<String> {
    let text = std::fs::read_to_string("/proc/cpuinfo").ok()?;
    let field = |name: &str| {
        let line = text.lines().find(|line| line.split(':').next().is_some_and(|key| key.trim() == name))?;
        Some(line.split_once(':')?.1.trim().to_owned())
    };
    let name = field("model name")?;
    match (field("cpu family"), field("model")) {
        (Some(family), Some(model)) => Some(format!("{name} (family {family}, model {model})")),
        _ => Some(name),
    }
}
