//! What the user gave: values, and for choices the order in which they count.

use std::collections::HashMap;
use std::sync::Arc;

use super::super::tree::{Symbol, SymbolId, Tree, Tristate};
use super::slot::{Slot, Text};

/// A value that the user gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum User {
    /// Of a bool, tristate or choice.
    Tristate(Tristate),
    /// Of the other types.
    Text(Arc<str>),
}

/// The user's part of a configuration. Everything else follows from it and from the tree.
#[derive(Clone, Debug)]
pub(super) struct Input {
    /// By [`SymbolId::index`].
    values: Vec<Option<User>>,
    /// Members of choices, the one that counts most first; choices that are not here keep the order of the
    /// files.
    orders: HashMap<SymbolId, Vec<SymbolId>>,
}

impl Input {
    /// Nothing given.
    pub(super) fn empty(tree: &Tree) -> Self {
        Self { values: vec![None; tree.symbols.len()], orders: HashMap::new() }
    }

    /// What the user gave a symbol.
    pub(super) fn get(&self, symbol: SymbolId) -> Option<&User> {
        self.values[symbol.index()].as_ref()
    }

    /// Records a value; tells whether that is news.
    pub(super) fn put(&mut self, symbol: SymbolId, value: Option<User>) -> bool {
        let place = &mut self.values[symbol.index()];
        let is_news = *place != value;
        *place = value;
        is_news
    }

    /// What the user gave, if it can count: the symbol is visible, or only passes on an old value.
    pub(super) fn usable(&self, id: SymbolId, symbol: &Symbol, visible: Tristate) -> Option<&User> {
        self.get(id).filter(|_| visible != Tristate::No || symbol.is_transitional)
    }

    /// The members of a choice, the one that counts most first.
    pub(super) fn order<'a>(&'a self, tree: &'a Tree, choice: SymbolId) -> &'a [SymbolId] {
        self.orders.get(&choice).unwrap_or(&tree.symbol(choice).members)
    }

    /// Makes `member` the one that counts most, or least; tells whether that is news.
    pub(super) fn move_member(&mut self, tree: &Tree, choice: SymbolId, member: SymbolId, to: End) -> bool {
        let order = self.orders.entry(choice).or_insert_with(|| tree.symbol(choice).members.clone());
        let Some(from) = order.iter().position(|&other| other == member) else { return false };
        match to {
            End::First => order[..=from].rotate_right(1),
            End::Last => order[from..].rotate_left(1),
        }
        from != if to == End::First { 0 } else { order.len() - 1 }
    }

    /// Puts the members of a choice back into the order of the files.
    pub(super) fn forget_order(&mut self, choice: SymbolId) {
        self.orders.remove(&choice);
    }

    /// The values of all symbols.
    pub(super) fn values(&self) -> impl Iterator<Item = &Option<User>> {
        self.values.iter()
    }

    /// The choices whose members have another order than that of the files, or had.
    pub(super) fn ordered(&self) -> impl Iterator<Item = SymbolId> {
        self.orders.keys().copied()
    }

    /// The order of such a choice.
    pub(super) fn own_order(&self, choice: SymbolId) -> Option<&[SymbolId]> {
        self.orders.get(&choice).map(Vec::as_slice)
    }

    /// Replaces the order of a choice; none is that of the files.
    pub(super) fn set_own_order(&mut self, choice: SymbolId, order: Option<Vec<SymbolId>>) {
        match order {
            Some(order) => self.orders.insert(choice, order),
            None => self.orders.remove(&choice),
        };
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        self.values.fill(None);
        self.orders.clear();
    }

    /// The value in a slot as a person reads it.
    pub(super) fn text_of<'a>(&'a self, tree: &'a Tree, slot: &Slot) -> &'a str {
        match slot.text {
            Text::Letter => slot.tri.as_str(),
            text => self.resolve(tree, text),
        }
    }

    /// The letters behind a [`Text`].
    pub(super) fn resolve<'a>(&'a self, tree: &'a Tree, text: Text) -> &'a str {
        match text {
            Text::Letter | Text::No => "n",
            Text::Name(symbol) => &tree.symbol(symbol).name,
            Text::User(symbol) => match self.get(symbol) {
                Some(User::Text(text)) => text,
                _ => "",
            },
            Text::Zero => "0",
            Text::HexZero => "0x0",
            Text::Empty => "",
        }
    }
}

/// Where in the order of a choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// Counts most.
    First,
    /// Counts least.
    Last,
}
