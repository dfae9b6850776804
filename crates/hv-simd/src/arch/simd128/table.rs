//! The ways into the kernels of this backend.

use core::cell::Cell;
use std::thread::LocalKey;

use hv_core::HV16;

use super::lanes::Simd128;
use crate::arch::lane::{Lane, Tiled};
use crate::arch::transposed::pairs::Pairs;
use crate::arch::transposed::reading::{Bounds, Planes, Reading, Reported};
use crate::arch::transposed::tiles::{Adding, Room, Steps, Sums, TableIndices, Tables, UnderWay};
use crate::arch::transposed::transposition::Tile;
use crate::arch::transposed::{reading, tiles, transposition};
use crate::arch::{bit_sliced, counting, words};
use crate::backend::Backend;
use crate::bound::Bound;
use crate::kernels::{Kernels, TiledKernels};
use crate::lanes::{self, AHEAD, Bits};
use crate::prefix::Prefix;
use crate::report::{OnDistances, OnMatch, OnPrefix};

entries!(
    #[target_feature(enable = "simd128")]
    Simd128,
    Backend::Simd128,
    16,
    1,
    Some(tiled())
);

entries_for_few!(
    #[target_feature(enable = "simd128")]
    Simd128,
    16
);

entries_for_tiles!(
    #[target_feature(enable = "simd128")]
    Simd128,
    Pairs
);
