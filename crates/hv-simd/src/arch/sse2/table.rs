//! The ways into the kernels of this backend.

use core::cell::Cell;
use std::thread::LocalKey;

use hv_core::HV16;

use super::counting::{distances_into, hamming, scan_prefixes, scan_tile, similarity, xor_popcount};
use super::lanes::Sse2;
use crate::arch::lane::{Lane, Tiled};
use crate::arch::transposed::pairs::Pairs;
use crate::arch::transposed::reading::{Bounds, Planes, Reading, Reported};
use crate::arch::transposed::tiles::{Adding, Room, Steps, Sums, TableIndices, Tables, UnderWay};
use crate::arch::transposed::transposition::Tile;
use crate::arch::transposed::{reading, tiles, transposition};
use crate::arch::{bit_sliced, words};
use crate::backend::Backend;
use crate::bound::Bound;
use crate::kernels::{Kernels, TiledKernels};
use crate::lanes::{self, AHEAD, Bits};
use crate::report::{OnDistances, OnMatch};

entries!(
    #[target_feature(enable = "sse2")]
    Sse2,
    Backend::Sse2,
    16,
    1,
    Some(tiled())
);

entries_for_tiles!(
    #[target_feature(enable = "sse2")]
    Sse2,
    Pairs
);
