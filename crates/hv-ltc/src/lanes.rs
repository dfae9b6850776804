//! The one order in which this crate sums: eight lanes, and then a tree over them.
//!
//! Term `i` goes to lane `i % 8`, whatever the width of the machine's registers, and no product is fused with its sum.

use fearless_simd::{Simd, prelude::*};

use crate::float::Float;

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
    let load = |eight: [F; LANES]| F::Eight::<S>::load_array(simd, eight);
    let mut lanes = load([F::ZERO; LANES]);
    for (a, b) in a.iter().zip(b) {
        lanes += load(*a) * load(*b);
    }
    tree((lanes + load(padded(a_rest)) * load(padded(b_rest))).to_array())
}

/// The sum of the products of values with those elements of `x` that `columns` names.
#[inline(always)]
pub(crate) fn sparse_dot<F: Float, S: Simd>(simd: S, values: &[F], columns: &[u32], x: &[F]) -> F {
    let (values, values_rest) = values.as_chunks::<LANES>();
    let (columns, columns_rest) = columns.as_chunks::<LANES>();
    let load = |eight: [F; LANES]| F::Eight::<S>::load_array(simd, eight);
    let mut lanes = load([F::ZERO; LANES]);
    for (values, columns) in values.iter().zip(columns) {
        lanes += load(*values) * load(gathered(columns, x));
    }
    tree((lanes + load(padded(values_rest)) * load(gathered_rest(columns_rest, x))).to_array())
}

/// Eight elements of `x`.
#[inline(always)]
pub(crate) fn gathered<F: Float>(columns: &[u32; LANES], x: &[F]) -> [F; LANES] {
    columns.map(|column| x[column as usize])
}

/// Fewer than eight elements of `x`, followed by zeros.
#[inline(always)]
pub(crate) fn gathered_rest<F: Float>(columns: &[u32], x: &[F]) -> [F; LANES] {
    let mut eight = [F::ZERO; LANES];
    for (value, column) in eight.iter_mut().zip(columns) {
        *value = x[*column as usize];
    }
    eight
}

/// Halves the lanes three times, as registers are halved.
#[inline(always)]
pub(crate) fn tree<F: Float>([a, b, c, d, e, f, g, h]: [F; LANES]) -> F {
    ((a + e) + (c + g)) + ((b + f) + (d + h))
}
