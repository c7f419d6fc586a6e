//! Selected symbols whose own dependencies do not hold, told as Linux's `conf` tells it.

use super::super::expr::{Expr, ExprId};
use super::super::tree::{ReverseDependency, Role, SymbolId, Tristate, Type};
use super::Config;

/// What is still to be written of an expression.
enum Piece {
    Expr(ExprId, Place),
    Text(&'static str),
}

/// What stands around an expression.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Top,
    Or,
    And,
    Not,
}

impl Config {
    /// Whether a symbol is selected to more than what its own dependencies allow. Never true of members of
    /// choices, which cannot be selected.
    pub fn is_unmet(&self, symbol: SymbolId) -> bool {
        let definition = self.tree.symbol(symbol);
        let is_candidate = definition.role == Role::Plain && self.is_switch(symbol);
        if !is_candidate || definition.selected_by.is_empty() {
            return false;
        }
        self.ask(|this| {
            let selected = this.slot(symbol)?.selected;
            Ok(selected != Tristate::No && this.direct(definition)? < selected)
        })
    }

    /// The warning that `conf` prints for such a symbol: an empty line, then several lines, each with its
    /// newline.
    pub fn unmet_text(&self, symbol: SymbolId) -> String {
        let definition = self.tree.symbol(symbol);
        let direct = self.ask(|this| this.direct(definition));
        let letter = if direct == Tristate::Mod { 'm' } else { 'n' };
        let mut text = format!(
            "\nWARNING: unmet direct dependencies detected for {}\n  Depends on [{letter}]: {}\n",
            definition.name,
            self.expression_with_values(definition.depends),
        );
        for value in [Tristate::Yes, Tristate::Mod] {
            self.push_reasons(&mut text, &definition.selected_by, value);
        }
        text
    }

    fn push_reasons(&self, text: &mut String, reasons: &[ReverseDependency], value: Tristate) {
        let mut lines = reasons.iter().filter(|reason| self.evaluate(reason.expr) == value).peekable();
        if lines.peek().is_some() {
            text.push_str(&format!("  Selected by [{}]:\n", value.as_str()));
        }
        for reason in lines {
            text.push_str(&format!("  - {}\n", self.expression_with_values(reason.expr)));
        }
    }

    /// An expression in which each symbol that has a type is followed by its value, as `conf` writes it:
    /// `A [=y] && (B [=n] || C [=m]=m)`.
    pub fn expression_with_values(&self, expr: ExprId) -> String {
        let mut text = String::new();
        let mut stack = vec![Piece::Expr(expr, Place::Top)];
        while let Some(piece) = stack.pop() {
            let (expr, place) = match piece {
                Piece::Text(piece) => {
                    text.push_str(piece);
                    continue;
                }
                Piece::Expr(expr, place) => (expr, place),
            };
            match self.tree.exprs().get(expr) {
                Expr::Symbol(symbol) => self.push_symbol(&mut text, symbol),
                Expr::Not(a) => {
                    text.push('!');
                    stack.push(Piece::Expr(a, Place::Not));
                }
                Expr::And(a, b) => {
                    let inner = [Piece::Expr(b, Place::And), Piece::Text(" && "), Piece::Expr(a, Place::And)];
                    push_in_parentheses(&mut text, &mut stack, inner, place == Place::Not);
                }
                Expr::Or(a, b) => {
                    let inner = [Piece::Expr(b, Place::Or), Piece::Text(" || "), Piece::Expr(a, Place::Or)];
                    let is_inside = matches!(place, Place::Not | Place::And);
                    push_in_parentheses(&mut text, &mut stack, inner, is_inside);
                }
                Expr::Compare(comparison, left, right) => {
                    self.push_symbol(&mut text, left);
                    text.push_str(comparison.as_str());
                    self.push_symbol(&mut text, right);
                }
            }
        }
        text
    }

    fn push_symbol(&self, text: &mut String, symbol: SymbolId) {
        let definition = self.tree.symbol(symbol);
        if definition.role == Role::Choice && definition.name.is_empty() {
            text.push_str("<choice>");
            return;
        }
        text.push_str(&definition.name);
        if definition.kind != Type::Unknown || symbol <= SymbolId::YES {
            text.push_str(&format!(" [={}]", self.value(symbol)));
        }
    }
}

fn push_in_parentheses(text: &mut String, stack: &mut Vec<Piece>, inner: [Piece; 3], is_inside: bool) {
    if is_inside {
        text.push('(');
        stack.push(Piece::Text(")"));
    }
    stack.extend(inner);
}
