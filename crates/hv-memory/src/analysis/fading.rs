//! How a strength fades, and the functions that the analyses need beyond arithmetic.
//!
//! `exp`, `exp2` and `ln` of the standard library are those of the platform, and may differ in the last bit from one
//! to the next. So they are taken from `libm`, which computes them from IEEE arithmetic alone, the same everywhere.

use std::time::Duration;

pub(crate) use libm::{exp, log as ln};

use crate::policy_error::{PolicyError, check};
use crate::spans::micros;

/// A half-life in microseconds; infinite where nothing fades.
pub(crate) fn half_life_micros(half_life: Option<Duration>) -> f64 {
    half_life.map_or(f64::INFINITY, micros)
}

/// Checks the time in which a strength halves.
pub(crate) fn check_half_life(half_life: Option<Duration>) -> Result<(), PolicyError> {
    check("half_life", half_life_micros(half_life), |half_life| half_life > 0.0, "a span of more than 0")
}

/// A strength that was last updated at `updated`, as it is at `now`: `strength × 2^(-elapsed / half_life)`, and
/// unchanged where `now` is not later. The half-life is in microseconds.
pub(crate) fn faded(strength: f64, updated: i64, now: i64, half_life: f64) -> f64 {
    let elapsed = if now > updated { now.abs_diff(updated) as f64 } else { 0.0 };
    strength * libm::exp2(-elapsed / half_life)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// To the bit, so that a release of `libm` that computes otherwise is noticed.
    #[test]
    fn results_are_pinned() {
        let days = |days: i64| days * 86_400_000_000;
        let half_life = |micros| half_life_micros(Some(Duration::from_micros(micros)));
        let month = half_life(30 * 86_400_000_000);
        let strengths = [1, 7, 29, 30, 31, 45, 365].map(|d| faded(1.0, 0, days(d), month).to_bits());
        assert_eq!(strengths, STRENGTHS, "{strengths:#018x?}");
        // This one is another bit than that of glibc's exp2, as two of the links are than those of its exp.
        assert_eq!(faded(1.0, 0, 953, half_life(3_333)).to_bits(), 0x3fea_3f30_65a5_194d);
        let links = [1e-9, 0.1, 0.5, 1.0, 2.302, 10.0, 700.0].map(|x| exp(-x).to_bits());
        assert_eq!(links, LINKS, "{links:#018x?}");
        let reaches = [0.1, 0.25, 0.7, 1e-300].map(|x| ln(x).to_bits());
        assert_eq!(reaches, REACHES, "{reaches:#018x?}");
    }

    const STRENGTHS: [u64; 7] = [
        0x3fef_44e4_fb6c_55d7,
        0x3feb_38aa_5682_153f,
        0x3fe0_5fbd_4d5b_4d5a,
        0x3fe0_0000_0000_0000,
        0x3fdf_44e4_fb6c_55d7,
        0x3fd6_a09e_667f_3bcd,
        0x3f2c_823e_074e_c12d,
    ];
    const LINKS: [u64; 7] = [
        0x3fef_ffff_ff76_8fa1,
        0x3fec_f46d_99d5_2b3a,
        0x3fe3_68b2_fc6f_960a,
        0x3fd7_8b56_362c_ef38,
        0x3fb9_9d6f_82a8_4cb8,
        0x3f07_cd79_b564_7c9a,
        0x00d1_4f2b_0fb9_307f,
    ];
    const REACHES: [u64; 4] =
        [0xc002_6bb1_bbb5_5515, 0xbff6_2e42_fefa_39ef, 0xbfd6_d3c3_24e1_3f50, 0xc085_9634_47f8_7fb5];

    /// `libm` is right to within a unit in the last place; nothing here may be much worse.
    #[test]
    fn results_are_those_of_the_platform_nearly() {
        for i in 0..20_000 {
            let x = f64::from(i) * 0.037;
            for (ours, platform) in
                [(exp(-x), (-x).exp()), (libm::exp2(-x), (-x).exp2()), (ln(x + 1e-3), (x + 1e-3).ln())]
            {
                assert!((ours - platform).abs() <= platform.abs() * 4.5e-16 + 1e-323, "{ours} and {platform} of {x}");
            }
        }
    }
}
