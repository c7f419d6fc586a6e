//! Expressions taken apart: which atoms of a condition keep it from holding.

use super::super::expr::{Comparison, Expr, ExprId};
use super::super::tree::{NodeId, Role, SymbolId, Tristate};
use super::Config;
use super::slot::has_own_value;

/// What an expression has to be for something to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// That or more.
    AtLeast(Tristate),
    /// That or less: the expression stands behind a `!`.
    AtMost(Tristate),
}

/// What is no `&&`, `||` or `!` of others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Atom {
    /// A symbol or constant.
    Symbol(SymbolId),
    /// `A = B` and so on.
    Compare(Comparison, SymbolId, SymbolId),
}

/// One line of an expression that has been taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// How many parts it is inside of.
    pub depth: usize,
    /// What it is.
    pub kind: PartKind,
    /// The expression that it is.
    pub expr: ExprId,
    /// Its value.
    pub value: Tristate,
    /// What it has to be and is not; none if it is no reason why the whole does not hold. A part of an `&&` is
    /// one if it is too low itself; of an `||` that is too low, every part is.
    pub missing: Option<Need>,
}

/// Kinds of [`Part`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartKind {
    /// All of the parts that follow one deeper.
    All,
    /// Any of the parts that follow one deeper.
    Any,
    /// Not the part that follows one deeper.
    Not,
    /// An atom.
    Atom(Atom),
}

/// An entry whose prompt is not shown, or not far enough, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unmet {
    /// The entry.
    pub node: NodeId,
    /// The condition of its prompt, or what it depends on if it has no prompt; in the order of the text.
    pub parts: Vec<Part>,
}

impl Need {
    /// Whether a value is what is needed.
    pub fn holds(self, value: Tristate) -> bool {
        match self {
            Self::AtLeast(least) => value >= least,
            Self::AtMost(greatest) => value <= greatest,
        }
    }

    /// What the inside of a `!` has to be.
    pub fn negate(self) -> Self {
        match self {
            Self::AtLeast(least) => Self::AtMost(least.negate()),
            Self::AtMost(greatest) => Self::AtLeast(greatest.negate()),
        }
    }
}

impl Unmet {
    /// The atoms that keep the entry from being shown, with what they have to be.
    pub fn atoms(&self) -> impl Iterator<Item = (Atom, Need)> {
        self.parts.iter().filter_map(|part| match (part.kind, part.missing) {
            (PartKind::Atom(atom), Some(need)) => Some((atom, need)),
            _ => None,
        })
    }
}

impl Config {
    /// Takes an expression apart: each part before those in it, `a && b && c` as one part with three in it.
    pub fn breakdown(&self, expr: ExprId, need: Need) -> Vec<Part> {
        let mut parts = Vec::new();
        let mut stack = vec![(expr, 0, need, true)];
        while let Some((expr, depth, need, is_asked)) = stack.pop() {
            let value = self.evaluate(expr);
            let is_missing = is_asked && !need.holds(value);
            let mut push_inner = |inner: Vec<ExprId>, need| {
                stack.extend(inner.into_iter().rev().map(|inner| (inner, depth + 1, need, is_missing)));
            };
            let kind = match self.tree.exprs().get(expr) {
                Expr::And(..) => {
                    push_inner(self.flat(expr), need);
                    PartKind::All
                }
                Expr::Or(..) => {
                    push_inner(self.flat(expr), need);
                    PartKind::Any
                }
                Expr::Not(inner) => {
                    push_inner(vec![inner], need.negate());
                    PartKind::Not
                }
                Expr::Symbol(symbol) => PartKind::Atom(Atom::Symbol(symbol)),
                Expr::Compare(comparison, left, right) => {
                    PartKind::Atom(Atom::Compare(comparison, left, right))
                }
            };
            parts.push(Part { depth, kind, expr, value, missing: is_missing.then_some(need) });
        }
        parts
    }

    /// The operands of a chain of `&&`, or of `||`, in the order of the text; anything else is its own operand.
    pub(super) fn flat(&self, expr: ExprId) -> Vec<ExprId> {
        let exprs = self.tree.exprs();
        let kind = std::mem::discriminant(&exprs.get(expr));
        let mut operands = Vec::new();
        let mut stack = vec![expr];
        while let Some(expr) = stack.pop() {
            match exprs.get(expr) {
                inner @ (Expr::And(a, b) | Expr::Or(a, b)) if std::mem::discriminant(&inner) == kind => {
                    stack.extend([b, a]);
                }
                _ => operands.push(expr),
            }
        }
        operands
    }

