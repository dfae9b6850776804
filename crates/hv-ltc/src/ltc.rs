//! The liquid time-constant cell and its fused solver.

use fearless_simd::Simd;

use crate::error::LtcError;
use crate::float::Float;
use crate::json::Object;
use crate::kernels::{Kernel, run};
use crate::layout::{Constraint, Init, Layout};
use crate::pattern::Pattern;
use crate::room::take;
use crate::synapses::Synapses;
use crate::wiring::Wiring;

/// A liquid time-constant cell (Hasani, Lechner, Amini, Rus, Grosu: Liquid time-constant networks, AAAI 2021), as
/// `LTCCell` of ncps 1.0.1 computes it.
///
/// Unit `j` has a potential `v_j` that leaks towards `vleak_j`, and each synapse from `i` pulls it towards `erev_ij` by
/// `s_ij = w_ij sigmoid(sigma_ij (v_i - mu_ij))`. A step of time `t` is `unfolds` semi-implicit Euler steps of
/// `h = t / unfolds`:
///
/// ```text
/// v_j <- (cm_j / h v_j + gleak_j vleak_j + sum s_ij erev_ij) / (cm_j / h + gleak_j + sum s_ij + epsilon)
/// ```
///
/// `w`, `cm` and `gleak` are here what the constraint of the parameters makes of them (`Positive`).
///
/// The sums are over synapses from units and from inputs; the latter are computed once a step. Numerator and
/// denominator are multiplied by `h` where it is at most 1, so very short times do not overflow. A step of time 0
/// changes no state.
#[derive(Clone, Debug, PartialEq)]
pub struct Ltc {
    pub(crate) units: usize,
    pub(crate) outputs: usize,
    pub(crate) unfolds: usize,
    pub(crate) epsilon: f64,
    pub(crate) gleak: usize,
    pub(crate) vleak: usize,
    pub(crate) cm: usize,
    pub(crate) inner: Synapses,
    pub(crate) sensory: Synapses,
    pub(crate) input_w: usize,
    pub(crate) input_b: usize,
    pub(crate) output_w: usize,
    pub(crate) output_b: usize,
}

/// What an unfold is computed from, and where its results go.
pub struct Unfold<'a, F> {
    /// The potentials.
    pub(crate) v: &'a [F],
    /// What the inputs add to the sums of `s erev` and of `s`.
    pub(crate) sensed: (&'a [F], &'a [F]),
    pub(crate) scales: (F, F),
    /// Scratch memory: how open the synapses of a block are.
    pub(crate) opens: &'a mut [F],
    /// The next potentials.
    pub(crate) next: &'a mut [F],
    /// What they were divided by, where it is asked for.
    pub(crate) denominators: Option<&'a mut [F]>,
}

/// How a liquid time-constant network is solved, for [`Network::ltc_with`](crate::Network::ltc_with). The default is
/// that of `LTC` in ncps 1.0.1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LtcOptions {
    /// Number of solver steps in each step of the network, 1 to 10,000; 6 by default.
    pub unfolds: usize,
    /// What is added to the solver's denominator, 0 or more; 1e-8 by default.
    pub epsilon: f64,
    /// What keeps parameters from being negative; softplus by default.
    pub positive: Positive,
}

impl Default for LtcOptions {
    fn default() -> Self {
        Self { unfolds: 6, epsilon: 1e-8, positive: Positive::default() }
    }
}

/// How an LTC keeps `w`, `cm` and `gleak` from being negative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Positive {
    /// The cell computes with their softplus, `ln(1 + exp(x))`, as `LTC` of ncps 1.0.1 does by default.
    #[default]
    Softplus,
    /// The cell computes with them as they are, and [`Network::constrain`](crate::Network::constrain) raises negative
    /// ones to 0, as `LTCCell` of ncps does by default.
    Clip,
}

impl LtcOptions {
    /// Reads `unfolds`, `epsilon` and `implicit_param_constraints`, which is true where it is missing.
    pub(crate) fn of_json(object: &Object<'_>) -> Result<Self, LtcError> {
        let positive = match object.flag("implicit_param_constraints")? {
            Some(false) => Positive::Clip,
            Some(true) | None => Positive::Softplus,
        };
        Ok(Self { unfolds: object.count("unfolds")?, epsilon: object.number("epsilon")?, positive })
    }
}

impl Positive {
    fn constraint(self) -> Constraint {
        match self {
            Self::Softplus => Constraint::Softplus,
            Self::Clip => Constraint::Clip(0.0, f64::INFINITY),
        }
    }
}

/// How the terms of the solver are scaled in a step: `cm` by the first, all others by the second.
pub(crate) fn scales<F: Float>(h: F) -> (F, F) {
    if h <= F::ONE { (F::ONE, h) } else { (F::ONE / h, F::ONE) }
}

