//! A linear map, dense or sparse: `y = W x + b`.

use fearless_simd::Simd;

use crate::float::Float;
use crate::kernels::{Kernel, run};
use crate::lanes;
use crate::layout::{Init, Layout};
use crate::pattern::Pattern;

/// Where a linear map has its weights and biases among the parameters, and which weights exist.
#[derive(Clone, Debug, PartialEq)]
pub struct Linear {
    inputs: usize,
    outputs: usize,
    weight: usize,
    bias: Option<usize>,
    pattern: Option<Pattern>,
}

impl Linear {
    pub(crate) fn new(
        layout: &mut Layout,
        name: &str,
        [outputs, inputs]: [usize; 2],
        pattern: Option<Pattern>,
        bias: bool,
    ) -> Self {
        let weight = layout.matrix(format!("{name}.weight"), [outputs, inputs], pattern.as_ref());
        let bound = 1.0 / libm::sqrt(inputs.max(1) as f64);
        let bias = bias.then(|| layout.dense(format!("{name}.bias"), vec![outputs], Init::Uniform(-bound, bound)));
        Self { inputs, outputs, weight, bias, pattern }
    }

    pub(crate) fn outputs(&self) -> usize {
        self.outputs
    }

    pub(crate) fn inputs(&self) -> usize {
        self.inputs
    }

    pub(crate) fn forward<F: Float>(&self, p: &[F], x: &[F], y: &mut [F]) {
        run(Forward { map: self, p, x, y });
    }

    /// `forward` where the instructions are known.
    #[inline(always)]
    pub(crate) fn forward_in<F: Float, S: Simd>(&self, simd: S, p: &[F], x: &[F], y: &mut [F]) {
        for (row, y) in y.iter_mut().enumerate() {
            let sum = match &self.pattern {
                None => lanes::dot(simd, &p[self.weight + row * self.inputs..][..self.inputs], x),
                Some(pattern) => {
                    let range = pattern.row(row);
                    let columns = &pattern.columns()[range.clone()];
                    lanes::sparse_dot(simd, &p[self.weight + range.start..][..columns.len()], columns, x)
                }
            };
            *y = self.bias.map_or(sum, |bias| sum + p[bias + row]);
        }
    }

    /// Adds the gradients of the parameters to `g_p` and the gradients of the input to `g_x`; `g_y` are the gradients of the
    /// output.
    pub(crate) fn back<F: Float>(&self, p: &[F], x: &[F], g_y: &[F], g_p: &mut [F], g_x: &mut [F]) {
        run(Back { map: self, p, x, g_y, g_p, g_x });
    }

    /// `back` where the instructions are known.
    #[inline(always)]
    pub(crate) fn back_in<F: Float>(&self, p: &[F], x: &[F], g_y: &[F], g_p: &mut [F], g_x: &mut [F]) {
        for (row, g) in g_y.iter().copied().enumerate() {
            if let Some(bias) = self.bias {
                g_p[bias + row] += g;
            }
            match &self.pattern {
                None => {
                    let start = self.weight + row * self.inputs;
                    let (weights, g_weights) = (&p[start..][..self.inputs], &mut g_p[start..][..self.inputs]);
                    for (((w, g_w), x), g_x) in weights.iter().zip(g_weights).zip(x).zip(&mut *g_x) {
                        *g_w += g * *x;
                        *g_x += g * *w;
                    }
                }
                Some(pattern) => {
                    for index in pattern.row(row) {
                        let (weight, column) = (self.weight + index, pattern.columns()[index] as usize);
                        g_p[weight] += g * x[column];
                        g_x[column] += g * p[weight];
                    }
                }
            }
        }
    }
}

struct Forward<'a, F> {
    map: &'a Linear,
    p: &'a [F],
    x: &'a [F],
    y: &'a mut [F],
}

impl<F: Float> Kernel for Forward<'_, F> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        self.map.forward_in(simd, self.p, self.x, self.y);
    }
}

struct Back<'a, F> {
    map: &'a Linear,
    p: &'a [F],
    x: &'a [F],
    g_y: &'a [F],
    g_p: &'a mut [F],
    g_x: &'a mut [F],
}

impl<F: Float> Kernel for Back<'_, F> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, _: S) {
        self.map.back_in(self.p, self.x, self.g_y, self.g_p, self.g_x);
    }
}
