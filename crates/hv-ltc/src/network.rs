//! A network: a cell with its parameters.

use crate::blueprint::{Blueprint, CfcSizes, CorePlan};
use crate::cell::Cell;
use crate::cfc::Mode;
use crate::checks::{finite, times};
use crate::error::{LtcError, check_length};
use crate::float::{Float, softplus};
use crate::layout::{Constraint, Layout, Tensor};
use crate::ltc::LtcOptions;
use crate::random::Random;
use crate::state::Sequence;
use crate::state::{Run, State};
use crate::wiring::Wiring;

/// A recurrent network of one cell, with its parameters, over `f32` or `f64`.
///
/// Weights that a wiring does not have take neither memory nor work.
#[derive(Clone, Debug, PartialEq)]
pub struct Network<F> {
    pub(crate) blueprint: Blueprint,
    pub(crate) cell: Cell,
    tensors: Vec<Tensor>,
    pub(crate) parameters: Vec<F>,
    /// The parameters as the cell gets them: the softplus of some.
    pub(crate) effective: Vec<F>,
}

impl<F: Float> Network<F> {
    /// A liquid time-constant network with the fused solver in 6 unfolds (Hasani and others, AAAI 2021), and random
    /// parameters in the ranges of ncps 1.0.1.
    ///
    /// Inputs and outputs have affine maps, which do nothing at first.
    pub fn ltc(wiring: &Wiring, seed: u64) -> Self {
        Self::new(seed, CorePlan::Ltc(wiring.clone(), LtcOptions::default()))
    }

    /// A liquid time-constant network that is solved in another way.
    ///
    /// # Errors
    ///
    /// [`LtcError::OutOfRange`] unless there are 1 to 10,000 unfolds, and for an `epsilon` that is negative or not
    /// finite.
    pub fn ltc_with(wiring: &Wiring, options: LtcOptions, seed: u64) -> Result<Self, LtcError> {
        check_ltc(options)?;
        Ok(Self::new(seed, CorePlan::Ltc(wiring.clone(), options)))
    }

    /// A closed-form continuous-time network (Hasani and others, Nature Machine Intelligence 2022).
    ///
    /// # Errors
    ///
    /// [`LtcError::OutOfRange`] if there are no units, or a backbone has layers without units.
    pub fn cfc(sizes: CfcSizes, seed: u64) -> Result<Self, LtcError> {
        check_cfc(sizes)?;
        Ok(Self::new(seed, CorePlan::Cfc(sizes)))
    }

    /// A closed-form continuous-time network by wiring: a CfC without a backbone for each layer of the wiring.
    pub fn wired_cfc(wiring: &Wiring, mode: Mode, seed: u64) -> Self {
        Self::new(seed, CorePlan::Wired(wiring.clone(), mode))
    }

    /// A network of Symthaea's plain step, `x += t (-x / tau + sigmoid(W x + U u + b))`, whose state is held in 0 to 1.
    ///
    /// `t` is the elapsed time, `tau` is 0.5 to 2 at first, and `u` are the inputs; there may be none.
    /// Symthaea has 10 % of the weights: `Wiring::random(0, units, outputs, 0.9, seed)`.
    pub fn plain(wiring: &Wiring, seed: u64) -> Self {
        Self::new(seed, CorePlan::Plain(wiring.clone()))
    }

    fn new(seed: u64, core: CorePlan) -> Self {
        let blueprint = Blueprint::new(core);
        let (cell, layout) = blueprint.build();
        let parameters = first_values(&layout.tensors, seed);
        Self::of(blueprint, cell, layout, parameters)
    }

    pub(crate) fn of(blueprint: Blueprint, cell: Cell, layout: Layout, parameters: Vec<F>) -> Self {
        let mut network = Self { blueprint, cell, tensors: layout.tensors, effective: Vec::new(), parameters };
        network.renew();
        network
    }

    /// The network with an LSTM before its cell, as `mixed_memory` of ncps 1.0.1. A network that has one keeps it.
    ///
    /// The state doubles: the memory of the LSTM follows the cell's state.
    pub fn with_mixed_memory(self, seed: u64) -> Self {
        let blueprint = Blueprint { mixed_memory: true, ..self.blueprint.clone() };
        self.extended(blueprint, seed)
    }

    /// The network with a linear map after its cell, as `proj_size` of ncps 1.0.1: its outputs are this many sums of all
    /// outputs of the cell. A network that has a map keeps it if it has as many outputs.
    ///
    /// # Errors
    ///
    /// [`LtcError::OutOfRange`] if there are no outputs, or if the network has a map with another number of them.
    pub fn with_projection(self, outputs: usize, seed: u64) -> Result<Self, LtcError> {
        let what = "the number of outputs of the projection";
        match self.blueprint.projection {
            _ if outputs == 0 => Err(LtcError::out_of_range(what, 0.0, "1 or more")),
            Some(now) if now != outputs => {
                Err(LtcError::out_of_range(what, outputs as f64, format!("{now}, which the network has,")))
            }
            _ => {
                let blueprint = Blueprint { projection: Some(outputs), ..self.blueprint.clone() };
                Ok(self.extended(blueprint, seed))
            }
        }
    }

