//! The program `hv`, for the wheel's script of that name.

use std::ffi::OsString;

use pyo3::prelude::*;

/// Runs the program `hv` with arguments, its name first, and gives its exit code.
#[pyfunction]
pub fn run_program(py: Python<'_>, args: Vec<OsString>) -> u8 {
    py.detach(|| hv_cli::run(args))
}
