//! Distances of many queries to a tile of memory without counting bits: by lookups on nibbles.
//!
//! XOR and population count of two nibbles are one function of 16 values of the one, given the other, and a byte
//! shuffle evaluates it for 32 vectors at a time, once nibble `i` of all of them lies in one register. (Product
//! quantizers scan codes like this: André, Kermarrec, Le Scouarnec, "Cache locality is not enough", VLDB 2015.) So the
//! tile is transposed once, for all queries. Counts are at most 4, so a table's byte serves two queries, one in each
//! half, and three lookups are added before the halves are taken apart.
//!
//! Mix for three nibbles of four queries and 64 vectors: 6 loads of nibbles and 6 of rows, these with two operations
//! each for their addresses, 12 shuffles, 8 additions of threes, and for each of their 4 sums 4 operations to add it up
//! in halves: with the widening of the sums some 27 vector operations a pair in place of 60. They are the bound on
//! Zen 3: 8.8 cycles a pair, 3.1 vector operations in each, as shuffles and shifts have but two of the four pipes. Two
//! queries at a time, which load every nibble twice, take 9.2, and a core shared with a neighbour shows that more. The
//! transposition costs as much as three or four distances of each vector, hence [`MIN_QUERIES`].

use std::arch::x86_64::*;

use hv_core::HV16;

use crate::lanes::{self, Distances, Row};
use crate::scan::{Report, report_at};

/// Vectors of a tile.
pub(super) const TILE: usize = 64;

/// From so many queries on this is faster than counting bits. Measured on Zen 3, in nanoseconds a pair: 12 queries 4.5
/// here and 5.5 there, 16 4.1, 100 3.1.
pub(super) const MIN_QUERIES: usize = 12;

/// Queries of one pass, whose counts stay in L1 beside the planes.
const PASS: usize = 128;

/// Nibbles of half a vector. The planes of a tile take 16 KiB at a time so.
const NIBBLES: usize = HV16::DIM / 4 / 2;

/// Nibbles after which sums are widened: 63 counts of at most 4 fit in a byte, and are whole threes.
const WIDEN: usize = 63;

/// One nibble of each vector of the tile, in the low half of a byte: of vectors 0 to 31, and of 32 to 63.
type Plane = [__m256i; 2];

/// Sums for the vectors of the tile, as 16 bits: of the even and odd ones of the first 32, then of the others.
type Sums = [__m256i; 4];

/// Row `a | b << 4` holds, for each nibble `n`, the bits that differ between `n` and `a`, and in the upper half those
/// between `n` and `b`.
static ROWS: [Row; 256] = rows();

const fn rows() -> [Row; 256] {
    let mut rows = [Row([0; 16]); 256];
    let mut i = 0;
    while i < 256 * 16 {
        let (row, n) = ((i / 16) as u8, (i % 16) as u8);
        let [a, b] = [(row & 15) ^ n, (row >> 4) ^ n];
        rows[i / 16].0[i % 16] = (a.count_ones() | b.count_ones() << 4) as u8;
        i += 1;
    }
    rows
}

/// Reports the pairs below their query's bound, as a scan does. Not inlined: its planes and sums would become the stack
/// of the scan for few queries too, which this slowed down by half.
#[inline(never)]
#[target_feature(enable = "avx2,popcnt")]
pub(super) fn scan(queries: &[HV16], tile: &[HV16; TILE], first: usize, bounds: &mut [u16], report: Report<'_>) {
    let zero = _mm256_setzero_si256();
    let mut planes = [[zero; 2]; NIBBLES];
    let passes = queries.chunks(PASS).zip(bounds.chunks_mut(PASS));
    for (pass, (queries, bounds)) in passes.enumerate() {
        let mut sums = [[zero; 4]; PASS];
        for half in 0..2 {
            transpose(tile, half, &mut planes);
            for (four, sums) in queries.chunks(4).zip(sums.as_chunks_mut::<4>().0) {
                // Where fewer are left, the last one goes in their place, into sums that nobody reads.
                let query = |i: usize| &four[i.min(four.len() - 1)];
                let (a, b) = (keys([query(0), query(1)], half), keys([query(2), query(3)], half));
                count(&a.0, &b.0, &planes, sums);
            }
        }
        for (q, (sums, bound)) in sums.iter().zip(bounds).enumerate() {
            let below = below(sums, *bound);
            if below != 0 {
                report_at(below, in_order(sums).0, pass * PASS + q, first, bound, report);
            }
        }
    }
}

