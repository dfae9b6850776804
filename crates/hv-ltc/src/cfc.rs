//! The closed-form continuous-time cell.

use crate::activation::Activation;
use crate::error::LtcError;
use crate::float::Float;
use crate::json::Object;
use crate::layout::{Init, Layout};
use crate::linear::Linear;
use crate::math::{exp_all, sigmoid_all, tanh_all};
use crate::pattern::Pattern;
use crate::room::take;

/// How a CfC makes its next state of what its linear maps give.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Mode {
    /// `tanh(ff1) (1 - g) + g tanh(ff2)`, with `g = sigmoid(time_a t + time_b)` for the elapsed time `t`.
    #[default]
    Default,
    /// `tanh(ff1) + g tanh(ff2)`.
    NoGate,
    /// `A - A exp(-t (|w_tau| + |ff1|)) ff1`.
    Pure,
}

impl Mode {
    const ALL: [Self; 3] = [Self::Default, Self::NoGate, Self::Pure];

    /// The name that ncps 1.0.1 has for it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::NoGate => "no_gate",
            Self::Pure => "pure",
        }
    }

    /// Reads the field `mode`.
    pub(crate) fn of_json(object: &Object<'_>) -> Result<Self, LtcError> {
        object.one_of("mode", &Self::ALL, Self::name)
    }
}

/// A closed-form continuous-time cell (Hasani and others: Closed-form continuous-time neural networks, Nature Machine
/// Intelligence 2022), as `CfCCell` of ncps 1.0.1 computes it. Its output is its state.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Cfc {
    pub(crate) inputs: usize,
    pub(crate) units: usize,
    pub(crate) backbone: Vec<Linear>,
    pub(crate) activation: Activation,
    pub(crate) heads: Heads,
}

/// What makes the next state of the backbone's output.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Heads {
    /// `ff1`, `ff2`, `time_a` and `time_b`.
    Timed { maps: Box<[Linear; 4]>, gate: bool },
    /// `ff1`, and where `w_tau` and `A` start.
    Pure { ff1: Linear, w_tau: usize, a: usize },
}

/// The sizes of a CfC.
pub(crate) struct Sizes {
    pub(crate) inputs: usize,
    pub(crate) units: usize,
    /// Number of layers of the backbone, and of units in each.
    pub(crate) backbone: (usize, usize),
}

impl Cfc {
    /// `mask` is where `ff1` and `ff2` have weights.
    pub(crate) fn new(
        layout: &mut Layout,
        prefix: &str,
        sizes: &Sizes,
        (mode, activation): (Mode, Activation),
        mask: Option<Pattern>,
    ) -> Self {
        let Sizes { inputs, units, backbone: (layers, width) } = *sizes;
        let (mut last, mut backbone) = (inputs + units, Vec::new());
        let pure = (mode == Mode::Pure).then(|| {
            let mut add = |name: &str, init| layout.dense(format!("{prefix}{name}"), vec![1, units], init);
            (add("w_tau", Init::xavier(1, units)), add("A", Init::xavier(1, units)))
        });
        for layer in 0..layers {
            let name = format!("{prefix}backbone.{}", 2 * layer);
            backbone.push(Linear::new(layout, &name, [width, last], None, true));
            last = width;
        }
        let mut head = |name: &str, mask: Option<Pattern>| {
            Linear::new(layout, &format!("{prefix}{name}"), [units, last], mask, true)
        };
        let ff1 = head("ff1", mask.clone());
        let heads = match pure {
            Some((w_tau, a)) => Heads::Pure { ff1, w_tau, a },
            None => {
                let maps = [ff1, head("ff2", mask), head("time_a", None), head("time_b", None)];
                Heads::Timed { maps: Box::new(maps), gate: mode == Mode::Default }
            }
        };
        Self { inputs, units, backbone, activation, heads }
    }

    /// Input with state, each layer of the backbone before and after its activation, and four heads.
    pub(crate) fn room_len(&self) -> usize {
        let backbone: usize = self.backbone.iter().map(|layer| 2 * layer.outputs()).sum();
        self.inputs + self.units + backbone + 4 * self.units
    }

    /// Computes the next state of the input and the state, and leaves all that is on the way in `room`.
    pub(crate) fn step<F: Float>(&self, p: &[F], x: &[F], elapsed: F, state: &mut [F], mut room: &mut [F]) {
        let room = &mut room;
        let both = take(room, self.inputs + self.units);
        both[..self.inputs].copy_from_slice(x);
        both[self.inputs..].copy_from_slice(state);
        let mut last = &*both;
        for layer in &self.backbone {
            let (before, after) = (take(room, layer.outputs()), take(room, layer.outputs()));
            layer.forward(p, last, before);
            self.activation.values(before, after);
            last = after;
        }
        let heads = take(room, 4 * self.units);
        self.heads.forward(p, last, elapsed, heads);
        for (unit, state) in state.iter_mut().enumerate() {
            let of = |head: usize| heads[head * self.units + unit];
            *state = match &self.heads {
                Heads::Timed { gate, .. } => {
                    let (ff1, ff2, g) = (of(0), of(1), of(2));
                    let first = if *gate { ff1 * (F::ONE - g) } else { ff1 };
                    first + g * ff2
                }
                Heads::Pure { a, .. } => {
                    let (ff1, decay, a) = (of(0), of(1), p[a + unit]);
                    a - a * decay * ff1
                }
            };
        }
    }
}

impl Heads {
    pub(crate) fn maps(&self) -> &[Linear] {
        match self {
            Self::Timed { maps, .. } => maps.as_slice(),
            Self::Pure { ff1, .. } => std::slice::from_ref(ff1),
        }
    }

    /// Leaves in `heads` what the next state is made of: `tanh(ff1)`, `tanh(ff2)` and the gate, or `ff1` and the decay.
    fn forward<F: Float>(&self, p: &[F], x: &[F], elapsed: F, heads: &mut [F]) {
        let maps = self.maps();
        let units = maps[0].outputs();
        for (map, head) in maps.iter().zip(heads.chunks_exact_mut(units)) {
            map.forward(p, x, head);
        }
        match self {
            Self::Timed { .. } => {
                let (states, times) = heads.split_at_mut(2 * units);
                let (gate, time_b) = times.split_at_mut(units);
                for (gate, time_b) in gate.iter_mut().zip(&*time_b) {
                    *gate = *gate * elapsed + *time_b;
                }
                tanh_all(states);
                sigmoid_all(gate);
            }
            Self::Pure { w_tau, .. } => {
                let (ff1, decay) = heads[..2 * units].split_at_mut(units);
                for ((decay, ff1), w_tau) in decay.iter_mut().zip(&*ff1).zip(&p[*w_tau..]) {
                    *decay = -elapsed * (w_tau.abs() + ff1.abs());
                }
                exp_all(decay);
            }
        }
    }
}
