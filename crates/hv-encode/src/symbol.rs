//! What an item memory can hold: anything with bytes that are the same everywhere.

/// A symbol: a value with bytes that identify it on every machine and in every release.
///
/// Equal bytes are the same symbol, and have the same vector in an [`ItemMemory`](crate::ItemMemory).
///
/// | type | its bytes |
/// |---|---|
/// | `char`, `str`, `String` | UTF-8, so that `'a'` and `"a"` are one symbol |
/// | `[u8]`, `[u8; N]`, `Vec<u8>` | themselves |
/// | integers to 64 bits | `ff`, which no text contains, then 16 bytes, little-endian two's complement: `7u8` and `7i64` are one symbol |
///
/// Implement it for your own types by laying out bytes that cannot be confused, for example with lengths in front:
///
/// ```
/// use hv_encode::{ItemMemory, Symbol};
///
/// struct Cell { x: i32, y: i32 }
///
/// impl Symbol for Cell {
///     fn with_bytes<T>(&self, f: impl FnOnce(&[u8]) -> T) -> T {
///         f(&[self.x.to_le_bytes(), self.y.to_le_bytes()].concat())
///     }
/// }
///
/// let cells = ItemMemory::new(1);
/// assert_ne!(cells.vector(&Cell { x: 1, y: 2 }), cells.vector(&Cell { x: 2, y: 1 }));
/// ```
pub trait Symbol {
    /// Calls `f` with the symbol's bytes and returns what it returned.
    fn with_bytes<T>(&self, f: impl FnOnce(&[u8]) -> T) -> T;
}

impl<S: Symbol + ?Sized> Symbol for &S {
    fn with_bytes<T>(&self, f: impl FnOnce(&[u8]) -> T) -> T {
        (**self).with_bytes(f)
    }
}

impl Symbol for char {
    fn with_bytes<T>(&self, f: impl FnOnce(&[u8]) -> T) -> T {
        self.encode_utf8(&mut [0; 4]).with_bytes(f)
    }
}

impl<const N: usize> Symbol for [u8; N] {
    fn with_bytes<T>(&self, f: impl FnOnce(&[u8]) -> T) -> T {
        f(self)
    }
}

macro_rules! bytes {
    ($($type:ty),*) => {$(
        impl Symbol for $type {
            fn with_bytes<T>(&self, f: impl FnOnce(&[u8]) -> T) -> T {
                f(self.as_ref())
            }
        }
    )*};
}

bytes!(str, String, [u8], Vec<u8>);

macro_rules! integers {
    ($($type:ty),*) => {$(
        impl Symbol for $type {
            fn with_bytes<T>(&self, f: impl FnOnce(&[u8]) -> T) -> T {
                let mut bytes = [0xff; 17];
                bytes[1..].copy_from_slice(&(*self as i128).to_le_bytes());
                f(&bytes)
            }
        }
    )*};
}

integers!(u8, u16, u32, u64, usize, i8, i16, i32, i64, isize);
