//! Draws the share of unrelated vectors that pruned recall reads in full, and prints the table of `docs/retrieval.md`.
//!
//! ```text
//! cargo run -p hv-memory --example plot_pruning -- docs/pruned-recall.svg
//! ```
//!
//! Nothing is measured here: the shares follow from the distributions, see `docs/retrieval.md`. The one argument is
//! the file to write; without it, only the table is printed.

use std::error::Error;

use hv_memory::PolicyError;
use hv_memory::hv_parallel::hv_simd::Backend;
use hv_memory::hv_parallel::hv_simd::max_distance;
use hv_memory::internal::{Costs, PlaneCut};
use plotters::coord::combinators::IntoLogRange;
use plotters::prelude::*;

/// A miss probability, or none for the exact form, with its name and colour. The colours stay apart for the
/// colour-blind (Okabe and Ito, "Color universal design", 2008).
const FORMS: [(Option<f64>, &str, RGBColor); 4] = [
    (None, "exact", RGBColor(0, 0, 0)),
    (Some(1e-15), "within 1e-15", RGBColor(0, 114, 178)),
    (Some(1e-9), "within 1e-9", RGBColor(0, 158, 115)),
    (Some(1e-3), "within 1e-3", RGBColor(213, 94, 0)),
];

/// The smallest share drawn.
const FLOOR: f64 = 1e-9;

fn main() -> Result<(), Box<dyn Error>> {
    println!("{}", table()?);
    if let Some(path) = std::env::args().nth(1) {
        std::fs::write(&path, svg()?).map_err(|error| format!("could not write {path}: {error}"))?;
    }
    Ok(())
}

/// The cut of a form for all vectors at least this similar.
fn cut(similarity: f32, form: Option<f64>) -> Result<PlaneCut, PolicyError> {
    let distance = max_distance(similarity).unwrap_or(0);
    form.map_or(Ok(PlaneCut::exact(distance)), |miss| PlaneCut::within(distance, miss))
}

/// A row for each similarity: for each form the cut, the share read in full, and whether the plain scan runs.
fn table() -> Result<String, PolicyError> {
    let mut table = "| similarity asked for |".to_owned();
    table.extend(FORMS.map(|(_, name, _)| format!(" {name} |")));
    table += "\n|---|---|---|---|---|";
    for percent in [60, 65, 70, 75, 80, 85, 88, 90, 92, 95] {
        table += &format!("\n| {:.2} |", f64::from(percent) / 100.0);
        for (form, ..) in FORMS {
            let cut = cut(percent as f32 / 100.0, form)?;
            let plain = if cut.noise_share() <= Costs::of(Backend::Avx2).prefix_share { "" } else { ", plain" };
            table += &format!(" {}: {}{plain} |", cut.max_plane_distance(), share(cut.noise_share()));
        }
    }
    Ok(table)
}

fn share(share: f64) -> String {
    if share >= 1e-3 { format!("{:.1} %", share * 100.0) } else { format!("{share:.0e}") }
}

fn svg() -> Result<String, Box<dyn Error>> {
    let mut text = String::new();
    {
        let root = SVGBackend::with_string(&mut text, (760, 440)).into_drawing_area();
        root.fill(&WHITE)?;
        let mut chart = ChartBuilder::on(&root)
            .caption("Share of unrelated vectors read in full, by the similarity asked for", ("sans-serif", 16))
            .margin(12)
            .x_label_area_size(36)
            .y_label_area_size(60)
            .build_cartesian_2d(0.55f64..1.0, (FLOOR..1.0).log_scale())?;
        chart
            .configure_mesh()
            .light_line_style(TRANSPARENT)
            .x_desc("similarity asked for")
            .x_label_formatter(&|x| format!("{x:.2}"))
            .y_label_formatter(&|y| format!("{y:.0e}"))
            .draw()?;
        for (place, (form, name, colour)) in FORMS.into_iter().enumerate() {
            let mut points = Vec::new();
            // Every limiting distance there is, from the similarity of 0.55 up.
            for distance in (0..=921u16).rev() {
                let similarity = 1.0 - f64::from(distance) / 2048.0;
                let share = cut(similarity as f32, form)?.noise_share();
                if share >= FLOOR {
                    points.push((similarity, share));
                }
            }
            chart.draw_series(LineSeries::new(points, colour.stroke_width(2)))?;
            root.draw_text(name, &("sans-serif", 14).into_font().color(&colour), (640, 90 + 20 * place as i32))?;
        }
        let grey = RGBColor(120, 120, 120);
        chart.draw_series(LineSeries::new([(0.55, 0.07), (1.0, 0.07)], grey))?;
        root.draw_text("above this line the plain scan runs", &("sans-serif", 12).into_font().color(&grey), (340, 68))?;
        root.present()?;
    }
    Ok(text)
}
