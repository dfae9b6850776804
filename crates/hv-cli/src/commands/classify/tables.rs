//! Tables in .csv files, and texts in .tsv files.

use std::fs;
use std::path::Path;

use csv::{ErrorKind, ReaderBuilder};
use hv_learn::{Column, Table};

use super::errors::{cannot_read, in_file, not_utf8};
use crate::failure::Failure;

/// Which column has the labels.
pub enum LabelColumn<'a> {
    None,
    Last,
    Named(&'a str),
}

/// A .csv with a header: its columns but that of the labels, the name of this, and the labels.
pub fn read_csv(path: &Path, labels: LabelColumn<'_>) -> Result<(Table, String, Option<Vec<String>>), Failure> {
    let wrong = |error: csv::Error| match error.kind() {
        ErrorKind::UnequalLengths { pos, expected_len, len } => {
            let line = pos.as_ref().map_or(0, csv::Position::line);
            in_file(
                path,
                &format_args!(
                    "line {line} has {len} cells, but the header has {expected_len}; every row needs as many"
                ),
            )
        }
        ErrorKind::Utf8 { .. } => not_utf8(path),
        _ => cannot_read(path, &error),
    };
    let mut reader = ReaderBuilder::new().from_path(path).map_err(wrong)?;
    let names: Vec<String> = reader.headers().map_err(wrong)?.iter().map(|name| name.trim().to_owned()).collect();
    let mut columns: Vec<Vec<String>> = vec![Vec::new(); names.len()];
    for record in reader.records() {
        for (column, cell) in columns.iter_mut().zip(&record.map_err(wrong)?) {
            column.push(cell.to_owned());
        }
    }
    if names.is_empty() {
        return Err(in_file(path, &"the file is empty; its first line must name the columns"));
    }
    if let [alone] = names.as_slice()
        && let Some(separator) = [';', '\t', '|'].into_iter().find(|&separator| alone.contains(separator))
    {
        return Err(in_file(
            path,
            &format_args!("cells are separated by {separator:?}; a .csv separates them by commas"),
        ));
    }
    let at = match labels {
        LabelColumn::None => None,
        LabelColumn::Last => Some(names.len() - 1),
        LabelColumn::Named(wanted) => Some(names.iter().position(|name| name == wanted).ok_or_else(|| {
            let names = names.iter().take(20).map(String::as_str).collect::<Vec<_>>().join(", ");
            in_file(path, &format_args!("there is no column {wanted:?} for the labels; name one with --label: {names}"))
        })?),
    };
    let mut columns: Vec<(String, Vec<String>)> = names.into_iter().zip(columns).collect();
    let (target, labels) = match at.map(|at| columns.remove(at)) {
        Some((target, labels)) => (target, Some(labels.into_iter().map(|label| label.trim().to_owned()).collect())),
        None => ("label".to_owned(), None),
    };
    let columns = columns.into_iter().map(|(name, cells)| (name, Column::Cells(cells))).collect();
    let table = Table::new(columns).map_err(|error| in_file(path, &error))?;
    Ok((table, target, labels))
}

/// A .tsv of lines `text<TAB>label`, or of text alone where no label is wanted. A first line that says so is a header.
pub fn read_tsv(path: &Path, is_labelled: bool) -> Result<(Table, Option<Vec<String>>), Failure> {
    let bytes = fs::read(path).map_err(|error| cannot_read(path, &error))?;
    let text = String::from_utf8(bytes).map_err(|_| not_utf8(path))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let (mut texts, mut labels) = (Vec::new(), Vec::new());
    for (number, line) in text.lines().enumerate() {
        let is_header = |name: &str| line.trim_end().eq_ignore_ascii_case(name);
        if number == 0 && (is_header("text\tlabel") || is_header("text")) {
            continue;
        }
        match (line.split_once('\t'), is_labelled) {
            (Some((text, label)), _) if !label.contains('\t') => {
                texts.push(text.to_owned());
                labels.push(label.trim().to_owned());
            }
            (None, false) => texts.push(line.to_owned()),
            (found, _) => {
                let (tabs, number) = (if found.is_some() { "more than one tab" } else { "no tab" }, number + 1);
                return Err(in_file(
                    path,
                    &format_args!("line {number} has {tabs}; each line must be text, a tab, and the label"),
                ));
            }
        }
    }
    Ok((Table::of_texts(texts), is_labelled.then_some(labels)))
}
