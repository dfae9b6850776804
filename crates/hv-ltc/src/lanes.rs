//! The one order in which this crate sums: eight lanes, and then a tree over them.
//!
//! Term `i` goes to lane `i % 8`, whatever the width of the machine's registers, and no product is fused with its sum.

use fearless_simd::{Simd, prelude::*};

use crate::float::Float;
use crate::kernels::{Kernel, run};

/// Number of partial sums.
pub(crate) const LANES: usize = 8;

/// Fewer than eight values, followed by zeros.
#[inline(always)]
pub(crate) fn padded<T: Copy + Default>(rest: &[T]) -> [T; LANES] {
    let mut eight = [T::default(); LANES];
    eight[..rest.len()].copy_from_slice(rest);
    eight
}

/// The sum of the products of two slices of one length.
#[inline(always)]
pub(crate) fn dot<F: Float, S: Simd>(simd: S, a: &[F], b: &[F]) -> F {
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<LANES>(), b.as_chunks::<LANES>());
    let mut lanes = F::Eight::<S>::load_array(simd, [F::ZERO; LANES]);
    for (a, b) in a.iter().zip(b) {
        lanes += F::Eight::<S>::load_array(simd, *a) * F::Eight::<S>::load_array(simd, *b);
    }
    let mut lanes = lanes.to_array();
    for ((lane, a), b) in lanes.iter_mut().zip(a_rest).zip(b_rest) {
        *lane += *a * *b;
    }
    tree(lanes)
}

/// The sum of the products of values with those elements of `x` that `columns` names.
#[inline(always)]
pub(crate) fn sparse_dot<F: Float, S: Simd>(simd: S, values: &[F], columns: &[u32], x: &[F]) -> F {
    let (values, values_rest) = values.as_chunks::<LANES>();
    let (columns, columns_rest) = columns.as_chunks::<LANES>();
    let mut lanes = F::Eight::<S>::load_array(simd, [F::ZERO; LANES]);
    for (values, columns) in values.iter().zip(columns) {
        lanes += F::Eight::<S>::load_array(simd, *values) * F::Eight::<S>::load_array(simd, gathered(columns, x));
    }
    let mut lanes = lanes.to_array();
    for ((lane, value), column) in lanes.iter_mut().zip(values_rest).zip(columns_rest) {
        *lane += *value * x[*column as usize];
    }
    tree(lanes)
}

/// Eight elements of `x`. Written out, because `map` over an array is not always inlined.
#[inline(always)]
pub(crate) fn gathered<F: Float>([a, b, c, d, e, f, g, h]: &[u32; LANES], x: &[F]) -> [F; LANES] {
    [
        x[*a as usize],
        x[*b as usize],
        x[*c as usize],
        x[*d as usize],
        x[*e as usize],
        x[*f as usize],
        x[*g as usize],
        x[*h as usize],
    ]
}

/// Halves the lanes three times, as registers are halved.
#[inline(always)]
pub(crate) fn tree<F: Float>([a, b, c, d, e, f, g, h]: [F; LANES]) -> F {
    ((a + e) + (c + g)) + ((b + f) + (d + h))
}

struct Dot<'a, F>(&'a [F], &'a [F]);

impl<F: Float> Kernel for Dot<'_, F> {
    type Output = F;

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> F {
        dot(simd, self.0, self.1)
    }
}

/// [`dot`] with the best instructions.
pub(crate) fn dot_of<F: Float>(a: &[F], b: &[F]) -> F {
    run(Dot(a, b))
}