    /// The network of a blueprint that has more parameters. Those that this network has stay as they are.
    fn extended(self, blueprint: Blueprint, seed: u64) -> Self {
        let (cell, layout) = blueprint.build();
        let (mut random, mut parameters) = (Random::new(seed), Vec::with_capacity(layout.len));
        for tensor in &layout.tensors {
            match self.tensors.iter().find(|old| old.name == tensor.name) {
                Some(old) => parameters.extend_from_slice(&self.parameters[old.range()]),
                None => {
                    let values = tensor.init.values(tensor.range.len(), &mut random);
                    parameters.extend(values.into_iter().map(F::from_f64));
                }
            }
        }
        Self::of(blueprint, cell, layout, parameters)
    }

    /// The wiring of the network; a CfC that is not wired has none.
    pub fn wiring(&self) -> Option<&Wiring> {
        self.blueprint.core.wiring()
    }

    /// Number of inputs of a step.
    pub fn inputs(&self) -> usize {
        self.cell.core.inputs()
    }

    /// Number of outputs of a step.
    pub fn outputs(&self) -> usize {
        self.cell.outputs()
    }

    /// Number of values of a state: the units, and with mixed memory twice as many.
    pub fn state_len(&self) -> usize {
        self.cell.state_len()
    }

    /// A state of zeros.
    pub fn state(&self) -> State<F> {
        State {
            values: vec![F::ZERO; self.state_len()],
            output: vec![F::ZERO; self.outputs()],
            room: vec![F::ZERO; self.cell.room_len()],
        }
    }

