//! Questions as people ask them, made from the texts with a seed.

use std::collections::HashMap;

use hv_encode::hv_parallel::hv_simd::hv_core::HV16;

use super::collection::{Collection, Question};

/// Numbers that depend on a seed alone.
pub struct Dice {
    bytes: Vec<u8>,
    next: u64,
    seed: u64,
}

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self { bytes: Vec::new(), next: 0, seed: seed << 32 }
    }

    /// A number below `n`.
    pub fn below(&mut self, n: usize) -> usize {
        if self.bytes.len() < 4 {
            self.bytes = HV16::random(self.seed + self.next).0.to_vec();
            self.next += 1;
        }
        let four = self.bytes.split_off(self.bytes.len() - 4);
        ((u64::from(u32::from_le_bytes([four[0], four[1], four[2], four[3]])) * n as u64) >> 32) as usize
    }
}

/// A word with one letter missing, doubled, wrong, or exchanged with the next.
pub fn misspelt(word: &str, dice: &mut Dice) -> String {
    let letters: Vec<char> = word.chars().collect();
    loop {
        let (mut wrong, at) = (letters.clone(), dice.below(letters.len()));
        match dice.below(4) {
            0 => drop(wrong.remove(at)),
            1 => wrong.insert(at, letters[at]),
            2 => wrong[at] = char::from(b'a' + dice.below(26) as u8),
            _ if at + 1 < wrong.len() => wrong.swap(at, at + 1),
            _ => {}
        }
        if wrong != letters {
            return wrong.into_iter().collect();
        }
    }
}

/// A word that may be misspelt has this many letters at least.
const MISSPELT: usize = 4;

/// Words that one text has, of `least` letters or more.
pub fn single_words(texts: &Collection, n: usize, least: usize, typo: bool, dice: &mut Dice) -> Vec<Question> {
    let is_rare = |word: &&String| texts.counts.of_word(word) == 1 && word.chars().count() >= least;
    let mut questions = Vec::new();
    while questions.len() < n {
        let text = dice.below(texts.words.len());
        let rare: Vec<&String> = texts.words[text].iter().filter(is_rare).collect();
        if !rare.is_empty() {
            let word = rare[dice.below(rare.len())];
            questions.push((if typo { misspelt(word, dice) } else { word.clone() }, vec![text]));
        }
    }
    questions
}

/// Words in a row that one text alone has in a row.
pub fn in_a_row(texts: &Collection, length: usize, n: usize, typo: bool, dice: &mut Dice) -> Vec<Question> {
    let with = rows(texts, length);
    let mut questions = Vec::new();
    while questions.len() < n {
        let text = dice.below(texts.words.len());
        let Some(last) = texts.words[text].len().checked_sub(length) else { continue };
        let at = dice.below(last + 1);
        let row = &texts.words[text][at..at + length];
        let long: Vec<usize> = (0..length).filter(|&i| row[i].chars().count() >= MISSPELT).collect();
        if with[row] > 1 || typo && long.is_empty() {
            continue;
        }
        let mut row = row.to_vec();
        if typo {
            let at = long[dice.below(long.len())];
            row[at] = misspelt(&row[at], dice);
        }
        questions.push((row.join(" "), vec![text]));
    }
    questions
}

/// The first words of texts of at least `least` words, where no other text has them in a row.
pub fn beginnings(texts: &Collection, length: usize, least: usize, n: usize, dice: &mut Dice) -> Vec<Question> {
    let with = rows(texts, length);
    let mut questions = Vec::new();
    while questions.len() < n {
        let text = dice.below(texts.words.len());
        if texts.words[text].len() >= least && with[&texts.words[text][..length]] == 1 {
            questions.push((texts.words[text][..length].join(" "), vec![text]));
        }
    }
    questions
}

/// In how many texts each run of `length` words is.
fn rows(texts: &Collection, length: usize) -> HashMap<&[String], usize> {
    let mut with: HashMap<&[String], (usize, usize)> = HashMap::new();
    for (text, words) in texts.words.iter().enumerate() {
        for row in words.windows(length) {
            let (count, last) = with.entry(row).or_insert((0, usize::MAX));
            *count += usize::from(*last != text);
            *last = text;
        }
    }
    with.into_iter().map(|(row, (count, _))| (row, count)).collect()
}

/// Questions of `length` words out of `others` that no text has, after some words.
pub fn absent(before: &str, others: &[String], length: usize, n: usize, dice: &mut Dice) -> Vec<Question> {
    let question = |_| {
        let words: Vec<&str> = (0..length).map(|_| others[dice.below(others.len())].as_str()).collect();
        (format!("{before}{}", words.join(" ")), Vec::new())
    };
    (0..n).map(question).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts() -> Collection {
        let texts = ["the cat sat on the mat", "the dog sat on the log", "an ox stood alone", "the cat sat on the log"];
        Collection::new(texts.map(str::to_owned).to_vec(), 0)
    }

    #[test]
    fn a_typo_is_one_slip_of_four_kinds() {
        let (mut dice, word) = (Dice::new(1), "light");
        let mut lengths = [0; 3];
        for _ in 0..200 {
            let wrong = misspelt(word, &mut dice);
            assert_ne!(wrong, word);
            let change = wrong.len() + 1 - word.len();
            lengths[change] += 1;
            let same = wrong.chars().zip(word.chars()).take_while(|(a, b)| a == b).count();
            let (rest, of) = (&wrong[same..], &word[same..]);
            let right = match change {
                0 => *rest == of[1..],
                // Of a doubled letter, the first is the word's own.
                1 => rest[1..] == of[1..] || rest[2..] == of[2..] && rest[..1] == of[1..2] && rest[1..2] == of[..1],
                _ => rest[1..] == *of && wrong[same - 1..same] == rest[..1],
            };
            assert!(right, "{wrong}");
        }
        assert!(lengths.iter().all(|&n| n > 20), "{lengths:?}");
    }

    #[test]
    fn questions_have_one_right_text() {
        let (texts, mut dice) = (texts(), Dice::new(2));
        for (question, right) in single_words(&texts, 50, 3, false, &mut dice) {
            assert_eq!(texts.counts.of_word(&question), 1);
            assert!(texts.words[right[0]].contains(&question), "{question}");
        }
        for (question, right) in in_a_row(&texts, 3, 50, false, &mut dice) {
            let with: Vec<usize> = (0..4).filter(|&text| texts.texts[text].contains(&question)).collect();
            assert_eq!(with, right, "{question}");
        }
        for (question, right) in beginnings(&texts, 4, 4, 20, &mut dice) {
            assert!(texts.texts[right[0]].starts_with(&question));
            assert!(["the dog sat on", "an ox stood alone"].contains(&question.as_str()), "{question}");
        }
        let nowhere = ("is qux qux".to_owned(), Vec::new());
        assert_eq!(absent("is ", &["qux".to_owned()], 2, 3, &mut dice), [nowhere.clone(), nowhere.clone(), nowhere]);
    }
}
