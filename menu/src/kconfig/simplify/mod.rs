//! Rewriting of expressions: the forms in which dependencies are kept, compared and shown.
//!
//! The rules and their order are those of Linux's `expr.c`. No rule changes a value, so any other order would do
//! for evaluation, but `conf` prints dependencies and decides by them what is a submenu, and both are part of its
//! interface. Results are remembered, so that what a menu's entries share is rewritten once.

mod join;
mod transform;

use std::hash::{Hash, Hasher};

use super::expr::{Comparison, Expr, ExprId, Exprs};
use super::hash::Mixer;
use super::tree::{Symbol, SymbolId};

/// `&&` or `||`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Junction {
    And,
    Or,
}

impl Junction {
    fn of(expr: Expr) -> Option<(Self, ExprId, ExprId)> {
        match expr {
            Expr::And(a, b) => Some((Self::And, a, b)),
            Expr::Or(a, b) => Some((Self::Or, a, b)),
            _ => None,
        }
    }

    fn join(self, a: ExprId, b: ExprId) -> Expr {
        match self {
            Self::And => Expr::And(a, b),
            Self::Or => Expr::Or(a, b),
        }
    }

    /// The constant without influence.
    fn neutral(self) -> ExprId {
        match self {
            Self::And => ExprId::YES,
            Self::Or => ExprId::NO,
        }
    }

    /// The constant that decides.
    fn absorbing(self) -> ExprId {
        match self {
            Self::And => ExprId::NO,
            Self::Or => ExprId::YES,
        }
    }
}

/// The rewriting rules, with what they did before.
pub(super) struct Simplifier<'d> {
    pub exprs: &'d mut Exprs,
    symbols: &'d [Symbol],
    modules: SymbolId,
    with_modules: Memo,
    transformed: Memo,
    reduced: Memo,
    /// By expression; 0 where it is not known yet.
    operand_sums: Vec<u64>,
    /// Bools that are compared with `m`.
    pub tested_for_m: Vec<SymbolId>,
}

/// Results by the id of the expression.
#[derive(Default)]
struct Memo(Vec<Option<ExprId>>);

impl Memo {
    fn get(&self, id: ExprId) -> Option<ExprId> {
        self.0.get(id.0 as usize).copied().flatten()
    }

    fn set(&mut self, id: ExprId, result: ExprId) {
        let index = id.0 as usize;
        if index >= self.0.len() {
            self.0.resize((index + 1).next_power_of_two(), None);
        }
        self.0[index] = Some(result);
    }
}

impl<'d> Simplifier<'d> {
    /// `modules` is what decides about `m`; `n` where nothing does.
    pub fn new(exprs: &'d mut Exprs, symbols: &'d [Symbol], modules: Option<SymbolId>) -> Self {
        Self {
            exprs,
            symbols,
            modules: modules.unwrap_or(SymbolId::NO),
            with_modules: Memo::default(),
            transformed: Memo::default(),
            reduced: Memo::default(),
            operand_sums: Vec::new(),
            tested_for_m: Vec::new(),
        }
    }

