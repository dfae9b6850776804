//! The hypervector type: its layout, its bits, and the operations that are cheap in any form.

use core::fmt;
use core::ops::{BitXor, BitXorAssign, Not};

use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};

use crate::error::LengthError;

/// A binary hypervector of 2,048 bits in 256 bytes, aligned to a cache line.
///
/// Bit `i` is bit `i % 8`, least significant first, of byte `i / 8`. The name counts the 16 segments of 128 bits.
///
/// Two unrelated vectors differ in 1,024 bits with a standard deviation of √512 ≈ 22.6 (Kanerva,
/// "Hyperdimensional computing", Cognitive Computation 1, 2009), so their similarity is 0.5 ± 0.011.
///
/// ```
/// use hv_core::HV16;
///
/// let mut v = HV16::ZERO;
/// v.set_bit(9, true);
/// assert_eq!(v.0[1], 0b10);
/// assert!(v.bit(9));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "bytemuck", derive(bytemuck::Pod, bytemuck::Zeroable))]
#[repr(C, align(64))]
pub struct HV16(pub [u8; 256]);

impl HV16 {
    /// The number of bits: 2,048.
    pub const DIM: usize = 2048;
    /// The number of bytes: 256.
    pub const BYTES: usize = 256;
    /// All bits 0: the identity of bind.
    pub const ZERO: Self = Self([0; Self::BYTES]);
    /// All bits 1: binding with it is the complement.
    pub const ONES: Self = Self([0xff; Self::BYTES]);

    /// The vector of a seed: `ChaCha8Rng::seed_from_u64(seed)` fills the 256 bytes.
    ///
    /// Pinned by golden tests: stored vectors keep their meaning across releases and machines.
    ///
    /// ```
    /// # use hv_core::HV16;
    /// assert_eq!(HV16::random(42).0[..4], [0xa1, 0x5b, 0x5d, 0x39]);
    /// ```
    #[must_use]
    pub fn random(seed: u64) -> Self {
        Self::random_from(&mut ChaCha8Rng::seed_from_u64(seed))
    }

    /// The next 256 bytes of a generator, for example one that makes many vectors from one seed.
    ///
    /// ```
    /// use hv_core::{HV16, rand_core::SeedableRng};
    ///
    /// let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(42);
    /// assert_eq!(HV16::random_from(&mut rng), HV16::random(42));
    /// assert_ne!(HV16::random_from(&mut rng), HV16::random(42));
    /// ```
    #[must_use]
    pub fn random_from(rng: &mut impl Rng) -> Self {
        let mut v = Self::ZERO;
        rng.fill_bytes(&mut v.0);
        v
    }

    /// Bit `i`.
    ///
    /// # Panics
    ///
    /// If `i` is 2,048 or more.
    #[inline]
    #[must_use]
    pub const fn bit(&self, i: usize) -> bool {
        assert!(i < Self::DIM, "bit index out of range: an HV16 has bits 0 to 2047");
        self.0[i / 8] >> (i % 8) & 1 == 1
    }

    /// Sets bit `i`.
    ///
    /// # Panics
    ///
    /// If `i` is 2,048 or more.
    #[inline]
    pub const fn set_bit(&mut self, i: usize, value: bool) {
        assert!(i < Self::DIM, "bit index out of range: an HV16 has bits 0 to 2047");
        let mask = 1 << (i % 8);
        if value {
            self.0[i / 8] |= mask;
        } else {
            self.0[i / 8] &= !mask;
        }
    }

    /// Rotates: bit `i` goes to bit `(i + n) mod 2048`, for any `n`; `-n` undoes it.
    ///
    /// ```
    /// # use hv_core::HV16;
    /// let v = HV16::random(7);
    /// assert_eq!(v.permute(2_000).permute(100), v.permute(52));
    /// assert_eq!(v.permute(i32::MIN), v); // 2,048 divides 2^31
    /// ```
    #[inline]
    #[must_use]
    pub fn permute(&self, n: i32) -> Self {
        const WORDS: usize = HV16::DIM / 64;
        let n = n.rem_euclid(Self::DIM as i32) as usize;
        let (words, bits) = (n / 64, n % 64);
        let word = |j: usize| {
            let start = j % WORDS * 8;
            u64::from_le_bytes(core::array::from_fn(|k| self.0[start + k]))
        };
        let mut out = Self::ZERO;
        for (j, bytes) in out.0.chunks_exact_mut(8).enumerate() {
            let high = word(j + WORDS - words);
            let low = word(j + 2 * WORDS - words - 1);
            // `>> 1 >> (63 - bits)` is `>> (64 - bits)` that is also defined, and 0, for bits = 0.
            let rotated = high << bits | low >> 1 >> (63 - bits);
            bytes.copy_from_slice(&rotated.to_le_bytes());
        }
        out
    }
}