/// The planes of a half of the vectors: the low nibbles of its bytes, then the high ones.
#[target_feature(enable = "avx2,popcnt")]
fn transpose(tile: &[HV16; TILE], half: usize, planes: &mut [Plane; NIBBLES]) {
    let nibble = _mm256_set1_epi8(0x0f);
    let (low, high) = planes.split_at_mut(NIBBLES / 2);
    for (i, (low, high)) in low.as_chunks_mut::<16>().0.iter_mut().zip(high.as_chunks_mut::<16>().0).enumerate() {
        for (side, vectors) in tile.as_chunks::<32>().0.iter().enumerate() {
            for (k, bytes) in transpose_bytes(vectors, half * 8 + i).into_iter().enumerate() {
                low[k][side] = _mm256_and_si256(bytes, nibble);
                high[k][side] = _mm256_and_si256(_mm256_srli_epi16::<4>(bytes), nibble);
            }
        }
    }
}

/// Bytes `16 * lane` to `16 * lane + 15` of 32 vectors: each in a register, in order of the vectors.
#[inline]
#[target_feature(enable = "avx2,popcnt")]
fn transpose_bytes(vectors: &[HV16; 32], lane: usize) -> [__m256i; 16] {
    let of = |i: usize| lanes::m128(&vectors[i])[lane];
    // Both halves of the registers go the same way: vectors 0 to 15 in the lower, 16 to 31 in the upper.
    let mut rows: [__m256i; 16] = std::array::from_fn(|i| _mm256_set_m128i(of(i + 16), of(i)));
    for _ in 0..4 {
        // A perfect shuffle of the rows' bytes; four of them exchange a byte's row and its place.
        rows = std::array::from_fn(|k| match k % 2 {
            0 => _mm256_unpacklo_epi8(rows[k / 2], rows[k / 2 + 8]),
            _ => _mm256_unpackhi_epi8(rows[k / 2], rows[k / 2 + 8]),
        });
    }
    rows
}

/// The rows for two queries and every plane of a half.
#[inline]
#[target_feature(enable = "avx2,popcnt")]
fn keys([a, b]: [&HV16; 2], half: usize) -> HV16 {
    let low = _mm256_set1_epi8(0x0f);
    let (a, b) = (&lanes::m256(a)[half * 4..][..4], &lanes::m256(b)[half * 4..][..4]);
    let mut keys = HV16::ZERO;
    let (of_low, of_high) = lanes::m256_mut(&mut keys).split_at_mut(4);
    for i in 0..4 {
        let upper = _mm256_slli_epi16::<4>(_mm256_and_si256(b[i], low));
        of_low[i] = _mm256_or_si256(_mm256_and_si256(a[i], low), upper);
        let lower = _mm256_and_si256(_mm256_srli_epi16::<4>(a[i]), low);
        of_high[i] = _mm256_or_si256(lower, _mm256_andnot_si256(low, b[i]));
    }
    keys
}

/// Adds the differing bits of four queries, two a key, in the planes. Not inlined, so that it has the registers to itself.
#[inline(never)]
#[target_feature(enable = "avx2,popcnt")]
fn count(a: &[u8; NIBBLES], b: &[u8; NIBBLES], planes: &[Plane; NIBBLES], sums: &mut [Sums; 4]) {
    let (of_a, of_b) = sums.split_at_mut(2);
    for ((a, b), planes) in a.chunks(WIDEN).zip(b.chunks(WIDEN)).zip(planes.chunks(WIDEN)) {
        let (mut halves_a, mut halves_b) = (Halves::zero(), Halves::zero());
        let ((threes_a, last_a), (threes_b, last_b)) = (a.as_chunks::<3>(), b.as_chunks::<3>());
        let (threes, last) = planes.as_chunks::<3>();
        for ((a, b), planes) in threes_a.iter().zip(threes_b).zip(threes) {
            let [counts_a, counts_b] = look_up(a, b, planes);
            halves_a.add(counts_a);
            halves_b.add(counts_b);
        }
        for ((&a, &b), &plane) in last_a.iter().zip(last_b).zip(last) {
            let [counts_a, counts_b] = look_up(&[a], &[b], &[plane]);
            halves_a.add(counts_a);
            halves_b.add(counts_b);
        }
        halves_a.widen_into(of_a);
        halves_b.widen_into(of_b);
    }
}

