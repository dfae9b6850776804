//! The majority of vectors on devices.

use hv_parallel::hv_simd::Accumulator;
use hv_parallel::{Bitmap, HV16};

use crate::error::GpuError;
use crate::parts::{self, Part};

/// The bitwise majority of the vectors that the filter admits.
pub(crate) fn bundle(parts: &[Part], filter: Option<&Bitmap>) -> Result<Option<HV16>, GpuError> {
    let n = parts::admitted(parts, filter)? as u64;
    let mut ones = vec![0; HV16::DIM];
    for part in parts {
        let counted = part.allocation.vectors.count_ones(0..part.len as u32, part.words(filter))?;
        ones.iter_mut().zip(counted).for_each(|(sum, count)| *sum += u64::from(count));
    }
    let failed = |error| GpuError::Failed { reason: format!("it has counted wrongly: {error}") };
    Ok(Accumulator::from_bytes(&counters(n, &ones)).map_err(failed)?.majority())
}

/// The counters of `n` vectors in the byte form of [`Accumulator`]: its version, `n`, and a plane for each bit of `n`.
fn counters(n: u64, ones: &[u64]) -> Vec<u8> {
    let mut bytes = 1_u32.to_le_bytes().to_vec();
    bytes.extend(n.to_le_bytes());
    for p in 0..u64::BITS - n.leading_zeros() {
        let mut plane = HV16::ZERO;
        ones.iter().enumerate().for_each(|(bit, count)| plane.set_bit(bit, count >> p & 1 == 1));
        bytes.extend(plane.0);
    }
    bytes
}
