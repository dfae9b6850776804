//! The fuzzer of [`hv_fuzz::byte_forms`].

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| hv_fuzz::byte_forms(data));
