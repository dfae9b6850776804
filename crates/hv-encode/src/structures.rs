//! Data structures that are one vector each: sets, tables, sequences, graphs, trees and automata.
//!
//! A structure is the bundle of what was put into it, so it takes 2,048 bits however much it holds, it can be compared with others
//! of its kind, and what it holds is read back with some noise. A [`Codebook`](crate::Codebook) of what may be
//! meant cleans that up. docs/capacity.md says how much each structure holds before one answer in a hundred is wrong;
//! nothing fails when it holds more, answers only become worse.
//!
//! Structures keep counters, so what is removed is gone without a trace: the structure equals one that never had it. Removing
//! what was never put in is refused where the counters show it, and cannot be noticed where they do not.
//!
//! [`BindSequence`] alone is a product instead of a bundle.
//!
//! ```
//! use hv_encode::{Codebook, ItemMemory, structures::HashTable};
//!
//! let items = ItemMemory::new(1);
//! let capitals = Codebook::from_items(items, ["Paris", "Rome", "Bern"])?;
//! let mut table = HashTable::new();
//! table.put(&items.vector("France"), capitals.vector("Paris").unwrap());
//! table.put(&items.vector("Italy"), capitals.vector("Rome").unwrap());
//! assert_eq!(table.get(&items.vector("Italy"), &capitals).unwrap().name, "Rome");
//! assert_eq!(table.get(&items.vector("Spain"), &capitals), None);
//! # Ok::<(), hv_encode::CodebookError>(())
//! ```

mod automaton;
mod bind_sequence;
mod bundle_sequence;
mod error;
mod graph;
mod hash_table;
mod linear;
mod multiset;
mod ring;
mod set;
mod tree;

pub use automaton::FiniteAutomaton;
pub use bind_sequence::BindSequence;
pub use bundle_sequence::BundleSequence;
pub use error::StructureError;
pub use graph::Graph;
pub use hash_table::HashTable;
pub use multiset::Multiset;
pub use set::Set;
pub use tree::Tree;
