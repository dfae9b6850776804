//! The chart of the README: searches by hv, other libraries and this CPU's limit, as bars.

use std::error::Error;

use hv_benches::bars::Row;
use plotters::prelude::*;

use super::faiss::Faiss;
use crate::machine::Machine;
use crate::plot::COLOURS;

/// The searches that are drawn, by their names in the table of bars.
const WORKS: [&str; 3] = ["nearest, 1 query x 1,000", "nearest, 100 queries x 1,000", "top-10, 100 queries x 10,000"];

/// Width in pixels, of all and of what is left of the bars; heights of a line of text or a bar, and of all above them.
const WIDTH: u32 = 760;
const LEFT: i32 = 190;
const LINE: i32 = 18;
const HEAD: i32 = 44;

/// One search: the name and nanoseconds of each bar.
pub struct Group {
    work: &'static str,
    bars: Vec<(String, f64)>,
}

/// The searches with all that was measured of each.
pub fn groups(rows: &[Row], faiss: Option<&Faiss>) -> Vec<Group> {
    let group = |work| {
        let row = rows.iter().find(|row| row.work == work)?;
        let limit = row.limit.map(|limit| ("limit of this CPU".to_owned(), limit));
        let peers = row.peers.iter().map(|(name, ratio)| ((*name).to_owned(), ratio * row.measured));
        let faiss = faiss.and_then(|faiss| Some((format!("FAISS {}", faiss.version), *faiss.times.get(work)?)));
        let bars = limit.into_iter().chain([("hv".to_owned(), row.measured)]).chain(peers).chain(faiss).collect();
        Some(Group { work, bars })
    };
    WORKS.into_iter().filter_map(group).collect()
}

/// The lines under the title: what was measured where, and what was not.
pub fn caption(machine: &Machine, rows: &[Row], faiss: &Result<Faiss, String>) -> [String; 2] {
    let mut line = "ns for each pair of a query and a vector of 2,048 bits, one thread; less is better".to_owned();
    if rows.iter().all(|row| row.peers.is_empty()) {
        line += ". Not measured: other crates (--peers measures them)";
    }
    if let Err(why) = faiss {
        line += &format!(". Not measured: FAISS ({why})");
    }
    [line, machine.to_string()]
}

/// Draws the groups as an SVG, all bars to one scale.
pub fn svg(caption: &[String; 2], groups: &[Group]) -> Result<String, Box<dyn Error>> {
    let lines: i32 = groups.iter().map(|group| group.bars.len() as i32 + 2).sum();
    let longest = groups.iter().flat_map(|group| &group.bars).map(|(_, ns)| *ns).fold(f64::MIN_POSITIVE, f64::max);
    let room = f64::from(WIDTH as i32 - LEFT - 70);
    let mut text = String::new();
    {
        let root = SVGBackend::with_string(&mut text, (WIDTH, (HEAD + LINE * lines) as u32)).into_drawing_area();
        root.fill(&WHITE)?;
        let font = |size: i32| ("sans-serif", size).into_font().color(&BLACK);
        for (line, y) in caption.iter().zip([6, 22]) {
            root.draw_text(line, &font(13), (10, y))?;
        }
        let mut y = HEAD;
        for group in groups {
            root.draw_text(group.work, &font(16), (10, y))?;
            y += LINE;
            for (i, (name, ns)) in group.bars.iter().enumerate() {
                let end = LEFT + (ns / longest * room) as i32;
                // The limit comes first and is grey; each library has one colour in all groups.
                let colour = if i == 0 { RGBColor(150, 150, 150) } else { COLOURS[(i - 1) % COLOURS.len()] };
                root.draw_text(name, &font(14), (24, y + 2))?;
                root.draw(&Rectangle::new([(LEFT, y + 2), (end, y + LINE - 2)], colour.filled()))?;
                root.draw_text(&format!("{ns:.2}"), &font(14), (end + 6, y + 2))?;
                y += LINE;
            }
            y += LINE;
        }
        root.present()?;
    }
    Ok(text)
}

#[cfg(test)]
#[path = "../../tests/units/chart.rs"]
mod tests;
