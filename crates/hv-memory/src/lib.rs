//! An episodic memory of hypervectors: store what happened, recall it by similarity, lose nothing in a crash.
//!
//! An [`Episode`] is a content vector with the time it happened, a valence and the caller's payload.
//! [`EpisodicMemory`] finds the nearest of them to a cue, exactly and at the speed of the kernels beneath.
//!
//! ```
//! use hv_memory::{EpisodicMemory, HV16, NewEpisode};
//!
//! # let folder = tempfile::tempdir().unwrap();
//! # let path = folder.path().join("store");
//! let memory = EpisodicMemory::open(&path)?;                     // a folder; made if it is not there
//! let content = HV16::random(7);
//! let id = memory.store(NewEpisode { content, time: 1_700_000_000_000_000, valence: 0.5, payload: b"tea".to_vec(), ..NewEpisode::default() })?;
//! drop(memory);                                                  // or the process dies: it is stored
//!
//! let memory = EpisodicMemory::open_read_only(&path)?;
//! let found = memory.recall(&content, 5)?;
//! assert_eq!((found[0].id, found[0].similarity()), (id, 1.0));
//! assert_eq!(memory.get(id)?.unwrap().payload, b"tea");
//! # Ok::<(), hv_memory::MemoryError>(())
//! ```
//!
//! # Readers and the writer
//!
//! Every reading call takes the state of its moment, lock-free, and works on that; [`EpisodicMemory::snapshot`] keeps one
//! for as long as wanted. Readers never wait for a commit. A store is published after it has been committed, never before.
//!
//! Calls that change the memory take turns. They do without the current Rayon pool while it is theirs, so they may come
//! from anywhere in it.
//!
//! # What is in memory
//!
//! At most 384 bytes an episode and 64 MiB: 256 for the vector, 52 for the columns, 4 for the order in time where episodes
//! were not stored in it, and 64 for the plane of prefixes where [`Options::prefix_plane`] asks for it. Labels come on top:
//! up to 10 bytes for group, source and tags where those of neighbours differ, and for a key some 150 bytes. A consolidation or compaction at most doubles it for as
//! long as it takes, and a snapshot keeps what it shares with no newer state. An import takes no more than the memory that
//! it makes, but for a few MiB and the retrievals, some 50 bytes each; an export takes 16 for each retrieval. Payloads stay
//! on disk, but for those of up to 512 bytes of the last, unfinished block, and with [`Durability::Batched`] for all that
//! wait for the next commit; in a memory without a folder they are in memory, and so are the retrievals, 16 bytes each.
//!
//! # What is on disk
//!
//! A store is a folder that one process may write, or several may read. [`Durability`] says when a store is on the
//! device. It stays in the folder that was opened, also when that is renamed, or when the process changes its working
//! directory. Opening checks all of it but the payloads, which are checked as they are read; nothing is written to a
//! store that is refused. After a failed write the memory remains readable, and the next store first takes the
//! files back to the last commit.

#![forbid(unsafe_code)]

mod admission;
mod analysis;
mod arena;
mod changes;
mod conditions;
mod consolidate;
mod consolidation;
#[cfg(test)]
mod crash_tests;
#[cfg(test)]
mod creation_tests;
mod disk;
mod episode;
mod episodes;
mod error;
mod exchange;
#[cfg(test)]
mod failure_tests;
mod given_search;
mod import;
#[doc(hidden)]
pub mod internal;
mod key;
mod lookups;
mod memory;
mod opening;
mod options;
mod planner;
mod policy_error;
mod process;
mod recall;
mod recollect;
mod salvage;
#[cfg(feature = "serde")]
mod serde_impl;
mod shared;
mod similar_pairs;
mod snapshot;
mod spans;
mod stats;
mod timer;
#[cfg(test)]
mod upgrade_tests;

// The tests of the folder `tests` and those here share their model.
#[cfg(test)]
extern crate self as hv_memory;
#[cfg(test)]
#[path = "../tests/common/mod.rs"]
mod common;

pub use analysis::{CausalChain, CausalPolicy, Coactivation, ConsolidatePolicy};
pub use changes::{Applied, Changes};
pub use conditions::{Conditions, Exactness};
pub use consolidation::Consolidation;
pub use disk::{Damage, Verification};
pub use episode::{Episode, EpisodeId, MAX_BYTES, MAX_SOURCE_BYTES, MAX_TAG_BYTES, MAX_TAGS, Match, NewEpisode};
pub use episodes::Episodes;
pub use error::MemoryError;
pub use hv_parallel::{self, HV16, Progress};
pub use key::Key;
pub use lookups::Rows;
pub use memory::EpisodicMemory;
pub use opening::{verify, verify_with};
pub use options::{Durability, Options};
pub use policy_error::PolicyError;
pub use recall::{Method, Recall};
pub use recollect::RecollectPolicy;
pub use salvage::{Lost, Salvage};
pub use snapshot::Snapshot;
pub use stats::{Stats, Summary};
