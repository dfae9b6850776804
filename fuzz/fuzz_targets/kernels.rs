//! The fuzzer of [`hv_fuzz::kernels`].

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| hv_fuzz::kernels(data));
