//! What changes the parameters by their gradients: Adam, RMSprop, and the clipping of gradients.

use crate::checks::finite;
use crate::error::{LtcError, check_length};
use crate::float::Float;
use crate::lanes::dot_of;
use crate::network::Network;

/// Adam (Kingma, Ba: Adam, a method for stochastic optimization, ICLR 2015), with the bias correction of the paper.
///
/// ```text
/// m <- beta1 m + (1 - beta1) g,  s <- beta2 s + (1 - beta2) g^2
/// p <- p - rate (m / (1 - beta1^n)) / (sqrt(s / (1 - beta2^n)) + epsilon)    in step n, from 1
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Adam<F> {
    rate: f64,
    betas: (f64, f64),
    epsilon: f64,
    // beta1^n and beta2^n.
    powers: (f64, f64),
    mean: Vec<F>,
    square: Vec<F>,
}

impl<F: Float> Adam<F> {
    /// Adam with a learning rate, betas of 0.9 and 0.999, and an epsilon of 1e-8, as in the paper.
    ///
    /// # Errors
    ///
    /// [`LtcError::OutOfRange`] unless the rate is finite and more than 0.
    pub fn new(rate: f64) -> Result<Self, LtcError> {
        check_rate(rate)?;
        let (mean, square) = (Vec::new(), Vec::new());
        Ok(Self { rate, betas: (0.9, 0.999), epsilon: 1e-8, powers: (1.0, 1.0), mean, square })
    }

    /// The same with other betas, each 0 or more and less than 1.
    ///
    /// # Errors
    ///
    /// [`LtcError::OutOfRange`] for a beta that is not.
    pub fn with_betas(mut self, beta1: f64, beta2: f64) -> Result<Self, LtcError> {
        check_share("beta1", beta1)?;
        check_share("beta2", beta2)?;
        self.betas = (beta1, beta2);
        Ok(self)
    }

    /// Replaces the learning rate, for a schedule.
    ///
    /// # Errors
    ///
    /// [`LtcError::OutOfRange`] unless the rate is finite and more than 0.
    pub fn set_rate(&mut self, rate: f64) -> Result<(), LtcError> {
        check_rate(rate)?;
        self.rate = rate;
        Ok(())
    }

    /// Changes the parameters of a network by one step, and then [constrains](Network::constrain) them.
    ///
    /// An optimiser belongs to the network of its first step.
    ///
    /// # Errors
    ///
    /// [`LtcError::Length`] unless there is one gradient for each parameter, [`LtcError::NotFinite`] for a gradient or
    /// a new parameter that is not finite. Network and optimiser are then as they were.
    pub fn step(&mut self, network: &mut Network<F>, gradients: &[F]) -> Result<(), LtcError> {
        check_gradients(network, gradients, &mut [&mut self.mean, &mut self.square])?;
        let powers = (self.powers.0 * self.betas.0, self.powers.1 * self.betas.1);
        let f = F::from_f64;
        let mean = decayed(&self.mean, self.betas.0, gradients, |g| g);
        let square = decayed(&self.square, self.betas.1, gradients, |g| g * g);
        finite("the mean of the squares of the gradients", &square)?;
        let change = |index: usize| {
            let (m, s) = (mean[index] / f(1.0 - powers.0), square[index] / f(1.0 - powers.1));
            f(self.rate) * m / (s.sqrt() + f(self.epsilon))
        };
        subtract(network, change)?;
        (self.mean, self.square, self.powers) = (mean, square, powers);
        Ok(())
    }
}

/// RMSprop (Tieleman, Hinton: lecture 6.5 of Neural networks for machine learning, 2012), as PyTorch computes it.
///
/// ```text
/// s <- decay s + (1 - decay) g^2,  p <- p - rate g / (sqrt(s) + epsilon)
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct RmsProp<F> {
    rate: f64,
    decay: f64,
    epsilon: f64,
    square: Vec<F>,
}

