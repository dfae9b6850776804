use hv_parallel::hv_simd::simd_hamming;

use super::*;

#[test]
fn neighbours_of_a_stream_differ_in_64_bits() {
    let stream = stream(100);
    assert_eq!(stream.len(), 100);
    assert!(stream.windows(2).all(|pair| simd_hamming(&pair[0], &pair[1]) == 64));
}
