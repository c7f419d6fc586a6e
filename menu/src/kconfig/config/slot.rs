//! What is kept of each symbol and expression once it has been computed.

use super::super::expr::ExprId;
use super::super::hash::Map;
use super::super::tree::{Role, SymbolId, Tree, Tristate, Type};

/// A symbol's text without owning it, so that a slot is small and copying all of them is cheap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Text {
    /// `n`, `m` or `y`, as its tristate says. Where C reads the text of a bool directly (as the default of a
    /// string, as an end of a range) it finds `n` whatever the value.
    Letter,
    /// That `n`.
    No,
    /// The name of a constant or undefined symbol.
    Name(SymbolId),
    /// What the user gave that symbol.
    User(SymbolId),
    /// `0`
    Zero,
    /// `0x0`
    HexZero,
    /// The empty string.
    Empty,
}

/// What has been computed of a symbol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Slot {
    pub(super) state: State,
    /// `visible` is up to date; it is computed before, and for members of choices apart from, the rest.
    pub(super) is_visible_known: bool,
    /// Greatest condition of the prompts.
    pub(super) visible: Tristate,
    /// Value of a bool, tristate or choice.
    pub(super) tri: Tristate,
    /// What it is selected to.
    pub(super) selected: Tristate,
    /// Whether it goes into a `.config`.
    pub(super) is_written: bool,
    /// Value of the other types.
    pub(super) text: Text,
}

/// How far the computation of a symbol is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// Nothing is known.
    Unknown,
    /// Being computed: whoever asks now is part of a cycle and gets the value of a symbol that nothing sets.
    Busy,
    /// All fields are up to date.
    Known,
}

/// What has been computed of an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cached {
    /// Nothing.
    Unknown,
    /// Being computed, as [`State::Busy`].
    Busy,
    /// Its value.
    Known(Tristate),
}

/// Everything that has been computed.
#[derive(Clone, Debug)]
pub(super) struct Cache {
    /// By [`SymbolId::index`].
    pub(super) slots: Vec<Slot>,
    /// By expression.
    pub(super) exprs: Vec<Cached>,
    /// The member that each choice picks, of choices where it has been computed.
    pub(super) picks: Map<SymbolId, Option<SymbolId>>,
    /// Whether `m` is a value; none until the modules symbol has been computed.
    pub(super) modules: Option<bool>,
    /// Symbols whose user values have changed since; what was computed from them is out of date.
    pub(super) changed: Vec<SymbolId>,
}

impl Slot {
    /// The value that a symbol of that type has without user value, default or select.
    pub(super) fn base(kind: Type) -> Self {
        Self {
            state: State::Unknown,
            is_visible_known: false,
            visible: Tristate::No,
            tri: Tristate::No,
            selected: Tristate::No,
            is_written: false,
            text: match kind {
                Type::Int => Text::Zero,
                Type::Hex => Text::HexZero,
                Type::String => Text::Empty,
                Type::Bool | Type::Tristate | Type::Unknown => Text::Letter,
            },
        }
    }
}

impl Cache {
    /// Whether nothing has been computed, so that nothing can be out of date.
    pub(super) fn is_blank(&self) -> bool {
        self.modules.is_none()
    }

    /// Nothing computed; constants and undefined names have their values from the beginning.
    pub(super) fn blank(tree: &Tree) -> Self {
        let slots = tree
            .symbols()
            .map(|(id, symbol)| {
                let base = Slot::base(symbol.kind);
                if !has_own_value(tree, id) {
                    return base;
                }
                let tri = match id {
                    SymbolId::YES => Tristate::Yes,
                    SymbolId::MOD => Tristate::Mod,
                    _ => Tristate::No,
                };
                Slot { state: State::Known, is_visible_known: true, tri, text: Text::Name(id), ..base }
            })
            .collect();
        let mut exprs = vec![Cached::Unknown; tree.exprs().len()];
        exprs[ExprId::NO.0 as usize] = Cached::Known(Tristate::No);
        exprs[ExprId::YES.0 as usize] = Cached::Known(Tristate::Yes);
        Self { slots, exprs, picks: Map::default(), modules: None, changed: Vec::new() }
    }
}

/// Whether the value is the name: a constant, or a symbol without a type.
pub(super) fn has_own_value(tree: &Tree, id: SymbolId) -> bool {
    let symbol = tree.symbol(id);
    match symbol.role {
        Role::Constant => true,
        Role::Plain => symbol.kind == Type::Unknown,
        Role::Choice => false,
    }
}
