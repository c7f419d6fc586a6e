//! The help that dialogues show: the text of an entry, and where its symbol comes from and leads to.
//!
//! The form is that of Linux's `menu_get_ext_help`, so that `helpnewconfig` prints the same.

use std::fmt::Write;

use super::super::config::Config;
use super::super::expr::{Expr, ExprId, Exprs};
use super::super::span::Span;
use super::super::tree::{Node, NodeId, ReverseDependency, Role, Select, SymbolId, Tristate, Type};

/// How many entries a location names at most.
const DEEPEST: usize = 8;

/// Help for an entry with a symbol.
pub(super) fn text(config: &Config, id: NodeId, prefix: &str) -> String {
    let tree = config.tree();
    let node = tree.node(id);
    let mut writer = Writer { config, text: String::new() };
    match tree.raw_help(id) {
        Some(help) => {
            if let Some(name) = node.symbol.and_then(|symbol| writer.name(symbol)) {
                writer.put(format_args!("{prefix}{name}:\n\n"));
            }
            writer.put(format_args!("{help}\n"));
        }
        None => writer.text.push_str("There is no help available for this option.\n"),
    }
    if let Some(symbol) = node.symbol {
        writer.symbol(symbol);
    }
    writer.text
}

struct Writer<'a> {
    config: &'a Config,
    text: String,
}

impl<'a> Writer<'a> {
    fn put(&mut self, text: std::fmt::Arguments<'_>) {
        self.text.write_fmt(text).expect("a String takes everything");
    }

    /// The name of a symbol; a choice has none.
    fn name(&self, symbol: SymbolId) -> Option<&'a str> {
        let symbol = self.config.tree().symbol(symbol);
        (symbol.role != Role::Choice).then_some(&*symbol.name)
    }

    fn symbol(&mut self, id: SymbolId) {
        let config = self.config;
        let symbol = config.tree().symbol(id);
        if let Some(name) = self.name(id) {
            self.put(format_args!("Symbol: {name} [={}]\n", config.value(id)));
            self.put(format_args!("Type  : {}\n", type_name(symbol.kind)));
            if matches!(symbol.kind, Type::Int | Type::Hex) {
                let holds = |condition| config.evaluate(condition) != Tristate::No;
                if let Some(range) = symbol.ranges.iter().find(|range| holds(range.condition)) {
                    self.text.push_str("Range : [");
                    self.reference(range.low);
                    self.text.push(' ');
                    self.reference(range.high);
                    self.text.push_str("]\n");
                }
            }
        }
        let nodes = || symbol.nodes.iter().map(|&node| (node, config.tree().node(node)));
        for (id, node) in nodes().filter(|(_, node)| node.prompt.is_some()) {
            self.defined_at(node.span);
            self.prompt(id, node);
        }
        for (_, node) in nodes().filter(|(_, node)| node.prompt.is_none()) {
            self.defined_at(node.span);
            self.condition("  Depends on: ", node.depends);
        }
        self.targets("Selects: ", &symbol.selects);
        self.reasons("Selected", &symbol.selected_by);
        self.targets("Implies: ", &symbol.implies);
        self.reasons("Implied", &symbol.implied_by);
        self.text.push_str("\n\n");
    }

    fn defined_at(&mut self, span: Span) {
        let position = self.config.tree().sources().position(span);
        self.put(format_args!("Defined at {}:{}\n", position.path.display(), position.line));
    }

    fn prompt(&mut self, id: NodeId, node: &Node) {
        let tree = self.config.tree();
        let Some(prompt) = &node.prompt else { return };
        self.put(format_args!("  Prompt: {}\n", prompt.text));
        self.condition("  Depends on: ", node.depends);
        if !is_same(tree.exprs(), prompt.condition, node.depends) {
            self.condition("  Visible if: ", prompt.condition);
        }
        self.text.push_str("  Location:\n");
        let mut path = Vec::new();
        let mut at = id;
        while at != NodeId::ROOT && path.len() < DEEPEST {
            path.push(at);
            at = tree.node(at).parent;
        }
        for (depth, &step) in path.iter().rev().enumerate() {
            let entry = tree.node(step);
            let indent = 2 * depth + 4;
            let title = match (&entry.prompt, entry.symbol.and_then(|symbol| self.name(symbol))) {
                (Some(prompt), _) => &prompt.text,
                (None, name) => name.unwrap_or_default(),
            };
            self.put(format_args!("{:indent$}-> {title}", ""));
            if let Some(symbol) = entry.symbol {
                // To Linux since 6.10 a choice itself has no value.
                let (name, value) = match self.name(symbol) {
                    Some(name) => (name, self.config.value(symbol)),
                    None => ("<choice>", "n"),
                };
                self.put(format_args!(" ({name} [={value}])"));
            }
            self.text.push('\n');
        }
    }

    fn condition(&mut self, title: &str, condition: ExprId) {
        if condition != ExprId::YES {
            self.text.push_str(title);
            self.text.push_str(&self.config.expression_with_values(condition));
            self.text.push('\n');
        }
    }

    fn targets(&mut self, title: &str, targets: &[Select]) {
        for (index, target) in targets.iter().enumerate() {
            self.text.push_str(if index == 0 { title } else { " && " });
            self.reference(target.target);
        }
        if !targets.is_empty() {
            self.text.push('\n');
        }
    }

    fn reasons(&mut self, verb: &str, reasons: &[ReverseDependency]) {
        for value in [Tristate::Yes, Tristate::Mod, Tristate::No] {
            let mut is_first = true;
            for reason in reasons.iter().filter(|reason| self.config.evaluate(reason.expr) == value) {
                if std::mem::take(&mut is_first) {
                    self.put(format_args!("{verb} by [{}]:\n", value.as_str()));
                }
                self.text.push_str("  - ");
                self.text.push_str(&self.config.expression_with_values(reason.expr));
                self.text.push('\n');
            }
        }
    }

    /// A symbol with its value.
    fn reference(&mut self, id: SymbolId) {
        let symbol = self.config.tree().symbol(id);
        match self.name(id) {
            Some(name) => {
                self.text.push_str(name);
                if symbol.kind != Type::Unknown {
                    self.put(format_args!(" [={}]", self.config.value(id)));
                }
            }
            None => self.text.push_str("<choice>"),
        }
    }
}

