//! Expressions as text, as Linux prints them: `A && (B || !C=x)`, with as few parentheses as there can be.

use super::expr::{Expr, ExprId};
use super::tree::{Role, SymbolId, Tree};

/// Appends the text of `id`.
pub(super) fn write(tree: &Tree, id: ExprId, text: &mut String) {
    write_with(tree, id, text, &mut |_, _| {});
}

/// Appends the text of `id`; `after` may append something after the name of each symbol.
pub(super) fn write_with(
    tree: &Tree,
    id: ExprId,
    text: &mut String,
    after: &mut dyn FnMut(SymbolId, &mut String),
) {
    Writer { tree, text, after }.expr(id, Rank::Top);
}

/// How tightly what is around an expression binds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Top,
    Or,
    And,
    Not,
}

struct Writer<'w> {
    tree: &'w Tree,
    text: &'w mut String,
    after: &'w mut dyn FnMut(SymbolId, &mut String),
}

impl Writer<'_> {
    fn expr(&mut self, id: ExprId, around: Rank) {
        match self.tree.exprs().get(id) {
            Expr::Symbol(symbol) => self.symbol(symbol),
            Expr::Compare(comparison, left, right) => {
                self.symbol(left);
                self.text.push_str(comparison.as_str());
                self.symbol(right);
            }
            Expr::Not(a) => {
                self.text.push('!');
                self.expr(a, Rank::Not);
            }
            Expr::And(a, b) => self.junction(a, b, " && ", Rank::And, around),
            Expr::Or(a, b) => self.junction(a, b, " || ", Rank::Or, around),
        }
    }

    fn junction(&mut self, a: ExprId, b: ExprId, operator: &str, rank: Rank, around: Rank) {
        if around > rank {
            self.text.push('(');
        }
        self.expr(a, rank);
        self.text.push_str(operator);
        self.expr(b, rank);
        if around > rank {
            self.text.push(')');
        }
    }

    fn symbol(&mut self, id: SymbolId) {
        let symbol = self.tree.symbol(id);
        let is_nameless = symbol.role == Role::Choice && symbol.name.is_empty();
        self.text.push_str(if is_nameless { "<choice>" } else { &symbol.name });
        (self.after)(id, self.text);
    }
}
