//! Changing values: as a menu does, which must be allowed, and as reading a `.config` does, which need not be.

use super::super::tree::{Role, SymbolId, Tristate, Type};
use super::input::{End, User};
use super::slot::Cache;
use super::{Config, number};

/// Why a value could not be set. Nothing has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SetError {
    /// The text is no value of the symbol's type. `m` is none without modules.
    NotOfType,
    /// Outside the range that holds now; both ends as written.
    OutOfRange {
        /// Least value.
        low: String,
        /// Greatest value.
        high: String,
    },
    /// It has no prompt that is visible now, so a value has no effect.
    Invisible,
    /// Selected to at least this value.
    Selected(Tristate),
    /// Its dependencies allow at most this value.
    Limited(Tristate),
    /// The choice has no other member that could be picked, and it is not optional.
    ChoiceNeedsMember,
    /// A constant, or a name that nothing defines.
    Undefined,
}

impl Config {
    /// Sets a value as a menu does: it must be allowed now. `y`, `yes`, `m`, `mod`, `n`, `no` in any case; a
    /// hexadecimal number may lack its `0x`. Setting a member of a choice to `y` picks it and records `n` for
    /// the other visible members. Setting an optional choice to `y` or `n` turns it on or off.
    pub fn set(&mut self, symbol: SymbolId, value: &str) -> Result<(), SetError> {
        if !self.is_defined(symbol) {
            return Err(SetError::Undefined);
        }
        match self.tree.symbol(symbol).kind {
            Type::Bool | Type::Tristate | Type::Unknown => {
                self.set_tristate(symbol, tristate_of(value).ok_or(SetError::NotOfType)?)
            }
            kind => self.set_text(symbol, kind, value),
        }
    }

    /// Whether [`set`](Self::set) would take that value.
    pub fn check(&self, symbol: SymbolId, value: &str) -> Result<(), SetError> {
        match self.tree.symbol(symbol).kind {
            _ if !self.is_defined(symbol) => Err(SetError::Undefined),
            Type::Bool | Type::Tristate | Type::Unknown => {
                self.check_tristate(symbol, tristate_of(value).ok_or(SetError::NotOfType)?)
            }
            kind => self.check_text(symbol, kind, value),
        }
    }

    fn set_tristate(&mut self, symbol: SymbolId, value: Tristate) -> Result<(), SetError> {
        self.check_tristate(symbol, value)?;
        let definition = self.tree.symbol(symbol);
        match definition.choice {
            Some(choice) if value == Tristate::Yes => self.pick(choice, symbol),
            Some(choice) if self.picked(choice) == Some(symbol) => self.reject(choice, symbol),
            _ => {
                // Other members of the choice stay as they are; a non-optional choice takes no value of its own.
                let takes = definition.role == Role::Plain || definition.is_optional;
                let choice = definition.choice;
                if takes && self.input.put(symbol, Some(User::Tristate(value))) {
                    self.changed(&[symbol]);
                    self.changed(choice.as_slice());
                }
            }
        }
        Ok(())
    }

    pub(super) fn check_tristate(&self, symbol: SymbolId, value: Tristate) -> Result<(), SetError> {
        let definition = self.tree.symbol(symbol);
        if !self.is_defined(symbol) {
            return Err(SetError::Undefined);
        }
        let (slot, is_bool) = self.with(|evaluator| {
            let slot = evaluator.complete(|this| this.slot(symbol).copied());
            (slot, evaluator.is_bool(definition.kind) || definition.role == Role::Choice)
        });
        if !self.is_switch(symbol) || (is_bool && value == Tristate::Mod) {
            return Err(SetError::NotOfType);
        }
        if slot.visible == Tristate::No {
            return Err(SetError::Invisible);
        }
        if slot.visible <= slot.selected || value < slot.selected {
            return Err(SetError::Selected(slot.selected));
        }
        if value > slot.visible {
            return Err(SetError::Limited(slot.visible));
        }
        if value == Tristate::No && self.is_last_member(symbol) {
            return Err(SetError::ChoiceNeedsMember);
        }
        Ok(())
    }

