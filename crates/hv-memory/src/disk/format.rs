//! Every byte that a store writes, apart from redb's own. All numbers are little-endian; `docs/format.md` describes them.

mod columns;
mod committed;
mod decoder;
mod deleted;
mod labels;
mod lock;
mod log;
mod manifest;
mod names;
mod sealed;
mod version;

pub(crate) use columns::{
    BLOCK_BYTES, BlockRow, decode_block, decode_mutable, decode_tail, encode_block, encode_mutable, encode_tail,
};
pub(crate) use committed::Committed;
pub(crate) use deleted::{decode_deleted, encode_deleted};
pub(crate) use lock::{LOCK_BYTES, PROCESS_AT, commit_note, noted_commit, noted_process, process_note};
pub(crate) use log::{LOG_RECORD, decode_log_record, log_record};
pub(crate) use manifest::{MAX_SIZE, Manifest, Read, StoreId, store_row};
pub(crate) use names::{decode_tag_set, encode_tag_set};
pub(crate) use sealed::{sealed, unsealed};
pub(crate) use version::Version;
