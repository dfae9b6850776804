//! Times as the memory keeps them, in microseconds since the Unix epoch: from dates, as dates, and from the clock.

use std::time::SystemTime;

use jiff::SignedDuration;
use jiff::civil::{DateTime, date};

use crate::failure::Failure;

const EPOCH: DateTime = date(1970, 1, 1).at(0, 0, 0, 0);

/// The time of a date in UTC.
pub fn of_date(date: DateTime) -> i64 {
    // The dates, years -9999 to 9999, are a twentieth of the range.
    date.duration_since(EPOCH).as_micros() as i64
}

/// The date of a time in UTC; `None` where its year is not from -9999 to 9999.
pub fn as_date(time: i64) -> Option<DateTime> {
    EPOCH.checked_add(SignedDuration::from_micros(time)).ok()
}

/// What tells the time: the system, or a test.
#[derive(Clone, Copy)]
pub struct Clock(pub fn() -> SystemTime);

impl Clock {
    pub const SYSTEM: Self = Self(SystemTime::now);

    /// The time now. A clock in a year that no date has is wrong, and an error.
    pub fn now(self) -> Result<i64, Failure> {
        let now = (self.0)();
        let time = match now.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(after) => i64::try_from(after.as_micros()).ok(),
            Err(before) => i64::try_from(before.duration().as_micros()).ok().map(|before| -before),
        };
        let time = time.filter(|&time| as_date(time).is_some());
        time.ok_or_else(|| {
            Failure::failed("the clock of this computer is not in the years -9999 to 9999; set it to the right time")
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn times_are_dates_and_dates_are_times() {
        for time in [0, 1, -1, 1_700_000_000_123_456, of_date(DateTime::MIN), of_date(DateTime::MAX)] {
            assert_eq!(as_date(time).map(of_date), Some(time));
        }
        assert_eq!(of_date(DateTime::MAX), 253_402_300_799_999_999);
        assert_eq!((of_date(DateTime::MIN), as_date(i64::MIN)), (-377_705_116_800_000_000, None));
    }

    #[test]
    fn a_clock_goes_from_the_first_date_to_the_last() {
        assert_eq!(Clock(|| SystemTime::UNIX_EPOCH).now().unwrap(), 0);
        assert_eq!(Clock(|| SystemTime::UNIX_EPOCH - Duration::from_micros(7)).now().unwrap(), -7);
        let last = Clock(|| SystemTime::UNIX_EPOCH + Duration::from_secs(253_402_300_799));
        assert_eq!(last.now().unwrap(), 253_402_300_799_000_000);
        let wrong = |clock: fn() -> SystemTime| {
            let Err(Failure::Failed(message)) = Clock(clock).now() else { panic!("the time is taken") };
            assert!(message.contains("set it to the right time"), "{message}");
        };
        wrong(|| SystemTime::UNIX_EPOCH + Duration::from_secs(253_402_300_800));
        // Other systems have no such times.
        if cfg!(unix) {
            wrong(|| SystemTime::UNIX_EPOCH + Duration::from_secs(1 << 62));
            wrong(|| SystemTime::UNIX_EPOCH - Duration::from_secs(377_705_116_801));
            wrong(|| SystemTime::UNIX_EPOCH - Duration::from_secs(1 << 62));
        }
        assert!(Clock::SYSTEM.now().unwrap() > 1_700_000_000_000_000, "after 2023");
    }
}
