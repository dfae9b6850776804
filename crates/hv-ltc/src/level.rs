//! Which instructions the kernels use: the best that the machine has, found once.

use fearless_simd::Level;

/// The instructions to use.
pub(crate) fn level() -> Level {
    #[cfg(test)]
    if let Some(level) = tests::FORCED.get() {
        return level;
    }
    Level::new()
}

#[cfg(test)]
mod tests;
