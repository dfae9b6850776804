//! All views of a hypervector, or a prefix of one, as machine words or registers: the one place where bytes become lanes.
//!
//! `bytemuck` does the casts, and checks size and alignment at compile time. Table look-ups by offset and fetching ahead are here
//! too, since they need an address.

use core::slice;

use bytemuck::must_cast_mut;
use hv_core::HV16;

use crate::prefix::Prefix;

/// Plain bits: every bit pattern is a value, and there is no padding.
pub(crate) use bytemuck::Pod as Bits;
/// The same bits as another type: by value, by reference, and of each vector of a slice.
pub(crate) use bytemuck::{
    must_cast as whole, must_cast_ref as view, must_cast_slice as views, must_cast_slice_mut as views_mut,
};

/// All numbers of some lanes, in memory order.
#[inline(always)]
pub(crate) fn numbers<L: Bits, T: Bits>(lanes: &L) -> &[T] {
    views(slice::from_ref(lanes))
}

/// Mutable [`numbers`].
#[inline(always)]
pub(crate) fn numbers_mut<L: Bits, T: Bits>(lanes: &mut L) -> &mut [T] {
    views_mut(slice::from_mut(lanes))
}

/// Stands for vectors that are not there.
#[inline(always)]
pub(crate) fn zeros<T: Bits>() -> &'static T {
    /// At most this many are asked for.
    static ZEROS: [[HV16; 32]; 1] = [[HV16::ZERO; 32]];
    &views(&ZEROS)[0]
}

/// 64-bit words in memory order, least significant bit first on a little-endian machine.
#[inline(always)]
pub(crate) fn words(v: &HV16) -> &[u64; 32] {
    view(v)
}

/// Mutable [`words`].
#[inline(always)]
pub(crate) fn words_mut(v: &mut HV16) -> &mut [u64; 32] {
    must_cast_mut(v)
}

/// The 64-bit words of a prefix.
#[inline(always)]
pub(crate) fn prefix_words(prefix: &Prefix) -> &[u64; 8] {
    view(prefix)
}

/// An index below `N`, as an offset: the index times 16, so that looking it up in a table of lanes takes no operation
/// of its own.
#[derive(Clone, Copy)]
pub(crate) struct TableIndex<const N: usize>(u8);

impl<const N: usize> TableIndex<N> {
    /// The indices are the bytes of `indices`, modulo `N`.
    #[inline(always)]
    pub(crate) fn eight(indices: u64) -> [Self; 8] {
        const { assert!(N.is_power_of_two() && N <= 16) };
        let offsets = indices << 4 & (0x1010_1010_1010_1010 * (N as u64 - 1));
        offsets.to_le_bytes().map(Self)
    }

    /// The index is some bits of `word`, from bit `first` on.
    #[cfg(not(target_arch = "wasm32"))]
    #[inline(always)]
    pub(crate) fn bits_of(word: u64, first: usize) -> Self {
        const { assert!(N.is_power_of_two() && N <= 16) };
        let offset = word.rotate_right(first as u32) << 4 & (16 * (N as u64 - 1));
        Self(offset as u8)
    }

    #[inline(always)]
    #[allow(unsafe_code)]
    pub(crate) fn of<T>(self, table: &[T; N]) -> &T {
        const { assert!(size_of::<T>().is_multiple_of(16)) };
        let offset = usize::from(self.0) * (size_of::<T>() / 16);
        // SAFETY: `self.0` is 16 times an index below `N`, see `eight` and `bits_of`, so this is the element of that index.
        unsafe { &*table.as_ptr().byte_add(offset) }
    }
}

/// Bytes of a cache line.
const LINE: usize = 64;

/// How many bytes ahead of a scan memory is fetched. docs/tuning.md says why.
pub(crate) const AHEAD: usize = 8192;

/// Begins to fetch what a scan that is at `item` will reach soon, whatever is there.
///
/// For kernels whose operations on one vector or two fill the window in which the CPU looks for loads: without this
/// they wait for memory and compute in turns.
#[inline(always)]
pub(crate) fn fetch_ahead<T>(item: &T) {
    fetch_bytes_ahead::<AHEAD, T>(item);
}

/// The same this many bytes ahead. With 0 nothing is fetched.
#[inline(always)]
pub(crate) fn fetch_bytes_ahead<const BYTES: usize, T>(item: &T) {
    if BYTES == 0 {
        return;
    }
    let start = core::ptr::from_ref(item).cast::<i8>().wrapping_add(BYTES);
    for offset in (0..size_of::<T>()).step_by(LINE) {
        fetch(start.wrapping_add(offset));
    }
}

/// Begins to fetch one line of the vector that is `ahead` vectors after this one, whatever is there.
#[inline(always)]
pub(crate) fn fetch_line_ahead<V>(v: &V, line: usize, ahead: usize) {
    let start = core::ptr::from_ref(v).wrapping_add(ahead).cast::<i8>();
    fetch(start.wrapping_add(LINE * line));
}

/// Begins to fetch a cache line, where the instruction set has a hint for it.
#[inline(always)]
#[allow(unsafe_code)]
fn fetch(address: *const i8) {
    #[cfg(all(target_arch = "x86_64", not(hv_portable)))]
    // SAFETY: a hint that reads nothing into the program and ignores addresses that are not mapped.
    unsafe {
        core::arch::x86_64::_mm_prefetch::<{ core::arch::x86_64::_MM_HINT_T0 }>(address);
    }
    #[cfg(all(target_arch = "aarch64", not(hv_portable)))]
    // SAFETY: as above.
    unsafe {
        core::arch::asm!("prfm pldl1keep, [{}]", in(reg) address, options(readonly, nostack, preserves_flags));
    }
    #[cfg(not(all(any(target_arch = "x86_64", target_arch = "aarch64"), not(hv_portable))))]
    let _ = address;
}
