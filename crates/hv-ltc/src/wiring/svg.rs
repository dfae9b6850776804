//! A wiring as a drawing: a column for each kind of neuron, and a line for each synapse.

use std::fmt::Write;

use super::{NeuronKind, Polarity, Wiring};

/// Distances in the drawing, in its own units (CSS pixels).
const COLUMN: f64 = 180.0;
const ROW: f64 = 28.0;
const RADIUS: f64 = 8.0;
const HEAD: f64 = 48.0;

impl Wiring {
    /// The wiring as an SVG picture: columns of sensory, inter, command and motor neurons, from left to right, and a
    /// line for each synapse: green if it excites, red and dashed if it inhibits. A synapse within a column is an arc.
    pub fn svg(&self) -> String {
        let columns = self.columns();
        let rows = columns.iter().map(|(_, _, neurons)| neurons.len()).max().unwrap_or(0);
        let (width, height) = (columns.len() as f64 * COLUMN, HEAD + rows as f64 * ROW + ROW);
        let mut text = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\" font-size=\"12\">\n"
        );
        // Where each input and each unit is.
        let mut positions = [vec![(0.0, 0.0); self.inputs], vec![(0.0, 0.0); self.units]];
        for (column, (_, _, neurons)) in columns.iter().enumerate() {
            let top = HEAD + (rows - neurons.len()) as f64 * ROW / 2.0;
            for (row, neuron) in neurons.iter().enumerate() {
                let position = ((column as f64 + 0.5) * COLUMN, top + (row as f64 + 0.5) * ROW);
                positions[usize::from(column > 0)][*neuron] = position;
            }
        }
        let all = [(&positions[0], &self.sensory), (&positions[1], &self.synapses)];
        for (from, synapse) in all.into_iter().flat_map(|(from, list)| list.iter().map(move |synapse| (from, synapse)))
        {
            line(&mut text, from[synapse.from], positions[1][synapse.to], synapse.polarity);
        }
        for (column, (name, colour, neurons)) in columns.iter().enumerate() {
            let x = (column as f64 + 0.5) * COLUMN;
            let _ = writeln!(text, "<text x=\"{x}\" y=\"24\" text-anchor=\"middle\">{name}</text>");
            for neuron in neurons {
                let (x, y) = positions[usize::from(column > 0)][*neuron];
                let _ = writeln!(
                    text,
                    "<circle cx=\"{x}\" cy=\"{y}\" r=\"{RADIUS}\" fill=\"{colour}\">\
                     <title>{name} {neuron}</title></circle>"
                );
            }
        }
        text.push_str("</svg>\n");
        text
    }

    /// Name, colour and neurons of each column.
    fn columns(&self) -> Vec<(&'static str, &'static str, Vec<usize>)> {
        let mut columns = vec![("sensory", "#bcbd22", (0..self.inputs).collect())];
        for (kind, colour) in
            [(NeuronKind::Inter, "#1f77b4"), (NeuronKind::Command, "#9467bd"), (NeuronKind::Motor, "#ff7f0e")]
        {
            let neurons: Vec<usize> = (0..self.units).filter(|unit| self.kind(*unit) == kind).collect();
            if !neurons.is_empty() {
                columns.push((kind.name(), colour, neurons));
            }
        }
        columns
    }
}

fn line(text: &mut String, (x1, y1): (f64, f64), (x2, y2): (f64, f64), polarity: Polarity) {
    let style = match polarity {
        Polarity::Excitatory => "stroke=\"#2ca02c\"",
        Polarity::Inhibitory => "stroke=\"#d62728\" stroke-dasharray=\"4 3\"",
    };
    // Within a column the line bends to the right, and one to the neuron itself is a loop.
    let bend = if x1 == x2 { COLUMN / 3.0 } else { 0.0 };
    let spread = if x1 == x2 && y1 == y2 { ROW / 2.0 } else { 0.0 };
    let (c1, c2) = ((x1 + bend, y1 - spread), (x2 + bend, y2 + spread));
    let _ = writeln!(
        text,
        "<path d=\"M{x1} {y1} C{} {} {} {} {x2} {y2}\" fill=\"none\" opacity=\"0.7\" {style}/>",
        c1.0, c1.1, c2.0, c2.1
    );
}
