//! The store's folder: what is where, opening, and the order of writes that makes every commit whole or absent.
//!
//! - `MANIFEST` says what the folder is, `LOCK` who may use it.
//! - `vectors-<generation>`, `payloads-<generation>` and `log-<number>` are only appended to. They hold the
//!   blocks of 4,096 episodes that are full, every payload over 512 bytes, and the retrievals.
//! - `index.redb` holds the rest, and decides what of the flat files is valid.
//! - `reserve` is room that is given up when the disk is full and something is to be deleted.
//!
//! A store appends to the flat files, syncs them, and then commits to the index. What lies in the flat files beyond
//! the lengths in the index belongs to a store that was never acknowledged, and is cut off at the next opening.
//!
//! Where all rows change, a fresh index takes the place of the old one, see [`fresh`].

mod app_rows;
mod appender;
mod backend;
mod blocks;
mod commit;
mod create;
mod disk_file;
mod disk_folder;
#[cfg(test)]
mod failing;
mod files;
mod format;
mod fresh;
mod generation;
mod held;
mod holdings;
mod index;
mod load;
mod locking;
mod log;
mod make_folder;
mod manifest;
mod names;
mod new_folders;
mod payloads;
mod read_rows;
mod recover;
mod remove;
mod reserve;
mod rows;
mod salvage;
mod sound_rows;
mod store;
mod under_way;
mod upgrade;
mod verify;

pub(crate) use appender::Appender;
pub(crate) use commit::Step;
pub(crate) use disk_folder::DiskFolder;
#[cfg(test)]
pub(crate) use failing::{Event, FailingFolder, Image, Plan, Trace};
pub(crate) use files::{Folder, Sharing, StoreFile};
pub(crate) use generation::{Contents, PayloadSink};
pub(crate) use held::Access;
pub(crate) use holdings::Holdings;
pub(crate) use make_folder::make_folder;
pub(crate) use names::LOCK;
pub(crate) use new_folders::NewFolders;
pub(crate) use rows::RowSink;
pub(crate) use salvage::Sound;
pub(crate) use store::{Disk, bytes_of};
pub use verify::{Damage, Verification};
