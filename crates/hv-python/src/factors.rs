//! What a product is made of, and what is stored near an address.

use std::sync::Arc;

use hv_encode::{FactorError, Factors};
use hv_memory::{HV16, Progress};
use numpy::{PyArray1, PyArrayDyn};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyType};

use crate::arrays::{Vectors, ready, to_array, to_shared, to_single};
use crate::codebook::Codebook;
use crate::pieces::{in_pieces, stoppable};
use crate::results;
use crate::states::{read, written};
use crate::together::{Together, answers};

fn wrong(error: FactorError) -> PyErr {
    PyValueError::new_err(error.to_string())
}

/// Factors a product of vectors, one from each of some codebooks, without trying all combinations: a resonator network. The
/// answer is checked, so that it is never a guess.
///
/// Args:
///     codebooks: a sequence of arrays of uint8 with shape (n, 256), Codes, or a Codebook.
///     seed: of the estimates after a restart.
///     rounds: the most rounds of a start.
///     restarts: how often the network may start again.
#[pyclass(module = "hv", frozen)]
pub struct Resonator {
    network: hv_encode::Resonator,
    codebooks: Vec<Arc<Vec<HV16>>>,
    settings: (u64, u32, u32),
}

// Stubs name them.
const _: () = assert!(hv_encode::Resonator::ROUNDS == 200 && hv_encode::Resonator::RESTARTS == 10);

/// What makes a [`Resonator`].
type Settings<'py> = (Vec<Bound<'py, PyArrayDyn<u8>>>, u64, u32, u32);

#[pymethods]
impl Resonator {
    #[new]
    #[pyo3(signature = (codebooks, seed, rounds = 200, restarts = 10))]
    fn new(py: Python<'_>, codebooks: &Bound<'_, PyAny>, seed: u64, rounds: u32, restarts: u32) -> PyResult<Self> {
        let mut all = Vec::new();
        for (i, codebook) in codebooks.try_iter()?.enumerate() {
            let codebook = codebook?;
            all.push(match codebook.cast::<Codebook>() {
                Ok(codebook) => codebook.get().now().vectors().to_vec(),
                Err(_) => Vectors::rows(&format!("codebook {i}"), &codebook)?.into_vec(py)?,
            });
        }
        let network = hv_encode::Resonator::new(&all, seed).map_err(wrong)?.with_limits(rounds, restarts);
        let codebooks = all.into_iter().map(Arc::new).collect();
        Ok(Self { network, codebooks, settings: (seed, rounds, restarts) })
    }

    /// The factors of a product, an array of uint8 with shape (256,).
    ///
    /// Returns:
    ///     Factors(indices, distance, rounds, restarts), where indices is an array of int64 with shape (codebooks,): the item of each.
    ///     None where none were found.
    fn factor<'py>(&self, py: Python<'py>, product: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let product = Vectors::one("product", product)?;
        Ok(self.factors(py, &[product])?.pop().flatten())
    }

    /// The factors of many products, an array of uint8 with shape (n, 256).
    ///
    /// Returns:
    ///     A list with Factors, or None, for each.
    fn factor_batch<'py>(
        &self,
        py: Python<'py>,
        products: &Bound<'py, PyAny>,
    ) -> PyResult<Vec<Option<Bound<'py, PyAny>>>> {
        self.factors(py, Vectors::rows("products", products)?.as_slice())
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<Self>().is_ok_and(|other| {
            let other = other.get();
            (&self.codebooks, self.settings) == (&other.codebooks, other.settings)
        })
    }

    fn __repr__(&self) -> String {
        let sizes: Vec<usize> = self.codebooks.iter().map(|codebook| codebook.len()).collect();
        format!("<hv.Resonator: codebooks of {sizes:?}>")
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyType>, Settings<'py>)> {
        let (resonator, (seed, rounds, restarts)) = (slf.get(), slf.get().settings);
        let codebooks = resonator.codebooks.iter().map(|codebook| to_shared(slf.py(), Arc::clone(codebook)));
        Ok((slf.get_type(), (codebooks.collect::<PyResult<_>>()?, seed, rounds, restarts)))
    }
}

impl Resonator {
    /// What products are made of; nothing for each where none were found.
    fn factors<'py>(&self, py: Python<'py>, products: &[HV16]) -> PyResult<Vec<Option<Bound<'py, PyAny>>>> {
        let factor = |progress: &Progress| -> Result<Vec<Option<Factors>>, FactorError> {
            products.iter().map(|product| self.network.factor_with(product, progress)).collect()
        };
        let found = stoppable(py, factor, |_, &error| wrong(error))?;
        found.into_iter().map(|found| found.map(|factors| made(py, factors)).transpose()).collect()
    }
}

