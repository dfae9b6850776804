//! The episodes in memory: immutable chunks, shared by every snapshot that holds them.
//!
//! Knows neither files nor policies. Where payloads and the log lie on disk, they are read through a trait.

mod app_rows;
mod columns;
mod growth;
mod keep;
mod labels;
mod levels;
mod log;
mod names;
mod payload;
mod retrievals;
mod sizes;
mod state;
mod time_order;
mod vectors;

pub(crate) use app_rows::{AppRows, PIECE_BYTES, PIECE_ROWS, Row, RowChange, RowSource};
pub(crate) use columns::{Mutable, Mutables, Record, Records};
pub(crate) use growth::tag_set;
pub(crate) use keep::{Keep, Kept};
pub(crate) use labels::{Column, Label, Labels};
pub(crate) use levels::Levels;
pub(crate) use log::{Log, LogFile, RetrievalSink, RetrievalSource, collected};
pub(crate) use names::Names;
pub(crate) use payload::{Extent, Payload, PayloadSource};
pub(crate) use retrievals::{counting, each_retrieval, retrievals};
pub(crate) use sizes::BLOCK;
pub(crate) use state::{MAX_NEXT_ID, State};
pub(crate) use time_order::TimeOrder;
pub(crate) use vectors::Vectors;
