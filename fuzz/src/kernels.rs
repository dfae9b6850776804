//! The kernels of every backend against the reference.

mod bundles;
mod pairs;
mod scans;
mod searches;
mod vectors;

use hv_simd::Backend;
use hv_simd::workspace_internals::Kernels;

use crate::input::Input;

/// Runs kernels on vectors that the bytes describe, on each backend that this CPU has.
///
/// The first byte chooses the kernels: those for pairs of vectors, searches, scans, or bundles and accumulators.
///
/// # Panics
///
/// If a backend has another result than the reference.
pub fn kernels(data: &[u8]) {
    let mut input = Input::new(data);
    match input.below(4) {
        0 => pairs::check(&mut input),
        1 => searches::check(&mut input),
        2 => scans::check(&mut input),
        _ => bundles::check(&mut input),
    }
}

/// The tables of the backends that this CPU has.
fn backends() -> impl Iterator<Item = &'static Kernels> {
    Backend::ALL.iter().filter_map(|&backend| Kernels::for_backend(backend))
}
