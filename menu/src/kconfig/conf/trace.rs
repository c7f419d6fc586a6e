//! In which order Linux's program computes symbols.
//!
//! It computes a symbol when it first needs it, and what it forgets between two rounds is the values but not the
//! visibility of members of choices. Two of its results depend on that and not only on the values: whether a
//! symbol whose dependencies are unmet has been noticed yet, and whether a member of a choice that has just become
//! invisible is written once more. Nothing else does, so the engine does not know of it; it is retraced here.

use std::collections::HashMap;

use super::super::config::Config;
use super::super::expr::{Expr, ExprId};
use super::super::tree::{NodeId, Role, Symbol, SymbolId, Tree, Tristate, Type};

/// What has been computed since the values were forgotten.
pub(super) struct Trace<'a> {
    config: &'a Config,
    symbols: Vec<bool>,
    exprs: Vec<bool>,
    /// The member of each choice that was needed first.
    first: HashMap<SymbolId, SymbolId>,
    /// What is to be computed next, the last first: chains of symbols are longer than the call stack is deep.
    steps: Vec<Step>,
}

#[derive(Clone, Copy)]
enum Step {
    Symbol(SymbolId),
    Expr(ExprId),
}

impl<'a> Trace<'a> {
    /// What is computed to find out whether `m` is a value, which is always first.
    pub(super) fn new(config: &'a Config) -> Self {
        let tree = config.tree();
        let mut trace = Self {
            config,
            symbols: vec![false; tree.symbols().count()],
            exprs: vec![false; tree.exprs().len()],
            first: HashMap::new(),
            steps: Vec::new(),
        };
        if let Some(modules) = tree.modules() {
            trace.compute(Step::Symbol(modules));
        }
        trace
    }

    /// What is computed to look for symbols without a value.
    pub(super) fn of_dialogue(config: &'a Config) -> Self {
        let mut trace = Self::new(config);
        let tree = config.tree();
        let mut nodes = vec![NodeId::ROOT];
        while let Some(id) = nodes.pop() {
            trace.node(id);
            if config.is_shown(id) {
                nodes.extend(tree.node(id).children.iter().rev());
            }
        }
        trace
    }

    /// What is computed to write a `.config`.
    fn of_writing(config: &'a Config) -> Self {
        let mut trace = Self::new(config);
        let tree = config.tree();
        for id in tree.walk() {
            match tree.node(id).symbol {
                None => trace.node(id),
                Some(symbol) if tree.symbol(symbol).role == Role::Plain => {
                    trace.compute(Step::Symbol(symbol))
                }
                Some(_) => {}
            }
        }
        trace
    }

    /// Whether a symbol has been computed.
    pub(super) fn has(&self, symbol: SymbolId) -> bool {
        self.symbols[symbol.index()]
    }

    /// Whether an entry is visible.
    fn node(&mut self, id: NodeId) {
        let node = self.config.tree().node(id);
        let Some(prompt) = &node.prompt else { return };
        self.compute(Step::Expr(node.visible_if));
        match node.symbol {
            Some(symbol) => self.compute(Step::Symbol(symbol)),
            None => self.compute(Step::Expr(prompt.condition)),
        }
    }

    fn compute(&mut self, step: Step) {
        self.steps.push(step);
        while let Some(step) = self.steps.pop() {
            let before = self.steps.len();
            match step {
                Step::Symbol(id) => self.symbol(id),
                Step::Expr(id) => self.expr(id),
            }
            self.steps[before..].reverse();
        }
    }

    fn expr(&mut self, id: ExprId) {
        if std::mem::replace(&mut self.exprs[id.0 as usize], true) {
            return;
        }
        // Both sides, whatever the first one is.
        let steps = match self.config.tree().exprs().get(id) {
            Expr::Symbol(symbol) => [Some(Step::Symbol(symbol)), None],
            Expr::Not(a) => [Some(Step::Expr(a)), None],
            Expr::And(a, b) | Expr::Or(a, b) => [Some(Step::Expr(a)), Some(Step::Expr(b))],
            Expr::Compare(_, a, b) => [Some(Step::Symbol(a)), Some(Step::Symbol(b))],
        };
        self.steps.extend(steps.into_iter().flatten());
    }

