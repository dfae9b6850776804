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
}

/// The probability that a standard normal variable is at most `x`.
fn normal<F: Float>(x: F) -> F {
    F::from_f64(0.5) * (F::ONE + (x * F::from_f64(std::f64::consts::FRAC_1_SQRT_2)).erf())
}
