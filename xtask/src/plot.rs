//! Plots: panels of named curves over logarithmic axes with few, round labels.

use std::error::Error;
use std::ops::Range;

use plotters::coord::Shift;
use plotters::coord::combinators::{BindKeyPoints, IntoLogRange, LogCoord, WithKeyPoints};
use plotters::prelude::*;

/// Colours that stay apart for the colour-blind (Okabe and Ito, "Color universal design", 2008).
pub const COLOURS: [RGBColor; 6] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(230, 159, 0),
    RGBColor(86, 180, 233),
];

/// Points from left to right.
pub type Curve = Vec<(f64, f64)>;

/// Named curves; all values are more than 0.
pub struct Panel {
    pub title: String,
    pub curves: Vec<(String, Curve)>,
}

/// An SVG of panels of this size in columns, under a caption. A panel without points stays empty.
pub fn svg(caption: &str, size: (u32, u32), columns: usize, panels: &[Panel]) -> Result<String, Box<dyn Error>> {
    const HEAD: u32 = 24;
    let rows = panels.len().div_ceil(columns);
    let mut text = String::new();
    {
        let whole = (size.0 * columns as u32, size.1 * rows as u32 + HEAD);
        let root = SVGBackend::with_string(&mut text, whole).into_drawing_area();
        root.fill(&WHITE)?;
        let (head, body) = root.split_vertically(HEAD);
        head.draw_text(caption, &("sans-serif", 13).into_font().color(&BLACK), (10, 6))?;
        for (area, panel) in body.split_evenly((rows, columns)).iter().zip(panels) {
            draw(area, panel)?;
        }
        root.present()?;
    }
    Ok(text)
}

fn draw(area: &DrawingArea<SVGBackend<'_>, Shift>, panel: &Panel) -> Result<(), Box<dyn Error>> {
    let points = || panel.curves.iter().flat_map(|(_, points)| points);
    if points().next().is_none() {
        return Ok(());
    }
    let mut chart = ChartBuilder::on(area)
        .caption(&panel.title, ("sans-serif", 15))
        .margin(10)
        .x_label_area_size(26)
        .y_label_area_size(52)
        .build_cartesian_2d(axis(points().map(|p| p.0)), axis(points().map(|p| p.1)))?;
    chart.configure_mesh().light_line_style(TRANSPARENT).x_label_formatter(&label).y_label_formatter(&label).draw()?;
    for ((name, points), colour) in panel.curves.iter().zip(COLOURS) {
        let series = LineSeries::new(points.iter().copied(), colour.stroke_width(2));
        let legend = move |(x, y)| PathElement::new([(x, y), (x + 18, y)], colour.stroke_width(2));
        chart.draw_series(series)?.label(name).legend(legend);
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperLeft)
        .background_style(WHITE.mix(0.8))
        .label_font(("sans-serif", 12))
        .draw()?;
    Ok(())
}

/// A logarithmic axis from the smallest to the largest value, with some air.
fn axis(values: impl Iterator<Item = f64> + Clone) -> WithKeyPoints<LogCoord<f64>> {
    let smallest = values.clone().fold(f64::MAX, f64::min);
    let largest = values.fold(f64::MIN_POSITIVE, f64::max);
    let span = smallest * 0.85..largest * 1.2;
    LogCoord::from(span.clone().log_scale()).with_key_points(labels(span))
}

/// Labels at the powers of ten, with 2 and 5 times these where there are few, and every multiple where there are fewer.
fn labels(span: Range<f64>) -> Vec<f64> {
    let digits: &[f64] = match span.end / span.start {
        ratio if ratio > 150.0 => &[1.0],
        ratio if ratio > 5.0 => &[1.0, 2.0, 5.0],
        _ => &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0],
    };
    let powers = span.start.log10().floor() as i32..=span.end.log10().ceil() as i32;
    // Of powers that are whole numbers, since 10^-1 is no binary fraction.
    let scaled =
        |digit: f64, power: i32| if power < 0 { digit / 10f64.powi(-power) } else { digit * 10f64.powi(power) };
    let labels = powers.flat_map(|power| digits.iter().map(move |&digit| scaled(digit, power)));
    labels.filter(|label| span.contains(label)).collect()
}

fn label(value: &f64) -> String {
    if *value < 1e-3 { format!("{value:e}") } else { value.to_string() }
}

#[cfg(test)]
#[path = "../tests/units/plot.rs"]
mod tests;
