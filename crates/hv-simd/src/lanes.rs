//! All views of a hypervector, or a line of one, as machine words: the one place where bytes become lanes.
//!
//! Every cast goes through [`view`] and [`view_mut`], which check size and alignment at compile time. The lane
//! types are plain integers in which every bit pattern is valid. Also here, as it needs an address: fetching ahead.

#![allow(unsafe_code)]

use hv_core::HV16;

use crate::line::Line;

/// Plain bits: every bit pattern is a value, and there is no padding.
///
/// # Safety
///
/// The implementor must be such a type.
unsafe trait Bits {}

// SAFETY: an array of bytes, of the same size.
unsafe impl Bits for HV16 {}
// SAFETY: as above.
unsafe impl Bits for Line {}
// SAFETY: its elements lie side by side.
unsafe impl<T: Bits, const N: usize> Bits for [T; N] {}
// SAFETY: an integer.
unsafe impl Bits for u64 {}
// SAFETY: an integer.
unsafe impl Bits for u16 {}

const fn check<V: Bits, L: Bits, const N: usize>() {
    assert!(size_of::<[L; N]>() == size_of::<V>(), "the lanes must cover the vector");
    assert!(align_of::<L>() <= align_of::<V>(), "the vector must be aligned for the lanes");
}

#[inline(always)]
fn view<V: Bits, L: Bits, const N: usize>(v: &V) -> &[L; N] {
    const { check::<V, L, N>() };
    // SAFETY: size and alignment are checked above, both are plain bits, and the lifetime is `v`'s.
    unsafe { &*std::ptr::from_ref(v).cast() }
}

