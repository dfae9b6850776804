//! Which parameters a network has, and where each is in the flat list of all.

use std::ops::Range;

use crate::pattern::Pattern;
use crate::random::Random;

/// A named parameter of a network: a vector or a matrix, perhaps sparse.
#[derive(Clone, Debug, PartialEq)]
pub struct Tensor {
    pub(crate) name: String,
    pub(crate) shape: Vec<usize>,
    pub(crate) range: Range<usize>,
    /// Index in the dense form, row by row, of each value of a sparse matrix.
    pub(crate) positions: Option<Vec<usize>>,
    pub(crate) init: Init,
    pub(crate) constraint: Constraint,
}

/// What keeps a parameter in its range.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Constraint {
    /// Nothing: any finite number will do.
    Free,
    /// Cells get the softplus of the parameter.
    Softplus,
    /// `Network::constrain` moves the parameter into this range.
    Clip(f64, f64),
}

impl Tensor {
    /// The name, as ncps 1.0.1 has it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The lengths of its dimensions in dense form.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// The range of its values in the list of all parameters. A sparse matrix has one value for each synapse.
    pub fn range(&self) -> Range<usize> {
        self.range.clone()
    }

    /// Number of values in dense form.
    pub(crate) fn dense_len(&self) -> usize {
        self.shape.iter().product()
    }
}

/// The first values of a parameter.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Init {
    Uniform(f64, f64),
    Given(Vec<f64>),
}

impl Init {
    /// Xavier's uniform range, for linear maps.
    pub(crate) fn xavier(rows: usize, columns: usize) -> Self {
        let limit = libm::sqrt(6.0 / (rows + columns) as f64);
        Self::Uniform(-limit, limit)
    }

    pub(crate) fn values(&self, count: usize, random: &mut Random) -> Vec<f64> {
        match self {
            Self::Uniform(low, high) => (0..count).map(|_| random.uniform(*low, *high)).collect(),
            Self::Given(values) => values.clone(),
        }
    }
}

/// The parameters of a network while it is built.
#[derive(Default)]
pub(crate) struct Layout {
    pub(crate) tensors: Vec<Tensor>,
    pub(crate) len: usize,
}

impl Layout {
    /// Adds a dense parameter, and returns where it starts.
    pub(crate) fn dense(&mut self, name: impl Into<String>, shape: Vec<usize>, init: Init) -> usize {
        let count = shape.iter().product();
        self.add(name.into(), shape, count, None, init)
    }

    /// Sets the constraint of the parameter that was added last.
    pub(crate) fn constrain(&mut self, constraint: Constraint) {
        if let Some(tensor) = self.tensors.last_mut() {
            tensor.constraint = constraint;
        }
    }

    /// Adds a matrix of `[to][from]`, perhaps sparse.
    pub(crate) fn matrix(&mut self, name: String, [to, from]: [usize; 2], pattern: Option<&Pattern>) -> usize {
        let init = Init::xavier(to, from);
        match pattern {
            None => self.dense(name, vec![to, from], init),
            Some(pattern) => {
                let positions = pattern.positions().map(|(row, column)| row * from + column).collect();
                self.add(name, vec![to, from], pattern.len(), Some(positions), init)
            }
        }
    }

    /// Adds a sparse matrix whose dense form is `[from][to]`.
    pub(crate) fn synapses(&mut self, name: String, senders: usize, pattern: &Pattern, init: Init) -> usize {
        let units = pattern.rows();
        let positions = pattern.positions().map(|(to, from)| from * units + to).collect();
        self.add(name, vec![senders, units], pattern.len(), Some(positions), init)
    }

    fn add(
        &mut self,
        name: String,
        shape: Vec<usize>,
        count: usize,
        positions: Option<Vec<usize>>,
        init: Init,
    ) -> usize {
        let start = self.len;
        self.len += count;
        self.tensors.push(Tensor {
            name,
            shape,
            range: start..self.len,
            positions,
            init,
            constraint: Constraint::Free,
        });
        start
    }
}
