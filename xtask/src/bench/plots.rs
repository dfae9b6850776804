//! The plots of `docs/benchmarks.md`: time against size, and speed-up against threads.

use std::error::Error;

use hv_benches::bars::Scaling;
use plotters::coord::Shift;
use plotters::prelude::*;

use super::suites::Estimate;
use crate::axes::{COLOURS, axis, label, span};

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Outcome<T> = Result<T, Box<dyn Error>>;

/// The groups with several sizes, a panel each.
const PANELS: [(&str, &str); 4] = [
    ("batch bind", "vectors"),
    ("batch similarity", "vectors"),
    ("batch bundle of 10", "sets"),
    ("nearest of 1000", "queries"),
];

const PATHS: [&str; 3] = ["sequential", "parallel", "adaptive"];

/// Time against size for each group, both axes logarithmic.
pub fn times(estimates: &[Estimate], caption: &str) -> Outcome<String> {
    draw((960, 640), caption, |body| {
        for (panel, (group, unit)) in body.split_evenly((2, 2)).iter().zip(PANELS) {
            let of_path = |path: &&str| {
                let chosen = estimates.iter().filter(|e| e.group == group && e.function == *path);
                let mut points: Vec<(f64, f64)> = chosen.map(|e| (e.size as f64, e.median / 1e3)).collect();
                points.sort_by(|a, b| a.0.total_cmp(&b.0));
                ((*path).to_owned(), points)
            };
            let curves: Vec<_> = PATHS.iter().map(of_path).collect();
            chart(panel, &format!("{group} (us by {unit})"), &curves)?;
        }
        Ok(())
    })
}

/// Speed-up over one thread against threads.
pub fn threads(scaling: &[Scaling], caption: &str) -> Outcome<String> {
    let points = |curve: &Scaling| curve.points.iter().map(|&(threads, speedup)| (threads as f64, speedup)).collect();
    let mut curves: Vec<(String, Vec<(f64, f64)>)> =
        scaling.iter().map(|curve| (curve.work.clone(), points(curve))).collect();
    let ideal =
        scaling.first().map_or(Vec::new(), |curve| curve.points.iter().map(|p| (p.0 as f64, p.0 as f64)).collect());
    curves.push(("as many times as threads".into(), ideal));
    draw((640, 480), caption, |body| chart(body, "speed-up over one thread, by threads", &curves))
}

/// An SVG with a caption over what `body` draws.
fn draw(size: (u32, u32), caption: &str, body: impl FnOnce(&Area<'_>) -> Outcome<()>) -> Outcome<String> {
    let mut text = String::new();
    {
        let root = SVGBackend::with_string(&mut text, size).into_drawing_area();
        root.fill(&WHITE)?;
        let (head, rest) = root.split_vertically(24);
        head.draw_text(caption, &("sans-serif", 13).into_font().color(&BLACK), (10, 6))?;
        body(&rest)?;
        root.present()?;
    }
    Ok(text)
}

/// Named curves over logarithmic axes, with a legend.
fn chart(panel: &Area<'_>, title: &str, curves: &[(String, Vec<(f64, f64)>)]) -> Outcome<()> {
    let points = || curves.iter().flat_map(|(_, points)| points);
    if points().next().is_none() {
        return Ok(()); // a suite that was not run
    }
    let (xs, ys) = (span(points().map(|p| p.0)), span(points().map(|p| p.1)));
    let mut chart = ChartBuilder::on(panel)
        .caption(title, ("sans-serif", 15))
        .margin(10)
        .x_label_area_size(26)
        .y_label_area_size(52)
        .build_cartesian_2d(axis(xs), axis(ys))?;
    chart.configure_mesh().light_line_style(TRANSPARENT).x_label_formatter(&label).y_label_formatter(&label).draw()?;
    for ((name, points), colour) in curves.iter().zip(COLOURS) {
        let series = LineSeries::new(points.iter().copied(), colour.stroke_width(2)).point_size(3);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_panel_and_curve_is_drawn() {
        let estimate = |group: &str, path: &str, size: u64| Estimate {
            group: group.into(),
            function: path.into(),
            size,
            items: Some(size),
            median: 10.0 * size as f64,
            spread: 0.02,
            change: None,
        };
        let of_panel = |(group, _)| PATHS.map(|path| [10, 100].map(|size| estimate(group, path, size))).concat();
        let text = times(&PANELS.map(of_panel).concat(), "a machine").unwrap();
        assert!(text.starts_with("<svg") && text.contains("a machine"));
        assert!(PANELS.iter().all(|(group, _)| text.contains(group)));
        assert!(text.matches("<polyline").count() >= 12, "three lines a panel");

        let scaling = [Scaling { work: "some work".into(), points: vec![(1, 1.0), (2, 1.9)] }];
        let text = threads(&scaling, "a machine").unwrap();
        assert!(text.contains("some work") && text.contains("as many times as threads"));
    }

    #[test]
    fn suites_that_were_not_run_leave_their_panels_empty() {
        assert!(times(&[], "a machine").unwrap().starts_with("<svg"));
        assert!(threads(&[], "a machine").unwrap().starts_with("<svg"));
    }
}
