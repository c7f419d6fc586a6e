//! Two operands about the same symbol as one.

use super::super::expr::{Comparison, Expr, ExprId};
use super::super::tree::{Role, SymbolId, Type};
use super::{Junction, Simplifier};

impl Simplifier<'_> {
    /// One operand that says what two different ones about the same symbol say.
    pub(super) fn join(&mut self, junction: Junction, a: ExprId, b: ExprId) -> Option<ExprId> {
        let (a, b) = (self.exprs.get(a), self.exprs.get(b));
        let symbol = self.subject(a, true)?;
        if self.subject(b, false)? != symbol {
            return None;
        }
        let kind = self.symbols[symbol.index()].kind;
        if !matches!(kind, Type::Bool | Type::Tristate) {
            return None;
        }
        let joined = match junction {
            Junction::Or => self.join_or(kind, a, b, symbol)?,
            Junction::And => self.join_and(kind, a, b, symbol)?,
        };
        Some(self.exprs.add(joined))
    }

    /// The symbol that an operand is about: `A`, `!A`, `A=…`, `A!=…`, and on the first side `!(A=…)`.
    fn subject(&self, operand: Expr, is_first: bool) -> Option<SymbolId> {
        match operand {
            Expr::Symbol(symbol) => Some(symbol),
            Expr::Compare(Comparison::Equal | Comparison::Unequal, symbol, _) => Some(symbol),
            Expr::Not(inner) => match self.exprs.get(inner) {
                Expr::Symbol(symbol) => Some(symbol),
                Expr::Compare(Comparison::Equal | Comparison::Unequal, symbol, _) if is_first => Some(symbol),
                _ => None,
            },
            _ => None,
        }
    }

    fn join_or(&self, kind: Type, a: Expr, b: Expr, symbol: SymbolId) -> Option<Expr> {
        use Comparison::{Equal, Unequal};
        if kind == Type::Tristate {
            let (Expr::Compare(Equal, _, one), Expr::Compare(Equal, _, other)) = (a, b) else { return None };
            // Two of the three values: not the third.
            let third = third_value(one, other)?;
            return Some(Expr::Compare(Unequal, symbol, third));
        }
        let is_not =
            |expr| matches!(expr, Expr::Not(inner) if matches!(self.exprs.get(inner), Expr::Symbol(_)));
        let is_symbol = |expr| matches!(expr, Expr::Symbol(_));
        (is_not(a) && is_symbol(b) || is_symbol(a) && is_not(b)).then_some(Expr::Symbol(SymbolId::YES))
    }

    fn join_and(&self, kind: Type, a: Expr, b: Expr, symbol: SymbolId) -> Option<Expr> {
        use Comparison::{Equal, Unequal};
        let no = SymbolId::NO;
        let yes = Expr::Compare(Equal, symbol, SymbolId::YES);
        match (a, b) {
            (Expr::Symbol(_), Expr::Compare(Equal, _, SymbolId::YES))
            | (Expr::Compare(Equal, _, SymbolId::YES), Expr::Symbol(_))
            | (Expr::Symbol(_), Expr::Compare(Unequal, _, SymbolId::MOD))
            | (Expr::Compare(Unequal, _, SymbolId::MOD), Expr::Symbol(_)) => return Some(yes),
            (Expr::Symbol(_), Expr::Compare(Unequal, _, value))
            | (Expr::Compare(Unequal, _, value), Expr::Symbol(_))
                if value == no =>
            {
                return Some(Expr::Symbol(symbol));
            }
            _ => {}
        }
        if kind != Type::Tristate {
            return None;
        }
        let is_constant = |symbol: SymbolId| self.symbols[symbol.index()].role == Role::Constant;
        match (a, b) {
            (Expr::Compare(Equal, _, is), Expr::Compare(Unequal, _, is_not))
            | (Expr::Compare(Unequal, _, is_not), Expr::Compare(Equal, _, is))
                if is_constant(is) && is_constant(is_not) =>
            {
                Some(if is == is_not { Expr::Symbol(no) } else { Expr::Compare(Equal, symbol, is) })
            }
            (Expr::Compare(Unequal, _, one), Expr::Compare(Unequal, _, other)) => {
                Some(Expr::Compare(Equal, symbol, third_value(one, other)?))
            }
            _ => None,
        }
    }
}

/// The value of a tristate that is neither of two.
fn third_value(one: SymbolId, other: SymbolId) -> Option<SymbolId> {
    match (one, other) {
        (SymbolId::YES, SymbolId::MOD) | (SymbolId::MOD, SymbolId::YES) => Some(SymbolId::NO),
        (SymbolId::YES, SymbolId::NO) | (SymbolId::NO, SymbolId::YES) => Some(SymbolId::MOD),
        (SymbolId::MOD, SymbolId::NO) | (SymbolId::NO, SymbolId::MOD) => Some(SymbolId::YES),
        _ => None,
    }
}
