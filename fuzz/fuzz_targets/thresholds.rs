//! The fuzzer of [`hv_fuzz::thresholds`].

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| hv_fuzz::thresholds(data));
