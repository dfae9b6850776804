//! Plots of measured points with the curves that they should lie on, as SVG.

use std::error::Error;
use std::path::Path;

use plotters::coord::Shift;
use plotters::coord::ranged1d::{AsRangedCoord, ValueFormatter};
use plotters::prelude::*;

/// Colours that stay apart for the colour-blind (Okabe and Ito, "Color universal design", 2008).
const COLOURS: [RGBColor; 5] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(230, 159, 0),
];

pub type Points = Vec<(f64, f64)>;

/// A name, the points of a curve, and measured points.
pub struct Series {
    pub name: String,
    pub curve: Points,
    pub measured: Points,
}

pub struct Panel {
    pub title: String,
    pub x: std::ops::Range<f64>,
    pub y: std::ops::Range<f64>,
    /// Whether the axis of y is logarithmic.
    pub log: bool,
    pub series: Vec<Series>,
}

/// Panels in two columns, or one in one.
pub fn svg(panels: &[Panel]) -> Result<String, Box<dyn Error>> {
    let mut text = String::new();
    {
        let (rows, columns) = (panels.len().div_ceil(2), panels.len().min(2));
        let root = SVGBackend::with_string(&mut text, (420 * columns as u32, 320 * rows as u32)).into_drawing_area();
        root.fill(&WHITE)?;
        for (area, panel) in root.split_evenly((rows, columns)).iter().zip(panels) {
            let (x, y) = (panel.x.clone(), panel.y.clone());
            match panel.log {
                true => draw(area, panel, x, y.log_scale())?,
                false => draw(area, panel, x, y)?,
            }
        }
        root.present()?;
    }
    Ok(text)
}

fn draw<X, Y>(area: &DrawingArea<SVGBackend<'_>, Shift>, panel: &Panel, x: X, y: Y) -> Result<(), Box<dyn Error>>
where
    X: AsRangedCoord<Value = f64>,
    Y: AsRangedCoord<Value = f64>,
    X::CoordDescType: ValueFormatter<f64>,
    Y::CoordDescType: ValueFormatter<f64>,
{
    let mut chart = ChartBuilder::on(area)
        .caption(&panel.title, ("sans-serif", 15))
        .margin(10)
        .x_label_area_size(26)
        .y_label_area_size(52)
        .build_cartesian_2d(x, y)?;
    chart.configure_mesh().light_line_style(TRANSPARENT).draw()?;
    for (series, colour) in panel.series.iter().zip(COLOURS) {
        let curve = LineSeries::new(series.curve.iter().copied(), colour.stroke_width(2));
        let legend = move |(x, y)| PathElement::new([(x, y), (x + 18, y)], colour.stroke_width(2));
        chart.draw_series(curve)?.label(&series.name).legend(legend);
        chart.draw_series(series.measured.iter().map(|&point| Circle::new(point, 3, colour.filled())))?;
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::LowerLeft)
        .background_style(WHITE.mix(0.8))
        .label_font(("sans-serif", 12))
        .draw()?;
    Ok(())
}

/// Compares a file of docs/ with what it should be, or writes it where `HV_GOLDEN=write`.
pub fn golden(file: &str, expected: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(file);
    if std::env::var("HV_GOLDEN").is_ok_and(|value| value == "write") {
        std::fs::write(&path, expected).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(found.replace("\r\n", "\n") == expected, "docs/{file} is not what was measured; see HV_GOLDEN in the page");
}
