//! A graph as text for other tools: Graphviz and Mermaid.

use std::fmt::Write;

use super::{Graph, Node};
use crate::progress::thousands;

/// For Graphviz: `dot -Tpng`.
pub fn dot(graph: &Graph) -> String {
    let mut text = String::from("digraph image {\n  rankdir = TB;\n  node [shape = box];\n");
    for node in &graph.nodes {
        _ = writeln!(text, "  {:?} [label = {:?}];", node.name, lines_of(node).join("\n"));
    }
    for edge in &graph.edges {
        _ = writeln!(text, "  {:?} -> {:?} [label = {:?}];", edge.from, edge.to, edge.slots.join(", "));
    }
    text + "}\n"
}

/// For Markdown, as GitHub draws it.
pub fn mermaid(graph: &Graph) -> String {
    let mut text = String::from("flowchart TD\n");
    let number = |name: &str| graph.nodes.iter().position(|node| node.name == name).unwrap_or(0);
    for (index, node) in graph.nodes.iter().enumerate() {
        _ = writeln!(text, "  n{index}[\"{}\"]", lines_of(node).join("<br>"));
    }
    for edge in &graph.edges {
        _ = writeln!(text, "  n{} -->|{}| n{}", number(&edge.from), edge.slots.join(", "), number(&edge.to));
    }
    text
}

/// What a box says: the option, the folder, the bytes.
pub fn lines_of(node: &Node) -> Vec<String> {
    let label = match node.options.is_empty() {
        true => node.name.clone(),
        false => node.options.join(" "),
    };
    let bytes = node.bytes.map(|bytes| format!("{} bytes", thousands(bytes)));
    let folder = Some(node.folder.clone()).filter(|folder| !folder.is_empty());
    std::iter::once(label).chain(folder).chain(bytes).collect()
}