    /// Why a user cannot set a symbol, or a tristate only to `m`: for each of its entries what is missing.
    /// Empty if nothing is.
    pub fn unmet(&self, symbol: SymbolId) -> Vec<Unmet> {
        let least = match self.visibility(symbol) {
            Tristate::No => Tristate::Mod,
            Tristate::Mod => Tristate::Yes,
            Tristate::Yes => return Vec::new(),
        };
        let definition = self.tree.symbol(symbol);
        let has_prompt = definition.nodes.iter().any(|&node| self.tree.node(node).prompt.is_some());
        let unmet = |&node: &NodeId| {
            let entry = self.tree.node(node);
            let condition = match &entry.prompt {
                Some(prompt) => prompt.condition,
                None if has_prompt => return None,
                None => entry.depends,
            };
            let need = Need::AtLeast(least);
            (!need.holds(self.evaluate(condition)))
                .then(|| Unmet { node, parts: self.breakdown(condition, need) })
        };
        definition.nodes.iter().filter_map(unmet).collect()
    }

    /// What an expression lacks, as part of a sentence: `NET (is n) and (A (is n) or B (is n))`. Empty if it is as
    /// needed.
    pub fn lacking(&self, expr: ExprId, need: Need) -> String {
        let parts = self.breakdown(expr, need);
        // Texts of the parts that are missing, innermost first: backwards, every part comes after those in it.
        let mut texts: Vec<(usize, String)> = Vec::new();
        for part in parts.iter().rev() {
            let Some(need) = part.missing else { continue };
            let joint = match (part.kind, need) {
                (PartKind::Atom(atom), need) => {
                    texts.push((part.depth, self.describe(atom, need)));
                    continue;
                }
                (PartKind::Not, _) => "",
                (PartKind::All, Need::AtLeast(_)) | (PartKind::Any, Need::AtMost(_)) => " and ",
                (PartKind::All | PartKind::Any, _) => " or ",
            };
            let from = texts.iter().rposition(|(depth, _)| *depth <= part.depth).map_or(0, |last| last + 1);
            let mut inner: Vec<String> = texts.drain(from..).rev().map(|(_, text)| text).collect();
            inner.dedup();
            let is_several = inner.len() > 1;
            let text = inner.join(joint);
            let is_inside = part.depth > 0 && is_several;
            texts.push((part.depth, if is_inside { format!("({text})") } else { text }));
        }
        texts.pop().map(|(_, text)| text).unwrap_or_default()
    }

    /// An atom as what is needed, and what there is: `NETDEV != none (is none)`, `!SMP (is y)`.
    pub fn describe(&self, atom: Atom, need: Need) -> String {
        match atom {
            Atom::Symbol(symbol) => {
                let name = self.name_of(symbol);
                let is = self.value(symbol);
                if has_own_value(&self.tree, symbol) {
                    return match self.tree.symbol(symbol).role {
                        Role::Constant => format!("what is never so ({name})"),
                        _ => format!("{name} (which nothing defines)"),
                    };
                }
                match need {
                    Need::AtLeast(Tristate::Yes) if is == "m" => format!("{name} = y (is m)"),
                    Need::AtLeast(_) => format!("{name} (is {is})"),
                    Need::AtMost(Tristate::Mod) if self.modules_enabled() => format!("{name} != y (is {is})"),
                    Need::AtMost(_) => format!("!{name} (is {is})"),
                }
            }
            Atom::Compare(comparison, left, right) => {
                let comparison = match need {
                    Need::AtLeast(_) => comparison,
                    Need::AtMost(_) => comparison.opposite(),
                };
                let is = match (has_own_value(&self.tree, left), has_own_value(&self.tree, right)) {
                    (false, true) => format!("is {}", or_empty(self.value(left))),
                    (true, false) => {
                        format!("{} is {}", self.name_of(right), or_empty(self.value(right)))
                    }
                    _ => format!("is {}, {}", or_empty(self.value(left)), or_empty(self.value(right))),
                };
                let (left, right) = (self.name_of(left), self.name_of(right));
                format!("{left} {} {right} ({is})", comparison.as_str())
            }
        }
    }

    /// A symbol as a message names it.
    pub(super) fn name_of(&self, symbol: SymbolId) -> &str {
        let definition = self.tree.symbol(symbol);
        let prompt = || definition.nodes.iter().find_map(|&node| self.tree.node(node).prompt.as_ref());
        match &*definition.name {
            "" => prompt().map_or("\"\"", |prompt| &prompt.text),
            name => name,
        }
    }
}

fn or_empty(text: &str) -> &str {
    if text.is_empty() { "\"\"" } else { text }
}