impl<F: Float> RmsProp<F> {
    /// RMSprop with a learning rate and a decay, for example 0.99; its epsilon is 1e-8.
    ///
    /// # Errors
    ///
    /// [`LtcError::OutOfRange`] unless the rate is finite and more than 0, and the decay 0 or more and less than 1.
    pub fn new(rate: f64, decay: f64) -> Result<Self, LtcError> {
        check_rate(rate)?;
        check_share("the decay", decay)?;
        Ok(Self { rate, decay, epsilon: 1e-8, square: Vec::new() })
    }

    /// Replaces the learning rate, for a schedule.
    ///
    /// # Errors
    ///
    /// [`LtcError::OutOfRange`] unless the rate is finite and more than 0.
    pub fn set_rate(&mut self, rate: f64) -> Result<(), LtcError> {
        check_rate(rate)?;
        self.rate = rate;
        Ok(())
    }

    /// Changes the parameters of a network by one step, and then [constrains](Network::constrain) them.
    ///
    /// # Errors
    ///
    /// Those of [`Adam::step`].
    pub fn step(&mut self, network: &mut Network<F>, gradients: &[F]) -> Result<(), LtcError> {
        check_gradients(network, gradients, &mut [&mut self.square])?;
        let f = F::from_f64;
        let square = decayed(&self.square, self.decay, gradients, |g| g * g);
        finite("the mean of the squares of the gradients", &square)?;
        subtract(network, |index| f(self.rate) * gradients[index] / (square[index].sqrt() + f(self.epsilon)))?;
        self.square = square;
        Ok(())
    }
}

/// Scales gradients down so that their Euclidean norm is at most `limit`, and returns the norm that they had.
///
/// # Errors
///
/// [`LtcError::OutOfRange`] unless the limit is finite and more than 0, [`LtcError::NotFinite`] for a gradient that is
/// not finite, or a norm that is too large for the type. The gradients are then as they were.
pub fn clip_norm<F: Float>(gradients: &mut [F], limit: F) -> Result<F, LtcError> {
    if !limit.is_finite() || limit <= F::ZERO {
        return Err(LtcError::out_of_range("the limit of the norm", limit.to_f64(), "a finite number, more than 0,"));
    }
    finite("the list of gradients", gradients)?;
    let norm = dot_of(gradients, gradients).sqrt();
    finite("the norm of the gradients", &[norm])?;
    if norm > limit {
        let scale = limit / norm;
        gradients.iter_mut().for_each(|g| *g *= scale);
    }
    Ok(norm)
}

fn check_rate(rate: f64) -> Result<(), LtcError> {
    if rate.is_finite() && rate > 0.0 {
        return Ok(());
    }
    Err(LtcError::out_of_range("the learning rate", rate, "a finite number, more than 0,"))
}

fn check_share(what: &str, share: f64) -> Result<(), LtcError> {
    if (0.0..1.0).contains(&share) {
        return Ok(());
    }
    Err(LtcError::out_of_range(what, share, "0 or more and less than 1"))
}

/// Checks gradients and moments, which are made in the first step.
fn check_gradients<F: Float>(
    network: &Network<F>,
    gradients: &[F],
    moments: &mut [&mut Vec<F>],
) -> Result<(), LtcError> {
    check_length("the list of gradients", gradients.len(), network.parameters().len())?;
    finite("the list of gradients", gradients)?;
    for moment in moments {
        if moment.is_empty() {
            moment.resize(gradients.len(), F::ZERO);
        }
        check_length("the list of gradients", gradients.len(), moment.len())?;
    }
    Ok(())
}

/// `decay` of each moment, and the rest of what the gradient adds to it.
fn decayed<F: Float>(moments: &[F], decay: f64, gradients: &[F], of: impl Fn(F) -> F) -> Vec<F> {
    let (kept, new) = (F::from_f64(decay), F::from_f64(1.0 - decay));
    moments.iter().zip(gradients).map(|(moment, g)| kept * *moment + new * of(*g)).collect()
}

fn subtract<F: Float>(network: &mut Network<F>, change: impl Fn(usize) -> F) -> Result<(), LtcError> {
    let parameters = network.parameters().iter().enumerate().map(|(index, p)| *p - change(index)).collect();
    network.update(parameters)
}
