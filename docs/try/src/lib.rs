//! The module of the page `index.html`: it indexes the lines of a text, and finds those that a question is about.
//!
//! The page writes a text to the room that [`input`] makes for it, calls [`index`] or [`ask`], and reads the answer at
//! [`output`]. A module of WebAssembly has one thread.

// For names that the page can call, which no other function has.
#![allow(unsafe_code)]

use std::cell::RefCell;
use std::fmt::Write;

use hv_encode::hv_parallel::hv_simd::{HV16, active_backend, simd_batch_find_top_k};
use hv_encode::{NgramEncoder, Questions, TextEncoder, WordCounts, merge};

/// Candidates by vector for each cue, whose texts are scored.
const CANDIDATES: usize = 100;

/// Answers to a question, at most.
const ANSWERS: usize = 8;

/// Bytes of the page's, and the index.
#[derive(Default)]
struct State {
    input: Vec<u8>,
    output: String,
    texts: Vec<String>,
    vectors: Vec<HV16>,
    counts: WordCounts,
}

thread_local! {
    static STATE: RefCell<State> = RefCell::default();
}

/// Room for an input of `len` bytes, which the page writes to before its next call.
#[unsafe(no_mangle)]
pub extern "C" fn input(len: usize) -> *mut u8 {
    STATE.with_borrow_mut(|state| {
        state.input.clear();
        state.input.resize(len, 0);
        state.input.as_mut_ptr()
    })
}

/// The answer of the last call, which returned its length.
#[unsafe(no_mangle)]
pub extern "C" fn output() -> *const u8 {
    STATE.with_borrow(|state| state.output.as_ptr())
}

/// Indexes the lines of the input, in place of what was indexed. Answers with the name of the backend; returns its length.
#[unsafe(no_mangle)]
pub extern "C" fn index() -> usize {
    STATE.with_borrow_mut(State::index)
}

/// The number of lines that are indexed: those with a letter or a digit.
#[unsafe(no_mangle)]
pub extern "C" fn lines() -> usize {
    STATE.with_borrow(|state| state.texts.len())
}

/// Answers the question in the input with lines of `percent<tab>text`, the best first. Returns their length in bytes, 0
/// where nothing is close.
#[unsafe(no_mangle)]
pub extern "C" fn ask() -> usize {
    STATE.with_borrow_mut(State::ask)
}

fn encoder() -> TextEncoder {
    TextEncoder::new(NgramEncoder::DEFAULT_N, 0)
}

impl State {
    fn index(&mut self) -> usize {
        let encoder = encoder();
        let text = String::from_utf8_lossy(&self.input);
        let lines = text.lines().map(str::trim);
        let encoded = lines.filter_map(|line| Some((line.to_owned(), encoder.encode(line).ok()?)));
        (self.texts, self.vectors) = encoded.unzip();
        self.counts = WordCounts::of(&self.texts);
        self.output = active_backend().to_string();
        self.output.len()
    }

    fn ask(&mut self) -> usize {
        self.output.clear();
        let question = String::from_utf8_lossy(&self.input);
        let mut questions = Questions::new(&[question], self.texts.len() as u64);
        self.counts.sorted().into_iter().for_each(|(word, count)| questions.see(word, count));
        let Ok(cues) = questions.cues(0, &encoder()) else { return 0 };
        let nearest = simd_batch_find_top_k(&cues, &self.vectors, CANDIDATES);
        let candidates = merge(nearest.iter().map(|found| found.iter().map(|&(index, _)| index)), CANDIDATES);
        let scorer = questions.scorer(0);
        let scores = candidates.into_iter().map(|index| (scorer.score(&self.texts[index]), index));
        let mut close: Vec<_> = scores.filter(|(score, _)| score.is_close()).collect();
        close.sort_by(|(a, i), (b, j)| b.value.total_cmp(&a.value).then(i.cmp(j)));
        for (score, index) in close.into_iter().take(ANSWERS) {
            // A string takes all that is written to it.
            let _ = writeln!(self.output, "{}\t{}", (100.0 * score.value).round() as u32, self.texts[index]);
        }
        self.output.len()
    }
}