    /// Computes one step, `elapsed` after the one before, and returns its output.
    ///
    /// # Errors
    ///
    /// [`LtcError::Length`] for a wrong number of inputs or a state of another network, [`LtcError::NotFinite`] for an
    /// input or a time that is not finite, [`LtcError::NegativeTime`]. The state is then as it was.
    pub fn step<'a>(&self, x: &[F], elapsed: F, state: &'a mut State<F>) -> Result<&'a [F], LtcError> {
        check_length("the input", x.len(), self.inputs())?;
        check_length("the state", state.values.len(), self.state_len())?;
        check_length("the output of the state", state.output.len(), self.outputs())?;
        check_length("the scratch memory of the state", state.room.len(), self.cell.room_len())?;
        finite("the input", x)?;
        times(&[elapsed])?;
        self.cell.step(&self.effective, x, elapsed, &mut state.values, &mut state.output, &mut state.room);
        Ok(&state.output)
    }

    /// Computes a sequence of steps from a state. `inputs` has the inputs of all steps, one step after the other.
    ///
    /// # Errors
    ///
    /// Those of [`Network::step`]; lengths must fit the number of elapsed times. Indices count over the whole sequence.
    pub fn run(&self, inputs: &[F], elapsed: &[F], state: &[F]) -> Result<Run<F>, LtcError> {
        self.check_sequence(&Sequence { inputs, elapsed, state })?;
        let mut now = self.state();
        now.values.copy_from_slice(state);
        let mut outputs = Vec::with_capacity(elapsed.len() * self.outputs());
        for (step, elapsed) in elapsed.iter().enumerate() {
            let x = &inputs[step * self.inputs()..][..self.inputs()];
            self.cell.step(&self.effective, x, *elapsed, &mut now.values, &mut now.output, &mut now.room);
            outputs.extend_from_slice(&now.output);
        }
        Ok(Run { outputs, state: now.values })
    }

    pub(crate) fn check_sequence(&self, sequence: &Sequence<'_, F>) -> Result<(), LtcError> {
        let Sequence { inputs, elapsed, state } = *sequence;
        check_length("the inputs", inputs.len(), elapsed.len() * self.inputs())?;
        check_length("the state", state.len(), self.state_len())?;
        finite("the inputs", inputs)?;
        times(elapsed)?;
        finite("the state", state)
    }

    /// The parameters: their names, shapes, and where each is in [`Network::parameters`].
    pub fn tensors(&self) -> &[Tensor] {
        &self.tensors
    }

    /// All parameters in one list. Weights that the wiring does not have are not in it.
    pub fn parameters(&self) -> &[F] {
        &self.parameters
    }

    /// Replaces all parameters.
    ///
    /// # Errors
    ///
    /// [`LtcError::Length`] for another number of them, [`LtcError::NotFinite`] for one that is not finite, and
    /// [`LtcError::OutOfRange`] for a `tau` that is not positive.
    pub fn set_parameters(&mut self, parameters: &[F]) -> Result<(), LtcError> {
        check_length("the list of parameters", parameters.len(), self.parameters.len())?;
        for tensor in &self.tensors {
            check_values(tensor, &parameters[tensor.range()])?;
        }
        self.parameters.copy_from_slice(parameters);
        self.renew();
        Ok(())
    }

    /// The dense form of values of a parameter, for example of its gradient: row by row, and 0 where the wiring has no
    /// weight. `None` if there is no parameter of this name.
    ///
    /// # Errors
    ///
    /// [`LtcError::Length`] if `all` has not one value for each parameter of the network.
    pub fn dense(&self, name: &str, all: &[F]) -> Result<Option<Vec<F>>, LtcError> {
        check_length("the list of parameters", all.len(), self.parameters.len())?;
        Ok(self.tensors.iter().find(|tensor| tensor.name == name).map(|tensor| {
            let values = &all[tensor.range()];
            let Some(positions) = &tensor.positions else { return values.to_vec() };
            let mut dense = vec![F::ZERO; tensor.dense_len()];
            for (position, value) in positions.iter().zip(values) {
                dense[*position] = *value;
            }
            dense
        }))
    }

    /// Replaces a parameter by one in dense form, row by row. What the wiring has no weight for is ignored.
    ///
    /// # Errors
    ///
    /// [`LtcError::Name`] if there is no such parameter, and as [`Network::set_parameters`].
    pub fn set_dense(&mut self, name: &str, dense: &[F]) -> Result<(), LtcError> {
        let tensor = self.tensors.iter().find(|tensor| tensor.name == name);
        let tensor = tensor.ok_or_else(|| LtcError::Name { name: name.into() })?;
        check_length(name, dense.len(), tensor.dense_len())?;
        check_values(tensor, dense)?;
        let values = &mut self.parameters[tensor.range()];
        match &tensor.positions {
            None => values.copy_from_slice(dense),
            Some(positions) => {
                for (value, position) in values.iter_mut().zip(positions) {
                    *value = dense[*position];
                }
            }
        }
        self.renew();
        Ok(())
    }

    /// Moves parameters that have a range into it, as is done after each step of training: `tau` of the plain step to
    /// 0.5 to 2, and of an LTC with [`Positive::Clip`](crate::Positive::Clip) `w`, `sensory_w`, `cm` and `gleak` to 0
    /// or more.
    pub fn constrain(&mut self) {
        for tensor in &self.tensors {
            if let Constraint::Clip(low, high) = tensor.constraint {
                for value in &mut self.parameters[tensor.range()] {
                    *value = F::from_f64(value.to_f64().clamp(low, high));
                }
            }
        }
        self.renew();
    }

    /// Replaces all parameters, and constrains them.
    pub(crate) fn update(&mut self, parameters: Vec<F>) -> Result<(), LtcError> {
        check_length("the list of parameters", parameters.len(), self.parameters.len())?;
        finite("the list of parameters", &parameters)?;
        self.parameters = parameters;
        self.constrain();
        Ok(())
    }

    /// Computes the parameters as the cell gets them.
    fn renew(&mut self) {
        self.effective.clone_from(&self.parameters);
        for tensor in self.tensors.iter().filter(|tensor| tensor.constraint == Constraint::Softplus) {
            self.effective[tensor.range()].iter_mut().for_each(|value| *value = softplus(*value));
        }
    }
}

/// Checks that every option of an LTC is in range.
pub(crate) fn check_ltc(LtcOptions { unfolds, epsilon, .. }: LtcOptions) -> Result<(), LtcError> {
    if !(1..=10_000).contains(&unfolds) {
        return Err(LtcError::out_of_range("the number of unfolds", unfolds as f64, "1 to 10,000"));
    }
    if !epsilon.is_finite() || epsilon < 0.0 {
        return Err(LtcError::out_of_range("epsilon", epsilon, "a finite number, 0 or more,"));
    }
    Ok(())
}

/// Checks that every size of a CfC is in range.
pub(crate) fn check_cfc(sizes: CfcSizes) -> Result<(), LtcError> {
    if sizes.units == 0 {
        return Err(LtcError::out_of_range("the number of units", 0.0, "1 or more"));
    }
    if sizes.backbone_layers > 0 && sizes.backbone_units == 0 {
        return Err(LtcError::out_of_range("the number of units of the backbone", 0.0, "1 or more"));
    }
    Ok(())
}

fn first_values<F: Float>(tensors: &[Tensor], seed: u64) -> Vec<F> {
    let mut random = Random::new(seed);
    let values = tensors.iter().flat_map(|tensor| tensor.init.values(tensor.range.len(), &mut random));
    values.map(F::from_f64).collect()
}

fn check_values<F: Float>(tensor: &Tensor, values: &[F]) -> Result<(), LtcError> {
    finite(&tensor.name, values)?;
    match values.iter().find(|value| tensor.name == "tau" && **value <= F::ZERO) {
        Some(value) => Err(LtcError::out_of_range("a value of tau", value.to_f64(), "more than 0")),
        None => Ok(()),
    }
}
