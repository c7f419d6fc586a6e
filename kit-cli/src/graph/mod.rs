//! What an image is made of, as a graph: the app, the micro-libraries, and which of them needs which slot.
//!
//! Nothing is written down for this: a micro-library needs a slot if the type or the static of the slot occurs in how
//! it is made, or if its crate depends on the interface of a slot that it does not fill.

mod command;
mod formats;
mod svg;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use kit_menu::composition::{self, Filled};
use kit_menu::{Package, Shelf};
use serde::Serialize;

use crate::build::exports;
use crate::library::view::View;
use crate::tree::Tree;
use crate::{Failure, Result};

pub use command::{GraphArgs, command};

/// An image as a graph without circles as far as `needs` goes downwards; ambient services may close circles.
#[derive(Clone, Debug, Serialize)]
pub struct Graph {
    /// The app first, then by name.
    pub nodes: Vec<Node>,
    /// By where they begin.
    pub edges: Vec<Edge>,
}

/// One crate of the image.
#[derive(Clone, Debug, Serialize)]
pub struct Node {
    /// The name of the crate, or of the app.
    pub name: String,
    /// The options that choose it; none for the app and for what comes by itself.
    pub options: Vec<String>,
    /// The slots that it fills or wraps.
    pub slots: Vec<String>,
    /// Its folder, from the root of the kit tree where it is inside.
    pub folder: String,
    /// Its bytes in the image's file, as far as they are known.
    pub bytes: Option<u64>,
}

/// One needs the other.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Edge {
    /// Which needs.
    pub from: String,
    /// Which is needed.
    pub to: String,
    /// The slots through which.
    pub slots: Vec<String>,
}

impl Node {
    /// What a person calls it: its option where it has one.
    pub fn label(&self) -> &str {
        self.options.first().map_or(&self.name, String::as_str)
    }
}

impl Graph {
    /// The graph of the image that `view` shows.
    pub fn of(view: &View) -> Result<Self> {
        let filled = composition::fill(&view.shelf, &view.config, &view.estimator.mounts)
            .map_err(|problem| Failure::failed(problem.to_string()))?;
        let mut builder = Builder { view, filled: &filled, nodes: BTreeMap::new(), edges: BTreeMap::new() };
        for one in &filled {
            builder.slot(one);
        }
        let app = Node {
            name: view.app.clone().unwrap_or_else(|| "(an app)".to_string()),
            options: Vec::new(),
            slots: Vec::new(),
            folder: String::new(),
            bytes: None,
        };
        builder.app(&app.name);
        let Builder { mut nodes, edges, .. } = builder;
        nodes.remove(&app.name);
        let nodes = std::iter::once(app).chain(nodes.into_values()).collect();
        let edge = |((from, to), slots): (_, BTreeSet<String>)| Edge {
            from,
            to,
            slots: slots.into_iter().collect(),
        };
        Ok(Self { nodes, edges: edges.into_iter().map(edge).collect() })
    }

    /// The node of this name.
    pub fn node(&self, name: &str) -> Option<&Node> {
        self.nodes.iter().find(|node| node.name == name)
    }

    /// The shortest way from the app to a node, both included; none if nothing leads there.
    pub fn way_to(&self, name: &str) -> Option<Vec<&Node>> {
        let needed_by = |from| {
            let own = self.edges.iter().filter(|edge| edge.from == from);
            own.map(|edge| edge.to.as_str()).collect()
        };
        let way = shortest_way(&self.nodes.first()?.name, name, needed_by)?;
        Some(way.into_iter().filter_map(|name| self.node(name)).collect())
    }

    /// How far each node is from the app along the longest way that meets no node twice: its row in a drawing.
    fn depths(&self) -> BTreeMap<&str, usize> {
        let mut depths: BTreeMap<&str, usize> = BTreeMap::new();
        if let Some(app) = self.nodes.first() {
            self.descend(&app.name, &mut Vec::new(), &mut depths);
        }
        // What nothing needs stands below the app.
        self.nodes.iter().skip(1).for_each(|node| _ = depths.entry(&node.name).or_insert(1));
        depths
    }

    fn descend<'a>(&'a self, name: &'a str, way: &mut Vec<&'a str>, depths: &mut BTreeMap<&'a str, usize>) {
        let is_known = depths.get(name).is_some_and(|depth| *depth >= way.len());
        if way.contains(&name) || (is_known && !way.is_empty()) {
            return;
        }
        depths.insert(name, way.len());
        way.push(name);
        for edge in self.edges.iter().filter(|edge| edge.from == name) {
            self.descend(&edge.to, way, depths);
        }
        way.pop();
    }
}

