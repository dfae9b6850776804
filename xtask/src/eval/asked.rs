//! Questions that people ask: how often the right text comes first, and how often "nothing close" is said.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::asking::{Dice, absent, beginnings, in_a_row, single_words};
use super::collection::{Collection, Figures, Question};

/// Questions of a row.
const QUESTIONS: usize = 2_000;

/// What a row must reach, in percent.
#[derive(Clone, Copy)]
pub enum Bar {
    /// The right text first, and among ten; and at most this often "nothing close".
    Found(f64, f64, f64),
    /// "Nothing close".
    Nothing(f64),
    /// No bar: the row is there to look at.
    None,
}

/// A kind of question to a collection.
pub struct Row {
    name: String,
    bar: Bar,
    figures: Figures,
}

impl Row {
    /// Whether the row reaches its bar, up to this much, in percent.
    pub fn holds(&self, slack: f64) -> bool {
        let Figures { first, ten, nothing } = self.figures;
        match self.bar {
            Bar::Found(least, least_ten, most) => {
                first + slack >= least && ten + slack >= least_ten && nothing - slack <= most
            }
            Bar::Nothing(least) => nothing + slack >= least,
            Bar::None => true,
        }
    }

    pub fn name(&self) -> &str {
        &self.name
    }
}

/// Wrongly "nothing close" at most, in percent: without a typo, and with one.
const WRONGLY: [f64; 2] = [1.0, 3.0];

/// Asks every kind of question. `paraphrases` are texts with the index of the verse that each asks for.
pub fn rows(
    verses: &[String],
    paraphrases: &[(usize, String)],
    lines: &[String],
    foreign: &[String],
    say: &dyn Fn(&str),
) -> Vec<Row> {
    let n = QUESTIONS;
    let mut rows = Vec::new();
    let mut row = |texts: &Collection, name: &str, bar: Bar, questions: Vec<Question>| {
        say(name);
        rows.push(Row { name: name.to_owned(), bar, figures: texts.ask(&questions) });
    };
    let mut dice = Dice::new(17);
    let dice = &mut dice;
    let [no_typo, typo] = WRONGLY;
    let found = |first, ten| Bar::Found(first, ten, no_typo);
    let found_typo = |first, ten| Bar::Found(first, ten, typo);

    let texts = Collection::new(verses.to_vec(), 0);
    let other = Collection::new(lines.to_vec(), 0);
    row(&texts, "a word that one verse has", found(98.0, 99.0), single_words(&texts, n, 1, false, dice));
    row(&texts, "the same with a typo", found_typo(93.0, 97.0), single_words(&texts, n, 4, true, dice));
    let about = single_words(&texts, n, 1, false, dice);
    let about = about.into_iter().map(|(word, right)| (format!("what about the {word}"), right)).collect();
    row(&texts, "\"what about the WORD\"", found(95.0, 96.0), about);
    for (name, length, [first, ten, first_typo, ten_typo]) in [
        ("two words in a row", 2, [97.5, 98.5, 94.0, 97.0]),
        ("three words", 3, [97.0, 98.0, 95.0, 97.0]),
        ("five words", 5, [98.0, 99.0, 97.0, 99.0]),
    ] {
        row(&texts, name, found(first, ten), in_a_row(&texts, length, n, false, dice));
        let name = format!("{name}, a typo in one");
        row(&texts, &name, found_typo(first_typo, ten_typo), in_a_row(&texts, length, n, true, dice));
    }
    row(&texts, "the first eight words of thirty or more", found(97.0, 99.0), beginnings(&texts, 8, 30, n, dice));
    let asked = paraphrases.iter().map(|(right, text)| (text.clone(), vec![*right])).collect();
    row(&texts, "a paraphrase", found(95.0, 99.0), asked);
    let foreign = words_missing_from(&Collection::new(foreign.to_vec(), 0), &texts);
    row(&texts, "three words that no verse has", Bar::Nothing(97.0), absent("", &foreign, 3, n, dice));
    row(&texts, "one such word", Bar::Nothing(95.0), absent("", &foreign, 1, n, dice));
    row(
        &texts,
        "\"what about the\" and one such word",
        Bar::Nothing(80.0),
        absent("what about the ", &foreign, 1, n, dice),
    );

    row(&other, "a word that one line has", found(96.0, 98.0), single_words(&other, n, 1, false, dice));
    row(&other, "a word of a line, with a typo", found_typo(85.0, 93.0), single_words(&other, n, 4, true, dice));
    row(&other, "two words of a line in a row", found(95.0, 97.0), in_a_row(&other, 2, n, false, dice));
    row(&other, "two words of a line, a typo in one", Bar::None, in_a_row(&other, 2, n, true, dice));
    row(&other, "three words of a line", Bar::None, in_a_row(&other, 3, n, false, dice));
    row(&other, "three words of a line, a typo in one", Bar::None, in_a_row(&other, 3, n, true, dice));
    let foreign = words_missing_from(&texts, &other);
    row(&other, "three words that no line has", Bar::None, absent("", &foreign, 3, n, dice));
    row(&other, "one word that no line has", Bar::None, absent("", &foreign, 1, n, dice));
    rows
}

/// The words of four letters or more that are in one collection and not in the other.
fn words_missing_from(of: &Collection, lacking: &Collection) -> Vec<String> {
    let long = of.words.iter().flatten().filter(|word| word.chars().count() >= 4);
    let words: BTreeSet<&String> = long.filter(|word| lacking.counts.of_word(word) == 0).collect();
    words.into_iter().cloned().collect()
}

/// The page that shows the rows.
pub fn page(rows: &[Row]) -> String {
    format!("{PAGE}\n{}", table(rows))
}

const PAGE: &str = include_str!("page.md");

/// The rows as a table in Markdown.
pub fn table(rows: &[Row]) -> String {
    let mut table =
        String::from("| question | first % | among ten % | \"nothing close\" % | bar |\n|---|---:|---:|---:|---|\n");
    for row in rows {
        let Figures { first, ten, nothing } = row.figures;
        let bar = match row.bar {
            Bar::Found(first, ten, nothing) => format!("{first} / {ten}; at most {nothing}"),
            Bar::Nothing(least) => format!("nothing close: {least}"),
            Bar::None => String::new(),
        };
        let missed = if row.holds(0.0) { "" } else { " (missed)" };
        let found = match row.bar {
            Bar::Nothing(_) => "| |".to_owned(),
            _ if first == 0.0 && ten == 0.0 => "| |".to_owned(),
            _ => format!("{first:.1} | {ten:.1} |"),
        };
        // Writing to a String cannot fail.
        let _ = writeln!(table, "| {} | {found} {nothing:.1} | {bar}{missed} |", row.name);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_holds_at_its_bar_and_not_below() {
        let row = |bar, first, ten, nothing| Row { name: "x".into(), bar, figures: Figures { first, ten, nothing } };
        let found = Bar::Found(90.0, 95.0, 1.0);
        assert!(row(found, 90.0, 95.0, 1.0).holds(0.0) && row(Bar::Nothing(97.0), 0.0, 0.0, 97.0).holds(0.0));
        for under in [
            row(found, 89.9, 99.0, 0.0),
            row(found, 99.0, 94.9, 0.0),
            row(found, 99.0, 99.0, 1.1),
            row(Bar::Nothing(97.0), 0.0, 0.0, 96.9),
        ] {
            assert!(!under.holds(0.0));
            assert!(table(&[under]).contains("(missed)"));
        }
        assert!(row(Bar::None, 0.0, 0.0, 100.0).holds(0.0));
    }
}
