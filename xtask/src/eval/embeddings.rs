//! Embeddings as codes: how well a verse is found by the meaning of its paraphrase.
//!
//! `minilm/kjv.npy` has an embedding of every verse and `minilm/web_q.npy` those of the questions, as `f16`; question `j` asks
//! for verse `4 + 31 j`.

use std::error::Error;
use std::path::Path;

use half::f16;
use hv_encode::{FloatEncoder, Stored};
use hv_parallel::adaptive_batch_find_top_k;
use rayon::prelude::*;

/// The candidates that are reordered, for the ten best.
const CANDIDATES: usize = 40;
const BEST: usize = 10;

/// The embeddings and the questions.
pub struct Embeddings {
    stored: Vec<f16>,
    questions: Vec<f16>,
    columns: usize,
    step: usize,
    /// For each question, the best by the cosine of the numbers.
    exact: Vec<Vec<usize>>,
}

impl Embeddings {
    /// Reads both files; of the questions every one that `step` says.
    pub fn read(folder: &Path, step: usize) -> Result<Self, Box<dyn Error>> {
        let (stored, columns) = read(&folder.join("kjv.npy"))?;
        let (questions, same) = read(&folder.join("web_q.npy"))?;
        if columns != same {
            return Err(format!("kjv.npy has {columns} columns and web_q.npy {same}; they must be the same").into());
        }
        let mut embeddings = Self { stored, questions, columns, step, exact: Vec::new() };
        let rows = embeddings.stored.iter().map(|number| number.to_f32()).collect::<Vec<_>>();
        let questions: Vec<_> = embeddings.questions().map(|(_, question)| question).collect();
        embeddings.exact = questions.into_par_iter().map(|question| best_by_product(question, &rows)).collect();
        Ok(embeddings)
    }

    /// The questions, each with the verse that it asks for.
    fn questions(&self) -> impl Iterator<Item = (usize, &[f16])> {
        self.questions.chunks_exact(self.columns).enumerate().step_by(self.step).map(|(j, q)| (4 + 31 * j, q))
    }

    /// In percent: questions whose verse is the best, and among the ten best, by codes, by the question's numbers against
    /// codes, and by the numbers; and the share of the ten best by numbers that are found with the last.
    pub fn figures(&self, seed: u64) -> Result<[f64; 7], Box<dyn Error>> {
        let encoder = FloatEncoder::new(self.columns, seed);
        let codes = encoder.encode_batch(&self.stored)?;
        let cues = self.questions().map(|(_, question)| encoder.encode(question)).collect::<Result<Vec<_>, _>>()?;
        let found = adaptive_batch_find_top_k(&cues, &codes, CANDIDATES);
        let mut hits = [0; 7];
        for (((verse, question), found), exact) in self.questions().zip(found).zip(&self.exact) {
            let candidates: Vec<usize> = found.into_iter().map(|(index, _)| index).collect();
            let rescored = |stored| encoder.rescore(question, &candidates, stored, BEST);
            let indices = |best: Vec<(usize, f64)>| best.into_iter().map(|(index, _)| index).collect::<Vec<_>>();
            let by_codes = indices(rescored(Stored::Codes(&codes))?);
            let by_rows = indices(rescored(Stored::Rows(&self.stored))?);
            for (hits, best) in hits.chunks_exact_mut(2).zip([&candidates[..BEST], &by_codes, &by_rows]) {
                hits[0] += usize::from(best[0] == verse);
                hits[1] += usize::from(best.contains(&verse));
            }
            hits[6] += by_rows.iter().filter(|index| exact.contains(index)).count();
        }
        let percent = |hits: usize, of: usize| hits as f64 / of as f64 * 100.0;
        let mut figures = hits.map(|hits| percent(hits, cues.len()));
        figures[6] /= BEST as f64;
        Ok(figures)
    }
}

/// The best rows by scalar product, which is the cosine, since all rows have length 1.
fn best_by_product(question: &[f16], rows: &[f32]) -> Vec<usize> {
    let question: Vec<f32> = question.iter().map(|number| number.to_f32()).collect();
    let product = |row: &[f32]| row.iter().zip(&question).map(|(a, b)| a * b).sum::<f32>();
    let mut scored: Vec<(f32, usize)> = rows.chunks_exact(question.len()).map(product).zip(0..).collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    scored.into_iter().take(BEST).map(|(_, index)| index).collect()
}

/// The numbers of a file of NumPy with an array of `f16` in two dimensions, and its columns.
fn read(path: &Path) -> Result<(Vec<f16>, usize), Box<dyn Error>> {
    let wrong = || format!("{} is no array of f16 in two dimensions, as numpy.save writes it", path.display());
    let file = std::fs::read(path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    let length = file.get(8..10).map(|bytes| usize::from(bytes[0]) | usize::from(bytes[1]) << 8).ok_or_else(wrong)?;
    let header = String::from_utf8_lossy(file.get(10..10 + length).ok_or_else(wrong)?).into_owned();
    let shape = header.split_once("'shape': (").and_then(|(_, rest)| rest.split_once(')'));
    let columns = shape.and_then(|(shape, _)| shape.split(',').nth(1)?.trim().parse::<usize>().ok());
    let columns = columns.filter(|&columns| columns > 0 && header.contains("'<f2'")).ok_or_else(wrong)?;
    let numbers: Vec<f16> = file[10 + length..].as_chunks().0.iter().map(|&bytes| f16::from_le_bytes(bytes)).collect();
    if numbers.len().is_multiple_of(columns) { Ok((numbers, columns)) } else { Err(wrong().into()) }
}
