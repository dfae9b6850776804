//! A question in two steps: vectors give the candidates, their text gives the order.
//!
//! `cargo run -p hv-encode --example ask -- FILE WORDS...` asks the lines of a file.

use std::process::ExitCode;

use hv_encode::hv_parallel::{HV16, adaptive_batch_find_top_k};
use hv_encode::{Questions, TextEncoder, WordCounts, merge};

const BUILT_IN: &str = "the light of the world\nhighest lions\n我能吞下玻璃而不伤身体\n他昨天去了北京\n";

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let text = match arguments.next().map(std::fs::read_to_string).transpose() {
        Ok(text) => text.unwrap_or_else(|| BUILT_IN.to_owned()),
        Err(error) => {
            eprintln!("cannot read the file: {error}");
            return ExitCode::FAILURE;
        }
    };
    let words: Vec<String> = arguments.collect();
    let question = if words.is_empty() { "lihgt".to_owned() } else { words.join(" ") };

    // What a store keeps: a vector for each text, and in how many texts each word is.
    let encoder = TextEncoder::new(3, 0);
    let (texts, vectors): (Vec<&str>, Vec<HV16>) =
        text.lines().filter_map(|line| Some((line, encoder.encode(line).ok()?))).unzip();
    let counts = WordCounts::of(&texts);

    // The question learns which of its words are rare, or misspelt.
    let mut questions = Questions::new(&[&question], texts.len() as u64);
    counts.sorted().into_iter().for_each(|(word, count)| questions.see(word, count));
    let Ok(cues) = questions.cues(0, &encoder) else {
        eprintln!("the question has no letter and no digit");
        return ExitCode::FAILURE;
    };
    let nearest = adaptive_batch_find_top_k(&cues, &vectors, 1_000);
    let candidates = merge(nearest.iter().map(|list| list.iter().map(|(line, _)| *line)), 1_000);
    let scorer = questions.scorer(0);
    let mut ranked: Vec<_> = candidates.into_iter().map(|line| (scorer.score(texts[line]), texts[line])).collect();
    // Stable, so equal scores keep the order of the vectors.
    ranked.sort_by(|a, b| b.0.value.total_cmp(&a.0.value));
    if !ranked.first().is_some_and(|(score, _)| score.is_close()) {
        println!("nothing close; nearest:");
    }
    for (score, text) in ranked.iter().take(3) {
        println!("{:.3}  {text}", score.value);
    }
    ExitCode::SUCCESS
}
