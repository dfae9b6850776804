//! The activations of a CfC's backbone.

use crate::float::{Float, sigmoid};

/// What a CfC applies after each layer of its backbone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Activation {
    /// `1.7159 tanh(0.666 x)`.
    #[default]
    LecunTanh,
    /// `tanh(x)`.
    Tanh,
    /// `max(x, 0)`.
    Relu,
    /// `x sigmoid(x)`.
    Silu,
    /// `x (1 + erf(x / sqrt 2)) / 2`.
    Gelu,
}

impl Activation {
    /// The value at `x`.
    pub(crate) fn at<F: Float>(self, x: F) -> F {
        let f = F::from_f64;
        match self {
            Self::LecunTanh => f(1.7159) * (f(0.666) * x).tanh(),
            Self::Tanh => x.tanh(),
            Self::Relu if x > F::ZERO => x,
            Self::Relu => F::ZERO,
            Self::Silu => x * sigmoid(x),
            Self::Gelu => x * normal(x),
        }
    }

    /// The derivative at `x`; that of ReLU at 0 is 0.
    pub(crate) fn slope<F: Float>(self, x: F) -> F {
        let f = F::from_f64;
        let of_tanh = |x: F| {
            let tanh = x.tanh();
            F::ONE - tanh * tanh
        };
        match self {
            Self::LecunTanh => f(1.7159 * 0.666) * of_tanh(f(0.666) * x),
            Self::Tanh => of_tanh(x),
            Self::Relu if x > F::ZERO => F::ONE,
            Self::Relu => F::ZERO,
            Self::Silu => {
                let s = sigmoid(x);
                s + x * (s * (F::ONE - s))
            }
            Self::Gelu => {
                // The normal density: exp(-x^2 / 2) / sqrt(2 pi).
                let density = (f(-0.5) * (x * x)).exp() * f(0.398_942_280_401_432_7);
                normal(x) + x * density
            }
        }
    }
}

/// The probability that a standard normal variable is at most `x`.
fn normal<F: Float>(x: F) -> F {
    F::from_f64(0.5) * (F::ONE + (x * F::from_f64(std::f64::consts::FRAC_1_SQRT_2)).erf())
}