/// `Factors` of Python.
fn made(py: Python<'_>, factors: Factors) -> PyResult<Bound<'_, PyAny>> {
    let indices = PyArray1::from_iter(py, factors.indices.iter().map(|&index| index as i64));
    results::named(py, ("hv._values", "Factors"), (indices, factors.distance, factors.rounds, factors.restarts))
}

/// A memory whose addresses are vectors, and which answers for addresses that are only similar to one: Kanerva's sparse distributed
/// memory.
///
/// An address activates the random hard locations within a radius. hv.statistics.max_distance_for(0.001, 1) is one that activates
/// about one in 1,000. While a thread writes, others get a RuntimeError.
///
/// Args:
///     locations: how many hard locations there are, 1 to 16777216.
///     radius: the largest distance of an address from a location that it activates, 0 to 2048.
///     seed: of the hard locations.
#[pyclass(module = "hv")]
pub struct SparseDistributedMemory(hv_encode::SparseDistributedMemory);

/// Values, and whether there is one.
type Values<'py> = (Bound<'py, PyArrayDyn<u8>>, Bound<'py, PyArray1<bool>>);

/// Comparisons with hard locations of a piece between two looks for Ctrl-C, at most.
const PAIRS: usize = 1 << 25;

impl SparseDistributedMemory {
    /// Addresses of a piece.
    fn piece(&self) -> usize {
        PAIRS.div_ceil(self.0.locations())
    }
}

#[pymethods]
impl SparseDistributedMemory {
    #[new]
    fn new(py: Python<'_>, locations: usize, radius: u16, seed: u64) -> PyResult<Self> {
        ready()?;
        let new = |progress: &Progress| hv_encode::SparseDistributedMemory::new_with(locations, radius, seed, progress);
        Ok(Self(stoppable(py, new, |_, &error| wrong(error))?))
    }

    /// Stores vectors at addresses. Where Ctrl-C stops it, the first of them are stored.
    ///
    /// Args:
    ///     addresses, values: arrays of uint8 with shape (256,) or (n, 256).
    ///
    /// Returns:
    ///     How many locations each address activated: an int, or an array of int64 with shape (n,). Where it is 0, nothing was stored.
    fn write<'py>(
        &mut self,
        py: Python<'py>,
        addresses: &Bound<'py, PyAny>,
        values: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let together = Together::read([("addresses", addresses), ("values", values)])?;
        let (rows, mut activated) = (together.rows(), Vec::with_capacity(together.len));
        in_pieces(py, together.len, self.piece(), |piece| {
            let pairs: Vec<(HV16, HV16)> =
                piece.map(|i| rows.at(i)).map(|[address, value]| (*address, *value)).collect();
            activated.extend(self.0.write_batch(&pairs).into_iter().map(|locations| locations as i64));
            Ok(())
        })?;
        answers(py, together.single, activated)
    }

    /// What is stored at an address and at those near it.
    ///
    /// Args:
    ///     address: an array of uint8 with shape (256,).
    ///
    /// Returns:
    ///     An array of uint8 with shape (256,); None where nothing is.
    fn read<'py>(&self, py: Python<'py>, address: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyArrayDyn<u8>>>> {
        let address = Vectors::one("address", address)?;
        py.detach(|| self.0.read(&address)).map(|value| to_single(py, value)).transpose()
    }

    /// What is stored at many addresses, an array of uint8 with shape (n, 256).
    ///
    /// Returns:
    ///     (values, found): an array of uint8 with shape (n, 256), and one of bool with shape (n,). Where nothing is stored, the value is
    ///     all zeros and found is False.
    fn read_batch<'py>(&self, py: Python<'py>, addresses: &Bound<'py, PyAny>) -> PyResult<Values<'py>> {
        let addresses = Vectors::rows("addresses", addresses)?;
        let (rows, mut values, mut found) = (addresses.as_slice(), Vec::new(), Vec::new());
        in_pieces(py, rows.len(), self.piece(), |piece| {
            for value in self.0.read_batch(&rows[piece]) {
                values.push(value.unwrap_or_default());
                found.push(value.is_some());
            }
            Ok(())
        })?;
        Ok((to_array(py, values)?, PyArray1::from_vec(py, found)))
    }

    /// How many hard locations there are.
    #[getter]
    fn locations(&self) -> usize {
        self.0.locations()
    }

    /// The largest distance of an address from a location that it activates.
    #[getter]
    fn radius(&self) -> u16 {
        self.0.radius()
    }

    /// The seed of the hard locations.
    #[getter]
    fn seed(&self) -> u64 {
        self.0.seed()
    }

    /// All of it in bytes, the same on every machine.
    fn to_bytes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        written(py, &self.0)
    }

    /// What `to_bytes` gave as a memory.
    #[staticmethod]
    fn from_bytes(bytes: &[u8]) -> PyResult<Self> {
        Ok(Self(read(bytes)?))
    }

    fn __repr__(&self) -> String {
        format!("<hv.SparseDistributedMemory: {} locations, radius {}>", self.0.locations(), self.0.radius())
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, (Bound<'py, PyBytes>,))> {
        Ok((slf.get_type().getattr("from_bytes")?, (slf.try_borrow()?.to_bytes(slf.py())?,)))
    }
}
