//! What runs in registers: a kernel is compiled once for each set of instructions, and the best is chosen at run time.

use fearless_simd::{Simd, SimdFloat, SimdFloatElement, f32x8, f64x8};

use crate::level::level;

/// A computation that can be compiled for any set of instructions. The result does not depend on them.
pub(crate) trait Kernel {
    /// What it gives.
    type Output;
    /// Computes; must be `#[inline(always)]` with all that it calls, or it is not compiled for the instructions.
    fn run<S: Simd>(self, simd: S) -> Self::Output;
}

/// Runs a kernel with the best instructions of this CPU.
pub(crate) fn run<K: Kernel>(kernel: K) -> K::Output {
    fearless_simd::dispatch!(level(), simd => kernel.run(simd))
}

/// What kernels need of a type.
pub trait Registers: SimdFloatElement + 'static {
    /// Eight numbers of this type in registers.
    type Eight<S: Simd>: SimdFloat<S, Element = Self, Array = [Self; 8]>;
    /// What the exponential needs.
    const EXP: Exp<Self>;
}

impl Registers for f32 {
    type Eight<S: Simd> = f32x8<S>;
    const EXP: Exp<Self> = Exp::F32;
}

impl Registers for f64 {
    type Eight<S: Simd> = f64x8<S>;
    const EXP: Exp<Self> = Exp::F64;
}

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
