//! The curves as an SVG: a panel for each operation, both axes logarithmic.

use std::error::Error;

use hv_parallel::Thresholds;
use plotters::prelude::*;

use super::curve::{Curve, Point};
use crate::axes::{COLOURS, axis, label, span};

const COLUMNS: usize = 3;
const PANEL: (u32, u32) = (340, 240);
const CAPTION: u32 = 40;

const SEQUENTIAL: RGBColor = COLOURS[0];
const PARALLEL: RGBColor = COLOURS[1];

/// Draws all curves, each with the threshold that chooses its path as a vertical line.
pub fn svg(curves: &[Curve], thresholds: &Thresholds, caption: &str) -> Result<String, Box<dyn Error>> {
    let rows = curves.len().div_ceil(COLUMNS);
    let size = (PANEL.0 * COLUMNS as u32, PANEL.1 * rows as u32 + CAPTION);
    let mut text = String::new();
    {
        let root = SVGBackend::with_string(&mut text, size).into_drawing_area();
        root.fill(&WHITE)?;
        let (head, body) = root.split_vertically(CAPTION);
        let style = |size: u32, color: &RGBColor| ("sans-serif", size).into_font().color(color);
        head.draw_text(caption, &style(14, &BLACK), (10, 4))?;
        head.draw_text("one thread", &style(14, &SEQUENTIAL), (10, 22))?;
        head.draw_text("the pool", &style(14, &PARALLEL), (100, 22))?;
        head.draw_text("threshold", &style(14, &GREY), (170, 22))?;
        for (panel, curve) in body.split_evenly((rows, COLUMNS)).iter().zip(curves) {
            draw(panel, curve, thresholds)?;
        }
        root.present()?;
    }
    Ok(text)
}

const GREY: RGBColor = RGBColor(120, 120, 120);

type Panel<'a> = DrawingArea<SVGBackend<'a>, plotters::coord::Shift>;

fn draw(panel: &Panel<'_>, curve: &Curve, thresholds: &Thresholds) -> Result<(), Box<dyn Error>> {
    let xs = span(curve.points.iter().map(|p| p.size as f64));
    let ys = span(curve.points.iter().flat_map(|p| [p.sequential * 1e6, p.parallel * 1e6]));
    let mut chart = ChartBuilder::on(panel)
        .caption(format!("{} (us by {})", curve.name, curve.unit), ("sans-serif", 14))
        .margin(8)
        .x_label_area_size(24)
        .y_label_area_size(48)
        .build_cartesian_2d(axis(xs.clone()), axis(ys.clone()))?;
    chart.configure_mesh().light_line_style(TRANSPARENT).x_label_formatter(&label).y_label_formatter(&label).draw()?;
    if let Some(size) = threshold_size(curve, thresholds)
        && xs.contains(&size)
    {
        chart.draw_series(LineSeries::new([(size, ys.start), (size, ys.end)], GREY))?;
    }
    let line = |time: fn(&Point) -> f64| curve.points.iter().map(move |p| (p.size as f64, time(p) * 1e6));
    chart.draw_series(LineSeries::new(line(|p| p.sequential), SEQUENTIAL.stroke_width(2)))?;
    chart.draw_series(LineSeries::new(line(|p| p.parallel), PARALLEL.stroke_width(2)))?;
    Ok(())
}

/// The size at which the path changes. Work is close to proportional to size.
fn threshold_size(curve: &Curve, thresholds: &Thresholds) -> Option<f64> {
    let threshold = thresholds[curve.field?] as f64;
    let last = curve.points.last()?;
    Some(threshold * last.size as f64 / last.work as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_curve_has_its_panel() {
        let point = |size| Point { size, work: size, sequential: size as f64 * 1e-6, parallel: 1e-5, adaptive: None };
        let curve = |name| Curve { name, unit: "vectors", field: None, points: [1, 10, 100].map(point).to_vec() };
        let text = svg(
            &[curve("first one"), curve("another"), curve("third"), curve("fourth")],
            &Thresholds::default(),
            "a machine",
        )
        .unwrap();
        assert!(text.starts_with("<svg") && text.trim_end().ends_with("</svg>"));
        for expected in ["a machine", "first one", "another", "third", "fourth"] {
            assert!(text.contains(expected), "{expected}");
        }
        assert!(text.matches("<polyline").count() >= 8, "two lines a panel");
    }
}
