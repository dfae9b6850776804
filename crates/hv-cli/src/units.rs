//! What becomes an episode: lines, or the paragraphs or the whole file that they make up.

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

/// The part of a text that is stored as one episode.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    #[default]
    Line,
    Paragraph,
    File,
}

/// The longest paragraph, in bytes: a longer one is cut.
const MAX_PARAGRAPH: usize = 4 << 10;
/// The longest text that is kept: what an episode can hold.
const MAX_TEXT: usize = hv_memory::MAX_BYTES;

impl Unit {
    /// One of it in words.
    pub fn name(self) -> &'static str {
        match self {
            Self::Line => "line",
            Self::Paragraph => "paragraph",
            Self::File => "text",
        }
    }
}

/// Puts lines together.
pub struct Units {
    unit: Unit,
    /// The number of the first line of `text`; 0 where there is none.
    first: u64,
    text: String,
}

/// Takes the number of the first line of a unit, and its text.
pub type Take<'a> = &'a mut dyn FnMut(u64, String);

impl Units {
    pub fn new(unit: Unit) -> Self {
        Self { unit, first: 0, text: String::new() }
    }

    /// Whether no line waits for others.
    pub fn is_empty(&self) -> bool {
        self.first == 0
    }

    /// Whether a line would be put to those that wait, and not begin a unit.
    pub fn would_grow(&self, text: &str) -> bool {
        !self.is_empty() && (self.unit == Unit::File || self.text.len() + 1 + text.len() <= MAX_PARAGRAPH)
    }

    /// Adds a line, and gives the units that it ends.
    pub fn push(&mut self, number: u64, text: String, take: Take<'_>) {
        match self.unit {
            Unit::Line => take(number, text),
            Unit::Paragraph if text.trim().is_empty() => self.finish(take),
            Unit::Paragraph if text.len() > MAX_PARAGRAPH => {
                self.finish(take);
                pieces(&text, &mut |piece| take(number, piece.to_owned()));
            }
            // Enough to see that it is too long.
            Unit::File if self.text.len() > MAX_TEXT => (),
            _ => {
                if !self.would_grow(&text) {
                    self.finish(take);
                }
                match self.is_empty() {
                    true => (self.first, self.text) = (number, text),
                    false => self.text.extend(["\n", &text]),
                }
            }
        }
    }

    /// Gives what is left.
    pub fn finish(&mut self, take: Take<'_>) {
        if !self.is_empty() {
            take(std::mem::take(&mut self.first), std::mem::take(&mut self.text));
        }
    }
}

/// Cuts a line that is longer than a paragraph, after a space where there is one in the second half of a piece.
fn pieces(mut text: &str, take: &mut dyn FnMut(&str)) {
    while text.len() > MAX_PARAGRAPH {
        let most = (0..=MAX_PARAGRAPH).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(MAX_PARAGRAPH);
        let space = text[..most].rfind(char::is_whitespace).filter(|&at| at >= MAX_PARAGRAPH / 2);
        let (piece, rest) = text.split_at(space.unwrap_or(most));
        take(piece);
        text = rest.trim_start();
    }
    if !text.is_empty() {
        take(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn units(unit: Unit, text: &str) -> Vec<(u64, String)> {
        let (mut units, mut found) = (Units::new(unit), Vec::new());
        for (number, line) in (1..).zip(text.lines()) {
            units.push(number, line.to_owned(), &mut |line, text| found.push((line, text)));
        }
        units.finish(&mut |line, text| found.push((line, text)));
        assert!(units.is_empty());
        found
    }

    fn some(units: &[(u64, &str)]) -> Vec<(u64, String)> {
        units.iter().map(|&(line, text)| (line, text.to_owned())).collect()
    }

    #[test]
    fn lines_paragraphs_and_files() {
        let text = "\na\nb\n \n\nc\n\nd\ne";
        assert_eq!(units(Unit::Paragraph, text), some(&[(2, "a\nb"), (6, "c"), (8, "d\ne")]));
        assert_eq!(units(Unit::File, text), some(&[(1, text)]));
        assert_eq!(units(Unit::Line, "a\n\nb"), some(&[(1, "a"), (2, ""), (3, "b")]));
        assert_eq!(units(Unit::Paragraph, "\n\n"), []);
    }

    #[test]
    fn a_paragraph_is_cut_at_4_kib() {
        let line = "x".repeat(1_023);
        let text = format!("{line}\n").repeat(9);
        let lengths = |text: &str| units(Unit::Paragraph, text).iter().map(|(n, t)| (*n, t.len())).collect::<Vec<_>>();
        assert_eq!(lengths(&text), [(1, 4_095), (5, 4_095), (9, 1_023)]);
        // A longer line is cut at spaces and between letters, and nothing of it is lost.
        let words = "ä word ".repeat(2_000);
        let cut = units(Unit::Paragraph, &format!("before\n{words}\nafter"));
        assert!(cut.iter().all(|(_, text)| text.len() <= MAX_PARAGRAPH));
        let again = cut[1..cut.len() - 1].iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>().join(" ");
        assert_eq!(again.split_whitespace().collect::<String>(), words.split_whitespace().collect::<String>());
        assert_eq!((cut[0].clone(), cut[1].0, cut.last().unwrap().0), ((1, "before".into()), 2, 3));
        let solid = units(Unit::Paragraph, &"ä".repeat(5_000));
        assert_eq!(solid.iter().map(|(_, text)| text.len()).sum::<usize>(), 10_000);
    }
}
