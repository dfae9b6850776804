//! The fuzzer of [`hv_fuzz::import`].

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| hv_fuzz::import(data));
