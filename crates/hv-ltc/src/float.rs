//! The numbers that networks compute with: `f32` and `f64`.

use std::fmt::{Debug, Display};
use std::ops::{Add, AddAssign, Div, Mul, Neg, Sub};

/// `f32` or `f64`.
///
/// Exponentials are this crate's own or come from `libm`: those of the standard library may differ in the last bit from
/// one platform to the next. Nothing is fused, so a result is the same on every machine.
pub trait Float:
    sealed::Sealed
    + Copy
    + Debug
    + Default
    + Display
    + PartialOrd
    + Send
    + Sync
    + Add<Output = Self>
    + AddAssign
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
    + 'static
{
    /// 0.
    const ZERO: Self;
    /// 1.
    const ONE: Self;
    /// The nearest number of this type.
    fn from_f64(value: f64) -> Self;
    /// The same number.
    fn to_f64(self) -> f64;
    /// e to this power.
    fn exp(self) -> Self;
    /// The natural logarithm of 1 plus this number.
    fn ln_1p(self) -> Self;
    /// The error function.
    fn erf(self) -> Self;
    /// The square root.
    fn sqrt(self) -> Self;
    /// The number without its sign.
    fn abs(self) -> Self;
    /// Whether it is neither infinite nor NaN.
    fn is_finite(self) -> bool;
}

mod sealed {
    pub trait Sealed: crate::kernels::Registers {}
    impl Sealed for f32 {}
    impl Sealed for f64 {}
}

macro_rules! float {
    ($type:ident, $exp:ident, $log1p:ident, $erf:ident, $sqrt:ident, $fabs:ident) => {
        impl Float for $type {
            const ZERO: Self = 0.0;
            const ONE: Self = 1.0;

            fn from_f64(value: f64) -> Self {
                value as $type
            }

            fn to_f64(self) -> f64 {
                self as f64
            }

            fn exp(self) -> Self {
                libm::$exp(self)
            }

            fn ln_1p(self) -> Self {
                libm::$log1p(self)
            }

            fn erf(self) -> Self {
                libm::$erf(self)
            }

            fn sqrt(self) -> Self {
                libm::$sqrt(self)
            }

            fn abs(self) -> Self {
                libm::$fabs(self)
            }

            fn is_finite(self) -> bool {
                self.is_finite()
            }
        }
    };
}

float!(f32, expf, log1pf, erff, sqrtf, fabsf);
float!(f64, exp, log1p, erf, sqrt, fabs);

/// 1, -1 or 0: the derivative of the absolute value, with 0 at 0 as the reference has it.
pub(crate) fn sign<F: Float>(x: F) -> F {
    if x > F::ZERO {
        F::ONE
    } else if x < F::ZERO {
        -F::ONE
    } else {
        F::ZERO
    }
}

/// Above this, softplus is the number itself, as in PyTorch.
const SOFTPLUS_LINEAR: f64 = 20.0;

/// `ln(1 + exp(x))`, which is positive.
pub(crate) fn softplus<F: Float>(x: F) -> F {
    if x > F::from_f64(SOFTPLUS_LINEAR) { x } else { x.exp().ln_1p() }
}

/// The derivative of `softplus`.
pub(crate) fn softplus_slope<F: Float>(x: F) -> F {
    if x > F::from_f64(SOFTPLUS_LINEAR) { F::ONE } else { F::ONE / (F::ONE + (-x).exp()) }
}
