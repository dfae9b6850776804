//! The ways into the kernels of this backend.

use hv_core::HV16;

#[cfg(feature = "std")]
use super::counting::xor_popcount;
use super::counting::{distances_into, hamming, scan_prefixes, scan_tile, similarity};
use super::lanes::Scalar;
#[cfg(all(feature = "std", target_endian = "little"))]
use super::tiles::tiled;
use crate::arch::lane::Lane;
use crate::arch::{bit_sliced, words};
use crate::backend::Backend;
use crate::kernels::{Kernels, TiledKernels};
use crate::lanes::{self, Bits};

/// Nothing is fetched ahead: it gains nothing here (docs/tuning.md).
const AHEAD: usize = 0;

// Four words at once, so that a compiler may take them together in the vector registers that the target has anyway.
entries!(Scalar, Backend::Scalar, 32, 4, TILED);

#[cfg(all(feature = "std", target_endian = "little"))]
const TILED: Option<TiledKernels> = Some(tiled());

#[cfg(not(all(feature = "std", target_endian = "little")))]
const TILED: Option<TiledKernels> = None;
