//! Exponential, sigmoid and hyperbolic tangent of eight numbers at once.
//!
//! `exp(x)` is `2^n exp(r)`, where `n` is the whole number nearest to `x / ln 2` and `r` is the rest, at most `ln 2 / 2`.
//! `exp(r) - 1` is its Taylor series, which is exact to the last bits there. Only additions, multiplications and divisions
//! are used, one after the other, so a result has the same bits on every machine.
//!
//! The relative error is at most 4 epsilon (2^-50 in `f64`, 2^-21 in `f32`) for each of the three, while the exponent is in
//! the range of `Exp`. Beyond that range the result is that of its end: a sigmoid is then below 4e-38 (`f32`) or 4e-308
//! (`f64`) or exactly 1, and a tangent exactly 1 or -1. NaN stays NaN.

use fearless_simd::{Simd, prelude::*};

use crate::float::Float;
use crate::kernels::{Kernel, run};
use crate::lanes::{LANES, padded};

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

/// The same with the best instructions.
macro_rules! for_all {
    ($(#[$doc:meta])* $name:ident, $kernel:ident, $of:ident) => {
        struct $kernel<'a, F>(&'a mut [F]);

        impl<F: Float> Kernel for $kernel<'_, F> {
            type Output = ();

            #[inline(always)]
            fn run<S: Simd>(self, simd: S) {
                $of(simd, self.0);
            }
        }

        $(#[$doc])*
        pub(crate) fn $name<F: Float>(values: &mut [F]) {
            run($kernel(values));
        }
    };
}

for_all!(
    /// Replaces each number by e to its power.
    exp_all, ExpAll, exp
);
for_all!(
    /// Replaces each number `x` by `1 / (1 + exp(-x))`, which is in 0 to 1.
    sigmoid_all, SigmoidAll, sigmoid
);
for_all!(
    /// Replaces each number by its hyperbolic tangent.
    tanh_all, TanhAll, tanh
);
