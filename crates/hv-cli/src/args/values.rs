//! Values as they are typed: numbers in their ranges, ids and times.

use std::str::FromStr;
use std::time::Duration;

use hv_encode::NgramEncoder;
use hv_memory::Exactness;
use jiff::fmt::temporal::Pieces;

use crate::times::of_date;

pub fn ngram(text: &str) -> Result<usize, String> {
    let most = NgramEncoder::MAX_N;
    text.parse().ok().filter(|n| (1..=most).contains(n)).ok_or(format!("give a whole number from 1 to {most}"))
}

pub fn id(text: &str) -> Result<u64, String> {
    let number = text.strip_prefix('#').unwrap_or(text).parse();
    number.map_err(|_| "give the number of an episode, as hv recall shows it, such as 40 or #40".to_owned())
}

pub fn whole<N: FromStr>(text: &str) -> Result<N, String> {
    text.parse().map_err(|_| "give a whole number, 0 or more".to_owned())
}

pub fn at_least_one(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|&k| k > 0).ok_or("give a whole number, 1 or more".to_owned())
}

pub fn similarity(text: &str) -> Result<f32, String> {
    let number = text.parse().ok().filter(|s: &f32| (0.0..=1.0).contains(s));
    number.ok_or("give a number from 0 to 1; unrelated lines have 0.5, equal ones 1".to_owned())
}

pub fn valence(text: &str) -> Result<f32, String> {
    let number = text.parse().ok().filter(|v: &f32| (-1.0..=1.0).contains(v));
    number.ok_or("give a number from -1 to 1; hv index stores 0".to_owned())
}

pub fn strength(text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|s: &f64| *s >= 0.0 && s.is_finite());
    number.ok_or("give a number, 0 or more; a new episode has 1".to_owned())
}

pub fn half_life(text: &str) -> Result<f64, String> {
    text.parse().ok().filter(|days: &f64| *days > 0.0).ok_or("give a number of days, more than 0, or inf".to_owned())
}

/// A time to wait; `inf` is as long as it takes.
pub fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().ok().filter(|seconds: &f64| *seconds >= 0.0);
    let seconds = seconds.ok_or("give a number of seconds, 0 or more")?;
    // More than a span can be is as long as it takes, too.
    Ok(Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX))
}

pub fn probability(text: &str) -> Result<f64, String> {
    let (least, most) = (Exactness::MIN_MISS_PROBABILITY, Exactness::MAX_MISS_PROBABILITY);
    let number = text.parse().ok().filter(|p| (least..=most).contains(p));
    number.ok_or(format!("give a number from {least:e} to {most}, for example 1e-9"))
}

/// A text of at most `MAX` bytes.
pub fn at_most<const MAX: usize>(text: &str) -> Result<String, String> {
    match text.len() {
        bytes if bytes > MAX => Err(format!("it has {bytes} bytes; give at most {MAX}")),
        _ => Ok(text.to_owned()),
    }
}

