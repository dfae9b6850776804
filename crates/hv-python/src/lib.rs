//! The compiled half of the Python package `hv`; `python/hv` is the other.
//!
//! `arrays` is how NumPy's arrays become vectors and back, and refuses what is no vector. `pieces` runs long work without the
//! interpreter's lock, and stops it on Ctrl-C. On these stand `operations` and `search`, `codes` and `accumulator`.
//! A memory is in `memory` and `snapshot`: `requests` is what it is asked, `answers` and `errors` are what it says.
//! `encoders`, `floats`, `numbers` and `learn` stand alone, `arrow` is the other way for arrays in and out, and `program` the program `hv`.
//! `codebook` cleans up what `structures` and `factors` give back; `statistics` says what chance gives.

mod accumulator;
mod answers;
mod arrays;
mod arrow;
mod changes;
mod codebook;
mod codes;
mod encoders;
mod errors;
mod factors;
mod floats;
mod kept;
mod learn;
mod memory;
mod numbers;
mod operations;
mod pieces;
mod program;
mod requests;
mod results;
mod salvage;
mod search;
mod snapshot;
mod states;
mod statistics;
mod structures;
mod together;

/// Hypervectors of 2,048 bits as NumPy arrays: see the package `hv`.
#[pyo3::pymodule(gil_used = false)]
mod _hv {
    #[pymodule_export]
    use crate::accumulator::Accumulator;
    #[pymodule_export]
    use crate::changes::Changes;
    #[pymodule_export]
    use crate::codebook::Codebook;
    #[pymodule_export]
    use crate::encoders::{ItemMemory, NgramEncoder, TextEncoder, WordNgramEncoder};
    #[pymodule_export]
    use crate::factors::{Resonator, SparseDistributedMemory};
    #[pymodule_export]
    use crate::floats::FloatEncoder;
    #[pymodule_export]
    use crate::kept::Codes;
    #[pymodule_export]
    use crate::learn::Model;
    #[pymodule_export]
    use crate::memory::EpisodicMemory;
    #[pymodule_export]
    use crate::numbers::{
        CircularEncoder, ImageEncoder, LevelEncoder, RecordEncoder, SeriesEncoder, ThermometerEncoder,
    };
    #[pymodule_export]
    use crate::operations::{bind, bundle, from_bits, hamming, pad, permute, random, similarity, tanimoto};
    #[pymodule_export]
    use crate::program::run_program;
    #[pymodule_export]
    use crate::salvage::{Salvage, salvage, summary, verify};
    #[pymodule_export]
    use crate::search::{nearest, similar_pairs, top_k, within};
    #[pymodule_export]
    use crate::snapshot::{Episodes, Rows, Snapshot};
    #[pymodule_export]
    use crate::statistics::{
        bundle_similarity, capacity, clean_up_error, expected_nearest, max_distance_for, p_value, z_score,
    };
    #[pymodule_export]
    use crate::structures::{BindSequence, BundleSequence, FiniteAutomaton, Graph, HashTable, Multiset, Set, Tree};
}

/// Python aligns its objects to 16 bytes, or 8 on some systems, so that no class may hold a vector itself.
const _: () = {
    use std::mem::align_of;
    assert!(align_of::<accumulator::Accumulator>() <= 8);
    assert!(align_of::<factors::Resonator>() <= 8);
    assert!(align_of::<factors::SparseDistributedMemory>() <= 8);
    assert!(align_of::<floats::FloatEncoder>() <= 8);
    assert!(align_of::<numbers::LevelEncoder>() <= 8);
    assert!(align_of::<numbers::ThermometerEncoder>() <= 8);
    assert!(align_of::<numbers::CircularEncoder>() <= 8);
    assert!(align_of::<numbers::SeriesEncoder>() <= 8);
    assert!(align_of::<numbers::ImageEncoder>() <= 8);
    assert!(align_of::<changes::Changes>() <= 8);
};
