//! What runs in registers: the loops that steps spend their time in, compiled once for each type and each set of
//! instructions, and chosen at run time.

use fearless_simd::{Simd, SimdFloat, SimdFloatElement, f32x8, f64x8};

use crate::lanes;
use crate::level::level;
use crate::linear::Linear;
use crate::ltc::{Ltc, Synapses, Unfold};
use crate::math::{self, Exp};

/// The kernels of a type. Callers get the best instructions; the results do not depend on them.
pub trait Kernels: SimdFloatElement + 'static {
    /// Eight numbers of this type in registers.
    type Eight<S: Simd>: SimdFloat<S, Element = Self, Array = [Self; 8]>;
    /// What the exponential needs.
    const EXP: Exp<Self>;
    /// Replaces each number by e to its power.
    fn exp_all(values: &mut [Self]);
    /// Replaces each number `x` by `1 / (1 + exp(-x))`, which is in 0 to 1.
    fn sigmoid_all(values: &mut [Self]);
    /// Replaces each number by its hyperbolic tangent.
    fn tanh_all(values: &mut [Self]);
    /// The sum of the products of two slices of one length.
    fn dot(a: &[Self], b: &[Self]) -> Self;
    /// `Linear::forward`.
    fn linear(map: &Linear, p: &[Self], x: &[Self], y: &mut [Self]);
    /// `Linear::back`.
    fn linear_back(map: &Linear, p: &[Self], x: &[Self], g_y: &[Self], g_p: &mut [Self], g_x: &mut [Self]);
    /// `Synapses::all_sums`.
    fn sums(synapses: &Synapses, p: &[Self], v: &[Self], opens: &mut [Self], sums: (&mut [Self], &mut [Self]));
    /// `Ltc::unfold`.
    fn unfold(cell: &Ltc, p: &[Self], of: Unfold<'_, Self>);
}

macro_rules! dispatch {
    ($simd:pat => $expression:expr) => {
        fearless_simd::dispatch!(level(), $simd => $expression)
    };
}

macro_rules! kernels {
    ($type:ident, $eight:ident, $exp:expr) => {
        impl Kernels for $type {
            type Eight<S: Simd> = $eight<S>;
            const EXP: Exp<Self> = $exp;

            fn exp_all(values: &mut [Self]) {
                dispatch!(simd => math::exp(simd, values));
            }

            fn sigmoid_all(values: &mut [Self]) {
                dispatch!(simd => math::sigmoid(simd, values));
            }

            fn tanh_all(values: &mut [Self]) {
                dispatch!(simd => math::tanh(simd, values));
            }

            fn dot(a: &[Self], b: &[Self]) -> Self {
                dispatch!(simd => lanes::dot(simd, a, b))
            }

            fn linear(map: &Linear, p: &[Self], x: &[Self], y: &mut [Self]) {
                dispatch!(simd => map.forward_in(simd, p, x, y));
            }

            fn linear_back(map: &Linear, p: &[Self], x: &[Self], g_y: &[Self], g_p: &mut [Self], g_x: &mut [Self]) {
                dispatch!(_ => map.back_in(p, x, g_y, g_p, g_x));
            }

            fn sums(synapses: &Synapses, p: &[Self], v: &[Self], opens: &mut [Self], sums: (&mut [Self], &mut [Self])) {
                dispatch!(simd => synapses.all_sums(simd, p, v, opens, sums));
            }

            fn unfold(cell: &Ltc, p: &[Self], of: Unfold<'_, Self>) {
                dispatch!(simd => cell.unfold(simd, p, of));
            }
        }
    };
}

kernels!(f32, f32x8, Exp::F32);
kernels!(f64, f64x8, Exp::F64);