impl Default for HV16 {
    /// [`HV16::ZERO`].
    fn default() -> Self {
        Self::ZERO
    }
}

/// The first eight bytes and the number of ones, in hexadecimal on one line: `HV16(a15b5d39b5bf90ae… 984 ones)`.
/// The alternate form `{:#?}` prints all 256 bytes.
impl fmt::Debug for HV16 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = if f.alternate() { Self::BYTES } else { 8 };
        write!(f, "HV16(")?;
        for byte in &self.0[..shown] {
            write!(f, "{byte:02x}")?;
        }
        if f.alternate() {
            return write!(f, ")");
        }
        let ones: u32 = self.0.iter().map(|byte| byte.count_ones()).sum();
        write!(f, "… {ones} ones)")
    }
}

impl AsRef<[u8]> for HV16 {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl From<[u8; 256]> for HV16 {
    fn from(bytes: [u8; 256]) -> Self {
        Self(bytes)
    }
}

/// ```
/// use hv_core::HV16;
///
/// assert_eq!(HV16::try_from(&[0u8; 256][..]), Ok(HV16::ZERO));
/// let error = HV16::try_from(&[0u8; 255][..]).unwrap_err();
/// assert_eq!(error.to_string(), "a hypervector is 256 bytes (2,048 bits), but 255 bytes were given");
/// ```
impl TryFrom<&[u8]> for HV16 {
    type Error = LengthError;

    fn try_from(bytes: &[u8]) -> Result<Self, LengthError> {
        let error = LengthError { expected: Self::BYTES, actual: bytes.len() };
        bytes.try_into().map(Self).map_err(|_| error)
    }
}

/// Bind: XOR, its own inverse. Each side may be a vector or a reference to one.
///
/// ```
/// use hv_core::HV16;
///
/// let (key, items) = (HV16::random(1), [HV16::random(2), HV16::random(3)]);
/// let bound: Vec<HV16> = items.iter().map(|item| key ^ item).collect();
/// assert_eq!(bound, [key ^ items[0], &items[1] ^ key]);
/// assert_eq!(&bound[0] ^ &key, items[0]);
/// ```
impl BitXor for HV16 {
    type Output = Self;

    #[inline]
    fn bitxor(mut self, other: Self) -> Self {
        self ^= &other;
        self
    }
}

impl BitXor<&HV16> for HV16 {
    type Output = Self;

    #[inline]
    fn bitxor(mut self, other: &Self) -> Self {
        self ^= other;
        self
    }
}

impl BitXor<HV16> for &HV16 {
    type Output = HV16;

    #[inline]
    fn bitxor(self, mut other: HV16) -> HV16 {
        other ^= self;
        other
    }
}

/// Bind without moving either vector.
impl BitXor for &HV16 {
    type Output = HV16;

    #[inline]
    fn bitxor(self, other: Self) -> HV16 {
        HV16(core::array::from_fn(|i| self.0[i] ^ other.0[i]))
    }
}

impl BitXorAssign for HV16 {
    #[inline]
    fn bitxor_assign(&mut self, other: Self) {
        *self ^= &other;
    }
}

impl BitXorAssign<&HV16> for HV16 {
    #[inline]
    fn bitxor_assign(&mut self, other: &Self) {
        for (a, b) in self.0.iter_mut().zip(&other.0) {
            *a ^= b;
        }
    }
}

/// Complement: every bit flipped.
impl Not for HV16 {
    type Output = Self;

    #[inline]
    fn not(mut self) -> Self {
        for byte in &mut self.0 {
            *byte = !*byte;
        }
        self
    }
}
