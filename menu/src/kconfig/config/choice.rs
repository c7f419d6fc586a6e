//! Choices: whether one is on, and which member it picks.

use super::super::expr::Expr;
use super::super::tree::{SymbolId, Tristate};
use super::eval::{Evaluator, Step};
use super::input::User;
use super::slot::Slot;

impl Evaluator<'_> {
    /// A choice has a value for those who show it; no expression can name one. `y` while its dependencies hold. An
    /// optional one is `n` until the user turns it on or picks a member. It is never written.
    pub(super) fn compute_choice(&mut self, id: SymbolId, slot: &mut Slot) -> Step<()> {
        let tree = self.tree;
        let symbol = tree.symbol(id);
        slot.is_written = false;
        if symbol.is_optional {
            if let Some(&User::Tristate(value)) = self.input.get(id) {
                slot.tri = super::eval::promoted(value.min(slot.visible), true);
            }
            return Ok(());
        }
        for &node in &symbol.nodes {
            if self.expr(tree.node(node).depends)? != Tristate::No {
                slot.tri = Tristate::Yes;
                break;
            }
        }
        Ok(())
    }

    /// The member that is `y`, if any is visible. In turn: the visible one that the user set to `y` last; the
    /// default, unless the user set it to `n`; the first visible one that the user did not set; the visible one
    /// that the user set to `n` first.
    pub(super) fn pick(&mut self, choice: SymbolId) -> Step<Option<SymbolId>> {
        if let Some(&pick) = self.cache.picks.get(&choice) {
            return Ok(pick);
        }
        let pick = self.find_pick(choice)?;
        self.cache.picks.insert(choice, pick);
        Ok(pick)
    }

    fn find_pick(&mut self, choice: SymbolId) -> Step<Option<SymbolId>> {
        let (tree, input) = (self.tree, self.input);
        for &member in input.order(tree, choice) {
            if input.get(member) == Some(&User::Tristate(Tristate::Yes)) && self.is_visible(member)? {
                return Ok(Some(member));
            }
        }
        if let Some(default) = self.default_member(choice)?
            && input.get(default) != Some(&User::Tristate(Tristate::No))
        {
            return Ok(Some(default));
        }
        for &member in &tree.symbol(choice).members {
            if input.get(member).is_none() && self.is_visible(member)? {
                return Ok(Some(member));
            }
        }
        for &member in input.order(tree, choice).iter().rev() {
            if self.is_visible(member)? {
                return Ok(Some(member));
            }
        }
        Ok(None)
    }

    /// What a choice picks when the user says nothing: the first `default` that holds and is visible, else the
    /// first visible member. A default that is no member is passed over: in C it depends on the order of the
    /// computation what comes of it.
    pub(super) fn default_member(&mut self, choice: SymbolId) -> Step<Option<SymbolId>> {
        let tree = self.tree;
        let symbol = tree.symbol(choice);
        for default in &symbol.defaults {
            if let Expr::Symbol(member) = tree.exprs().get(default.value)
                && tree.symbol(member).choice == Some(choice)
                && self.expr(default.condition)? != Tristate::No
                && self.is_visible(member)?
            {
                return Ok(Some(member));
            }
        }
        for &member in &symbol.members {
            if self.is_visible(member)? {
                return Ok(Some(member));
            }
        }
        Ok(None)
    }

    fn is_visible(&mut self, symbol: SymbolId) -> Step<bool> {
        Ok(self.visible(symbol)? != Tristate::No)
    }
}
