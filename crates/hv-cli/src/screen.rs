//! Lines as wide as the terminal, with what matches in view and marked.

use std::collections::BTreeSet;
use std::io::{self, IsTerminal};
use std::ops::Range;

use unicode_width::UnicodeWidthChar;

use crate::escape;

/// The width of a terminal that does not tell it, in columns.
const WIDTH: usize = 80;
/// A text that has less room than this next to what is said of it has a line of its own.
const LEAST_ROOM: usize = 24;
/// What stands for the part of a text that is cut.
const CUT: &str = "...";
/// Bold and red, and neither.
const MARK: (&str, &str) = ("\x1b[1;31m", "\x1b[0m");

/// Where the answer is written.
#[derive(Clone, Copy, Debug)]
pub struct Screen {
    /// Columns; `None` where lines may have any length, as in a file or a pipe.
    width: Option<usize>,
    colours: bool,
}

impl Screen {
    /// That of standard output.
    pub fn of_stdout() -> Self {
        let stdout = io::stdout();
        if !stdout.is_terminal() {
            return Self { width: None, colours: false };
        }
        let width = terminal_size::terminal_size_of(&stdout).map_or(WIDTH, |(width, _)| usize::from(width.0));
        let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let is_dumb = std::env::var_os("TERM").is_some_and(|terminal| terminal == "dumb");
        Self { width: Some(width), colours: !is_set("NO_COLOR") && !is_dumb }
    }

    /// Whether it is a terminal.
    pub fn is_terminal(&self) -> bool {
        self.width.is_some()
    }

    /// The text on one line, without what does not fit at its end.
    pub fn cut(&self, text: &str) -> String {
        self.fitted(text, &[], self.width)
    }

    /// What is said of a text, and the text with these parts marked. They are on one line where there is room for
    /// both, else each has a line.
    pub fn line(&self, head: &str, text: &str, marks: &[Range<usize>]) -> String {
        let Some(width) = self.width else { return format!("{}  {}", self.cut(head), self.cut(text)) };
        let taken = head.chars().map(columns).sum::<usize>() + 2;
        match width.checked_sub(taken).filter(|&room| room >= LEAST_ROOM) {
            Some(room) => format!("{}  {}", escape::on_one_line(head), self.fitted(text, marks, Some(room))),
            None => format!("{}\n  {}", self.cut(head), self.fitted(text, marks, Some(width.saturating_sub(2)))),
        }
    }

    /// A text in this many columns.
    fn fitted(&self, text: &str, marks: &[Range<usize>], room: Option<usize>) -> String {
        let (shown, dots) = room.map_or((0..text.len(), ""), |room| window(text, marks, room));
        let mut line = if shown.start > 0 { dots.to_owned() } else { String::new() };
        let add = |line: &mut String, part: Range<usize>| text[part].chars().for_each(|c| escape::push(line, c));
        let mut at = shown.start;
        for mark in marks.iter().filter(|_| self.colours) {
            let mark = mark.start.max(at)..mark.end.min(shown.end);
            if !mark.is_empty() {
                add(&mut line, at..mark.start);
                line += MARK.0;
                add(&mut line, mark.clone());
                line += MARK.1;
                at = mark.end;
            }
        }
        add(&mut line, at..shown.end);
        line + if shown.end < text.len() { dots } else { "" }
    }
}

/// Columns that a character takes, as it is shown.
fn columns(c: char) -> usize {
    match c {
        _ if c.is_whitespace() && escape::is_escaped(c) => 1,
        _ if escape::is_escaped(c) => c.escape_unicode().len(),
        _ => c.width().unwrap_or(0),
    }
}

/// The end of what fits into these columns from here on.
fn forward(text: &str, from: usize, room: usize) -> usize {
    let mut taken = 0;
    let over = text[from..].char_indices().find(|&(_, c)| {
        taken += columns(c);
        taken > room
    });
    over.map_or(text.len(), |(at, _)| from + at)
}

/// The start of what fits into these columns before here.
fn back(text: &str, to: usize, room: usize) -> usize {
    let mut taken = 0;
    let over = text[..to].char_indices().rev().find(|&(_, c)| {
        taken += columns(c);
        taken > room
    });
    over.map_or(0, |(at, c)| at + c.len_utf8())
}

