//! The values of a tree's symbols: what the user set, and what follows from it.
//!
//! The rules are those of Linux 6.12's `scripts/kconfig/symbol.c`. Values are computed when they are asked for
//! and kept until something that they depend on changes. They never depend on history, with one exception that
//! is part of the rules: of several members of a choice that the user set to `y`, the last one wins.
//!
//! ```text
//!  input.rs   what the user gave               eval.rs, choice.rs, number.rs   the rules
//!  slot.rs    what has been computed           graph.rs, update.rs             what a change makes void
//!  set.rs     changing                         origin.rs, explain.rs, plan.rs  telling why, and what would help
//! ```

mod choice;
mod compare;
mod delta;
mod eval;
mod explain;
mod graph;
mod input;
pub(super) mod number;
mod origin;
mod plan;
mod planner;
mod set;
mod slot;
mod unmet;
mod update;
mod warn;

use std::cell::RefCell;
use std::sync::{Arc, OnceLock};

use super::expr::{Expr, ExprId};
use super::tree::{NodeId, NodeKind, Role, SymbolId, Tree, Tristate, Type};
use eval::{Evaluator, Step};
use input::{Input, User};
use slot::{Cache, has_own_value};
use update::Spread;

pub use compare::Change;
pub use delta::Delta;
pub use explain::{Atom, Need, Part, PartKind, Unmet};
pub use origin::Origin;
pub use plan::{Blocked, Obstacle, Plan};
pub use set::SetError;

/// A tree with values.
#[derive(Clone, Debug)]
pub struct Config {
    tree: Arc<Tree>,
    input: Input,
    cache: RefCell<Cache>,
    spread: Arc<OnceLock<Spread>>,
}

impl Config {
    /// Every symbol at its default.
    pub fn new(tree: Arc<Tree>) -> Self {
        let (input, cache) = (Input::empty(&tree), RefCell::new(Cache::blank(&tree)));
        Self { tree, input, cache, spread: Arc::default() }
    }

    /// The tree.
    pub fn tree(&self) -> &Arc<Tree> {
        &self.tree
    }

    /// Value of an expression.
    pub fn evaluate(&self, expr: ExprId) -> Tristate {
        self.ask(|this| this.expr(expr))
    }

    /// Value of a bool, tristate or choice; `n` for other types, as in a condition. A choice is `y` while its
    /// dependencies hold, an optional one while it is turned on.
    pub fn tristate(&self, symbol: SymbolId) -> Tristate {
        self.ask(|this| this.tri(symbol))
    }

    /// Value as text, without quotes: `y`, `0x10`, `eth0`.
    pub fn text(&self, symbol: SymbolId) -> Arc<str> {
        self.value(symbol).into()
    }

    /// [`text`](Self::text) without a copy.
    pub fn value(&self, symbol: SymbolId) -> &str {
        let slot = self.ask(|this| this.slot(symbol).copied());
        self.input.text_of(&self.tree, &slot)
    }

    /// The greatest of the conditions of the symbol's prompts: how far a user may set it. `m` counts as `y`
    /// unless the symbol is a tristate and there are modules.
    pub fn visibility(&self, symbol: SymbolId) -> Tristate {
        self.ask(|this| this.visible(symbol))
    }

    /// Whether an entry is shown: its prompt's condition holds, or it is `y` or `m` and an entry in it is shown.
    pub fn is_shown(&self, node: NodeId) -> bool {
        let tree = &*self.tree;
        let mut stack = vec![node];
        while let Some(id) = stack.pop() {
            let node = tree.node(id);
            let Some(prompt) = &node.prompt else { continue };
            // A symbol without a type has no value to ask for.
            if node.symbol.is_some_and(|symbol| !self.is_defined(symbol)) {
                continue;
            }
            if self.evaluate(node.visible_if) == Tristate::No || self.is_in_choice_that_is_off(id) {
                continue;
            }
            if self.evaluate(prompt.condition) != Tristate::No {
                return true;
            }
            let is_on =
                |symbol| tree.symbol(symbol).role == Role::Plain && self.tristate(symbol) != Tristate::No;
            if node.symbol.is_some_and(is_on) {
                stack.extend(&node.children);
            }
        }
        false
    }

    fn is_in_choice_that_is_off(&self, node: NodeId) -> bool {
        let parent = self.tree.node(self.tree.node(node).parent);
        let is_off = |choice| self.tree.symbol(choice).is_optional && self.tristate(choice) == Tristate::No;
        parent.kind == NodeKind::Choice && parent.symbol.is_some_and(is_off)
    }

    /// The range that holds now, as text: least and greatest value.
    pub fn range(&self, symbol: SymbolId) -> Option<(Arc<str>, Arc<str>)> {
        let definition = self.tree.symbol(symbol);
        if !matches!(definition.kind, Type::Int | Type::Hex) {
            return None;
        }
        let (low, high) = self.ask(|this| {
            let Some(range) = this.active_range(definition)? else { return Ok(None) };
            Ok(Some((this.raw(range.low)?, this.raw(range.high)?)))
        })?;
        let text = |end| self.input.resolve(&self.tree, end).into();
        Some((text(low), text(high)))
    }

    /// Whether a user's value can have an effect now: visible, and not selected to the only value. Never true of
    /// a choice; its members can be changed.
    pub fn is_changeable(&self, symbol: SymbolId) -> bool {
        let slot = self.ask(|this| this.slot(symbol).copied());
        self.tree.symbol(symbol).role == Role::Plain && slot.visible > slot.selected
    }

