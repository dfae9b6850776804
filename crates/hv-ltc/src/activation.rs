//! The activations of a CfC's backbone.

use crate::error::LtcError;
use crate::float::Float;
use crate::json::Object;
use crate::math::{exp_all, sigmoid_all, tanh_all};

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
    const ALL: [Self; 5] = [Self::LecunTanh, Self::Tanh, Self::Relu, Self::Silu, Self::Gelu];

    /// The name that ncps 1.0.1 has for it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::LecunTanh => "lecun_tanh",
            Self::Tanh => "tanh",
            Self::Relu => "relu",
            Self::Silu => "silu",
            Self::Gelu => "gelu",
        }
    }

    /// Reads the field `activation`.
    pub(crate) fn of_json(object: &Object<'_>) -> Result<Self, LtcError> {
        object.one_of("activation", &Self::ALL, Self::name)
    }

    /// Writes the values at `x`.
    pub(crate) fn values<F: Float>(self, x: &[F], y: &mut [F]) {
        let f = F::from_f64;
        change(x, y, |x, _| match self {
            Self::LecunTanh => f(0.666) * x,
            Self::Relu if x < F::ZERO => F::ZERO,
            Self::Relu | Self::Tanh | Self::Silu => x,
            Self::Gelu => normal(x),
        });
        match self {
            Self::LecunTanh | Self::Tanh => tanh_all(y),
            Self::Silu => sigmoid_all(y),
            Self::Relu | Self::Gelu => {}
        }
        change(x, y, |x, y| match self {
            Self::LecunTanh => f(1.7159) * y,
            Self::Silu | Self::Gelu => x * y,
            Self::Tanh | Self::Relu => y,
        });
    }

    /// Writes the derivatives at `x`; that of ReLU at 0 is 0.
    pub(crate) fn slopes<F: Float>(self, x: &[F], y: &mut [F]) {
        let f = F::from_f64;
        change(x, y, |x, _| match self {
            Self::LecunTanh => f(0.666) * x,
            Self::Relu if x > F::ZERO => F::ONE,
            Self::Relu => F::ZERO,
            Self::Tanh | Self::Silu => x,
            Self::Gelu => f(-0.5) * (x * x),
        });
        match self {
            Self::LecunTanh | Self::Tanh => tanh_all(y),
            Self::Silu => sigmoid_all(y),
            Self::Gelu => exp_all(y),
            Self::Relu => {}
        }
        change(x, y, |x, y| match self {
            Self::LecunTanh => f(1.7159 * 0.666) * (F::ONE - y * y),
            Self::Tanh => F::ONE - y * y,
            Self::Relu => y,
            Self::Silu => y + x * (y * (F::ONE - y)),
            // The normal density: exp(-x^2 / 2) / sqrt(2 pi).
            Self::Gelu => normal(x) + x * (y * f(0.398_942_280_401_432_7)),
        });
    }
}

/// Replaces each element of `y` by a function of those of `x` and `y`.
fn change<F: Float>(x: &[F], y: &mut [F], of: impl Fn(F, F) -> F) {
    for (x, y) in x.iter().zip(y) {
        *y = of(*x, *y);
    }
}

/// The probability that a standard normal variable is at most `x`.
fn normal<F: Float>(x: F) -> F {
    F::from_f64(0.5) * (F::ONE + (x * F::from_f64(std::f64::consts::FRAC_1_SQRT_2)).erf())
}
