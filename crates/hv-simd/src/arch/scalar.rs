//! Plain Rust on 64-bit words, for every CPU.
//!
//! Mix: 32 xors, population counts and adds a distance. Without a POPCNT instruction (x86-64 before its v2) the
//! compiler's count takes a dozen operations a word, and those bound it.

use std::ops::{BitAnd, BitOr, BitXor};

use hv_core::HV16;

use crate::arch::words;
use crate::backend::Backend;
use crate::bound::Bound;
use crate::kernels::Kernels;
use crate::lanes;
use crate::line::Line;
use crate::report::{LineReport, Report, report_below, report_lines_below};

pub(super) fn table() -> Kernels {
    Kernels {
        backend: Backend::Scalar,
        bind_into: words::bind_into,
        bind_pairs_into: words::bind_pairs_into,
        hamming,
        similarity,
        distances_into,
        scan_tile,
        many: None,
        scan_lines,
        permute: words::permute,
        accumulate,
        majority,
        bundle,
    }
}

fn hamming(a: &HV16, b: &HV16) -> u32 {
    lanes::words(a).iter().zip(lanes::words(b)).map(|(a, b)| (a ^ b).count_ones()).sum()
}

fn similarity(a: &HV16, b: &HV16) -> f32 {
    crate::similarity::similarity(hamming(a, b) as u16)
}

fn distances_into(query: &HV16, targets: &[HV16], out: &mut [u16]) {
    for (out, target) in out.iter_mut().zip(targets) {
        *out = hamming(query, target) as u16;
    }
}

fn scan_tile(queries: &[HV16], memory: &[HV16], first: usize, bounds: &mut [Bound], report: Report<'_>) {
    for (q, (query, bound)) in queries.iter().zip(bounds).enumerate() {
        for (i, v) in memory.iter().enumerate() {
            let distance = hamming(query, v) as u16;
            if bound.admits(distance) {
                report_below(&[distance], q, first + i, bound, report);
            }
        }
    }
}

fn scan_lines(query: &Line, plane: &[Line], first: usize, bound: &mut Bound, report: LineReport<'_>) {
    for (i, line) in plane.iter().enumerate() {
        let pairs = lanes::line_words(query).iter().zip(lanes::line_words(line));
        let distance = pairs.map(|(a, b)| (a ^ b).count_ones()).sum::<u32>() as u16;
        if bound.admits(distance) {
            report_lines_below(&[distance], first + i, bound, report);
        }
    }
}

fn full_add(a: u64, b: u64, c: u64) -> (u64, u64) {
    let partial = a ^ b;
    (partial ^ c, a & b | partial & c)
}

fn up<const BITS: u32>(word: u64, before: u64) -> u64 {
    // Words are in memory order.
    (word.to_le() << BITS | before.to_le() >> (64 - BITS)).to_le()
}

// Four words at once, so that a compiler may take them together in the vector registers that the target has anyway.
bit_sliced!(
    u64,
    lanes::words,
    lanes::words_mut,
    load_pair!(lanes::words),
    4,
    0,
    BitXor::bitxor,
    BitAnd::bitand,
    BitOr::bitor,
    full_add,
    up
);
