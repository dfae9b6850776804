//! From rows of a table to vectors: an encoder chosen from the columns and fitted to the rows that are learned from.

use std::collections::BTreeSet;
use std::fmt;

use hv_encode::hv_parallel::Operation;
use hv_encode::hv_parallel::for_encoding::adaptive_map;
use hv_encode::hv_parallel::hv_simd::simd_bundle;
use hv_encode::{Accumulator, HV16, ItemMemory, NgramEncoder};

use crate::counts::Counts;
use crate::error::LearnError;
use crate::random::Random;
use crate::table::{Column, Table};

/// Levels of a number.
const LEVELS: usize = 32;
/// The share of the lowest and of the highest numbers that lie on the first and the last level, so that a few extreme ones do
/// not press all others onto a few levels.
const TAIL: f64 = 0.01;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// Numbers, as levels between two ends.
    Number {
        /// The first level, and all numbers below it.
        low: f64,
        /// The last level, and all numbers above it.
        high: f64,
    },
    /// Words: each different cell is a symbol of its own.
    Word,
    /// Text: cells are alike as far as their letter trigrams are.
    Text,
}

/// The encoder of a table: what each column holds.
///
/// A row is a record: the bundle of its cells, each bound with the vector of its column. A table that is one column of text is
/// encoded as counts of letter trigrams.
#[derive(Clone, Debug, PartialEq)]
pub struct Encoder {
    pub(crate) columns: Vec<(String, Kind)>,
}

impl Encoder {
    /// Chooses the kind of each column, and where levels begin and end.
    pub(crate) fn fit(table: &Table) -> Result<Self, LearnError> {
        let kind = |(name, column): &(String, Column)| Ok((name.clone(), kind(name, column)?));
        Ok(Self { columns: table.columns().iter().map(kind).collect::<Result<_, LearnError>>()? })
    }

    /// The names of the columns, each with what it holds.
    pub fn columns(&self) -> impl ExactSizeIterator<Item = (&str, Kind)> {
        self.columns.iter().map(|(name, kind)| (name.as_str(), *kind))
    }

    /// Whether rows are texts, and become counts.
    #[must_use]
    pub fn is_text(&self) -> bool {
        matches!(self.columns.as_slice(), [(_, Kind::Text)])
    }

    /// The columns of a table that this encoder knows, found by their names.
    pub(crate) fn cells<'a>(&'a self, table: &'a Table) -> Result<Vec<Cells<'a>>, LearnError> {
        let missing = |name: &str| {
            let names = table.names().take(20).collect::<Vec<_>>().join(", ");
            LearnError::Table(format!("column {name:?} is missing, which the model learned from; there are: {names}"))
        };
        let cells = |(name, kind): &'a (String, Kind)| {
            let column = table.column(name).ok_or_else(|| missing(name))?;
            Ok(match *kind {
                Kind::Number { low, high } => {
                    let level = |&number: &f64| {
                        // Halves, since the difference of two finite numbers may be infinite.
                        let share = (number / 2.0 - low / 2.0) / (high / 2.0 - low / 2.0);
                        if high > low { (share.clamp(0.0, 1.0) * (LEVELS - 1) as f64).round() as u8 } else { 0 }
                    };
                    Cells::Levels(column.numbers(name)?.iter().map(level).collect())
                }
                Kind::Word => Cells::Words(column),
                Kind::Text => Cells::Texts(column),
            })
        };
        self.columns.iter().map(cells).collect()
    }

    /// What encodes rows with the vectors of a seed.
    pub(crate) fn seeded(&self, seed: u64) -> Seeded {
        let items = ItemMemory::new(seed);
        // Roles and levels start with bytes that no text has, so no cell is mistaken for one.
        let role = |(name, _): &(String, Kind)| items.vector(&[b"\xfe", name.as_bytes()].concat());
        Seeded {
            roles: self.columns.iter().map(role).collect(),
            levels: levels(items.vector(&[0xfdu8]), &mut Random::new(seed)),
            ngrams: NgramEncoder::new(NgramEncoder::DEFAULT_N, seed),
            items,
        }
    }
}