    fn symbol(&mut self, id: SymbolId) {
        let symbol = self.config.tree().symbol(id);
        if symbol.kind == Type::Unknown || std::mem::replace(&mut self.symbols[id.index()], true) {
            return;
        }
        self.steps.push(Step::Expr(symbol.visibility));
        if let Some(choice) = symbol.choice {
            return self.choice(choice, id);
        }
        self.steps.push(Step::Expr(symbol.depends));
        let reverse = symbol.selected_by.iter().chain(&symbol.implied_by);
        self.steps.extend(reverse.map(|reverse| Step::Expr(reverse.expr)));
        let is_set = self.is_visible(id) && self.config.user_value(id).is_some();
        if symbol.role == Role::Plain && !is_set {
            self.defaults(symbol);
        }
        if matches!(symbol.kind, Type::Int | Type::Hex) {
            for range in &symbol.ranges {
                self.steps.push(Step::Expr(range.condition));
                if self.config.evaluate(range.condition) != Tristate::No {
                    self.steps.extend([Step::Symbol(range.low), Step::Symbol(range.high)]);
                    break;
                }
            }
        }
    }

    /// The conditions up to the first that holds, and its value.
    fn defaults(&mut self, symbol: &Symbol) {
        for default in &symbol.defaults {
            self.steps.push(Step::Expr(default.condition));
            if self.config.evaluate(default.condition) != Tristate::No {
                self.steps.push(Step::Expr(default.value));
                break;
            }
        }
    }

    /// A choice decides for all its members when the first of them is needed.
    fn choice(&mut self, choice: SymbolId, member: SymbolId) {
        self.first.entry(choice).or_insert(member);
        let config = self.config;
        for member in refreshed(config, choice) {
            self.steps.push(Step::Expr(config.tree().symbol(member).visibility));
        }
    }

    fn is_visible(&self, symbol: SymbolId) -> bool {
        self.config.visibility(symbol) != Tristate::No
    }
}

/// The members whose visibility is computed when a choice decides: all, or those up to the visible one that the
/// user set to `y`.
fn refreshed(config: &Config, choice: SymbolId) -> impl Iterator<Item = SymbolId> {
    let order = config.priority(choice);
    let is_picked = |&member: &SymbolId| {
        config.visibility(member) != Tristate::No && config.user_value(member).as_deref() == Some("y")
    };
    let count = order.iter().position(is_picked).map_or(order.len(), |at| at + 1);
    order[..count].iter().copied()
}

/// The members of choices that can be seen.
pub(super) fn visible_members(config: &Config) -> Vec<SymbolId> {
    let tree: &Tree = config.tree();
    let members = tree.symbols().filter(|(_, symbol)| symbol.choice.is_some()).map(|(id, _)| id);
    members.filter(|&member| config.visibility(member) != Tristate::No).collect()
}

/// Of the members that were visible before the values changed, those that Linux's program writes as `n` although
/// they are invisible now: it has not looked again.
pub(super) fn leftovers(config: &Config, visible_before: &[SymbolId]) -> Vec<SymbolId> {
    let mut gone = visible_before.to_vec();
    gone.retain(|&member| config.visibility(member) == Tristate::No);
    if gone.is_empty() {
        return gone;
    }
    let trace = Trace::of_writing(config);
    gone.retain(|&member| {
        let choice = config.tree().symbol(member).choice;
        choice.is_some_and(|choice| {
            trace.first.get(&choice) != Some(&member)
                && !refreshed(config, choice).any(|other| other == member)
        })
    });
    gone
}
