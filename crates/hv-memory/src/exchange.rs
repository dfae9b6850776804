//! Export and import: JSON lines and raw vectors, which any program can read and write. `docs/format.md` describes the
//! files.

mod export;
mod import;
mod labeller;
mod lines;
mod parts;
mod retrievals;
#[cfg(test)]
mod tests;
mod unfinished;

pub(crate) use export::export;
pub(crate) use import::{import, is_there};
