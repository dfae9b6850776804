//! The rotated item vectors of every character met so far.

use std::sync::OnceLock;

use hv_parallel::HV16;
use hv_parallel::hv_simd::{simd_bundle, simd_permute};

use crate::error::EncodeError;
use crate::item_memory::ItemMemory;

/// Characters in a page.
const PAGE: usize = 256;
/// Pages to cover all of Unicode.
const PAGES: usize = 0x11_0000 / PAGE;

type Page = [OnceLock<Box<[HV16]>>; PAGE];

/// For each character its item vector rotated by 0 to n - 1, made when first met and then read without a lock.
///
/// A page table, since a text has few alphabets: looking a character up costs two loads. Memory: 70 KB, 6 KB for
/// each page touched, and 256 n bytes for each character met.
pub(crate) struct Rotations {
    items: ItemMemory,
    n: usize,
    pages: Box<[OnceLock<Box<Page>>]>,
}

impl std::fmt::Debug for Rotations {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rotations").field("n", &self.n).field("seed", &self.items.seed()).finish()
    }
}

impl Rotations {
    pub(crate) fn new(items: ItemMemory, n: usize) -> Self {
        Self { items, n, pages: (0..PAGES).map(|_| OnceLock::new()).collect() }
    }

    /// The `n` rotations of a character's vector.
    pub(crate) fn of(&self, c: char) -> &[HV16] {
        let index = c as usize;
        let page = self.pages[index / PAGE].get_or_init(|| Box::new([const { OnceLock::new() }; PAGE]));
        page[index % PAGE].get_or_init(|| {
            let item = self.items.vector(&c);
            (0..self.n as i32).map(|by| simd_permute(&item, by)).collect()
        })
    }

    /// Binds the characters of a run of at most `n`, each rotated by its distance from the last.
    pub(crate) fn bind(&self, run: &[char]) -> HV16 {
        let mut gram = HV16::ZERO;
        for (by, &c) in run.iter().rev().enumerate() {
            gram ^= &self.of(c)[by];
        }
        gram
    }

    /// The bundle of the distinct runs of a text, each of at most `n` characters.
    ///
    /// # Errors
    ///
    /// [`EncodeError::Empty`] if there are no runs.
    pub(crate) fn bundle_distinct(&self, mut runs: Vec<&[char]>) -> Result<HV16, EncodeError> {
        // A bundle does not depend on order, so sorting is free to bring equal runs together.
        runs.sort_unstable();
        runs.dedup();
        let grams: Vec<HV16> = runs.into_iter().map(|run| self.bind(run)).collect();
        simd_bundle(&grams).ok_or(EncodeError::Empty)
    }

    pub(crate) fn items(&self) -> ItemMemory {
        self.items
    }

    pub(crate) fn n(&self) -> usize {
        self.n
    }
}