    /// Whether a choice that needs a member would be left without one: `symbol` is the choice, or its only
    /// visible member.
    fn is_last_member(&self, symbol: SymbolId) -> bool {
        let definition = self.tree.symbol(symbol);
        let choice = match definition.role {
            Role::Choice => symbol,
            _ => match definition.choice {
                Some(choice) => choice,
                None => return false,
            },
        };
        let choice_definition = self.tree.symbol(choice);
        let is_other = |&member: &SymbolId| member != symbol && self.visibility(member) != Tristate::No;
        !choice_definition.is_optional
            && (choice == symbol || !choice_definition.members.iter().any(is_other))
    }

    /// Picks a member as a menu does.
    fn pick(&mut self, choice: SymbolId, picked: SymbolId) {
        let tree = self.tree.clone();
        for &member in &tree.symbol(choice).members {
            if self.visibility(member) != Tristate::No {
                let value = if member == picked { Tristate::Yes } else { Tristate::No };
                self.input.put(member, Some(User::Tristate(value)));
                self.input.move_member(&tree, choice, member, End::First);
            }
        }
        self.turn_on(choice);
        self.changed(&[choice, picked]);
    }

    /// Takes the pick away from a member: another one is picked, or an optional choice turned off.
    fn reject(&mut self, choice: SymbolId, member: SymbolId) {
        let tree = self.tree.clone();
        if tree.symbol(choice).is_optional {
            self.input.put(choice, Some(User::Tristate(Tristate::No)));
        }
        self.input.put(member, Some(User::Tristate(Tristate::No)));
        self.input.move_member(&tree, choice, member, End::First);
        self.changed(&[choice, member]);
    }

    /// Turns an optional choice on; tells whether it was not.
    fn turn_on(&mut self, choice: SymbolId) -> bool {
        self.tree.symbol(choice).is_optional && self.input.put(choice, Some(User::Tristate(Tristate::Yes)))
    }

    fn check_text(&self, symbol: SymbolId, kind: Type, value: &str) -> Result<(), SetError> {
        if !kind.accepts(value) {
            return Err(SetError::NotOfType);
        }
        if self.visibility(symbol) == Tristate::No {
            return Err(SetError::Invisible);
        }
        self.check_range(symbol, value)
    }

    fn set_text(&mut self, symbol: SymbolId, kind: Type, value: &str) -> Result<(), SetError> {
        self.check_text(symbol, kind, value)?;
        let lacks_prefix = kind == Type::Hex && !value.starts_with("0x") && !value.starts_with("0X");
        let text = if lacks_prefix { format!("0x{value}").into() } else { value.into() };
        if self.input.put(symbol, Some(User::Text(text))) {
            self.changed(&[symbol]);
        }
        Ok(())
    }

    /// Whether a text is a number inside the range that holds now; also true where there is none.
    fn check_range(&self, symbol: SymbolId, value: &str) -> Result<(), SetError> {
        let definition = self.tree.symbol(symbol);
        let base = number::base_of(definition.kind, 0);
        if base == 0 {
            return Ok(());
        }
        let ends = self.ask(|this| {
            let Some(range) = this.active_range(definition)? else { return Ok(None) };
            let (low, high) = (this.raw(range.low)?, this.raw(range.high)?);
            Ok(Some(((low, this.bound(range.low, low, base)), (high, this.bound(range.high, high, base)))))
        });
        let Some(((low, least), (high, greatest))) = ends else { return Ok(()) };
        if (least..=greatest).contains(&number::prefix(value, base)) {
            return Ok(());
        }
        let text = |end| self.input.resolve(&self.tree, end).to_owned();
        Err(SetError::OutOfRange { low: text(low), high: text(high) })
    }

