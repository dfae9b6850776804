//! What all measurements of accuracy need: files of lines, and shares.

use std::path::Path;

/// A share of a whole, in percent.
pub fn percent(part: usize, whole: usize) -> f64 {
    100.0 * part as f64 / whole as f64
}

/// The text of a file.
pub fn read(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path)
        .map_err(|error| format!("cannot read {}: {error}; --data names the folder that holds it", path.display()))
}

/// The lines of a file of `key<TAB>text`.
pub fn read_pairs(path: &Path) -> Result<Vec<(String, String)>, String> {
    let pair = |(line, text): (usize, &str)| {
        let (key, text) = text
            .split_once('\t')
            .ok_or_else(|| format!("{}, line {}: no tab between key and text", path.display(), line + 1))?;
        Ok((key.to_owned(), text.to_owned()))
    };
    let pairs: Vec<_> = read(path)?.lines().enumerate().map(pair).collect::<Result<_, String>>()?;
    if pairs.is_empty() { Err(format!("{} is empty", path.display())) } else { Ok(pairs) }
}