impl Ltc {
    pub(crate) fn new(layout: &mut Layout, wiring: &Wiring, options: LtcOptions) -> Self {
        let LtcOptions { unfolds, epsilon, positive } = options;
        let (units, outputs, inputs) = (wiring.units(), wiring.outputs(), wiring.inputs());
        let signs = |list: &[crate::wiring::Synapse]| list.iter().map(|s| f64::from(s.polarity.sign())).collect();
        let mut of_units = |name: &str, low, high| layout.dense(name, vec![units], Init::Uniform(low, high));
        let vleak = of_units("vleak", -0.2, 0.2);
        let gleak = of_units("gleak", 0.001, 1.0);
        layout.constrain(positive.constraint());
        let cm = layout.dense("cm", vec![units], Init::Uniform(0.4, 0.6));
        layout.constrain(positive.constraint());
        let inner = Pattern::of_synapses(units, wiring.synapses());
        let inner = Synapses::new(layout, ("", positive.constraint()), units, inner, signs(wiring.synapses()));
        let sensory = Pattern::of_synapses(units, wiring.sensory_synapses());
        let sensory = Synapses::new(
            layout,
            ("sensory_", positive.constraint()),
            inputs,
            sensory,
            signs(wiring.sensory_synapses()),
        );
        let mut map =
            |name: &str, count: usize, value: f64| layout.dense(name, vec![count], Init::Given(vec![value; count]));
        let (input_w, input_b) = (map("input_w", inputs, 1.0), map("input_b", inputs, 0.0));
        let (output_w, output_b) = (map("output_w", outputs, 1.0), map("output_b", outputs, 0.0));
        Self {
            units,
            outputs,
            unfolds,
            epsilon,
            gleak,
            vleak,
            cm,
            inner,
            sensory,
            input_w,
            input_b,
            output_w,
            output_b,
        }
    }

    pub(crate) fn inputs(&self) -> usize {
        self.sensory.senders
    }

    /// Mapped inputs, two sums of the inputs for each unit, the next potentials, and how open the synapses of a block are.
    pub(crate) fn room_len(&self) -> usize {
        self.inputs() + 3 * self.units + self.opens_len()
    }

    /// Number of values that sums need as scratch memory.
    pub(crate) fn opens_len(&self) -> usize {
        self.inner.opens_len().max(self.sensory.opens_len())
    }

    pub(crate) fn step<F: Float>(&self, p: &[F], x: &[F], elapsed: F, state: &mut [F], mut room: &mut [F]) {
        if elapsed > F::ZERO {
            let room = &mut room;
            let mapped = take(room, self.inputs());
            let (pull, conductance) = (take(room, self.units), take(room, self.units));
            let (next, opens) = (take(room, self.units), take(room, self.opens_len()));
            self.sense(p, x, mapped, opens, (pull, conductance));
            let scales = scales(self.time_step(elapsed));
            for _ in 0..self.unfolds {
                self.unfold(
                    p,
                    Unfold { v: state, sensed: (pull, conductance), scales, opens, next, denominators: None },
                );
                state.copy_from_slice(next);
            }
        }
    }

    /// Writes the output of a state.
    pub(crate) fn show<F: Float>(&self, p: &[F], state: &[F], output: &mut [F]) {
        for (index, output) in output.iter_mut().enumerate() {
            *output = state[index] * p[self.output_w + index] + p[self.output_b + index];
        }
    }

    pub(crate) fn time_step<F: Float>(&self, elapsed: F) -> F {
        elapsed / F::from_f64(self.unfolds as f64)
    }

    /// Maps the inputs, and sums what they do to each unit.
    pub(crate) fn sense<F: Float>(
        &self,
        p: &[F],
        x: &[F],
        mapped: &mut [F],
        opens: &mut [F],
        sums: (&mut [F], &mut [F]),
    ) {
        for (index, mapped) in mapped.iter_mut().enumerate() {
            *mapped = x[index] * p[self.input_w + index] + p[self.input_b + index];
        }
        self.sensory.all_sums(p, mapped, opens, sums);
    }

    /// Writes the next potentials.
    pub(crate) fn unfold<F: Float>(&self, p: &[F], of: Unfold<'_, F>) {
        run(UnfoldKernel { cell: self, p, of });
    }

    /// `unfold` where the instructions are known.
    #[inline(always)]
    fn unfold_in<F: Float, S: Simd>(&self, simd: S, p: &[F], mut of: Unfold<'_, F>) {
        self.inner.for_each_unit(
            simd,
            p,
            of.v,
            of.opens,
            #[inline(always)]
            |unit, sums| {
                let sensed = (of.sensed.0[unit], of.sensed.1[unit]);
                let (solved, denominator) = self.solve(p, unit, of.v[unit], sums, sensed, of.scales);
                of.next[unit] = solved;
                if let Some(denominators) = &mut of.denominators {
                    denominators[unit] = denominator;
                }
            },
        );
    }

    /// The next potential of a unit, and the denominator that it was divided by.
    #[inline(always)]
    fn solve<F: Float>(
        &self,
        p: &[F],
        unit: usize,
        v: F,
        (pull, conductance): (F, F),
        sensed: (F, F),
        (of_cm, of_rest): (F, F),
    ) -> (F, F) {
        let (cm, gleak) = (of_cm * p[self.cm + unit], p[self.gleak + unit]);
        let numerator = cm * v + of_rest * (gleak * p[self.vleak + unit] + (pull + sensed.0));
        let rest = gleak + (conductance + sensed.1) + F::from_f64(self.epsilon);
        let denominator = cm + of_rest * rest;
        // 0 where a unit has no capacity and leak, and the time is so short that all else vanishes.
        let next = if denominator == F::ZERO { v } else { numerator / denominator };
        (next, denominator)
    }
}

struct UnfoldKernel<'a, F> {
    cell: &'a Ltc,
    p: &'a [F],
    of: Unfold<'a, F>,
}

impl<F: Float> Kernel for UnfoldKernel<'_, F> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        self.cell.unfold_in(simd, self.p, self.of);
    }
}