/// The shortest way from one name to another, both included, where `next` tells which come after one.
pub fn shortest_way<'a>(
    from: &'a str,
    to: &str,
    next: impl Fn(&'a str) -> Vec<&'a str>,
) -> Option<Vec<&'a str>> {
    let mut before: BTreeMap<&str, Option<&str>> = BTreeMap::from([(from, None)]);
    let mut queue = VecDeque::from([from]);
    while let Some(name) = queue.pop_front() {
        if name == to {
            let mut way: Vec<&str> = std::iter::successors(Some(name), |name| before[name]).collect();
            way.reverse();
            return Some(way);
        }
        for following in next(name) {
            before.entry(following).or_insert_with(|| {
                queue.push_back(following);
                Some(name)
            });
        }
    }
    None
}

struct Builder<'a> {
    view: &'a View,
    filled: &'a [Filled<'a>],
    nodes: BTreeMap<String, Node>,
    edges: BTreeMap<(String, String), BTreeSet<String>>,
}

impl Builder<'_> {
    /// What fills a slot, its wrappers, and what they need.
    fn slot(&mut self, filled: &Filled) {
        let layers: Vec<_> = filled.layers().collect();
        for (depth, layer) in layers.iter().enumerate() {
            let node = self.package(layer.package);
            let (option, slot) = (layer.provides.option.clone(), filled.slot.name.to_string());
            if !node.options.contains(&option) {
                node.options.push(option);
            }
            if !node.slots.contains(&slot) {
                node.slots.push(slot.clone());
            }
            for other in self.filled.iter().filter(|other| layer.names(&other.slot)) {
                self.edge(layer.package, other);
            }
            for other in needs_of(&self.view.shelf, self.filled, layer.package) {
                self.edge(layer.package, other);
            }
            if let Some(inner) = depth.checked_sub(1).map(|inner| layers[inner].package) {
                self.join(&layer.package.name, &inner.name, &slot);
            }
        }
    }

    fn package(&mut self, package: &Package) -> &mut Node {
        self.nodes.entry(package.name.clone()).or_insert_with(|| {
            let provided = package.metadata.provides.iter().map(|provides| &provides.option);
            let option = provided.chain(&package.metadata.option).next();
            Node {
                name: package.name.clone(),
                options: package.metadata.option.iter().cloned().collect(),
                slots: Vec::new(),
                folder: folder(&self.view.tree, package),
                bytes: option.and_then(|option| self.view.estimator.bytes_of(&self.view.config, option)),
            }
        })
    }

    fn join(&mut self, from: &str, to: &str, slot: &str) {
        self.edges.entry((from.to_string(), to.to_string())).or_default().insert(slot.to_string());
    }

    fn edge(&mut self, from: &Package, to: &Filled) {
        // Users of a slot meet its outermost layer.
        let Some(outer) = to.layers().last() else { return };
        if outer.package.name != from.name && !to.layers().any(|layer| layer.package.name == from.name) {
            self.join(&from.name, &outer.package.name, to.slot.name);
        }
    }

    /// What the app itself reaches: the shim, or for a native app the slots that the image trait has.
    fn app(&mut self, app: &str) {
        let shim = exports::shim(&self.view.shelf, &self.view.tree);
        match shim.filter(|_| !self.view.estimator.is_native) {
            Some(shim) => {
                self.package(shim);
                self.join(app, &shim.name, "the C library");
                for other in needs_of(&self.view.shelf, self.filled, shim) {
                    self.edge(shim, other);
                }
            }
            None => {
                for filled in self.filled.iter().filter(|one| one.slot.package.metadata.image.is_some()) {
                    let Some(outer) = filled.layers().last() else { continue };
                    self.join(app, &outer.package.name, filled.slot.name);
                }
            }
        }
    }
}

/// The slots whose interfaces a crate depends on. A helper below it counts for nothing: it has parts for other users too.
fn needs_of<'a>(shelf: &Shelf, filled: &'a [Filled<'a>], package: &Package) -> Vec<&'a Filled<'a>> {
    let find = |name: &String| shelf.packages.iter().find(|package| package.name == *name);
    let slots: Vec<&String> =
        package.uses.iter().filter_map(find).filter_map(|used| used.metadata.slot.as_ref()).collect();
    filled.iter().filter(|one| slots.iter().any(|slot| *slot == one.slot.name)).collect()
}

fn folder(tree: &Tree, package: &Package) -> String {
    tree.relative(&package.folder).display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shortest_way_is_found_through_circles() {
        let next = |name: &str| match name {
            "app" => vec!["shim"],
            "shim" => vec!["heap", "net"],
            "net" => vec!["shim", "card"],
            _ => vec![],
        };
        assert_eq!(shortest_way("app", "card", next), Some(vec!["app", "shim", "net", "card"]));
        assert_eq!(shortest_way("card", "app", next), None);
    }
}