/// A moment in microseconds since 1970: a year, a month, a date, a date and time, or with `us:` that number itself. Without
/// an offset it is in UTC, and without a time it is midnight.
pub fn time(text: &str) -> Result<i64, String> {
    if let Some(microseconds) = text.strip_prefix("us:") {
        let wrong = "give a whole number of microseconds since 1970 after us:, as in us:1700000000000000";
        return microseconds.parse().map_err(|_| wrong.to_owned());
    }
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    match text.split_once('-') {
        None if text.len() == 4 && is_digits(text) => return time(&format!("{text}-01-01")),
        Some((year, month)) if (year.len(), month.len()) == (4, 2) && is_digits(year) && is_digits(month) => {
            return time(&format!("{text}-01"));
        }
        _ => (),
    }
    // Read as a time without a zone, it would be taken for UTC.
    if text.contains('[') {
        return Err("time zones have no names here; give the offset, as in 2026-01-31T12:00:00+01:00".to_owned());
    }
    let pieces = Pieces::parse(text).map_err(|_| {
        "give a date (2026-01-31 or 2026), a date and time (2026-01-31T12:00:00Z), or microseconds since 1970 (us:1700000000000000)".to_owned()
    })?;
    let date = pieces.date().to_datetime(pieces.time().unwrap_or_default());
    // Not as a timestamp of jiff, which leaves out the last day of the year 9999.
    let offset = pieces.to_numeric_offset().map_or(0, |offset| i64::from(offset.seconds()));
    Ok(of_date(date) - offset * 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_in_and_out_of_range() {
        assert_eq!((at_least_one("1"), ngram("2048"), similarity("0.5")), (Ok(1), Ok(2048), Ok(0.5)));
        assert_eq!((whole("0"), whole(&u64::MAX.to_string())), (Ok(0), Ok(u64::MAX)));
        for bad in ["-1", "", "x", "1.5"] {
            assert!(whole::<usize>(bad).is_err(), "{bad}");
        }
        for bad in ["0", "-1", "", "x", "1.5"] {
            assert!(at_least_one(bad).is_err() && ngram(bad).is_err(), "{bad}");
        }
        for bad in ["nan", "-0.1", "1.01", "inf", "", "half"] {
            assert!(similarity(bad).is_err(), "{bad}");
        }
        assert_eq!((id("40"), id("#40"), id("0")), (Ok(40), Ok(40), Ok(0)));
        for bad in ["", "#", "##4", "-1", "#-1", "+", "4.0", "a.txt:2"] {
            assert!(id(bad).unwrap_err().contains("such as 40 or #40"), "{bad}");
        }
        assert_eq!((valence("-1"), strength("0"), probability("1e-9")), (Ok(-1.0), Ok(0.0), Ok(1e-9)));
        assert!(valence("1.1").is_err() && valence("nan").is_err());
        assert!(strength("-0.1").is_err() && strength("nan").is_err());
        assert_eq!((half_life("0.5"), half_life("inf")), (Ok(0.5), Ok(f64::INFINITY)));
        assert!(half_life("0").is_err() && half_life("nan").is_err() && strength("inf").is_err());
        assert_eq!((probability("1e-15"), probability("0.5")), (Ok(1e-15), Ok(0.5)));
        for bad in ["0", "9e-16", "0.51", "1", "nan"] {
            assert!(probability(bad).unwrap_err().contains("from 1e-15 to 0.5"), "{bad}");
        }
    }

    #[test]
    fn times_in_each_form() {
        assert_eq!(time("1970-01-02"), Ok(86_400_000_000));
        assert_eq!(time("1970-01-01T00:00:01.5Z"), Ok(1_500_000));
        assert_eq!(time("1970-01-01T01:00:00+01:00"), Ok(0));
        assert_eq!(time("us:-5"), Ok(-5));
        assert_eq!(time(&format!("us:{}", i64::MAX)), Ok(i64::MAX));
        assert_eq!(time("1970-01-01T00:01"), Ok(60_000_000));
        // The first day and the last.
        assert_eq!(time("9999-12-31"), Ok(253_402_214_400_000_000));
        assert_eq!(time("9999-12-31T23:59:59.999999Z"), Ok(253_402_300_799_999_999));
        assert_eq!(time("9999-12-31T23:00-01:00"), Ok(253_402_300_800_000_000));
        assert_eq!(time("-009999-01-01"), Ok(-377_705_116_800_000_000));
        assert_eq!(time("-009999-01-01T00:00+01:00"), Ok(-377_705_120_400_000_000));
        for text in ["2026-01-31T12:00:00.123456789Z", "2026-01-31T12:00:00-07:30", "1600-02-29T00:00:00.5+23:59"] {
            assert_eq!(time(text), Ok(text.parse::<jiff::Timestamp>().unwrap().as_microsecond()), "{text}");
        }
        // Digits alone are a year or a date, and nothing else.
        assert_eq!(
            (time("1970"), time("1970-02"), time("19700102")),
            (Ok(0), Ok(31 * 86_400_000_000), Ok(86_400_000_000))
        );
        assert_eq!((time("2026"), time("20261130")), (time("2026-01-01"), time("2026-11-30")));
        for bad in ["5", "-5", "197", "19700", "197001", "1700000000000000", "20261131", "2026-13", "+2026", "2026-1"] {
            assert!(time(bad).unwrap_err().contains("us:1700000000000000"), "{bad}");
        }
        for bad in ["us:", "us:x", "us:1.5", "us:9223372036854775808"] {
            assert!(time(bad).unwrap_err().contains("after us:"), "{bad}");
        }
        for bad in ["yesterday", "1970-13-01", "", "1.5", "1970-01-01T25:00", "10000-01-01", "1970-01-01Z"] {
            assert!(time(bad).is_err(), "{bad}");
        }
        for zone in ["1970-01-01T00:00[Europe/Berlin]", "1970-01-01T00:00+01:00[Europe/Berlin]", "1970-01-01[UTC]"] {
            assert!(time(zone).unwrap_err().contains("give the offset"), "{zone}");
        }
    }
}
