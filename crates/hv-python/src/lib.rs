//! The compiled half of the Python package `hv`; `python/hv` is the other.
//!
//! `arrays` is how NumPy's arrays become vectors and back, and refuses what is no vector. `pieces` runs long work without the
//! interpreter's lock, and stops it on Ctrl-C. On these stand `operations` and `search`, `codes` and `accumulator`.
//! A memory is in `memory` and `snapshot`: `requests` is what it is asked, `answers` and `errors` are what it says.
//! `encoders`, `floats`, `numbers` and `learn` stand alone, `arrow` is the other way for arrays in and out, and `program` the program `hv`.

mod accumulator;
mod answers;
mod arrays;
mod arrow;
mod codes;
mod encoders;
mod errors;
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
mod search;
mod snapshot;

/// Hypervectors of 2,048 bits as NumPy arrays: see the package `hv`.
#[pyo3::pymodule(gil_used = false)]
mod _hv {
    #[pymodule_export]
    use crate::accumulator::Accumulator;
    #[pymodule_export]
    use crate::encoders::{ItemMemory, NgramEncoder, TextEncoder, WordNgramEncoder};
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
    use crate::search::{nearest, similar_pairs, top_k, within};
    #[pymodule_export]
    use crate::snapshot::{Episodes, Snapshot};
}