#[inline(always)]
fn view_mut<V: Bits, L: Bits, const N: usize>(v: &mut V) -> &mut [L; N] {
    const { check::<V, L, N>() };
    // SAFETY: as in `view`, and the borrow is exclusive.
    unsafe { &mut *std::ptr::from_mut(v).cast() }
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

/// The 64-bit words of a line.
#[inline(always)]
pub(crate) fn line_words(line: &Line) -> &[u64; 8] {
    view(line)
}

#[cfg(all(target_arch = "x86_64", not(hv_portable)))]
pub(crate) use x86::*;

#[cfg(all(target_arch = "x86_64", not(hv_portable)))]
mod x86 {
    use std::arch::asm;
    use std::arch::x86_64::{__m128i, __m256i, __m512i, _MM_HINT_T0, _mm_prefetch};

    use hv_core::HV16;

    use crate::lanes::{Bits, view, view_mut};
    use crate::line::Line;

    /// The distances of a block of 16 vectors.
    #[repr(C, align(32))]
    pub(crate) struct Block(pub(crate) [u16; 16]);

    // SAFETY: an array of integers, of the same size.
    unsafe impl Bits for Block {}

    // SAFETY: integer vector registers are plain bits without padding.
    unsafe impl Bits for __m128i {}
    // SAFETY: as above.
    unsafe impl Bits for __m256i {}
    // SAFETY: as above.
    unsafe impl Bits for __m512i {}

    /// An index below `N`, as an offset: the index times 16, so that looking it up in a table of lanes takes no operation
    /// of its own.
    #[derive(Clone, Copy)]
    pub(crate) struct Key<const N: usize>(u8);

    impl<const N: usize> Key<N> {
        /// The indices are the bytes of `indices`, modulo `N`.
        #[inline(always)]
        pub(crate) fn eight(indices: u64) -> [Self; 8] {
            const { assert!(N.is_power_of_two() && N <= 16) };
            let offsets = indices << 4 & (0x1010_1010_1010_1010 * (N as u64 - 1));
            offsets.to_le_bytes().map(Self)
        }

        /// The index is so many bits of `word`, from bit `first` on.
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

    macro_rules! views {
        ($($shared:ident, $exclusive:ident, $line:ident, $words:ident, $numbers:ident, $numbers_mut:ident: $lane:ty, $n:literal;)*) => {$(
            #[inline(always)]
            pub(crate) fn $shared(v: &HV16) -> &[$lane; $n] {
                view(v)
            }

            #[inline(always)]
            pub(crate) fn $exclusive(v: &mut HV16) -> &mut [$lane; $n] {
                view_mut(v)
            }

            #[inline(always)]
            pub(crate) fn $line(line: &Line) -> &[$lane; $n / 4] {
                view(line)
            }

            /// A lane as 64-bit words.
            #[inline(always)]
            pub(crate) fn $words(lane: &$lane) -> &[u64; size_of::<$lane>() / 8] {
                view(lane)
            }

            /// A lane as 16-bit numbers.
            #[inline(always)]
            pub(crate) fn $numbers(lane: &$lane) -> &[u16; size_of::<$lane>() / 2] {
                view(lane)
            }

            /// Mutable, of the same.
            #[inline(always)]
            pub(crate) fn $numbers_mut(lane: &mut $lane) -> &mut [u16; size_of::<$lane>() / 2] {
                view_mut(lane)
            }
        )*};
    }

    /// The same lanes, of which the compiler must not know more, and which it must have in registers before it begins with
    /// what follows. Left alone it would begin with all loads of a kernel, and keep on the stack what has no register then.
    #[inline]
    #[target_feature(enable = "avx512f")]
    pub(crate) fn hold([mut a, mut b, mut c, mut d]: [__m512i; 4]) -> [__m512i; 4] {
        // SAFETY: no instruction at all.
        unsafe {
            asm!(
                "/* {} {} {} {} */",
                inout(zmm_reg) a,
                inout(zmm_reg) b,
                inout(zmm_reg) c,
                inout(zmm_reg) d,
                options(nostack, preserves_flags)
            );
        }
        [a, b, c, d]
    }

    /// Two lanes of each of two vectors, from a column on, by loads that begin at multiples of 16 bytes of code.
    ///
    /// For a loop over memory of more than a dozen loads, each of which goes on in even steps. Zen 5 fetches ahead for each
    /// of them, but where they lie anywhere in the code they get in each other's way, and a line from L2 takes two cycles
    /// and not 1.4.
    #[inline]
    #[target_feature(enable = "avx512f")]
    pub(crate) fn load_pair(pair: &[HV16; 2], column: usize) -> [[__m512i; 2]; 2] {
        let lanes: &[__m512i; 8] = view(pair);
        let (a, b, c, d);
        // SAFETY: reads lanes 0, 1, 4 and 5 of the six that are borrowed here, and each is aligned.
        unsafe {
            asm!(
                ".balign 16",
                "vmovdqa64 {a}, [{six}]",
                ".balign 16",
                "vmovdqa64 {b}, [{six} + 64]",
                ".balign 16",
                "vmovdqa64 {c}, [{six} + 256]",
                ".balign 16",
                "vmovdqa64 {d}, [{six} + 320]",
                six = in(reg) lanes[column..column + 6].as_ptr(),
                a = lateout(zmm_reg) a,
                b = lateout(zmm_reg) b,
                c = lateout(zmm_reg) c,
                d = lateout(zmm_reg) d,
                options(pure, readonly, nostack, preserves_flags)
            );
        }
        [[a, b], [c, d]]
    }

    /// Bytes of a cache line.
    const LINE: usize = 64;

    /// How many bytes ahead of a scan memory is fetched. From 1 KiB on a memory in L2 is read as fast, and beyond 8 slower
    /// again; in L3 Zen 5 wants these 8, where Zen 3 found 2 to 16 alike.
    const AHEAD: usize = 8192;

    /// Begins to fetch what a scan that is at `item` will reach soon, whatever is there.
    ///
    /// For kernels whose operations on one vector or two fill the window in which the CPU looks for loads: without this
    /// they wait for memory and compute in turns.
    #[inline(always)]
    pub(crate) fn fetch_ahead<T>(item: &T) {
        let start = std::ptr::from_ref(item).cast::<i8>().wrapping_add(AHEAD);
        for offset in (0..size_of::<T>()).step_by(LINE) {
            // SAFETY: a hint that reads nothing into the program and ignores addresses that are not mapped.
            unsafe { _mm_prefetch::<_MM_HINT_T0>(start.wrapping_add(offset)) };
        }
    }

    /// Begins to fetch one line of the vector that is `ahead` vectors behind this one, whatever is there.
    #[inline(always)]
    pub(crate) fn fetch_line_ahead(v: &HV16, line: usize, ahead: usize) {
        let start = std::ptr::from_ref(v).wrapping_add(ahead).cast::<i8>();
        // SAFETY: as above.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(start.wrapping_add(LINE * line)) };
    }

    #[inline(always)]
    pub(crate) fn m256_block(block: &mut Block) -> &mut __m256i {
        let [lane] = view_mut(block);
        lane
    }

    views! {
        m128, m128_mut, m128_line, m128_words, m128_numbers, m128_numbers_mut: __m128i, 16;
        m256, m256_mut, m256_line, m256_words, m256_numbers, m256_numbers_mut: __m256i, 8;
        m512, m512_mut, m512_line, m512_words, m512_numbers, m512_numbers_mut: __m512i, 4;
    }
}
