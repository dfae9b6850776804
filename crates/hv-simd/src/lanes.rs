//! All views of a hypervector, or a prefix of one, as machine words or registers: the one place where bytes become lanes.
//!
//! Every cast checks size and alignment at compile time. The types are plain integers in which every bit pattern is
//! valid. Also here, as they need an address: table look-ups by offset, and fetching ahead.

#![allow(unsafe_code)]

use hv_core::HV16;

use crate::prefix::Prefix;

/// Plain bits: every bit pattern is a value, and there is no padding.
///
/// # Safety
///
/// The implementor must be such a type.
pub(crate) unsafe trait Bits: 'static {}

// SAFETY: an array of bytes, of the same size.
unsafe impl Bits for HV16 {}
// SAFETY: as above.
unsafe impl Bits for Prefix {}
// SAFETY: its elements lie side by side.
unsafe impl<T: Bits, const N: usize> Bits for [T; N] {}
// SAFETY: an integer.
unsafe impl Bits for u64 {}
// SAFETY: an integer.
unsafe impl Bits for u32 {}
// SAFETY: an integer.
unsafe impl Bits for u16 {}

#[cfg(all(target_arch = "x86_64", feature = "std", not(hv_portable)))]
pub(crate) mod x86 {
    use core::arch::x86_64::{__m128i, __m256i, __m512i};

    use super::Bits;

    // SAFETY: integer vector registers are plain bits without padding.
    unsafe impl Bits for __m128i {}
    // SAFETY: as above.
    unsafe impl Bits for __m256i {}
    // SAFETY: as above.
    unsafe impl Bits for __m512i {}

    /// The distances of a block of 16 vectors.
    #[repr(C, align(32))]
    pub(crate) struct Block(pub(crate) [u16; 16]);

    // SAFETY: an array of integers, of the same size.
    unsafe impl Bits for Block {}
}

#[cfg(all(target_arch = "aarch64", target_endian = "little", feature = "std", not(hv_portable)))]
// SAFETY: an integer vector register is plain bits without padding.
unsafe impl Bits for core::arch::aarch64::uint64x2_t {}

#[cfg(all(target_arch = "wasm32", target_feature = "simd128", feature = "std", not(hv_portable)))]
// SAFETY: as above.
unsafe impl Bits for core::arch::wasm32::v128 {}

const fn check<V, T>() {
    assert!(size_of::<T>() == size_of::<V>(), "the lanes must cover the vector");
    assert!(align_of::<T>() <= align_of::<V>(), "the vector must be aligned for the lanes");
}

/// The same bits as another type.
#[inline(always)]
pub(crate) fn view<V: Bits, T: Bits>(v: &V) -> &T {
    const { check::<V, T>() };
    // SAFETY: size and alignment are checked above, both are plain bits, and the lifetime is `v`'s.
    unsafe { &*core::ptr::from_ref(v).cast() }
}

/// Mutable [`view`].
#[inline(always)]
pub(crate) fn view_mut<V: Bits, T: Bits>(v: &mut V) -> &mut T {
    const { check::<V, T>() };
    // SAFETY: as in `view`, and the borrow is exclusive.
    unsafe { &mut *core::ptr::from_mut(v).cast() }
}

/// [`view`] of each vector.
#[inline(always)]
pub(crate) fn views<V: Bits, T: Bits>(vectors: &[V]) -> &[T] {
    const { check::<V, T>() };
    // SAFETY: as in `view`, for each of them.
    unsafe { core::slice::from_raw_parts(vectors.as_ptr().cast(), vectors.len()) }
}

/// Mutable [`views`].
#[inline(always)]
pub(crate) fn views_mut<V: Bits, T: Bits>(vectors: &mut [V]) -> &mut [T] {
    const { check::<V, T>() };
    // SAFETY: as in `view_mut`, for each of them.
    unsafe { core::slice::from_raw_parts_mut(vectors.as_mut_ptr().cast(), vectors.len()) }
}

/// All numbers of some lanes, in memory order.
#[inline(always)]
pub(crate) fn numbers<L: Bits, T: Bits>(lanes: &L) -> &[T] {
    const {
        assert!(size_of::<L>().is_multiple_of(size_of::<T>()), "numbers must cover the lanes");
        assert!(align_of::<T>() <= align_of::<L>(), "lanes must be aligned for the numbers");
    }
    // SAFETY: size and alignment are checked above, both are plain bits, and the lifetime is that of the lanes.
    unsafe { core::slice::from_raw_parts(core::ptr::from_ref(lanes).cast(), size_of::<L>() / size_of::<T>()) }
}

/// Mutable [`numbers`].
#[inline(always)]
pub(crate) fn numbers_mut<L: Bits, T: Bits>(lanes: &mut L) -> &mut [T] {
    const {
        assert!(size_of::<L>().is_multiple_of(size_of::<T>()), "numbers must cover the lanes");
        assert!(align_of::<T>() <= align_of::<L>(), "lanes must be aligned for the numbers");
    }
    // SAFETY: as in `numbers`, and the borrow is exclusive.
    unsafe { core::slice::from_raw_parts_mut(core::ptr::from_mut(lanes).cast(), size_of::<L>() / size_of::<T>()) }
}

/// Stands for vectors that are not there.
#[inline(always)]
pub(crate) fn zeros<T: Bits>() -> &'static T {
    /// As many as are asked for at most.
    static ZEROS: [HV16; 32] = [HV16::ZERO; 32];
    const {
        assert!(size_of::<T>() <= 32 * size_of::<HV16>(), "there must be that many zeros");
        assert!(align_of::<T>() <= align_of::<HV16>(), "the zeros must be aligned for the lanes");
    }
    // SAFETY: size and alignment are checked above, and both are plain bits.
    unsafe { &*ZEROS.as_ptr().cast() }
}

/// The vector that some lanes are.
#[inline(always)]
pub(crate) fn whole<T: Bits, V: Bits>(lanes: T) -> V {
    const { assert!(size_of::<T>() == size_of::<V>(), "the lanes must cover the vector") };
    // SAFETY: of the same size, as checked above, and both are plain bits.
    unsafe { core::ptr::from_ref(&lanes).cast::<V>().read_unaligned() }
}

/// 64-bit words in memory order, least significant bit first on a little-endian machine.
#[inline(always)]
pub(crate) fn words(v: &HV16) -> &[u64; 32] {
    view(v)
}

/// Mutable [`words`].
#[inline(always)]
pub(crate) fn words_mut(v: &mut HV16) -> &mut [u64; 32] {
    view_mut(v)
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
    #[cfg(not(target_arch = "aarch64"))]
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
const AHEAD: usize = 8192;

/// Begins to fetch what a scan that is at `item` will reach soon, whatever is there.
///
/// For kernels whose operations on one vector or two fill the window in which the CPU looks for loads: without this
/// they wait for memory and compute in turns.
#[inline(always)]
pub(crate) fn fetch_ahead<T>(item: &T) {
    let start = core::ptr::from_ref(item).cast::<i8>().wrapping_add(AHEAD);
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
