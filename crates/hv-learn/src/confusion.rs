//! Which labels are taken for which: the confusion matrix, as a table and as SVG.

use std::fmt::{self, Write};

/// How often rows of each label got each label.
///
/// ```
/// use hv_learn::Confusion;
///
/// let mut confusion = Confusion::new(["cat", "dog"]);
/// for (truth, answer) in [("cat", "cat"), ("cat", "dog"), ("dog", "dog"), ("dog", "dog")] {
///     confusion.add(truth, answer);
/// }
/// assert_eq!((confusion.accuracy(), confusion.n()), (Some(0.75), 4));
/// assert_eq!(confusion.counts(), [[1, 1], [0, 2]]);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Confusion {
    labels: Vec<String>,
    counts: Vec<Vec<u64>>,
}

impl Confusion {
    /// Nothing counted yet, of these labels.
    #[must_use]
    pub fn new<S: Into<String>>(labels: impl IntoIterator<Item = S>) -> Self {
        let labels: Vec<String> = labels.into_iter().map(Into::into).collect();
        Self { counts: vec![vec![0; labels.len()]; labels.len()], labels }
    }

    /// Counts a row with the label `truth` that was taken for `answer`. Labels that are new are added at the end.
    pub fn add(&mut self, truth: &str, answer: &str) {
        let (truth, answer) = (self.index(truth), self.index(answer));
        self.counts[truth][answer] += 1;
    }

    fn index(&mut self, label: &str) -> usize {
        self.labels.iter().position(|known| known == label).unwrap_or_else(|| {
            self.labels.push(label.to_owned());
            self.counts.iter_mut().for_each(|row| row.push(0));
            self.counts.push(vec![0; self.labels.len()]);
            self.labels.len() - 1
        })
    }

    /// The labels, in the order of rows and columns.
    #[must_use]
    pub fn labels(&self) -> &[String] {
        &self.labels
    }

    /// For each true label how often each label was the answer.
    #[must_use]
    pub fn counts(&self) -> &[Vec<u64>] {
        &self.counts
    }

    /// The rows counted.
    #[must_use]
    pub fn n(&self) -> u64 {
        self.counts.iter().flatten().sum()
    }

    /// The share of rows whose answer is right, from 0 to 1; `None` of no rows.
    #[must_use]
    pub fn accuracy(&self) -> Option<f64> {
        let right: u64 = (0..self.labels.len()).map(|i| self.counts[i][i]).sum();
        (self.n() > 0).then(|| right as f64 / self.n() as f64)
    }

    /// The share of the rows of a label that were found; `None` where there are none.
    fn recall(&self, label: usize) -> Option<f64> {
        let rows: u64 = self.counts[label].iter().sum();
        (rows > 0).then(|| self.counts[label][label] as f64 / rows as f64)
    }

    /// The matrix as an SVG image: a row for each true label, darker where more of its rows got the label of the column.
    #[must_use]
    pub fn to_svg(&self) -> String {
        const CELL: usize = 34;
        let longest = self.labels.iter().map(|label| label.chars().count()).max().unwrap_or(0).min(24);
        let (left, top, n) = (40 + 8 * longest, 40 + 8 * longest, self.labels.len());
        let (width, height) = (left + n * CELL + 20, top + n * CELL + 20);
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
             font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n\
             <text x=\"8\" y=\"20\">true label (row), answer (column)</text>\n"
        );
        // Writing to a string cannot fail.
        for (i, label) in self.labels.iter().enumerate() {
            let (label, at) = (escaped(label), i * CELL + CELL / 2 + 4);
            let (x, y) = (left - 6, top + at);
            let _ = writeln!(svg, "<text x=\"{x}\" y=\"{y}\" text-anchor=\"end\">{label}</text>");
            let (x, y) = (left + at, top - 6);
            let _ = writeln!(svg, "<text x=\"{x}\" y=\"{y}\" transform=\"rotate(-90 {x} {y})\">{label}</text>");
        }
        for (i, row) in self.counts.iter().enumerate() {
            let all = row.iter().sum::<u64>().max(1);
            for (j, &count) in row.iter().enumerate() {
                let (x, y, share) = (left + j * CELL, top + i * CELL, count as f64 / all as f64);
                let colour = if i == j { "#1a6" } else { "#c33" };
                let _ = writeln!(
                    svg,
                    "<rect x=\"{x}\" y=\"{y}\" width=\"{CELL}\" height=\"{CELL}\" fill=\"{colour}\" \
                     fill-opacity=\"{share:.3}\" stroke=\"#ddd\"/>"
                );
                if count > 0 {
                    let (x, y) = (x + CELL / 2, y + CELL / 2 + 4);
                    let _ = writeln!(svg, "<text x=\"{x}\" y=\"{y}\" text-anchor=\"middle\">{count}</text>");
                }
            }
        }
        svg.push_str("</svg>\n");
        svg
    }
}

/// A label as text of an SVG, cut at 24 characters.
fn escaped(label: &str) -> String {
    let safe = |c: char| match c {
        '&' => "&amp;".to_owned(),
        '<' => "&lt;".to_owned(),
        '>' => "&gt;".to_owned(),
        c if c.is_control() => " ".to_owned(),
        c => c.to_string(),
    };
    label.chars().take(24).map(safe).collect()
}

/// A row for each true label: how often each label was the answer, and the share that was found.
impl fmt::Display for Confusion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let short = |label: &String| -> String {
            label.chars().take(16).map(|c| if c.is_control() { ' ' } else { c }).collect()
        };
        let labels: Vec<String> = self.labels.iter().map(short).collect();
        let first = labels.iter().map(|label| label.chars().count()).max().unwrap_or(0).max(6);
        let width = |j: usize| {
            let counts = self.counts.iter().map(|row| row[j].to_string().len()).max().unwrap_or(0);
            counts.max(labels[j].chars().count())
        };
        let widths: Vec<usize> = (0..labels.len()).map(width).collect();
        write!(f, "{:first$}", "truth")?;
        for (label, width) in labels.iter().zip(&widths) {
            write!(f, "  {label:>width$}")?;
        }
        writeln!(f, "   found")?;
        for (i, label) in labels.iter().enumerate() {
            write!(f, "{label:first$}")?;
            for (count, width) in self.counts[i].iter().zip(&widths) {
                write!(f, "  {count:>width$}")?;
            }
            match self.recall(i) {
                Some(share) => writeln!(f, "  {:>5.1}%", 100.0 * share)?,
                None => writeln!(f, "       -")?,
            }
        }
        Ok(())
    }
}
