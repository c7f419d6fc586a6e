//! The difference between what a user gave at two times, small enough to keep hundreds: a history of steps.

use super::super::tree::SymbolId;
use super::Config;
use super::input::{Input, User};

/// What the user gave at two times, where it differs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Delta {
    values: Vec<(SymbolId, Option<User>, Option<User>)>,
    /// Choices with the orders in which their members count.
    orders: Vec<(SymbolId, Order, Order)>,
}

/// The members of a choice, the one that counts most first; none: as in the files.
type Order = Option<Vec<SymbolId>>;

impl Delta {
    /// From `before` to `after`, two configurations of the same tree.
    pub fn between(before: &Config, after: &Config) -> Self {
        let (before, after) = (&before.input, &after.input);
        let values = before.values().zip(after.values()).enumerate();
        let values = values.filter(|(_, (before, after))| before != after);
        let mut choices: Vec<_> = before.ordered().chain(after.ordered()).collect();
        choices.sort();
        choices.dedup();
        let order = |input: &Input, choice| input.own_order(choice).map(<[_]>::to_vec);
        let orders = choices.into_iter().map(|choice| (choice, order(before, choice), order(after, choice)));
        Self {
            values: values
                .map(|(index, (before, after))| (SymbolId(index as u32), before.clone(), after.clone()))
                .collect(),
            orders: orders.filter(|(_, before, after)| before != after).collect(),
        }
    }

    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty() && self.orders.is_empty()
    }

    /// From `after` to `before`.
    pub fn reversed(&self) -> Self {
        let values =
            self.values.iter().map(|(symbol, before, after)| (*symbol, after.clone(), before.clone()));
        let orders =
            self.orders.iter().map(|(choice, before, after)| (*choice, after.clone(), before.clone()));
        Self { values: values.collect(), orders: orders.collect() }
    }
}

impl Config {
    /// Goes from the first time of `delta` to the second.
    pub fn apply_delta(&mut self, delta: &Delta) {
        let mut changed = Vec::new();
        for (symbol, _, value) in &delta.values {
            self.input.put(*symbol, value.clone());
            changed.push(*symbol);
            changed.extend(self.tree.symbol(*symbol).choice);
        }
        for (choice, _, order) in &delta.orders {
            self.input.set_own_order(*choice, order.clone());
            changed.push(*choice);
            changed.extend(&self.tree.symbol(*choice).members);
        }
        self.changed(&changed);
    }
}