/// One line: the kinds of columns and how they are encoded.
impl fmt::Display for Encoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_text() {
            return write!(f, "text, as counts of letter trigrams");
        }
        let count = |wanted: fn(Kind) -> bool| self.columns.iter().filter(|(_, kind)| wanted(*kind)).count();
        let numbers = count(|kind| matches!(kind, Kind::Number { .. }));
        let parts = [
            (numbers, format!("numbers, in {LEVELS} levels")),
            (count(|kind| kind == Kind::Word), "words, each a symbol".to_owned()),
            (count(|kind| kind == Kind::Text), "text, as letter trigrams".to_owned()),
        ];
        let parts: Vec<String> = (parts.into_iter().filter(|(count, _)| *count > 0))
            .map(|(count, what)| format!("{count} column{} of {what}", if count == 1 { "" } else { "s" }))
            .collect();
        write!(f, "record of {}", parts.join("; "))
    }
}

fn kind(name: &str, column: &Column) -> Result<Kind, LearnError> {
    if column.is_numeric() {
        let mut sorted = column.numbers(name)?.into_owned();
        sorted.sort_by(f64::total_cmp);
        let tail = (sorted.len() as f64 * TAIL) as usize;
        let (first, last) = (sorted.first().copied().unwrap_or(0.0), sorted.last().copied().unwrap_or(0.0));
        let (low, high) = (sorted.get(tail).copied(), sorted.get(sorted.len().saturating_sub(1 + tail)).copied());
        return Ok(match (low, high) {
            (Some(low), Some(high)) if low < high => Kind::Number { low, high },
            // Nearly all are equal, so the few others are what there is to learn from.
            _ => Kind::Number { low: first, high: last },
        });
    }
    if matches!(column, Column::Texts(_)) {
        return Ok(Kind::Text);
    }
    let rows = column.len();
    let different = (0..rows).map(|row| column.text(row)).collect::<BTreeSet<_>>().len();
    let words: usize = (0..rows).map(|row| column.text(row).split_whitespace().count()).sum();
    Ok(if 2 * different > rows || words >= 3 * rows { Kind::Text } else { Kind::Word })
}

/// From a vector to its opposite: the bits change one after the other, in an order of their own.
fn levels(first: HV16, random: &mut Random) -> Vec<HV16> {
    let mut order: Vec<usize> = (0..HV16::DIM).collect();
    random.shuffle(&mut order);
    let mut level = first;
    let mut changed = 0;
    let next = |l: usize| {
        let upto = HV16::DIM * l / (LEVELS - 1);
        for &bit in &order[changed..upto] {
            level.set_bit(bit, !level.bit(bit));
        }
        changed = upto;
        level
    };
    (0..LEVELS).map(next).collect()
}

/// The cells of a column, ready to encode.
pub(crate) enum Cells<'a> {
    Levels(Vec<u8>),
    Words(&'a Column),
    Texts(&'a Column),
}

/// An encoder with the vectors of a seed.
pub(crate) struct Seeded {
    items: ItemMemory,
    roles: Vec<HV16>,
    levels: Vec<HV16>,
    ngrams: NgramEncoder,
}

impl Seeded {
    /// The records of some rows.
    pub(crate) fn binary(&self, cells: &[Cells<'_>], rows: std::ops::Range<usize>) -> Vec<HV16> {
        let record = |row: usize| {
            let mut parts = Vec::with_capacity(cells.len());
            for (cells, role) in cells.iter().zip(&self.roles) {
                match cells {
                    Cells::Levels(levels) => parts.push(self.levels[usize::from(levels[row])] ^ role),
                    Cells::Words(column) => parts.push(self.items.vector(column.text(row).trim()) ^ role),
                    // A text without letters and digits says nothing.
                    Cells::Texts(column) => parts.extend(self.ngrams.encode(&column.text(row)).map(|text| text ^ role)),
                }
            }
            simd_bundle(&parts).unwrap_or_default()
        };
        let work = rows.len().saturating_mul(cells.len());
        adaptive_map(Operation::Bundle, work, rows.len(), 1, |i| record(rows.start + i))
    }

    /// The same as counts: of a text its trigrams, zeros where it has no letter and no digit.
    pub(crate) fn counts(&self, cells: &[Cells<'_>], rows: std::ops::Range<usize>) -> Vec<Counts> {
        let [Cells::Texts(column)] = cells else {
            return self.binary(cells, rows).iter().map(Counts::from).collect();
        };
        let counts = |row: usize| {
            let mut counted = Accumulator::new();
            // Of a text with nothing to encode nothing is counted.
            let _ = self.ngrams.accumulate(&column.text(row), &mut counted);
            Counts::from(&counted)
        };
        // A sentence takes as long as some thousand vectors of a bundle.
        adaptive_map(Operation::Bundle, rows.len().saturating_mul(1_000), rows.len(), 1, |i| counts(rows.start + i))
    }
}
