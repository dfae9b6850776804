//! The check that every `_into` form makes.

/// Asserts that a slice for results is as long as the input.
pub(crate) fn same_length(operation: &str, inputs: usize, out: usize) {
    assert_eq!(inputs, out, "{operation}: {inputs} inputs, but room for {out} results");
}