/// The counts of both keys' queries in up to three planes.
#[inline]
#[target_feature(enable = "avx2,popcnt")]
fn look_up<const N: usize>(a: &[u8; N], b: &[u8; N], planes: &[Plane; N]) -> [[__m256i; 2]; 2] {
    let mut counts = [[_mm256_setzero_si256(); 2]; 2];
    for (i, plane) in planes.iter().enumerate() {
        let rows = [row(a[i]), row(b[i])];
        for side in 0..2 {
            for key in 0..2 {
                let looked_up = _mm256_shuffle_epi8(rows[key], plane[side]);
                counts[key][side] = _mm256_add_epi8(counts[key][side], looked_up);
            }
        }
    }
    counts
}

#[inline]
#[target_feature(enable = "avx2,popcnt")]
fn row(key: u8) -> __m256i {
    _mm256_broadcastsi128_si256(*lanes::m128_row(&ROWS[usize::from(key)]))
}

/// Sums of bytes that hold a count in each half, for both sides of the tile.
struct Halves {
    /// The lower half's sum and 16 times the upper one's, modulo 256.
    both: [__m256i; 2],
    /// The upper half's sum.
    upper: [__m256i; 2],
}

impl Halves {
    #[inline]
    #[target_feature(enable = "avx2,popcnt")]
    fn zero() -> Self {
        Self { both: [_mm256_setzero_si256(); 2], upper: [_mm256_setzero_si256(); 2] }
    }

    #[inline]
    #[target_feature(enable = "avx2,popcnt")]
    fn add(&mut self, bytes: [__m256i; 2]) {
        for (side, bytes) in bytes.into_iter().enumerate() {
            let upper = _mm256_and_si256(_mm256_srli_epi16::<4>(bytes), _mm256_set1_epi8(0x0f));
            self.both[side] = _mm256_add_epi8(self.both[side], bytes);
            self.upper[side] = _mm256_add_epi8(self.upper[side], upper);
        }
    }

    /// Adds the sums of the lower half to those of the first query, the others to those of the second.
    #[inline]
    #[target_feature(enable = "avx2,popcnt")]
    fn widen_into(&self, sums: &mut [Sums]) {
        for side in 0..2 {
            let upper = self.upper[side];
            let times_16 = _mm256_andnot_si256(_mm256_set1_epi8(0x0f), _mm256_slli_epi16::<4>(upper));
            add_wide(&mut sums[0][2 * side..], _mm256_sub_epi8(self.both[side], times_16));
            add_wide(&mut sums[1][2 * side..], upper);
        }
    }
}

#[inline]
#[target_feature(enable = "avx2,popcnt")]
fn add_wide(sums: &mut [__m256i], bytes: __m256i) {
    sums[0] = _mm256_add_epi16(sums[0], _mm256_and_si256(bytes, _mm256_set1_epi16(0xff)));
    sums[1] = _mm256_add_epi16(sums[1], _mm256_srli_epi16::<8>(bytes));
}

/// Which vectors of the tile are below the bound; bit `i` is vector `i`.
#[inline]
#[target_feature(enable = "avx2,popcnt")]
fn below(sums: &Sums, bound: u16) -> u64 {
    // Distances and bounds are at most 2,049, so the signed comparison serves.
    let bound = _mm256_set1_epi16(bound as i16);
    let side = |even, odd| {
        let (even, odd) = (_mm256_cmpgt_epi16(bound, even), _mm256_cmpgt_epi16(bound, odd));
        // The even vectors' answers in the even bytes, the odd ones' in the odd bytes.
        _mm256_movemask_epi8(_mm256_blendv_epi8(even, odd, _mm256_set1_epi16(0xff00_u16 as i16))) as u32
    };
    u64::from(side(sums[0], sums[1])) | u64::from(side(sums[2], sums[3])) << 32
}

/// The sums in order of the vectors.
#[target_feature(enable = "avx2,popcnt")]
fn in_order(sums: &Sums) -> Distances {
    let mut distances = Distances([0; TILE]);
    for (side, out) in lanes::m256_distances(&mut distances).as_chunks_mut::<2>().0.iter_mut().enumerate() {
        let (even, odd) = (sums[2 * side], sums[2 * side + 1]);
        let (low, high) = (_mm256_unpacklo_epi16(even, odd), _mm256_unpackhi_epi16(even, odd));
        *out = [_mm256_permute2x128_si256::<0x20>(low, high), _mm256_permute2x128_si256::<0x31>(low, high)];
    }
    distances
}
