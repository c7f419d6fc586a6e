//! The form of single operands: `m` with what makes it a value, bools without comparisons, `!` at the symbols.

use super::super::expr::{Comparison, Expr, ExprId};
use super::super::tree::{SymbolId, Type};
use super::{Junction, Simplifier};

impl Simplifier<'_> {
    /// `m` as `m && MODULES`.
    pub(super) fn with_modules(&mut self, id: ExprId) -> ExprId {
        if let Some(known) = self.with_modules.get(id) {
            return known;
        }
        let result = match self.exprs.get(id) {
            Expr::Symbol(SymbolId::MOD) => {
                let modules = self.exprs.add(Expr::Symbol(self.modules));
                self.exprs.add(Expr::And(id, modules))
            }
            Expr::Not(a) => {
                let a = self.with_modules(a);
                self.exprs.add(Expr::Not(a))
            }
            expr => match Junction::of(expr) {
                Some((junction, a, b)) => {
                    let (a, b) = (self.with_modules(a), self.with_modules(b));
                    self.exprs.add(junction.join(a, b))
                }
                None => id,
            },
        };
        self.with_modules.set(id, result);
        result
    }

    /// Comparisons of bools as the bool, and `!` moved inwards as far as it goes.
    pub fn transform(&mut self, id: ExprId) -> ExprId {
        if let Some(known) = self.transformed.get(id) {
            return known;
        }
        let result = match self.exprs.get(id) {
            Expr::Symbol(_) => id,
            Expr::Compare(comparison, left, right) => self.transform_comparison(id, comparison, left, right),
            Expr::Not(a) => {
                let a = self.transform(a);
                self.transform_not(a)
            }
            Expr::And(a, b) => {
                let (a, b) = (self.transform(a), self.transform(b));
                self.exprs.add(Expr::And(a, b))
            }
            Expr::Or(a, b) => {
                let (a, b) = (self.transform(a), self.transform(b));
                self.exprs.add(Expr::Or(a, b))
            }
        };
        self.transformed.set(id, result);
        self.transformed.set(result, result);
        result
    }

    fn transform_comparison(
        &mut self,
        id: ExprId,
        comparison: Comparison,
        left: SymbolId,
        right: SymbolId,
    ) -> ExprId {
        if self.symbols[left.index()].kind != Type::Bool || right > SymbolId::YES {
            return id;
        }
        let is_equal = match comparison {
            Comparison::Equal => true,
            Comparison::Unequal => false,
            _ => return id,
        };
        if right == SymbolId::MOD {
            self.tested_for_m.push(left);
            return if is_equal { ExprId::NO } else { ExprId::YES };
        }
        let symbol = self.exprs.add(Expr::Symbol(left));
        if is_equal == (right == SymbolId::YES) { symbol } else { self.exprs.add(Expr::Not(symbol)) }
    }

    /// `!a`, where `a` is transformed.
    fn transform_not(&mut self, a: ExprId) -> ExprId {
        let opposite = match self.exprs.get(a) {
            Expr::Symbol(SymbolId::NO) => return ExprId::YES,
            Expr::Symbol(SymbolId::MOD) => return ExprId::MOD,
            Expr::Symbol(SymbolId::YES) => return ExprId::NO,
            Expr::Symbol(_) => Expr::Not(a),
            Expr::Not(inner) => return inner,
            Expr::Compare(comparison, left, right) => Expr::Compare(comparison.opposite(), left, right),
            Expr::And(left, right) => {
                let (left, right) = (self.exprs.add(Expr::Not(left)), self.exprs.add(Expr::Not(right)));
                let (left, right) = (self.transform(left), self.transform(right));
                Expr::Or(left, right)
            }
            Expr::Or(left, right) => {
                let (left, right) = (self.exprs.add(Expr::Not(left)), self.exprs.add(Expr::Not(right)));
                let (left, right) = (self.transform(left), self.transform(right));
                Expr::And(left, right)
            }
        };
        self.exprs.add(opposite)
    }
}