/// The part of a text that is shown in these columns, with most of what is marked, and what stands for the rest.
fn window(text: &str, marks: &[Range<usize>], room: usize) -> (Range<usize>, &'static str) {
    if forward(text, 0, room) == text.len() {
        return (0..text.len(), "");
    }
    let dots = if room >= 4 * CUT.len() { CUT } else { "" };
    let inner = room - 2 * dots.len();
    let seen = most_marked(text, marks, inner);
    let spare = inner.saturating_sub(text[seen.clone()].chars().map(columns).sum());
    let start = back(text, seen.start, spare / 2);
    let shown = match forward(text, start, inner) {
        end if end == text.len() => back(text, end, inner + dots.len())..end,
        _ if start == 0 => 0..forward(text, 0, inner + dots.len()),
        end => start..end,
    };
    (shown, dots)
}

/// From the first to the last mark of those that fit into these columns together and have the most letters of distinct words.
fn most_marked(text: &str, marks: &[Range<usize>], room: usize) -> Range<usize> {
    let (mut most, mut best) = (0, 0..0);
    for (i, first) in marks.iter().enumerate() {
        let end = forward(text, first.start, room);
        let inside = marks[i..].iter().take_while(|mark| mark.end <= end || mark.start == first.start);
        let (mut words, mut last) = (BTreeSet::new(), first.start);
        for mark in inside {
            words.insert(text[mark.clone()].to_lowercase());
            last = mark.end.min(end);
        }
        let letters = words.iter().map(String::len).sum();
        if letters > most {
            (most, best) = (letters, first.start..last);
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    fn screen(width: usize, colours: bool) -> Screen {
        Screen { width: Some(width), colours }
    }

    /// The ranges of a word.
    fn marks(text: &str, word: &str) -> Vec<Range<usize>> {
        text.match_indices(word).map(|(at, word)| at..at + word.len()).collect()
    }

    #[test]
    fn a_long_text_is_cut_around_what_matches() {
        let text = format!("{}needle{}", "hay ".repeat(1_000), " straw".repeat(1_000));
        let marks = marks(&text, "needle");
        for width in 2..200 {
            let line = screen(width, false).line("#1  a.txt:1", &text, &marks);
            assert!(line.lines().all(|line| line.len() <= width), "{width}: {line}");
            assert_eq!(line.contains("needle"), width >= 8, "{width}: {line}");
        }
        let line = screen(60, true).line("#1  a.txt:1", &text, &marks);
        assert_eq!(line, "#1  a.txt:1  ... hay hay hay hay \x1b[1;31mneedle\x1b[0m straw straw straw...");
        assert_eq!(screen(12, false).cut("one two three four"), "one two t...");
        assert_eq!(screen(12, false).cut("one two thre"), "one two thre");
    }

    #[test]
    fn ends_are_filled_and_the_most_marks_are_in_view() {
        let text = "the end is the beginning of the whole";
        let ends = |word: &str| screen(16, false).fitted(text, &marks(text, word), Some(16));
        assert_eq!([ends("whole"), ends("is")], ["... of the whole", "...end is the..."]);
        let of = |words: &[&str]| {
            let mut all: Vec<_> = words.iter().flat_map(|word| marks(text, word)).collect();
            all.sort_by_key(|mark| mark.start);
            screen(20, false).fitted(text, &all, Some(20))
        };
        assert!(of(&["the", "beginning"]).contains("the beginning"), "{}", of(&["the", "beginning"]));
    }

    #[test]
    fn wide_and_escaped_characters_are_measured_as_they_are_shown() {
        assert_eq!(screen(8, false).cut("玻璃玻璃玻璃"), "玻璃玻璃");
        assert_eq!(screen(9, false).cut("a\u{1b}b\u{1b}"), "a\\u{1b}b");
        let whole = Screen { width: None, colours: false };
        let long = "x".repeat(100_000);
        assert_eq!(whole.line("#1", &long, &marks(&long, &long[..9])), format!("#1  {long}"));
        assert_eq!(whole.cut("a\u{202e}b\nc"), "a\\u{202e}b c");
    }
}
