//! Where a value comes from.

use super::super::tree::{ReverseDependency, Role, SymbolId, Tristate, Type};
use super::Config;
use super::input::User;

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The user set it and it took.
    User,
    /// Default number `.0` of [`Symbol::defaults`](super::super::tree::Symbol::defaults).
    Default(usize),
    /// Raised by these symbols' `select`, or held by them where it is.
    Selected(Vec<SymbolId>),
    /// Raised by these symbols' `imply`.
    Implied(Vec<SymbolId>),
    /// The member of a choice that is picked, and whether by the user; or one that is not picked. The same for
    /// the choice itself.
    Choice {
        /// The member that is picked.
        picked: Option<SymbolId>,
        /// Whether the user picked it.
        by_user: bool,
    },
    /// Nothing gives it a value: `n`, empty, or 0.
    Nothing,
}

impl Config {
    /// Where the present value comes from. A value that a range has clamped comes from where it came before.
    pub fn origin(&self, symbol: SymbolId) -> Origin {
        let definition = self.tree.symbol(symbol);
        let choice = if definition.role == Role::Choice { Some(symbol) } else { definition.choice };
        if let Some(choice) = choice {
            let picked = self.picked(choice);
            let is_yes = |member| self.input.get(member) == Some(&User::Tristate(Tristate::Yes));
            return Origin::Choice { picked, by_user: picked.is_some_and(is_yes) };
        }
        if !self.is_defined(symbol) {
            return Origin::Nothing;
        }
        let is_user = self.input.usable(symbol, definition, self.visibility(symbol)).is_some();
        let default = || {
            self.ask(|this| Ok(this.active_default(definition)?.map(|(place, ..)| place)))
                .map_or(Origin::Nothing, Origin::Default)
        };
        if !matches!(definition.kind, Type::Bool | Type::Tristate) {
            return if is_user { Origin::User } else { default() };
        }
        let slot = self.ask(|this| this.slot(symbol).copied());
        if slot.selected != Tristate::No && slot.selected >= slot.tri {
            return Origin::Selected(self.strongest(&definition.selected_by));
        }
        if is_user {
            return Origin::User;
        }
        let without_imply = self.ask(|this| {
            let Some((_, default, condition)) = this.active_default(definition)? else {
                return Ok(Tristate::No);
            };
            let is_bool = this.is_bool(definition.kind);
            Ok(super::eval::promoted(this.expr(default.value)?.min(condition), is_bool))
        });
        if slot.tri > without_imply {
            return Origin::Implied(self.strongest(&definition.implied_by));
        }
        default()
    }

    /// The symbols behind the greatest of reverse dependencies, each once.
    pub(super) fn strongest(&self, reasons: &[ReverseDependency]) -> Vec<SymbolId> {
        let greatest = reasons.iter().map(|reason| self.evaluate(reason.expr)).max().unwrap_or_default();
        let mut symbols = Vec::new();
        for reason in reasons {
            if self.evaluate(reason.expr) == greatest && !symbols.contains(&reason.by) {
                symbols.push(reason.by);
            }
        }
        symbols
    }
}
