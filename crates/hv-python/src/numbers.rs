//! Encoders of numbers, and of records, series and images that are made of them.

use hv_encode::{EncodeError, Encoder, HV16};
use numpy::{PyArrayDyn, PyReadonlyArrayDyn, PyUntypedArrayMethods};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyType};

use crate::arrays::{Vectors, ready, to_array, to_single, tuple, wrong_shape};
use crate::pieces::{in_pieces, inputs};

/// Numbers, or values of records, of a piece between two looks for Ctrl-C.
const NUMBERS: usize = 1 << 20;

/// Defines the class of an encoder of numbers: its settings, and how it is made of them.
macro_rules! encoder_of_numbers {
    ($(#[$about:meta])* $name:ident, ($($setting:ident: $type:ty),+)) => {
        $(#[$about])*
        #[pyclass(module = "hv", frozen)]
        pub struct $name {
            encoder: hv_encode::$name,
            settings: ($($type,)+),
        }

        #[pymethods]
        impl $name {
            #[new]
            fn new($($setting: $type),+) -> PyResult<Self> {
                ready()?;
                Ok(Self { encoder: hv_encode::$name::new($($setting),+).map_err(wrong)?, settings: ($($setting,)+) })
            }

            /// The vector of a number: an array of uint8 with shape (256,).
            fn encode<'py>(&self, py: Python<'py>, number: f64) -> PyResult<Bound<'py, PyArrayDyn<u8>>> {
                to_single(py, self.encoder.encode(&number).map_err(wrong)?)
            }

            /// The vectors of numbers, an array or a sequence with shape (n,): an array of uint8 with shape (n, 256).
            fn encode_batch<'py>(
                &self,
                py: Python<'py>,
                numbers: &Bound<'py, PyAny>,
            ) -> PyResult<Bound<'py, PyArrayDyn<u8>>> {
                let numbers = doubles("numbers", numbers)?;
                let [_] = *numbers.shape() else {
                    return Err(wrong_shape("numbers", "(n,)", &format!("its shape is {}", tuple(numbers.shape()))));
                };
                let inputs: Vec<&f64> = slice(&numbers)?.iter().collect();
                encode_all(py, &self.encoder, &inputs, "number")
            }

            fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
                other.cast::<Self>().is_ok_and(|other| self.settings == other.get().settings)
            }

            fn __repr__(&self) -> String {
                format!("hv.{}{:?}", stringify!($name), self.settings)
            }

            fn __reduce__<'py>(slf: &Bound<'py, Self>) -> (Bound<'py, PyType>, ($($type,)+)) {
                (slf.get_type(), slf.get().settings)
            }
        }
    };
}

encoder_of_numbers! {
    /// Encodes a number between two ends as the nearest of some levels: equal numbers are equal, the two ends unrelated.
    ///
    /// Args:
    ///     low, high: the ends, both included.
    ///     levels: 2 to 1025.
    ///     seed: vectors of different seeds are unrelated.
    LevelEncoder, (low: f64, high: f64, levels: usize, seed: u64)
}

encoder_of_numbers! {
    /// Encodes a number between two ends as a thermometer does: the two ends are opposites, similarity 0.
    ///
    /// Args:
    ///     low, high: the ends, both included.
    ///     levels: 2 to 2049.
    ///     seed: vectors of different seeds are unrelated.
    ThermometerEncoder, (low: f64, high: f64, levels: usize, seed: u64)
}

encoder_of_numbers! {
    /// Encodes a number that repeats after a period, such as an angle or an hour: opposite numbers are unrelated.
    ///
    /// Args:
    ///     period: after which numbers are the same.
    ///     levels: 2 to 2048.
    ///     seed: vectors of different seeds are unrelated.
    CircularEncoder, (period: f64, levels: usize, seed: u64)
}

/// An encoder of numbers.
#[derive(Clone)]
enum Numbers {
    Level(hv_encode::LevelEncoder),
    Thermometer(hv_encode::ThermometerEncoder),
    Circular(hv_encode::CircularEncoder),
}

impl Numbers {
    fn new(from: &Bound<'_, PyAny>) -> PyResult<Self> {
        if let Ok(level) = from.cast::<LevelEncoder>() {
            Ok(Self::Level(level.get().encoder.clone()))
        } else if let Ok(thermometer) = from.cast::<ThermometerEncoder>() {
            Ok(Self::Thermometer(thermometer.get().encoder.clone()))
        } else if let Ok(circular) = from.cast::<CircularEncoder>() {
            Ok(Self::Circular(circular.get().encoder.clone()))
        } else {
            let what = from.get_type().name()?;
            Err(PyTypeError::new_err(format!(
                "values must be a LevelEncoder, a ThermometerEncoder or a CircularEncoder, but it is a {what}"
            )))
        }
    }
}

