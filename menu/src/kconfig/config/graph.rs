//! What may depend on what: the graph along which a change spreads.
//!
//! It leads from each symbol and expression to those that may be computed from it. It is made when the first
//! change after a computation happens, and shared by all copies of a configuration.

use super::super::expr::{Expr, ExprId};
use super::super::hash::Map;
use super::super::tree::{Role, Symbol, SymbolId, Tree, Type};
use super::slot::has_own_value;

/// A symbol or an expression in a [`Graph`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Node {
    Symbol(SymbolId),
    Expr(ExprId),
}

/// Edges from symbols and expressions to what may depend on them. A symbol's number is its index; expressions
/// come after the symbols.
#[derive(Debug)]
pub(super) struct Graph {
    symbols: u32,
    /// Where the edges of each node begin in `targets`; one more at the end.
    starts: Vec<u32>,
    targets: Vec<u32>,
    /// The members of each choice.
    members: Map<u32, Vec<u32>>,
}

impl Graph {
    /// The graph of a tree.
    pub(super) fn new(tree: &Tree) -> Self {
        let symbols = tree.symbols.len() as u32;
        let count = symbols as usize + tree.exprs().len();
        let mut members = Map::default();
        let mut edges = Vec::with_capacity(4 * count);
        each_edge(tree, &mut |from, to| edges.push((from, to)), &mut |choice, inner| {
            members.insert(choice.0, inner.iter().map(|member| member.0).collect());
        });
        let mut starts = vec![0u32; count + 1];
        for &(from, _) in &edges {
            starts[from as usize + 1] += 1;
        }
        for node in 0..count {
            starts[node + 1] += starts[node];
        }
        let mut next = starts.clone();
        let mut targets = vec![0; edges.len()];
        for (from, to) in edges {
            targets[next[from as usize] as usize] = to;
            next[from as usize] += 1;
        }
        Self { symbols, starts, targets, members }
    }

    /// How many symbols and expressions there are; their numbers are `0..len`.
    pub(super) fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// What has that number.
    pub(super) fn node(&self, number: u32) -> Node {
        match number.checked_sub(self.symbols) {
            None => Node::Symbol(SymbolId(number)),
            Some(expr) => Node::Expr(ExprId(expr)),
        }
    }

    /// The choices with their members.
    pub(super) fn choices(&self) -> impl Iterator<Item = (u32, &[u32])> {
        self.members.iter().map(|(&choice, members)| (choice, members.as_slice()))
    }

    /// The members of a choice; empty for all others.
    pub(super) fn members(&self, number: u32) -> &[u32] {
        self.members.get(&number).map_or(&[], Vec::as_slice)
    }

    /// What may be computed from the node of that number.
    pub(super) fn targets(&self, number: u32) -> &[u32] {
        &self.targets[self.starts[number as usize] as usize..self.starts[number as usize + 1] as usize]
    }
}

fn each_edge(tree: &Tree, edge: &mut impl FnMut(u32, u32), choice: &mut impl FnMut(SymbolId, &[SymbolId])) {
    let symbols = tree.symbols.len() as u32;
    let node = |id: ExprId| symbols + id.0;
    for index in 0..tree.exprs().len() as u32 {
        let to = symbols + index;
        match tree.exprs().get(ExprId(index)) {
            Expr::Symbol(symbol) => edge(symbol.0, to),
            Expr::Not(a) => edge(node(a), to),
            Expr::And(a, b) | Expr::Or(a, b) => {
                edge(node(a), to);
                edge(node(b), to);
            }
            Expr::Compare(_, left, right) => {
                edge(left.0, to);
                edge(right.0, to);
            }
        }
    }
    for (id, symbol) in tree.symbols() {
        if !has_own_value(tree, id) {
            each_expr(tree, symbol, &mut |expr| edge(node(expr), id.0));
            for range in &symbol.ranges {
                edge(range.low.0, id.0);
                edge(range.high.0, id.0);
            }
            if !symbol.members.is_empty() {
                choice(id, &symbol.members);
                symbol.members.iter().for_each(|member| edge(id.0, member.0));
            }
            if let Some(choice) = symbol.choice {
                edge(node(symbol.visibility), choice.0);
            }
            if symbol.kind == Type::Tristate
                && let Some(modules) = tree.modules()
            {
                edge(modules.0, id.0);
            }
        }
    }
}

/// The expressions that a symbol's value is computed from.
fn each_expr(tree: &Tree, symbol: &Symbol, edge: &mut impl FnMut(ExprId)) {
    edge(symbol.visibility);
    edge(symbol.depends);
    symbol.defaults.iter().for_each(|default| edge(default.condition));
    if symbol.role == Role::Choice {
        // Of its defaults only the names of the members count.
        symbol.nodes.iter().for_each(|&node| edge(tree.node(node).depends));
    } else {
        symbol.defaults.iter().for_each(|default| edge(default.value));
    }
    symbol.ranges.iter().for_each(|range| edge(range.condition));
    let reasons = symbol.selected_by.iter().chain(&symbol.implied_by);
    reasons.for_each(|reason| edge(reason.expr));
}
