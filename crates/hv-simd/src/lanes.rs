//! All views of a hypervector as machine words: the one place where bytes become lanes.
//!
//! Every cast goes through [`view`] and [`view_mut`], which check size and alignment at compile time. The lane
//! types are plain integers in which every bit pattern is valid.

#![allow(unsafe_code)]

use hv_core::HV16;

/// Words and vector registers: types of which every bit pattern is a value, and which have no padding.
///
/// # Safety
///
/// The implementor must be such a type.
unsafe trait Lane: Copy {}

// SAFETY: all of these are plain bits without padding.
unsafe impl Lane for u64 {}

const fn check<L: Lane, const N: usize>() {
    assert!(size_of::<[L; N]>() == size_of::<HV16>(), "the lanes must cover the vector");
    assert!(align_of::<L>() <= align_of::<HV16>(), "the vector must be aligned for the lanes");
}

#[inline(always)]
fn view<L: Lane, const N: usize>(v: &HV16) -> &[L; N] {
    const { check::<L, N>() };
    // SAFETY: size and alignment are checked above, every bit pattern of `L` is valid, and the lifetime is `v`'s.
    unsafe { &*std::ptr::from_ref(v).cast() }
}

#[inline(always)]
fn view_mut<L: Lane, const N: usize>(v: &mut HV16) -> &mut [L; N] {
    const { check::<L, N>() };
    // SAFETY: as in `view`; every bit pattern of `HV16` is valid too, and the borrow is exclusive.
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

#[cfg(all(target_arch = "x86_64", not(hv_portable)))]
pub(crate) use x86::*;

#[cfg(all(target_arch = "x86_64", not(hv_portable)))]
mod x86 {
    use std::arch::x86_64::{__m128i, __m256i, __m512i};

    use super::{HV16, Lane, view, view_mut};

    // SAFETY: integer vector registers are plain bits without padding.
    unsafe impl Lane for __m128i {}
    // SAFETY: as above.
    unsafe impl Lane for __m256i {}
    // SAFETY: as above.
    unsafe impl Lane for __m512i {}

    macro_rules! views {
        ($($shared:ident, $exclusive:ident: $lane:ty, $n:literal;)*) => {$(
            #[inline(always)]
            pub(crate) fn $shared(v: &HV16) -> &[$lane; $n] {
                view(v)
            }

            #[inline(always)]
            pub(crate) fn $exclusive(v: &mut HV16) -> &mut [$lane; $n] {
                view_mut(v)
            }
        )*};
    }

    views! {
        m128, m128_mut: __m128i, 16;
        m256, m256_mut: __m256i, 8;
        m512, m512_mut: __m512i, 4;
    }
}