impl Encoder<f64> for Numbers {
    fn encode(&self, number: &f64) -> Result<HV16, EncodeError> {
        match self {
            Self::Level(encoder) => encoder.encode(number),
            Self::Thermometer(encoder) => encoder.encode(number),
            Self::Circular(encoder) => encoder.encode(number),
        }
    }
}

/// Encodes records: values in roles. Binding a record with a role gives the value back, with noise.
///
/// Args:
///     seed: of the roles.
#[pyclass(module = "hv", frozen)]
pub struct RecordEncoder {
    encoder: hv_encode::RecordEncoder,
    seed: u64,
}

#[pymethods]
impl RecordEncoder {
    #[new]
    fn new(seed: u64) -> PyResult<Self> {
        ready()?;
        Ok(Self { encoder: hv_encode::RecordEncoder::new(seed), seed })
    }

    /// The vector of a role: an array of uint8 with shape (256,).
    fn role<'py>(&self, py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyArrayDyn<u8>>> {
        to_single(py, self.encoder.role(name))
    }

    /// The record of a dictionary from roles to the vectors of their values.
    ///
    /// Args:
    ///     values: arrays of uint8, all with shape (256,), or all with shape (n, 256).
    ///
    /// Returns:
    ///     An array of uint8 with the same shape: a record for each row.
    fn encode<'py>(&self, py: Python<'py>, values: &Bound<'py, PyDict>) -> PyResult<Bound<'py, PyArrayDyn<u8>>> {
        let mut roles: Vec<(String, Vectors<'_>)> = Vec::with_capacity(values.len());
        for (role, value) in values {
            let role: String = role.extract()?;
            let value = Vectors::any(&role, &value)?;
            roles.push((role, value));
        }
        let Some((_, first)) = roles.first() else { return Err(wrong(EncodeError::NoValues)) };
        let (rows, single) = (first.as_slice().len(), first.single);
        if let Some((role, value)) =
            roles.iter().find(|(_, value)| (value.as_slice().len(), value.single) != (rows, single))
        {
            let needed = if single { "(256,)".to_owned() } else { format!("({rows}, 256)") };
            return Err(wrong_shape(role, &needed, &format!("it has {} rows", value.as_slice().len())));
        }
        let columns: Vec<(&str, &[HV16])> =
            roles.iter().map(|(role, value)| (role.as_str(), value.as_slice())).collect();
        let mut records = Vec::with_capacity(rows);
        in_pieces(py, rows, inputs(NUMBERS, columns.len(), 1), |piece| {
            let of_row = |row: usize| columns.iter().map(|&(role, values)| (role, values[row])).collect();
            let inputs: Vec<Vec<(&str, HV16)>> = piece.map(of_row).collect();
            for record in self.encoder.encode_batch::<Vec<(&str, HV16)>>(&inputs) {
                records.push(record.map_err(wrong)?);
            }
            Ok(())
        })?;
        if single { to_single(py, records[0]) } else { to_array(py, records) }
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<Self>().is_ok_and(|other| self.seed == other.get().seed)
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> (Bound<'py, PyType>, (u64,)) {
        (slf.get_type(), (slf.get().seed,))
    }
}

/// Defines the class of an encoder of arrays of numbers: two sizes, an encoder of each number, and a seed.
macro_rules! encoder_of_arrays {
    ($(#[$about:meta])* $name:ident, $first:ident, $second:ident, $shape:literal) => {
        $(#[$about])*
        #[pyclass(module = "hv", frozen)]
        pub struct $name {
            encoder: hv_encode::$name<Numbers>,
            settings: (usize, usize, Py<PyAny>, u64),
        }

        #[pymethods]
        impl $name {
            #[new]
            fn new($first: usize, $second: usize, values: &Bound<'_, PyAny>, seed: u64) -> PyResult<Self> {
                ready()?;
                let encoder = hv_encode::$name::new($first, $second, Numbers::new(values)?, seed).map_err(wrong)?;
                Ok(Self { encoder, settings: ($first, $second, values.clone().unbind(), seed) })
            }

            #[doc = concat!("The vector of an array of numbers with shape ", $shape, ": an array of uint8 with shape (256,).")]
            fn encode<'py>(&self, py: Python<'py>, array: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyArrayDyn<u8>>> {
                let array = doubles("array", array)?;
                self.check("array", array.shape(), $shape)?;
                let numbers = slice(&array)?;
                to_single(py, py.detach(|| self.encoder.encode(numbers)).map_err(wrong)?)
            }

            #[doc = concat!("The vectors of a sequence of arrays with shape ", $shape, ": an array of uint8 with shape (n, 256).")]
            fn encode_batch<'py>(
                &self,
                py: Python<'py>,
                arrays: &Bound<'py, PyAny>,
            ) -> PyResult<Bound<'py, PyArrayDyn<u8>>> {
                let arrays = arrays.try_iter()?.enumerate();
                let arrays: Vec<_> =
                    arrays.map(|(i, array)| doubles(&format!("array {i}"), &array?)).collect::<PyResult<_>>()?;
                for (i, array) in arrays.iter().enumerate() {
                    self.check(&format!("array {i}"), array.shape(), $shape)?;
                }
                let inputs: Vec<&[f64]> = arrays.iter().map(slice).collect::<PyResult<_>>()?;
                encode_all(py, &self.encoder, &inputs, "array")
            }

            fn __eq__(&self, py: Python<'_>, other: &Bound<'_, PyAny>) -> PyResult<bool> {
                let Ok(other) = other.cast::<Self>() else { return Ok(false) };
                let ((a, b, values, seed), other) = (&self.settings, &other.get().settings);
                Ok((*a, *b, *seed) == (other.0, other.1, other.3) && values.bind(py).eq(&other.2)?)
            }

            fn __reduce__<'py>(
                slf: &Bound<'py, Self>,
            ) -> (Bound<'py, PyType>, (usize, usize, Bound<'py, PyAny>, u64)) {
                let (a, b, values, seed) = &slf.get().settings;
                (slf.get_type(), (*a, *b, values.bind(slf.py()).clone(), *seed))
            }
        }
    };
}

