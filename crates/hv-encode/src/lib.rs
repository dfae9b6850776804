//! Text and numbers as hypervectors, and answers to questions.
//!
//! A vector means something once its symbols have vectors of their own: [`ItemMemory`] gives every symbol one,
//! from a seed. [`NgramEncoder`] turns a text into the bundle of its letter n-grams, so that texts that share
//! spellings are similar, misspelt or not. Classifiers of such vectors are in the crate hv-learn.
//!
//! ```
//! use hv_encode::{NgramEncoder, hv_parallel::hv_simd::simd_similarity};
//!
//! let encoder = NgramEncoder::new(3, 1);
//! let text = encoder.encode("In the beginning God created the heaven and the earth.")?;
//! let misspelt = encoder.encode("in the begining god creatd the heavn and earth")?;
//! let other = encoder.encode("Thou shalt not covet thy neighbour's house.")?;
//! assert!(simd_similarity(&text, &misspelt) > 0.65);
//! assert!(simd_similarity(&text, &other) < 0.6);
//! # Ok::<(), hv_encode::EncodeError>(())
//! ```
//!
//! For what a person asks, often a word or two and misspelt, [`TextEncoder`] and [`Questions`] go together: vectors find the
//! candidates, and their text decides.
//!
//! [`FloatEncoder`] turns rows of numbers, such as embeddings, into codes whose distances are their angles.
//!
//! All of them are [`Encoder`]s, and so are [`ItemMemory`] (symbols), [`LevelEncoder`], [`ThermometerEncoder`] and
//! [`CircularEncoder`] (numbers), [`WordNgramEncoder`] (texts), [`RecordEncoder`] (values in roles), [`SeriesEncoder`]
//! (several channels over time) and [`ImageEncoder`].
//!
//! The way back: a [`Codebook`] says which of its vectors a noisy one is, or that it is none; a [`Resonator`] finds the
//! factors of a product; a [`SparseDistributedMemory`] answers for addresses that are only similar. [`structures`] has sets,
//! tables, sequences, graphs, trees and automata that are one vector each.
//!
//! [`statistics`] says what chance alone gives: how unusual a similarity is, and how many vectors a bundle can hold.
//!
//! Everything is a function of the seed and the input alone: the same on every machine, thread count and backend,
//! and pinned by golden tests, so that stored vectors keep their meaning across releases.
//!
//! # Features
//!
//! - `serde`: `Serialize` and `Deserialize` for [`HV16`], all encoders, by their settings, all [`structures`], and
//!   [`SparseDistributedMemory`].
//! - `bytemuck`: zero-copy casts between `[HV16]` and bytes.

#![forbid(unsafe_code)]

mod closeness;
mod codebook;
mod encoder;
mod encoders;
mod error;
mod factors;
mod float_error;
mod floats;
mod fold;
mod hadamard;
mod item_memory;
mod lanes;
mod ngram;
mod questions;
mod rotations;
mod score;
pub mod statistics;
pub mod structures;
mod symbol;
mod text;
mod text_encoder;
mod words;

pub use closeness::closeness;
pub use codebook::{Codebook, CodebookError, Named};
pub use encoder::Encoder;
pub use encoders::{
    CircularEncoder, ImageEncoder, LevelEncoder, RecordEncoder, SeriesEncoder, ThermometerEncoder, WordNgramEncoder,
};
pub use error::EncodeError;
pub use factors::{FactorError, Factors, Resonator, SparseDistributedMemory};
pub use float_error::FloatError;
pub use floats::{FloatEncoder, Stored};
pub use fold::{fold, is_spaceless};
pub use hv_parallel;
pub use hv_parallel::HV16;
pub use hv_parallel::hv_simd::Accumulator;
pub use item_memory::ItemMemory;
pub use ngram::NgramEncoder;
pub use questions::Questions;
pub use score::{Score, Scorer, TextWords, merge};
pub use symbol::Symbol;
pub use text::normalize;
pub use text_encoder::TextEncoder;
pub use words::{MAX_WORD, Word, WordCounts, words};