    /// Records a value as reading a `.config` does: it need not be allowed now, only of the right type. A bool
    /// takes a text that begins with `y` or `n`, a tristate also `m`. Of several members of a choice the last
    /// that is set to `y` wins.
    pub fn preset(&mut self, symbol: SymbolId, value: &str) -> Result<(), SetError> {
        if !self.is_defined(symbol) {
            return Err(SetError::Undefined);
        }
        let tree = self.tree.clone();
        let definition = tree.symbol(symbol);
        let user = match (definition.kind, value.as_bytes().first()) {
            (Type::Bool | Type::Tristate | Type::Unknown, Some(b'y')) => User::Tristate(Tristate::Yes),
            (Type::Bool | Type::Tristate | Type::Unknown, Some(b'n')) => User::Tristate(Tristate::No),
            (Type::Tristate, Some(b'm')) => User::Tristate(Tristate::Mod),
            (Type::Int | Type::Hex | Type::String, _) if definition.kind.accepts(value) => {
                User::Text(value.into())
            }
            _ => return Err(SetError::NotOfType),
        };
        let is_yes = user == User::Tristate(Tristate::Yes);
        let mut is_news = self.input.put(symbol, Some(user));
        if let Some(choice) = definition.choice {
            is_news |= self.input.move_member(&tree, choice, symbol, End::First);
            is_news |= is_yes && self.turn_on(choice);
            if is_news {
                self.changed(&[choice]);
            }
        }
        if is_news {
            self.changed(&[symbol]);
        }
        Ok(())
    }

    /// Records a value of a bool, tristate or optional choice as the modes that answer every question alike do:
    /// nothing is checked, and members of choices keep their order. `m` for a bool counts as `y`. Symbols of
    /// other types stay as they are.
    pub fn preset_tristate(&mut self, symbol: SymbolId, value: Tristate) {
        let definition = self.tree.symbol(symbol);
        if self.is_switch(symbol) && self.input.put(symbol, Some(User::Tristate(value))) {
            let choice = definition.choice;
            self.changed(&[symbol]);
            self.changed(choice.as_slice());
        }
    }

    /// Records `y` for a member of a choice so that it wins only if no other member that has `y` is visible.
    /// Symbols that are no members stay as they are.
    pub fn preset_weakly(&mut self, member: SymbolId) {
        let tree = self.tree.clone();
        if let Some(choice) = tree.symbol(member).choice {
            self.input.put(member, Some(User::Tristate(Tristate::Yes)));
            self.input.move_member(&tree, choice, member, End::Last);
            self.changed(&[choice, member]);
        }
    }

    /// Replaces what the user set by another value wherever it was `old`, in tristates; nothing without modules.
    pub fn rewrite_tristates(&mut self, old: Tristate, new: Tristate) {
        if !self.modules_enabled() {
            return;
        }
        let tree = self.tree.clone();
        for (id, symbol) in tree.symbols() {
            if symbol.kind == Type::Tristate && self.input.get(id) == Some(&User::Tristate(old)) {
                self.input.put(id, Some(User::Tristate(new)));
            }
        }
        self.cache = Cache::blank(&tree).into();
    }

    /// Forgets what the user set. For a member of a choice, and for a choice, that is everything that was set of
    /// the choice.
    pub fn unset(&mut self, symbol: SymbolId) {
        let tree = self.tree.clone();
        let definition = tree.symbol(symbol);
        let choice = if definition.role == Role::Choice { Some(symbol) } else { definition.choice };
        let Some(choice) = choice else {
            if self.input.put(symbol, None) {
                self.changed(&[symbol]);
            }
            return;
        };
        self.input.put(choice, None);
        for &member in &tree.symbol(choice).members {
            self.input.put(member, None);
        }
        self.input.forget_order(choice);
        self.changed(&[choice]);
        self.changed(&tree.symbol(choice).members);
    }

    /// Forgets everything that the user set.
    pub fn clear(&mut self) {
        self.input.clear();
        self.cache = Cache::blank(&self.tree).into();
    }

    /// Notes that the user's values of `symbols` have changed. What was computed from them is brought up to date
    /// when somebody asks for a value: many changes in a row cost as much as one.
    pub(super) fn changed(&mut self, symbols: &[SymbolId]) {
        let cache = self.cache.get_mut();
        if !cache.is_blank() {
            cache.changed.extend(symbols);
        }
    }
}

/// `y`, `m` or `n` as a person may write it.
pub(super) fn tristate_of(text: &str) -> Option<Tristate> {
    let is = |word: &str| text.eq_ignore_ascii_case(word);
    match () {
        () if is("y") || is("yes") => Some(Tristate::Yes),
        () if is("m") || is("mod") => Some(Tristate::Mod),
        () if is("n") || is("no") => Some(Tristate::No),
        () => None,
    }
}