    /// The symbols of the tree.
    pub fn symbols(&self) -> &'d [Symbol] {
        self.symbols
    }

    /// A dependency or condition as it was written, in its normal form.
    pub fn normal(&mut self, expr: ExprId) -> ExprId {
        let expr = self.with_modules(expr);
        self.transform(expr)
    }

    /// `a && b` in its shortest form, where none is nothing to hold.
    pub fn and(&mut self, a: Option<ExprId>, b: Option<ExprId>) -> Option<ExprId> {
        let both = match (a, b) {
            (Some(a), Some(b)) => self.exprs.add(Expr::And(a, b)),
            (one, other) => one.or(other)?,
        };
        // A tower that is refused later is not worth the time, and its height would be that of the stack.
        Some(if self.exprs.depth(both) > Exprs::MAX_DEPTH { both } else { self.reduce(both) })
    }

    /// Without operands that say what others say, too.
    pub fn reduce(&mut self, id: ExprId) -> ExprId {
        if let Some(known) = self.reduced.get(id) {
            return known;
        }
        let mut result = id;
        loop {
            let mut has_changed = false;
            if let Some((junction, a, b)) = Junction::of(self.exprs.get(result)) {
                let (a, b) = (self.reduce(a), self.reduce(b));
                let (a, b) = self.join_operands(junction, a, b, &mut has_changed);
                result = match has_changed {
                    true => {
                        let joined = self.exprs.add(junction.join(a, b));
                        self.without_constants(joined)
                    }
                    false => self.join_without_constants(junction, a, b),
                };
            }
            if !has_changed {
                break;
            }
        }
        self.reduced.set(id, result);
        self.reduced.set(result, result);
        result
    }

    /// Compares each operand on one side with each on the other.
    fn join_operands(
        &mut self,
        junction: Junction,
        a: ExprId,
        b: ExprId,
        has_changed: &mut bool,
    ) -> (ExprId, ExprId) {
        match Junction::of(self.exprs.get(a)) {
            Some((inner, left, right)) if inner == junction => {
                let (left, b) = self.join_operands(junction, left, b, has_changed);
                let (right, b) = self.join_operands(junction, right, b, has_changed);
                return (self.with_operands(a, junction, left, right), b);
            }
            _ => {}
        }
        match Junction::of(self.exprs.get(b)) {
            Some((inner, left, right)) if inner == junction => {
                let (a, left) = self.join_operands(junction, a, left, has_changed);
                let (a, right) = self.join_operands(junction, a, right, has_changed);
                return (a, self.with_operands(b, junction, left, right));
            }
            _ => {}
        }
        let joined = if self.is_equal(a, b) { Some(a) } else { self.join(junction, a, b) };
        match joined {
            Some(joined) => {
                *has_changed = true;
                (junction.neutral(), joined)
            }
            None => (a, b),
        }
    }

    /// Without `y` and `n` as operands, at the top.
    fn without_constants(&self, id: ExprId) -> ExprId {
        let Some((junction, a, b)) = Junction::of(self.exprs.get(id)) else { return id };
        let (a, b) = (self.without_constants(a), self.without_constants(b));
        only_operand(junction, a, b).unwrap_or(id)
    }

    fn join_without_constants(&mut self, junction: Junction, a: ExprId, b: ExprId) -> ExprId {
        only_operand(junction, a, b).unwrap_or_else(|| self.exprs.add(junction.join(a, b)))
    }

    /// `a` and `b` in place of the operands of `id`.
    fn with_operands(&mut self, id: ExprId, junction: Junction, a: ExprId, b: ExprId) -> ExprId {
        let expr = junction.join(a, b);
        if self.exprs.get(id) == expr { id } else { self.exprs.add(expr) }
    }

    /// Whether two expressions have the same operands, in any order.
    fn is_equal(&mut self, a: ExprId, b: ExprId) -> bool {
        if a == b {
            return true;
        }
        match (self.exprs.get(a), self.exprs.get(b)) {
            (Expr::Not(a), Expr::Not(b)) => self.is_equal(a, b),
            (Expr::And(..), Expr::And(..)) | (Expr::Or(..), Expr::Or(..)) => {
                // Comparing each operand with each is slow where hundreds are alike and none the same.
                if self.signature(a) != self.signature(b) {
                    return false;
                }
                let (a, b) = self.without_common(a, b);
                a == b && matches!(self.exprs.get(a), Expr::Symbol(_))
            }
            _ => false,
        }
    }

    /// A number that is the same for expressions with the same operands in any order.
    fn signature(&mut self, id: ExprId) -> u64 {
        let expr = self.exprs.get(id);
        if let Some((junction, ..)) = Junction::of(expr) {
            return mixed((junction as u64, self.operand_sum(id, junction)));
        }
        match expr {
            Expr::Not(a) => mixed((2u64, self.signature(a))),
            _ => mixed((3u64, id.0.into())),
        }
    }

    /// The sum of the signatures of the operands of `id` that `junction` joins.
    fn operand_sum(&mut self, id: ExprId, junction: Junction) -> u64 {
        match Junction::of(self.exprs.get(id)) {
            Some((own, a, b)) if own == junction => {
                let index = id.0 as usize;
                if let Some(&known) = self.operand_sums.get(index).filter(|&&known| known != 0) {
                    return known;
                }
                let sum = self.operand_sum(a, junction).wrapping_add(self.operand_sum(b, junction));
                if index >= self.operand_sums.len() {
                    self.operand_sums.resize((index + 1).next_power_of_two(), 0);
                }
                self.operand_sums[index] = sum;
                sum
            }
            _ => self.signature(id),
        }
    }

    /// Both expressions without the operands that they have in common.
    pub fn without_common(&mut self, mut a: ExprId, mut b: ExprId) -> (ExprId, ExprId) {
        if let Some((junction, ..)) = Junction::of(self.exprs.get(a)) {
            (a, b) = self.eliminate_common(junction, a, b);
        }
        let first = Junction::of(self.exprs.get(a)).map(|(junction, ..)| junction);
        if let Some((junction, ..)) = Junction::of(self.exprs.get(b))
            && first != Some(junction)
        {
            (a, b) = self.eliminate_common(junction, a, b);
        }
        (self.without_constants(a), self.without_constants(b))
    }

    fn eliminate_common(&mut self, junction: Junction, a: ExprId, b: ExprId) -> (ExprId, ExprId) {
        match Junction::of(self.exprs.get(a)) {
            Some((inner, left, right)) if inner == junction => {
                let (left, b) = self.eliminate_common(junction, left, b);
                let (right, b) = self.eliminate_common(junction, right, b);
                return (self.with_operands(a, junction, left, right), b);
            }
            _ => {}
        }
        match Junction::of(self.exprs.get(b)) {
            Some((inner, left, right)) if inner == junction => {
                let (a, left) = self.eliminate_common(junction, a, left);
                let (a, right) = self.eliminate_common(junction, a, right);
                return (a, self.with_operands(b, junction, left, right));
            }
            _ => {}
        }
        let is_decided = a == b && (a == ExprId::YES || a == ExprId::NO);
        if !is_decided && self.is_equal(a, b) { (junction.neutral(), junction.neutral()) } else { (a, b) }
    }

    /// `expr != n`, as comparisons of its symbols.
    pub fn not_no(&mut self, expr: Option<ExprId>) -> ExprId {
        let compared = match expr {
            Some(expr) => compare_no(self.exprs, Comparison::Unequal, expr),
            None => self.exprs.add(Expr::Not(ExprId::NO)),
        };
        let transformed = self.transform(compared);
        self.reduce(transformed)
    }
}

