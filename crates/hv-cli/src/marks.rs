//! Finds the words of a text that are like a word of the question.

use std::collections::HashMap;
use std::ops::Range;

use hv_encode::{closeness, fold, is_spaceless, words};

/// The words of a question.
pub struct Marks(Vec<String>);

impl Marks {
    pub fn of(question: &str) -> Self {
        let folded = fold(question).unwrap_or_default();
        Self(words(&folded).map(|word| word.text.to_owned()).collect())
    }

    /// Where in a text there are words like these: for each of them the closest ones. In order, and none overlap.
    pub fn in_text(&self, text: &str) -> Vec<Range<usize>> {
        let mut folded: HashMap<String, Vec<Range<usize>>> = HashMap::new();
        for run in runs(text) {
            let form = fold(&text[run.clone()]).unwrap_or_default();
            folded.entry(form.trim().to_owned()).or_default().push(run);
        }
        let mut marks: Vec<Range<usize>> = Vec::new();
        for asked in &self.0 {
            let close: Vec<_> =
                folded.iter().filter_map(|(word, runs)| Some((closeness(asked, word)?, runs))).collect();
            let closest = close.iter().map(|(close, _)| *close).max_by(f64::total_cmp);
            let of_closest = close.into_iter().filter(|(close, _)| Some(*close) == closest);
            marks.extend(of_closest.flat_map(|(_, runs)| runs.iter().cloned()));
        }
        marks.sort_by_key(|mark| mark.start);
        marks.dedup();
        marks
    }
}

/// The words of a text as it is written. A character of a script without spaces is one.
fn runs(text: &str) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    // Whether the next letter begins another word.
    let mut begins = true;
    for (at, c) in text.char_indices() {
        let (alone, end) = (is_spaceless(c) && c.is_alphanumeric(), at + c.len_utf8());
        match runs.last_mut() {
            _ if !c.is_alphanumeric() && !joins(c) => begins = true,
            Some(run) if !begins && !alone => run.end = end,
            _ if c.is_alphanumeric() => {
                runs.push(at..end);
                begins = alone;
            }
            _ => (),
        }
    }
    runs
}

/// Whether a character that is no letter is part of a word: accents, apostrophes, soft hyphens.
fn joins(c: char) -> bool {
    c == '\'' || (!c.is_ascii() && fold(&format!("a{c}a")).as_deref() == Some(" aa "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked<'a>(question: &str, text: &'a str) -> Vec<&'a str> {
        Marks::of(question).in_text(text).into_iter().map(|mark| &text[mark]).collect()
    }

    #[test]
    fn words_are_marked_as_they_are_written() {
        assert_eq!(marked("lihgt be", "Let there BE light, and night."), ["BE", "light"]);
        assert_eq!(
            marked("the cat", "The cats; the cat."),
            ["The", "the", "cat"],
            "an equal word is closer than a like one"
        );
        assert_eq!(marked("cafe dont", "Don\u{2019}t! Cafe\u{301}"), ["Don\u{2019}t", "Cafe\u{301}"]);
        assert_eq!(marked("玻璃", "我能吞下玻璃。"), ["玻", "璃"]);
        assert_eq!(marked("zebra", "no such word"), [] as [&str; 0]);
        assert_eq!(marked("?!", "text"), [] as [&str; 0]);
    }
}
