//! What differs between two configurations, and what a change would do.

use super::super::tree::{Role, SymbolId};
use super::{Config, SetError};

/// A value that differs or would change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The symbol.
    pub symbol: SymbolId,
    /// Its value now, as text.
    pub before: String,
    /// Its value then.
    pub after: String,
}

impl Config {
    /// The symbols whose values differ from those in `other`, a configuration of the same tree, in the order of
    /// the tree. Choices are not listed, their members are.
    pub fn compare(&self, other: &Self) -> Vec<Change> {
        self.tree
            .symbols()
            .filter(|(_, symbol)| symbol.role == Role::Plain)
            .filter_map(|(id, _)| {
                let (before, after) = (self.value(id), other.value(id));
                (before != after).then(|| Change { symbol: id, before: before.into(), after: after.into() })
            })
            .collect()
    }

    /// What would change, `symbol` included, if it were set (`Some`) or unset (`None`); `self` stays as it is.
    pub fn preview(&self, symbol: SymbolId, value: Option<&str>) -> Result<Vec<Change>, SetError> {
        let mut then = self.clone();
        match value {
            Some(value) => then.set(symbol, value)?,
            None => then.unset(symbol),
        }
        Ok(self.compare(&then))
    }
}
