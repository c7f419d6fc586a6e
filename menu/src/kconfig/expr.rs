//! Expressions over symbols, each stored once.

use super::hash::Map;
use super::tree::{SymbolId, Tree};

/// An expression of a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExprId(pub(crate) u32);

impl ExprId {
    /// The constant `n`.
    pub const NO: Self = Self(0);
    /// The constant `m`.
    pub const MOD: Self = Self(1);
    /// The constant `y`.
    pub const YES: Self = Self(2);
}

/// One operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Expr {
    /// The value of a symbol or constant.
    Symbol(SymbolId),
    /// `!a`: 2 − a.
    Not(ExprId),
    /// `a && b`: the lesser.
    And(ExprId, ExprId),
    /// `a || b`: the greater.
    Or(ExprId, ExprId),
    /// `a = b` and so on, between symbols as text or as numbers: `y` or `n`.
    Compare(Comparison, SymbolId, SymbolId),
}

/// An operator between two symbols.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Comparison {
    /// `=`
    Equal,
    /// `!=`
    Unequal,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

/// All expressions of a tree. Equal expressions have equal ids, so they can be compared and cached by id.
#[derive(Clone, Debug)]
pub struct Exprs {
    list: Vec<Expr>,
    /// How many operations lie under each other in the expression of that id.
    depths: Vec<u16>,
    ids: Map<Expr, ExprId>,
}

impl std::default::Default for Exprs {
    fn default() -> Self {
        let mut exprs = Self { list: Vec::new(), depths: Vec::new(), ids: Map::default() };
        for constant in [SymbolId::NO, SymbolId::MOD, SymbolId::YES] {
            exprs.add(Expr::Symbol(constant));
        }
        exprs
    }
}

impl Exprs {
    /// The id of `expr`, which is stored if it is new.
    pub fn add(&mut self, expr: Expr) -> ExprId {
        *self.ids.entry(expr).or_insert_with(|| {
            let below = match expr {
                Expr::Symbol(_) | Expr::Compare(..) => 0,
                Expr::Not(a) => self.depths[a.0 as usize],
                Expr::And(a, b) | Expr::Or(a, b) => self.depths[a.0 as usize].max(self.depths[b.0 as usize]),
            };
            self.depths.push(below.saturating_add(1));
            self.list.push(expr);
            ExprId(self.list.len() as u32 - 1)
        })
    }

    /// More operations than this under each other are refused when files are loaded, so that a recursion over
    /// an expression of a [`Tree`] needs little stack.
    pub const MAX_DEPTH: usize = 1000;

    /// How many operations lie under each other in an expression; 1 for a symbol.
    pub fn depth(&self, id: ExprId) -> usize {
        self.depths[id.0 as usize].into()
    }

    /// `a && b`, without constants that have no influence.
    pub fn and(&mut self, a: ExprId, b: ExprId) -> ExprId {
        match (a, b) {
            (ExprId::YES, other) | (other, ExprId::YES) => other,
            (ExprId::NO, _) | (_, ExprId::NO) => ExprId::NO,
            _ if a == b => a,
            _ => self.add(Expr::And(a, b)),
        }
    }

    /// `a || b`, without constants that have no influence.
    pub fn or(&mut self, a: ExprId, b: ExprId) -> ExprId {
        match (a, b) {
            (ExprId::NO, other) | (other, ExprId::NO) => other,
            (ExprId::YES, _) | (_, ExprId::YES) => ExprId::YES,
            _ if a == b => a,
            _ => self.add(Expr::Or(a, b)),
        }
    }

    /// `!a`.
    pub fn not(&mut self, a: ExprId) -> ExprId {
        match (a, self.get(a)) {
            (ExprId::YES, _) => ExprId::NO,
            (ExprId::NO, _) => ExprId::YES,
            (_, Expr::Not(inner)) => inner,
            _ => self.add(Expr::Not(a)),
        }
    }

    /// The operation behind an id.
    pub fn get(&self, id: ExprId) -> Expr {
        self.list[id.0 as usize]
    }

    /// How many there are; ids are `0..len`.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there are none: never, for the constants are always there.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }
}

impl Comparison {
    /// What holds where this does not.
    pub fn opposite(self) -> Self {
        match self {
            Self::Equal => Self::Unequal,
            Self::Unequal => Self::Equal,
            Self::Less => Self::GreaterOrEqual,
            Self::LessOrEqual => Self::Greater,
            Self::Greater => Self::LessOrEqual,
            Self::GreaterOrEqual => Self::Less,
        }
    }

    /// The comparison that says the same with the sides exchanged.
    pub fn exchanged(self) -> Self {
        match self {
            Self::Less => Self::Greater,
            Self::LessOrEqual => Self::GreaterOrEqual,
            Self::Greater => Self::Less,
            Self::GreaterOrEqual => Self::LessOrEqual,
            same => same,
        }
    }

    /// Whether two values in that order are as it says.
    pub fn holds(self, order: std::cmp::Ordering) -> bool {
        match self {
            Self::Equal => order.is_eq(),
            Self::Unequal => order.is_ne(),
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
        }
    }

    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::Unequal => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }
}

impl Tree {
    /// `id` as a person would write it.
    pub fn expression(&self, id: ExprId) -> String {
        let mut text = String::new();
        super::expr_text::write(self, id, &mut text);
        text
    }

    /// `id` as a person would write it, with what `after` appends behind the name of each symbol.
    pub fn expression_with(&self, id: ExprId, mut after: impl FnMut(SymbolId, &mut String)) -> String {
        let mut text = String::new();
        super::expr_text::write_with(self, id, &mut text, &mut after);
        text
    }
}
