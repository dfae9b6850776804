//! Exponential, sigmoid and hyperbolic tangent of eight numbers at once.
//!
//! `exp(x)` is `2^n exp(r)`, where `n` is the whole number nearest to `x / ln 2` and `r` is the rest, at most `ln 2 / 2`.
//! `exp(r) - 1` is its Taylor series, which is exact to the last bits there. Only additions, multiplications and divisions
//! are used, one after the other, so a result has the same bits on every machine.
//!
//! The relative error is at most 4 epsilon (2^-50 in `f64`, 2^-21 in `f32`) for each of the three, while the exponent is in
//! the range of [`Exp`]. Beyond that range the result is that of its end: a sigmoid is then below 4e-38 (`f32`) or 4e-308
//! (`f64`) or exactly 1, and a tangent exactly 1 or -1. NaN stays NaN.

use fearless_simd::{Simd, prelude::*};

use crate::float::Float;
use crate::lanes::{LANES, padded};

/// What `exp` needs of a type.
pub struct Exp<F: 'static> {
    /// Exponents below `range.0` and above `range.1` are moved there.
    pub(crate) range: (F, F),
    pub(crate) log2_e: F,
    /// `ln 2` in two parts. The first has so few bits that its product with `n` is exact.
    pub(crate) ln_2: (F, F),
    /// A number so large that adding it rounds to a whole number, plus the bias of exponents. The low bits of the sum are
    /// `n` plus the bias.
    pub(crate) round: F,
    /// Number of bits of the mantissa.
    pub(crate) mantissa: u32,
    /// The series' coefficients from the highest power to the second.
    pub(crate) series: &'static [F],
}

/// `1 / n!`
const fn inverse_factorial(n: u32) -> f64 {
    let (mut product, mut factor) = (1.0, 1);
    while factor < n {
        factor += 1;
        product *= factor as f64;
    }
    1.0 / product
}

impl Exp<f32> {
    pub(crate) const F32: Self = Self {
        range: (-87.0, 88.0),
        log2_e: std::f32::consts::LOG2_E,
        ln_2: (0.693_359_4, -2.121_944_4e-4),
        round: 12_582_912.0 + 127.0,
        mantissa: 23,
        series: &{
            let mut series = [0.0; 6];
            let mut index = 0;
            while index < series.len() {
                series[index] = inverse_factorial(7 - index as u32) as f32;
                index += 1;
            }
            series
        },
    };
}

impl Exp<f64> {
    pub(crate) const F64: Self = Self {
        range: (-708.0, 709.0),
        log2_e: std::f64::consts::LOG2_E,
        ln_2: (6.931_471_803_691_238e-1, 1.908_214_929_270_587_7e-10),
        round: 6_755_399_441_055_744.0 + 1023.0,
        mantissa: 52,
        series: &{
            let mut series = [0.0; 12];
            let mut index = 0;
            while index < series.len() {
                series[index] = inverse_factorial(13 - index as u32);
                index += 1;
            }
            series
        },
    };
}

/// `2^n` and `exp(r) - 1`.
#[inline(always)]
fn parts<F: Float, S: Simd>(simd: S, x: F::Eight<S>) -> (F::Eight<S>, F::Eight<S>) {
    let (low, high): (F::Eight<S>, F::Eight<S>) = (F::EXP.range.0.simd_into(simd), F::EXP.range.1.simd_into(simd));
    let x = x.simd_lt(low).select(low, x);
    let x = x.simd_gt(high).select(high, x);
    let shifted = x * F::EXP.log2_e + F::EXP.round;
    let power = F::Eight::<S>::from_bits(shifted.to_bits() << F::EXP.mantissa);
    let n = shifted - F::EXP.round;
    let r = (x - n * F::EXP.ln_2.0) - n * F::EXP.ln_2.1;
    let mut sum: F::Eight<S> = F::ZERO.simd_into(simd);
    for coefficient in F::EXP.series {
        sum = sum * r + *coefficient;
    }
    (power, r + r * r * sum)
}

#[inline(always)]
fn exp_of<F: Float, S: Simd>(simd: S, x: F::Eight<S>) -> F::Eight<S> {
    let (power, rest) = parts::<F, S>(simd, x);
    power * rest + power
}

/// `1 / (1 + exp(-x))`.
#[inline(always)]
pub(crate) fn sigmoid_of<F: Float, S: Simd>(simd: S, x: F::Eight<S>) -> F::Eight<S> {
    let one: F::Eight<S> = F::ONE.simd_into(simd);
    one / (exp_of::<F, S>(simd, -x) + F::ONE)
}

/// `m / (m + 2)`, where `m` is `exp(2 x) - 1`, so small numbers keep all their digits.
#[inline(always)]
fn tanh_of<F: Float, S: Simd>(simd: S, x: F::Eight<S>) -> F::Eight<S> {
    let (power, rest) = parts::<F, S>(simd, x + x);
    let m = power * rest + (power - F::ONE);
    m / (m + (F::ONE + F::ONE))
}

/// Replaces each number by its function value; `of` is that of eight.
macro_rules! for_each {
    ($name:ident, $of:ident) => {
        #[inline(always)]
        pub(crate) fn $name<F: Float, S: Simd>(simd: S, values: &mut [F]) {
            let (eights, rest) = values.as_chunks_mut::<LANES>();
            for eight in eights {
                *eight = $of::<F, S>(simd, F::Eight::load_array(simd, *eight)).to_array();
            }
            let last = $of::<F, S>(simd, F::Eight::load_array(simd, padded(rest))).to_array();
            rest.copy_from_slice(&last[..rest.len()]);
        }
    };
}

for_each!(exp, exp_of);
for_each!(sigmoid, sigmoid_of);
for_each!(tanh, tanh_of);