    /// The values that a bool, tristate or choice may be set to now, `n` first; none for other types.
    pub fn allowed(&self, symbol: SymbolId) -> Vec<Tristate> {
        [Tristate::No, Tristate::Mod, Tristate::Yes]
            .into_iter()
            .filter(|&value| self.check_tristate(symbol, value).is_ok())
            .collect()
    }

    /// Whether a symbol goes into a `.config`, if only as `is not set`. Choices never do.
    pub fn is_written(&self, symbol: SymbolId) -> bool {
        self.ask(|this| Ok(this.slot(symbol)?.is_written))
    }

    /// What the user set, as text, whether it took or not.
    pub fn user_value(&self, symbol: SymbolId) -> Option<Arc<str>> {
        Some(match self.input.get(symbol)? {
            User::Tristate(value) => value.as_str().into(),
            User::Text(text) => text.clone(),
        })
    }

    /// Whether the user gave a value, so that the symbol is not new: also through a transitional symbol that is
    /// the default.
    pub fn has_user_value(&self, symbol: SymbolId) -> bool {
        if self.input.get(symbol).is_some() {
            return true;
        }
        let definition = self.tree.symbol(symbol);
        let default = self.ask(|this| this.active_default(definition));
        let Some((_, default, _)) = default else { return false };
        match self.tree.exprs().get(default.value) {
            Expr::Symbol(old) => self.tree.symbol(old).is_transitional && self.input.get(old).is_some(),
            _ => false,
        }
    }

    /// The member of a choice that is `y`.
    pub fn picked(&self, choice: SymbolId) -> Option<SymbolId> {
        self.ask(|this| this.pick(choice))
    }

    /// The members of a choice, the one whose `y` counts most first.
    pub(super) fn priority(&self, choice: SymbolId) -> &[SymbolId] {
        self.input.order(&self.tree, choice)
    }

    /// The member that a choice picks when the user says nothing.
    pub fn default_member(&self, choice: SymbolId) -> Option<SymbolId> {
        self.ask(|this| this.default_member(choice))
    }

    /// The value that a symbol has without a user value, as C computes it to leave defaults out of a minimal
    /// configuration: ranges are not applied, and an `imply` counts whatever the symbol depends on.
    pub fn default_text(&self, symbol: SymbolId) -> Arc<str> {
        let definition = self.tree.symbol(symbol);
        match definition.kind {
            Type::Bool | Type::Tristate => self.default_tristate(symbol).as_str().into(),
            kind => {
                let text = self.ask(|this| {
                    let Some((_, default, _)) = this.active_default(definition)? else { return Ok(None) };
                    match this.tree.exprs().get(default.value) {
                        Expr::Symbol(source) => this.raw(source).map(Some),
                        _ => Ok(None),
                    }
                });
                let text = text.map_or("", |text| self.input.resolve(&self.tree, text));
                match kind {
                    Type::Int if text.is_empty() => "0",
                    Type::Hex if text.is_empty() => "0x0",
                    _ => text,
                }
                .into()
            }
        }
    }

    fn default_tristate(&self, symbol: SymbolId) -> Tristate {
        let definition = self.tree.symbol(symbol);
        self.ask(|this| {
            let mut value = match this.active_default(definition)? {
                Some((_, default, condition)) => this.expr(default.value)?.min(condition),
                None => Tristate::No,
            };
            let is_member = definition.choice.is_some();
            let is_bool = this.is_bool(definition.kind);
            value = eval::promoted(value.max(this.slot(symbol)?.selected), is_bool && !is_member);
            value = eval::promoted(value, definition.kind == Type::Bool);
            if !is_member {
                value = value.max(this.greatest(&definition.implied_by, is_bool)?);
            }
            Ok(value)
        })
    }

    /// Whether `m` is a value: there is a modules symbol, and it is not `n`.
    pub fn modules_enabled(&self) -> bool {
        self.with(|evaluator| evaluator.has_modules())
    }

    /// Whether a symbol has a value at all: it is no constant, and a file says what type it has.
    fn is_defined(&self, symbol: SymbolId) -> bool {
        !has_own_value(&self.tree, symbol)
    }

    /// Whether the value is `y`, `m` or `n`: a bool, a tristate or a choice.
    fn is_switch(&self, symbol: SymbolId) -> bool {
        let definition = self.tree.symbol(symbol);
        match definition.role {
            Role::Constant => false,
            Role::Plain => matches!(definition.kind, Type::Bool | Type::Tristate),
            Role::Choice => true,
        }
    }

    /// Does what would have to be done when the first value changes, so that this takes no longer than later
    /// ones. For programs that answer to keys.
    pub fn prepare(&self) {
        self.spread();
    }

    fn spread(&self) -> &Spread {
        self.spread.get_or_init(|| Spread::new(&self.tree))
    }

    /// Computes what `ask` asks for.
    fn ask<T>(&self, ask: impl Fn(&mut Evaluator<'_>) -> Step<T>) -> T {
        self.with(|evaluator| evaluator.complete(ask))
    }

    fn with<T>(&self, ask: impl FnOnce(&mut Evaluator<'_>) -> T) -> T {
        let cache = &mut *self.cache.borrow_mut();
        if !cache.changed.is_empty() {
            let changed = std::mem::take(&mut cache.changed);
            self.spread().settle(&self.tree, &self.input, cache, &changed);
        }
        ask(&mut Evaluator::new(&self.tree, &self.input, cache))
    }
}
