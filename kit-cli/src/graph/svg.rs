//! A graph as a picture: rows by distance from the app, boxes near to what needs them.
//!
//! Sugiyama's method in little: longest-path layers, then a few sweeps that move each box to the mean of its
//! neighbours (K. Sugiyama et al., "Methods for visual understanding of hierarchical system structures", 1981).

use std::collections::BTreeMap;
use std::fmt::Write;

use super::formats::lines_of;
use super::{Graph, Node};

/// Size of a box and the space around it, in pixels.
const WIDTH: usize = 184;
const HEIGHT: usize = 54;
const GAP_X: usize = 22;
const GAP_Y: usize = 62;
const SWEEPS: usize = 8;

/// Draws it.
pub fn draw(graph: &Graph) -> String {
    let rows = rows(graph);
    let widest = rows.iter().map(Vec::len).max().unwrap_or(1);
    let (width, height) = (widest * (WIDTH + GAP_X) + GAP_X, rows.len() * (HEIGHT + GAP_Y));
    let mut places: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for (y, row) in rows.iter().enumerate() {
        let left = (width - row.len() * (WIDTH + GAP_X) + GAP_X) / 2;
        for (x, node) in row.iter().enumerate() {
            places.insert(&node.name, (left + x * (WIDTH + GAP_X), y * (HEIGHT + GAP_Y) + 8));
        }
    }
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
         font-family=\"sans-serif\" role=\"img\" aria-label=\"What {} is made of\">\n\
         <defs><marker id=\"end\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" \
         orient=\"auto\"><path d=\"M0 0L8 4L0 8z\" fill=\"#667\"/></marker></defs>\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n",
        escaped(&graph.nodes.first().map_or(String::new(), |app| app.name.clone())),
    );
    for edge in &graph.edges {
        let (Some(from), Some(to)) = (places.get(edge.from.as_str()), places.get(edge.to.as_str())) else {
            continue;
        };
        arrow(&mut text, *from, *to, &edge.slots.join(", "));
    }
    for node in &graph.nodes {
        if let Some((x, y)) = places.get(node.name.as_str()) {
            boxed(&mut text, node, *x, *y);
        }
    }
    text + "</svg>\n"
}

/// The nodes by distance from the app, each row in an order in which arrows cross little.
fn rows(graph: &Graph) -> Vec<Vec<&Node>> {
    let depths = graph.depths();
    let count = depths.values().max().map_or(0, |deepest| deepest + 1);
    let mut rows: Vec<Vec<&Node>> = vec![Vec::new(); count];
    for node in &graph.nodes {
        rows[depths[node.name.as_str()]].push(node);
    }
    for sweep in 0..SWEEPS {
        let mut positions: BTreeMap<&str, f64> = BTreeMap::new();
        for row in &rows {
            for (index, node) in row.iter().enumerate() {
                positions.insert(&node.name, (index as f64 + 0.5) / row.len() as f64);
            }
        }
        for row in &mut rows {
            let mean = |node: &&Node| {
                let above = graph.edges.iter().filter(|edge| edge.to == node.name).map(|edge| &edge.from);
                let below = graph.edges.iter().filter(|edge| edge.from == node.name).map(|edge| &edge.to);
                // Downwards and upwards in turn, so that both ends of an arrow pull.
                let names: Vec<&String> = if sweep % 2 == 0 { above.collect() } else { below.collect() };
                let sum: f64 = names.iter().filter_map(|name| positions.get(name.as_str())).sum();
                if names.is_empty() { positions[node.name.as_str()] } else { sum / names.len() as f64 }
            };
            row.sort_by(|one, other| mean(one).total_cmp(&mean(other)));
        }
    }
    rows
}

fn arrow(text: &mut String, from: (usize, usize), to: (usize, usize), slot: &str) {
    let (start_x, end_x) = (from.0 + WIDTH / 2, to.0 + WIDTH / 2);
    // An ambient service may be needed from below or from the same row: such an arrow goes around the side.
    let (start_y, end_y) = (from.1 + HEIGHT, if to.1 > from.1 { to.1 } else { to.1 + HEIGHT });
    let bend = if to.1 > from.1 { (end_y - start_y) / 2 } else { GAP_Y / 2 };
    let (low, high) = (start_y + bend, if to.1 > from.1 { end_y - bend } else { end_y + bend });
    _ = writeln!(
        text,
        "<path d=\"M{start_x} {start_y}C{start_x} {low} {end_x} {high} {end_x} {end_y}\" fill=\"none\" \
         stroke=\"#99a\" marker-end=\"url(#end)\"><title>{}</title></path>",
        escaped(slot)
    );
}

fn boxed(text: &mut String, node: &Node, x: usize, y: usize) {
    let fill = if node.slots.is_empty() { "#eef2ff" } else { "#f4f8ee" };
    _ = writeln!(
        text,
        "<rect x=\"{x}\" y=\"{y}\" width=\"{WIDTH}\" height=\"{HEIGHT}\" rx=\"5\" fill=\"{fill}\" stroke=\"#667\"/>"
    );
    let lines = lines_of(node);
    let top = y + HEIGHT / 2 + 4 - 8 * (lines.len() - 1);
    for (index, line) in lines.iter().enumerate() {
        let style = if index == 0 {
            "font-size=\"12\" font-weight=\"bold\""
        } else {
            "font-size=\"11\" fill=\"#445\""
        };
        _ = writeln!(
            text,
            "<text x=\"{}\" y=\"{}\" {style} text-anchor=\"middle\">{}</text>",
            x + WIDTH / 2,
            top + 16 * index,
            escaped(&shortened(line))
        );
    }
}

/// What fits into a box.
fn shortened(line: &str) -> String {
    match line.char_indices().nth(26) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_string(),
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
