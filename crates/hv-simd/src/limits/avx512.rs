//! The loops on 512-bit lanes. What each form costs stands in the backend's kernel file.

use std::arch::x86_64::*;

use hv_core::HV16;

use crate::lanes;
use crate::limits::loops::Limits;

#[target_feature(enable = "avx512f,avx512vpopcntdq")]
pub(super) fn limits() -> Limits {
    Limits {
        xor_popcount: vec![("population count", population_count)],
        read: vec![
            ("1 stream", read_streams::<1, false>),
            ("2 streams", read_streams::<2, false>),
            ("4 streams", read_streams::<4, false>),
            ("8 streams", read_streams::<8, false>),
            ("fetched ahead", read_streams::<1, true>),
        ],
    }
}

reads!(
    #[target_feature(enable = "avx512f,avx512vpopcntdq")]
    __m512i,
    lanes::m512,
    lanes::m512_mut,
    _mm512_setzero_si512(),
    _mm512_or_si512,
    lanes::fetch_ahead
);

#[target_feature(enable = "avx512f,avx512vpopcntdq")]
fn population_count(query: &HV16, vectors: &[HV16]) -> u64 {
    let query = lanes::m512(query);
    let mut total = [_mm512_setzero_si512(); 4];
    for v in vectors {
        for ((total, &q), &lane) in total.iter_mut().zip(query).zip(lanes::m512(v)) {
            *total = _mm512_add_epi64(*total, _mm512_popcnt_epi64(_mm512_xor_si512(q, lane)));
        }
    }
    total.into_iter().map(|sum| _mm512_reduce_add_epi64(sum) as u64).sum()
}
