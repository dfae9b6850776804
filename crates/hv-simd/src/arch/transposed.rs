//! Distances of many queries to a tile of memory, whose bits are transposed once for all of them.
//!
//! Column `i` of a tile holds bit `i` of each of its vectors, and there are as many of these as a lane has bits. For one
//! query the differing bits of all of them are added at once in bit-sliced counters, by carry-save adders (Harley-Seal;
//! Warren, "Hacker's Delight", 2nd ed., section 5-1). Three things make that cheaper than to count each vector's bits:
//!
//! - Columns go in threes. How many bits of a three differ, 0 to 3, is two bits, and these are tabled for all eight
//!   values of a query's three bits: three xors and an adder, done once for all queries (the method of four Russians:
//!   Arlazarov, Dinic, Kronrod, Faradžev, Soviet Mathematics Doklady 11, 1970).
//! - The counters of a query lie in L2, and what a step of a word or two carries out of the low ones is added to the
//!   high ones late: at each level every second carry waits for the next, so that a step touches two levels and not all.
//! - Which vectors are below a bound is seen in the counters, so that distances are read off only where one is. And
//!   where the bound is low, most tiles are dismissed before all words have been added, as all counters have reached it.
//!   In a first tile, which no bound narrows yet, the last of the k nearest is found in the counters too, and only what
//!   is as near is reported.
//!
//! How a word is tabled and added differs with the adders that lanes have: `pairs` is for those without ternary logic,
//! `threes` for the others. Their mixes stand there.

pub(crate) mod pairs;
pub(crate) mod passes;
pub(crate) mod reading;
#[cfg(not(target_arch = "wasm32"))]
pub(crate) mod threes;
pub(crate) mod tiles;
pub(crate) mod transposition;