encoder_of_arrays! {
    /// Encodes time series of one or more channels as the bundle of their temporal n-grams.
    ///
    /// Args:
    ///     channels: the numbers in a step.
    ///     n: the steps in an n-gram.
    ///     values: a LevelEncoder, ThermometerEncoder or CircularEncoder of each number.
    ///     seed: of the channels.
    SeriesEncoder, channels, n, "(steps, channels)"
}

impl SeriesEncoder {
    fn check(&self, name: &str, shape: &[usize], needed: &str) -> PyResult<()> {
        match *shape {
            [_, channels] if channels == self.settings.0 => Ok(()),
            _ => Err(wrong_shape(
                name,
                needed,
                &format!("its shape is {}, for {} channels", tuple(shape), self.settings.0),
            )),
        }
    }
}

encoder_of_arrays! {
    /// Encodes images as the bundle of their pixels, each bound with its position.
    ///
    /// Args:
    ///     width: the columns.
    ///     height: the rows.
    ///     values: a LevelEncoder, ThermometerEncoder or CircularEncoder of each pixel.
    ///     seed: of the positions.
    ImageEncoder, width, height, "(height, width)"
}

impl ImageEncoder {
    fn check(&self, name: &str, shape: &[usize], needed: &str) -> PyResult<()> {
        let (width, height, ..) = self.settings;
        if *shape == [height, width] {
            return Ok(());
        }
        let what = format!("its shape is {}, for {height} rows of {width} pixels", tuple(shape));
        Err(wrong_shape(name, needed, &what))
    }
}

/// Encodes all inputs in parallel, in pieces.
fn encode_all<'py, T: ?Sized + Sync, E: Encoder<T>>(
    py: Python<'py>,
    encoder: &E,
    all: &[&T],
    what: &str,
) -> PyResult<Bound<'py, PyArrayDyn<u8>>> {
    let mut vectors: Vec<HV16> = Vec::with_capacity(all.len());
    let numbers = all.iter().map(|input| size_of_val(*input) / size_of::<f64>()).sum();
    in_pieces(py, all.len(), inputs(NUMBERS, numbers, all.len()), |piece| {
        for vector in encoder.encode_batch(&all[piece]) {
            let why = |error| PyValueError::new_err(format!("{what} {} has no vector: {}", vectors.len(), text(error)));
            let vector = vector.map_err(why)?;
            vectors.push(vector);
        }
        Ok(())
    })?;
    to_array(py, vectors)
}

/// Numbers as float64 in C order; integers are converted.
fn doubles<'py>(name: &str, from: &Bound<'py, PyAny>) -> PyResult<PyReadonlyArrayDyn<'py, f64>> {
    let py = from.py();
    let numpy = py.import("numpy")?;
    let options = PyDict::new(py);
    options.set_item("casting", "same_kind")?;
    options.set_item("order", "C")?;
    let given = numpy.call_method1("asarray", (from,))?;
    let array =
        given.call_method("astype", ("float64",), Some(&options)).map_err(|error| match given.getattr("dtype") {
            Ok(found) => PyTypeError::new_err(format!("{name} must be real numbers, but they are of the type {found}")),
            Err(_) => error,
        })?;
    array.extract()
}

fn slice<'a>(array: &'a PyReadonlyArrayDyn<'_, f64>) -> PyResult<&'a [f64]> {
    array.as_slice().map_err(|error| PyValueError::new_err(error.to_string()))
}

fn wrong(error: EncodeError) -> PyErr {
    PyValueError::new_err(text(error))
}

/// What is wrong, with the advice that helps here.
fn text(error: EncodeError) -> String {
    error.to_string().replace("`clamp`", "numpy.clip")
}
