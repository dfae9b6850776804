//! `cargo xtask plot-pruning`: the share of unrelated vectors that pruned recall reads in full.
//!
//! Nothing is measured: the shares follow from the distributions, see `docs/retrieval.md`.

use std::path::PathBuf;

use hv_memory::internal::{Costs, PlaneCut};
use hv_parallel::hv_simd::max_distance;
use hv_parallel::{Backend, HV16};

use crate::files;
use crate::outcome::Outcome;
use crate::plot::{self, Panel};
use crate::say::say;

/// Print the table of docs/retrieval.md, and draw its plot.
#[derive(clap::Args)]
pub struct Args {
    /// Where to draw the plot, for example docs/pruned-recall.svg. Without it only the table is printed.
    file: Option<PathBuf>,
}

/// A miss probability, or none for the exact form, with its name.
const FORMS: [(Option<f64>, &str); 4] =
    [(None, "exact"), (Some(1e-15), "within 1e-15"), (Some(1e-9), "within 1e-9"), (Some(1e-3), "within 1e-3")];

/// The smallest share drawn.
const FLOOR: f64 = 1e-9;

/// Prints, and draws where asked.
pub fn run(args: &Args) -> Outcome {
    say!("| similarity asked for | {} |\n|---|---|---|---|---|", FORMS.map(|(_, name)| name).join(" | "));
    let most = Costs::of(Backend::Avx2).prefix_share;
    for percent in [60, 65, 70, 75, 80, 85, 88, 90, 92, 95] {
        let cells = FORMS.map(|(form, _)| {
            let cut = cut(max_distance(percent as f32 / 100.0).unwrap_or(0), form);
            let plain = if cut.noise_share() <= most { "" } else { ", plain" };
            format!("{}: {}{plain}", cut.max_plane_distance(), share(cut.noise_share()))
        });
        say!("| {:.2} | {} |", f64::from(percent) / 100.0, cells.join(" | "));
    }
    let Some(path) = &args.file else { return Ok(()) };
    // Every distance that a similarity from 0.55 up limits.
    let points = |form| {
        let point = |distance: u16| (1.0 - f64::from(distance) / HV16::DIM as f64, cut(distance, form).noise_share());
        (0..=921).rev().map(point).filter(|(_, share)| *share >= FLOOR).collect()
    };
    let mut curves: Vec<(String, plot::Curve)> = FORMS.map(|(form, name)| (name.to_owned(), points(form))).into();
    curves.push(("above this the plain scan runs".to_owned(), vec![(0.55, most), (1.0, most)]));
    let title = "Share of unrelated vectors read in full, by the similarity asked for".to_owned();
    files::save(path, &plot::svg("", (760, 420), 1, &[Panel { title, curves }])?)
}

/// The cut of a form for all vectors at most this far.
fn cut(distance: u16, form: Option<f64>) -> PlaneCut {
    form.and_then(|miss| PlaneCut::within(distance, miss).ok()).unwrap_or_else(|| PlaneCut::exact(distance))
}

fn share(share: f64) -> String {
    if share >= 1e-3 { format!("{:.1} %", share * 100.0) } else { format!("{share:.0e}") }
}
