//! The ways into the kernels of this backend.

use hv_core::HV16;

#[cfg(feature = "std")]
use super::counting::xor_popcount;
use super::counting::{distances_into, hamming, scan_prefixes, scan_tile, similarity};
use super::lanes::Scalar;
use crate::arch::lane::Lane;
use crate::arch::{bit_sliced, words};
use crate::backend::Backend;
use crate::kernels::Kernels;
use crate::lanes::{self, Bits};

// Four words at once, so that a compiler may take them together in the vector registers that the target has anyway.
entries!(Scalar, Backend::Scalar, 32, 4, None);