fn type_name(kind: Type) -> &'static str {
    match kind {
        Type::Unknown => "unknown",
        Type::Bool => "bool",
        Type::Tristate => "tristate",
        Type::Int => "integer",
        Type::Hex => "hex",
        Type::String => "string",
    }
}

/// Whether two expressions are the same but for the order of what is joined. Recursion is as deep as an
/// expression, which is limited.
fn is_same(exprs: &Exprs, a: ExprId, b: ExprId) -> bool {
    let are_same = |of: fn(Expr) -> Option<(ExprId, ExprId)>| {
        let (left, mut right) = (operands(exprs, a, of), operands(exprs, b, of));
        left.len() == right.len()
            && left.iter().all(|&one| {
                let place = right.iter().position(|&other| is_same(exprs, one, other));
                place.map(|place| right.swap_remove(place)).is_some()
            })
    };
    a == b
        || match (exprs.get(a), exprs.get(b)) {
            (Expr::Not(a), Expr::Not(b)) => is_same(exprs, a, b),
            (Expr::And(..), Expr::And(..)) => are_same(|expr| match expr {
                Expr::And(a, b) => Some((a, b)),
                _ => None,
            }),
            (Expr::Or(..), Expr::Or(..)) => are_same(|expr| match expr {
                Expr::Or(a, b) => Some((a, b)),
                _ => None,
            }),
            _ => false,
        }
}

/// What is joined in `a`, through all levels.
fn operands(exprs: &Exprs, a: ExprId, of: fn(Expr) -> Option<(ExprId, ExprId)>) -> Vec<ExprId> {
    let mut found = Vec::new();
    let mut rest = vec![a];
    while let Some(id) = rest.pop() {
        match of(exprs.get(id)) {
            Some((a, b)) => rest.extend([b, a]),
            None => found.push(id),
        }
    }
    found
}
