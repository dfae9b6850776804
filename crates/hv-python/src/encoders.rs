//! Encoders of texts and symbols.

use hv_encode::{EncodeError, Encoder as _, HV16};
use numpy::PyArrayDyn;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString, PyType};

use crate::arrays::{ready, to_array, to_single};
use crate::pieces::{each_item, in_pieces, inputs};

/// Bytes of text of a piece between two looks for Ctrl-C.
const BYTES: usize = 1 << 20;

/// Defines the class of an encoder of texts, with the n that it usually has.
macro_rules! encoder_of_texts {
    ($(#[$about:meta])* $name:ident, $usual:literal, $new:expr) => {
        $(#[$about])*
        #[pyclass(module = "hv", frozen)]
        pub struct $name {
            encoder: hv_encode::$name,
            settings: (usize, u64),
        }

        #[pymethods]
        impl $name {
            #[new]
            #[pyo3(signature = (n = $usual, seed = 0))]
            fn new(n: usize, seed: u64) -> PyResult<Self> {
                ready()?;
                let max = hv_encode::NgramEncoder::MAX_N;
                if !(1..=max).contains(&n) {
                    return Err(PyValueError::new_err(format!("n is {n}; it must be from 1 to {max}")));
                }
                let new: fn(usize, u64) -> Result<hv_encode::$name, EncodeError> = $new;
                let encoder = new(n, seed).map_err(|error| PyValueError::new_err(error.to_string()))?;
                Ok(Self { encoder, settings: (n, seed) })
            }

            /// The vector of a text: an array of uint8 with shape (256,).
            fn encode<'py>(&self, py: Python<'py>, text: &str) -> PyResult<Bound<'py, PyArrayDyn<u8>>> {
                let vector = py.detach(|| self.encoder.encode(text));
                to_single(py, vector.map_err(|error| PyValueError::new_err(error.to_string()))?)
            }

            /// The vectors of texts, in parallel: an array of uint8 with shape (n, 256).
            fn encode_batch<'py>(
                &self,
                py: Python<'py>,
                texts: &Bound<'py, PyAny>,
            ) -> PyResult<Bound<'py, PyArrayDyn<u8>>> {
                let texts = self::texts(texts)?;
                let mut vectors: Vec<HV16> = Vec::with_capacity(texts.len());
                let bytes = texts.iter().map(String::len).sum();
                in_pieces(py, texts.len(), inputs(BYTES, bytes, texts.len()), |piece| {
                    for vector in self.encoder.encode_batch(&texts[piece]) {
                        vectors.push(vector.map_err(|error| wrong(vectors.len(), error))?);
                    }
                    Ok(())
                })?;
                to_array(py, vectors)
            }

            /// The characters, or words, in an n-gram.
            #[getter]
            fn n(&self) -> usize {
                self.settings.0
            }

            /// The seed of the characters', or words', vectors.
            #[getter]
            fn seed(&self) -> u64 {
                self.settings.1
            }

            fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
                other.cast::<Self>().is_ok_and(|other| self.settings == other.get().settings)
            }

            fn __repr__(&self) -> String {
                format!("hv.{}{:?}", stringify!($name), self.settings)
            }

            fn __reduce__<'py>(slf: &Bound<'py, Self>) -> (Bound<'py, PyType>, (usize, u64)) {
                (slf.get_type(), slf.get().settings)
            }
        }
    };
}

encoder_of_texts! {
    /// Encodes texts so that similarly spelt ones are similar: whole texts, questions and what answers them.
    ///
    /// Args:
    ///     n: the characters in an n-gram, from 1 to 2048.
    ///     seed: of the characters' vectors. Vectors of different seeds are unrelated.
    TextEncoder, 3, |n, seed| Ok(hv_encode::TextEncoder::new(n, seed))
}

encoder_of_texts! {
    /// Encodes texts by their letter n-grams, each counted once.
    ///
    /// Args:
    ///     n: the characters in an n-gram, from 1 to 2048.
    ///     seed: of the characters' vectors. Vectors of different seeds are unrelated.
    NgramEncoder, 3, |n, seed| Ok(hv_encode::NgramEncoder::new(n, seed))
}

encoder_of_texts! {
    /// Encodes texts by their n-grams of words, each counted once. Spelling makes all the difference.
    ///
    /// Args:
    ///     n: the words in an n-gram, from 1 to 2048. With 1 the order of words makes no difference.
    ///     seed: of the words' vectors. Vectors of different seeds are unrelated.
    WordNgramEncoder, 1, hv_encode::WordNgramEncoder::new
}

fn texts(from: &Bound<'_, PyAny>) -> PyResult<Vec<String>> {
    if from.is_instance_of::<PyString>() {
        return Err(PyTypeError::new_err("texts is one str; give a sequence of them, or call encode"));
    }
    let mut texts = Vec::new();
    each_item(from, |text| {
        texts.push(text.extract()?);
        Ok(())
    })?;
    Ok(texts)
}

fn wrong(index: usize, error: EncodeError) -> PyErr {
    PyValueError::new_err(format!("text {index} has no vector: {error}"))
}

/// Vectors of symbols (words, numbers, whatever has a name), made from a seed and never stored.
///
/// Args:
///     seed: vectors of different seeds are unrelated.
#[pyclass(module = "hv", frozen)]
pub struct ItemMemory(pub hv_encode::ItemMemory);

impl ItemMemory {
    fn of(&self, symbol: &Bound<'_, PyAny>) -> PyResult<HV16> {
        if let Ok(text) = symbol.cast::<PyString>() {
            Ok(self.0.vector(text.to_cow()?.as_ref()))
        } else if let Ok(bytes) = symbol.cast::<PyBytes>() {
            Ok(self.0.vector(bytes.as_bytes()))
        } else if let Ok(number) = symbol.extract::<i64>() {
            Ok(self.0.vector(&number))
        } else if let Ok(number) = symbol.extract::<u64>() {
            Ok(self.0.vector(&number))
        } else {
            let what = symbol.repr()?;
            let needed = "a symbol must be a str, bytes or an int from -2**63 to 2**64 - 1";
            Err(PyTypeError::new_err(format!("{needed}, but it is {what}")))
        }
    }
}

#[pymethods]
impl ItemMemory {
    #[new]
    fn new(seed: u64) -> PyResult<Self> {
        ready()?;
        Ok(Self(hv_encode::ItemMemory::new(seed)))
    }

    /// The vector of a symbol, a str, bytes or an int: an array of uint8 with shape (256,).
    fn vector<'py>(&self, py: Python<'py>, symbol: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyArrayDyn<u8>>> {
        to_single(py, self.of(symbol)?)
    }

    /// The vectors of symbols: an array of uint8 with shape (n, 256).
    fn vectors<'py>(&self, py: Python<'py>, symbols: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyArrayDyn<u8>>> {
        let mut vectors = Vec::new();
        each_item(symbols, |symbol| {
            vectors.push(self.of(&symbol)?);
            Ok(())
        })?;
        to_array(py, vectors)
    }

    #[getter]
    fn seed(&self) -> u64 {
        self.0.seed()
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<Self>().is_ok_and(|other| self.0.seed() == other.get().0.seed())
    }

    fn __repr__(&self) -> String {
        format!("hv.ItemMemory(seed={})", self.0.seed())
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> (Bound<'py, PyType>, (u64,)) {
        (slf.get_type(), (slf.get().0.seed(),))
    }
}
