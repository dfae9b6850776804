//! The model behind `hv.learn.Classifier`.

use hv_learn::{Column, LearnError, Method, Progress, Table};
use numpy::ndarray::Array2;
use numpy::{PyArray2, PyReadonlyArray2};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::arrays::ready;
use crate::pieces::{in_pieces, stoppable};

/// A trained model of rows of numbers. `hv.learn.Classifier` is what people use.
#[pyclass(module = "hv._hv", frozen)]
pub struct Model(hv_learn::Model);

#[pymethods]
impl Model {
    /// Learns the classes, numbers from 0 on, of rows: an array of float64 with shape (n, columns).
    #[staticmethod]
    fn train(
        py: Python<'_>,
        rows: PyReadonlyArray2<'_, f64>,
        classes: Vec<usize>,
        method: &str,
        seed: u64,
    ) -> PyResult<Self> {
        ready()?;
        let method = match method {
            "centroid" => Method::Centroid,
            "perceptron" => Method::Perceptron,
            "lvq" => Method::Lvq,
            "ensemble" => Method::Ensemble,
            _ => {
                return Err(PyValueError::new_err(format!(
                    "method is {method:?}; it must be \"centroid\", \"perceptron\", \"lvq\" or \"ensemble\""
                )));
            }
        };
        let table = table(py, &rows)?;
        let labels: Vec<String> = classes.iter().map(ToString::to_string).collect();
        let train = |progress: &Progress| hv_learn::Model::train_with(&table, &labels, method, seed, progress);
        Ok(Self(stoppable(py, train, raised)?))
    }

    /// The probability of each class, in the order of `classes`, for each row: an array of float64 with shape (n, classes).
    fn probabilities<'py>(
        &self,
        py: Python<'py>,
        rows: PyReadonlyArray2<'py, f64>,
    ) -> PyResult<Bound<'py, PyArray2<f64>>> {
        let (table, classes) = (table(py, &rows)?, self.0.labels().len());
        let probabilities = stoppable(py, |progress| self.0.probabilities_with(&table, progress), raised)?;
        let flat: Vec<f64> = probabilities.into_iter().flatten().map(f64::from).collect();
        let array = Array2::from_shape_vec((flat.len() / classes.max(1), classes), flat);
        Ok(PyArray2::from_owned_array(py, array.map_err(|error| PyValueError::new_err(error.to_string()))?))
    }

    /// The class of each row.
    fn predict(&self, py: Python<'_>, rows: PyReadonlyArray2<'_, f64>) -> PyResult<Vec<usize>> {
        let table = table(py, &rows)?;
        let labels = stoppable(py, |progress| self.0.predict_with(&table, progress), raised)?;
        labels.into_iter().map(number).collect()
    }

    /// The classes that the model knows, in its order.
    #[getter]
    fn classes(&self) -> PyResult<Vec<usize>> {
        self.0.labels().iter().map(|label| number(label)).collect()
    }

    /// The model in bytes, which `hv classify` reads, too.
    fn to_bytes<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.0.to_bytes())
    }

    /// The model of these bytes.
    #[staticmethod]
    fn from_bytes(bytes: &[u8]) -> PyResult<Self> {
        ready()?;
        Ok(Self(hv_learn::Model::from_bytes(bytes).map_err(wrong)?))
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, (Bound<'py, PyBytes>,))> {
        Ok((slf.get_type().getattr("from_bytes")?, (slf.get().to_bytes(slf.py()),)))
    }
}

fn table(py: Python<'_>, rows: &PyReadonlyArray2<'_, f64>) -> PyResult<Table> {
    let view = rows.as_array();
    let mut columns = Vec::with_capacity(view.ncols());
    in_pieces(py, view.ncols(), 1, |column| {
        columns.extend(column.map(|i| (i.to_string(), Column::Numbers(view.column(i).to_vec()))));
        Ok(())
    })?;
    Table::new(columns).map_err(wrong)
}

fn number(label: &str) -> PyResult<usize> {
    label.parse().map_err(|_| PyValueError::new_err(format!("the model has a class {label:?}, which is no number")))
}

fn raised(_: Python<'_>, error: &LearnError) -> PyErr {
    wrong(error.clone())
}

fn wrong(error: LearnError) -> PyErr {
    PyValueError::new_err(error.to_string())
}
