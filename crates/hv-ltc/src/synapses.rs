//! The synapses of a liquid time-constant cell: how open they are, and what they do to each unit.

use fearless_simd::{Simd, prelude::*};

use crate::float::Float;
use crate::kernels::{Kernel, run};
use crate::lanes::{LANES, gathered, tree};
use crate::layout::{Constraint, Init, Layout};
use crate::math::sigmoid;
use crate::pattern::Pattern;

/// Number of synapses whose sigmoids are computed before their sums: few enough for the smallest cache.
const BLOCK: usize = 1024;

/// The synapses from one kind of sender, and where their parameters start.
#[derive(Clone, Debug, PartialEq)]
pub struct Synapses {
    pub(crate) senders: usize,
    pub(crate) pattern: Pattern,
    pub(crate) w: usize,
    pub(crate) mu: usize,
    pub(crate) sigma: usize,
    pub(crate) erev: usize,
}

impl Synapses {
    pub(crate) fn new(
        layout: &mut Layout,
        (prefix, positive): (&str, Constraint),
        senders: usize,
        pattern: Pattern,
        signs: Vec<f64>,
    ) -> Self {
        let mut add = |name: &str, init| layout.synapses(format!("{prefix}{name}"), senders, &pattern, init);
        let sigma = add("sigma", Init::Uniform(3.0, 8.0));
        let mu = add("mu", Init::Uniform(0.3, 0.8));
        let erev = add("erev", Init::Given(signs));
        let w = add("w", Init::Uniform(0.001, 1.0));
        layout.constrain(positive);
        Self { senders, pattern, w, mu, sigma, erev }
    }

    /// Number of values that `for_each_unit` needs as scratch memory.
    pub(crate) fn opens_len(&self) -> usize {
        self.pattern.longest().max(BLOCK.min(self.pattern.len()))
    }

    /// Writes the sums of `s erev` and of `s` over the synapses of each unit. `opens` is scratch memory.
    pub(crate) fn all_sums<F: Float>(&self, p: &[F], v: &[F], opens: &mut [F], sums: (&mut [F], &mut [F])) {
        run(Sums { synapses: self, p, v, opens, sums });
    }

    /// `all_sums` where the instructions are known.
    #[inline(always)]
    fn all_sums_in<F: Float, S: Simd>(
        &self,
        simd: S,
        p: &[F],
        v: &[F],
        opens: &mut [F],
        (pull, conductance): (&mut [F], &mut [F]),
    ) {
        self.for_each_unit(
            simd,
            p,
            v,
            opens,
            #[inline(always)]
            |unit, sums| (pull[unit], conductance[unit]) = sums,
        );
    }

    /// Computes the sums of `s erev` and of `s` over the synapses of each unit.
    ///
    /// Goes by blocks of units, and computes the sigmoids of a block before its sums: a CPU computes several at once only
    /// where little else is between them.
    #[inline(always)]
    pub(crate) fn for_each_unit<F: Float, S: Simd>(
        &self,
        simd: S,
        p: &[F],
        v: &[F],
        opens: &mut [F],
        mut with: impl FnMut(usize, (F, F)),
    ) {
        let mut units = 0..0;
        while units.end < self.pattern.rows() {
            units = self.pattern.block(units.end, BLOCK);
            let start = self.pattern.row(units.start).start;
            self.open(simd, p, v, start, &mut opens[..self.pattern.row(units.end - 1).end - start]);
            for unit in units.clone() {
                let row = self.pattern.row(unit);
                with(unit, self.sums(simd, p, row.start, &opens[row.start - start..row.end - start]));
            }
        }
    }

    /// Writes how open the synapses from the one of index `start` are: `sigmoid(sigma (v - mu))`.
    #[inline(always)]
    fn open<F: Float, S: Simd>(&self, simd: S, p: &[F], v: &[F], start: usize, opens: &mut [F]) {
        let count = opens.len();
        let (columns, columns_rest) = self.pattern.columns()[start..][..count].as_chunks::<LANES>();
        let (mu, mu_rest) = p[self.mu + start..][..count].as_chunks::<LANES>();
        let (sigma, sigma_rest) = p[self.sigma + start..][..count].as_chunks::<LANES>();
        let (eights, rest) = opens.as_chunks_mut::<LANES>();
        for (((open, columns), mu), sigma) in eights.iter_mut().zip(columns).zip(mu).zip(sigma) {
            let distance = F::Eight::<S>::load_array(simd, gathered(columns, v)) - F::Eight::load_array(simd, *mu);
            *open = (F::Eight::<S>::load_array(simd, *sigma) * distance).to_array();
        }
        for (((open, column), mu), sigma) in rest.iter_mut().zip(columns_rest).zip(mu_rest).zip(sigma_rest) {
            *open = *sigma * (v[*column as usize] - *mu);
        }
        sigmoid(simd, opens);
    }

    /// The sums of `s erev` and of `s` over the synapses of a unit, numbered from `start` on.
    #[inline(always)]
    fn sums<F: Float, S: Simd>(&self, simd: S, p: &[F], start: usize, opens: &[F]) -> (F, F) {
        let (w, w_rest) = p[self.w + start..][..opens.len()].as_chunks::<LANES>();
        let (erev, erev_rest) = p[self.erev + start..][..opens.len()].as_chunks::<LANES>();
        let (opens, opens_rest) = opens.as_chunks::<LANES>();
        let zero = F::Eight::<S>::load_array(simd, [F::ZERO; LANES]);
        let (mut pull, mut conductance) = (zero, zero);
        for ((w, erev), open) in w.iter().zip(erev).zip(opens) {
            let s = F::Eight::<S>::load_array(simd, *w) * F::Eight::<S>::load_array(simd, *open);
            pull += s * F::Eight::<S>::load_array(simd, *erev);
            conductance += s;
        }
        let (mut pull, mut conductance) = (pull.to_array(), conductance.to_array());
        let lanes = pull.iter_mut().zip(&mut conductance);
        for ((((pull, conductance), w), erev), open) in lanes.zip(w_rest).zip(erev_rest).zip(opens_rest) {
            let s = *w * *open;
            *pull += s * *erev;
            *conductance += s;
        }
        (tree(pull), tree(conductance))
    }
}

struct Sums<'a, F> {
    synapses: &'a Synapses,
    p: &'a [F],
    v: &'a [F],
    opens: &'a mut [F],
    sums: (&'a mut [F], &'a mut [F]),
}

impl<F: Float> Kernel for Sums<'_, F> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        self.synapses.all_sums_in(simd, self.p, self.v, self.opens, self.sums);
    }
}
