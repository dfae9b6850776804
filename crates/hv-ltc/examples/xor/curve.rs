//! The curve of the accuracy over time, as SVG.

use std::fmt::Write;

pub struct Curve {
    name: &'static str,
    /// Minutes, and the share that was right.
    points: Vec<(f64, f64)>,
}

/// The size of the picture, and of its margins.
const SIZE: (f64, f64) = (640.0, 360.0);
const MARGIN: f64 = 48.0;

impl Curve {
    pub fn new(name: &'static str) -> Self {
        Self { name, points: Vec::new() }
    }

    pub fn add(&mut self, minutes: f64, share: f64) {
        self.points.push((minutes, share));
    }

    pub fn svg(&self) -> String {
        let longest = self.points.iter().fold(1.0, |most: f64, point| most.max(point.0));
        let x = |minutes: f64| MARGIN + (SIZE.0 - 2.0 * MARGIN) * minutes / longest;
        // From 40 % to 100 %: chance is half.
        let y = |share: f64| SIZE.1 - MARGIN - (SIZE.1 - 2.0 * MARGIN) * (share - 0.4) / 0.6;
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{}\" height=\"{}\" font-family=\"sans-serif\" \
             font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n",
            SIZE.0, SIZE.1
        );
        let mut text = |x: f64, y: f64, anchor: &str, text: &str| {
            let _ = writeln!(svg, "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{text}</text>");
        };
        text(
            SIZE.0 / 2.0,
            24.0,
            "middle",
            &format!("XOR of bit streams, {}: streams held out that are right", self.name),
        );
        text(SIZE.0 / 2.0, SIZE.1 - 12.0, "middle", &format!("minutes, to {longest:.1}"));
        for percent in [40, 50, 60, 70, 80, 90, 99] {
            text(MARGIN - 6.0, y(f64::from(percent) / 100.0) + 4.0, "end", &format!("{percent} %"));
        }
        for share in [0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.99] {
            let (left, right, y) = (MARGIN, SIZE.0 - MARGIN, y(share));
            let _ = writeln!(svg, "<path d=\"M{left} {y:.1}H{right}\" stroke=\"lightgrey\"/>");
        }
        let points: Vec<_> = self.points.iter().map(|point| format!("{:.1},{:.1}", x(point.0), y(point.1))).collect();
        let _ = writeln!(
            svg,
            "<polyline points=\"{}\" fill=\"none\" stroke=\"steelblue\" stroke-width=\"2\"/>",
            points.join(" ")
        );
        svg + "</svg>\n"
    }
}
