//! Adding bits, on 512-bit lanes.

use std::arch::x86_64::*;

#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vpopcntdq,avx2,popcnt")]
pub(crate) fn full_add(a: __m512i, b: __m512i, c: __m512i) -> (__m512i, __m512i) {
    // Truth tables of the parity and of the majority of three.
    (_mm512_ternarylogic_epi64::<0x96>(a, b, c), _mm512_ternarylogic_epi64::<0xe8>(a, b, c))
}