fn mixed(value: (u64, u64)) -> u64 {
    let mut mixer = Mixer::default();
    value.hash(&mut mixer);
    mixer.finish()
}

/// The operand that is left when the other one is a constant, or the constant that decides.
fn only_operand(junction: Junction, a: ExprId, b: ExprId) -> Option<ExprId> {
    if a == junction.absorbing() || b == junction.absorbing() {
        Some(junction.absorbing())
    } else if a == junction.neutral() {
        Some(b)
    } else if b == junction.neutral() {
        Some(a)
    } else {
        None
    }
}

/// `expr = n`, as comparisons of its symbols.
pub(super) fn equals_no(exprs: &mut Exprs, expr: ExprId) -> ExprId {
    compare_no(exprs, Comparison::Equal, expr)
}

fn compare_no(exprs: &mut Exprs, comparison: Comparison, id: ExprId) -> ExprId {
    let is_equal = comparison == Comparison::Equal;
    let positive = match exprs.get(id) {
        Expr::Symbol(symbol) => return exprs.add(Expr::Compare(comparison, symbol, SymbolId::NO)),
        Expr::Not(a) => return compare_no(exprs, comparison.opposite(), a),
        Expr::Compare(..) => {
            return if is_equal { exprs.add(Expr::Not(id)) } else { id };
        }
        Expr::And(a, b) => {
            let (a, b) = (equals_no(exprs, a), equals_no(exprs, b));
            exprs.add(Expr::Or(a, b))
        }
        Expr::Or(a, b) => {
            let (a, b) = (equals_no(exprs, a), equals_no(exprs, b));
            exprs.add(Expr::And(a, b))
        }
    };
    if is_equal { positive } else { exprs.add(Expr::Not(positive)) }
}

/// Whether `id` mentions `symbol`.
pub(super) fn contains(exprs: &Exprs, id: ExprId, symbol: SymbolId) -> bool {
    match exprs.get(id) {
        Expr::Symbol(other) => other == symbol,
        Expr::Compare(_, left, right) => left == symbol || right == symbol,
        Expr::Not(a) => contains(exprs, a, symbol),
        Expr::And(a, b) | Expr::Or(a, b) => contains(exprs, a, symbol) || contains(exprs, b, symbol),
    }
}

/// Whether `id` holds only where `symbol` is not `n`, as far as its form shows.
pub(super) fn depends(exprs: &Exprs, id: ExprId, symbol: SymbolId) -> bool {
    operands(exprs, id, &mut |operand| operand == symbol)
}

/// Whether some symbol that must not be `n` for `id` to hold passes `test`.
pub(super) fn operands(exprs: &Exprs, id: ExprId, test: &mut dyn FnMut(SymbolId) -> bool) -> bool {
    match exprs.get(id) {
        Expr::Symbol(symbol) => test(symbol),
        Expr::Compare(Comparison::Equal, symbol, SymbolId::YES | SymbolId::MOD) => test(symbol),
        Expr::Compare(Comparison::Unequal, symbol, SymbolId::NO) => test(symbol),
        Expr::And(a, b) => operands(exprs, a, test) || operands(exprs, b, test),
        _ => false,
    }
}
