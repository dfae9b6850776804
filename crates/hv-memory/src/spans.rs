//! Spans of time as numbers of microseconds, the unit in which the library computes.

use std::time::Duration;

/// A span in microseconds; exact for whole ones up to 2^53, which are 285 years.
pub(crate) fn micros(span: Duration) -> f64 {
    span.as_micros() as f64 + f64::from(span.subsec_nanos() % 1_000) / 1e3
}

/// The span of a number of microseconds that is 0 or more, to the nanosecond.
pub(crate) fn span(micros: f64) -> Duration {
    let rest = Duration::from_nanos((micros.fract() * 1e3).round() as u64);
    Duration::from_micros(micros as u64).saturating_add(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_microseconds_are_exact() {
        for whole in [0, 1, 999, 1_000, 86_400_000_000, 30 * 86_400_000_000, (1 << 53) - 1, 1 << 60, u64::MAX] {
            assert_eq!(micros(Duration::from_micros(whole)).to_bits(), (whole as f64).to_bits());
        }
        assert_eq!(micros(Duration::from_nanos(1)), 1e-3);
        assert_eq!(micros(Duration::from_nanos(2_500)), 2.5);
        assert_eq!(micros(Duration::MAX), u64::MAX as f64 * 1e6 + 1e6);
    }

    #[test]
    fn a_span_is_to_the_nanosecond() {
        assert_eq!(span(0.0), Duration::ZERO);
        assert_eq!(span(10.0), Duration::from_micros(10));
        assert_eq!(span(1.0 / 3.0), Duration::from_nanos(333));
        assert_eq!(span(7.9999), Duration::from_micros(8));
        assert_eq!(span(u64::MAX as f64), Duration::from_micros(u64::MAX));
    }
}
