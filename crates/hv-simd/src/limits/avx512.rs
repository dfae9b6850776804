//! The loops on 512-bit lanes. What each form costs stands in the backend's kernel file.

use alloc::vec;
use core::arch::x86_64::*;

use hv_core::HV16;

use crate::arch::avx512::lanes::{Avx512, Vector};
use crate::lanes::view;
use crate::limits::loops::{self, Limits};

#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vpopcntdq,avx2,popcnt")]
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

#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vpopcntdq,avx2,popcnt")]
fn read_streams<const STREAMS: usize, const FETCHED: bool>(vectors: &[HV16]) -> u64 {
    loops::read_streams::<_, 4, STREAMS, FETCHED>(Avx512::new(), vectors)
}

#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vpopcntdq,avx2,popcnt")]
fn population_count(query: &HV16, vectors: &[HV16]) -> u64 {
    let query = view::<_, Vector>(query);
    let mut total = [_mm512_setzero_si512(); 4];
    for v in vectors {
        for ((total, &q), &lane) in total.iter_mut().zip(query).zip(view::<_, Vector>(v)) {
            *total = _mm512_add_epi64(*total, _mm512_popcnt_epi64(_mm512_xor_si512(q, lane)));
        }
    }
    total.into_iter().map(|sum| _mm512_reduce_add_epi64(sum) as u64).sum()
}
