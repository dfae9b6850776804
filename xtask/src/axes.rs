//! What the plots have in common: colours, and logarithmic axes with few, round labels.

use std::ops::Range;

use plotters::coord::combinators::{BindKeyPoints, IntoLogRange, LogCoord, WithKeyPoints};
use plotters::prelude::RGBColor;

/// Colours that stay apart for the colour-blind (Okabe and Ito, "Color universal design", 2008).
pub const COLOURS: [RGBColor; 6] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(230, 159, 0),
    RGBColor(86, 180, 233),
];

/// A logarithmic axis with labels at 1, 2 and 5 times the powers of ten, or at these alone where there are many.
pub fn axis(span: Range<f64>) -> WithKeyPoints<LogCoord<f64>> {
    LogCoord::from(span.clone().log_scale()).with_key_points(labels(span))
}

fn labels(span: Range<f64>) -> Vec<f64> {
    let digits: &[f64] = if span.end / span.start > 150.0 { &[1.0] } else { &[1.0, 2.0, 5.0] };
    let powers = span.start.log10().floor() as i32..=span.end.log10().ceil() as i32;
    let labels = powers.flat_map(|power| digits.iter().map(move |digit| digit * 10f64.powi(power)));
    labels.filter(|label| span.contains(label)).collect()
}

/// The text of a label.
pub fn label(value: &f64) -> String {
    value.to_string()
}

/// From the smallest to the largest, with some air.
pub fn span(values: impl Iterator<Item = f64> + Clone) -> Range<f64> {
    let smallest = values.clone().fold(f64::MAX, f64::min);
    let largest = values.fold(f64::MIN_POSITIVE, f64::max);
    smallest * 0.85..largest * 1.2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_round_and_few() {
        let text = |span| labels(span).iter().map(label).collect::<Vec<_>>();
        assert_eq!(text(8.0..450.0), ["10", "20", "50", "100", "200"]);
        assert_eq!(text(0.04..3.0), ["0.05", "0.1", "0.2", "0.5", "1", "2"]);
        assert_eq!(text(0.04..1_200.0), ["0.1", "1", "10", "100", "1000"]);
    }
}
