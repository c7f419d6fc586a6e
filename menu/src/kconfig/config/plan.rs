//! Plans: what else to set so that a value takes. Nothing is changed by planning.

use super::super::expr::ExprId;
use super::super::tree::SymbolId;
use super::planner::Planner;
use super::{Atom, Change, Config, Need, SetError};

/// Values that make a wish possible.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// What to [`set`](Config::set), in this order; the wish itself is last. Empty if the wish has come true
    /// already without being settable: what is selected to `y` cannot be set to `y`.
    pub assignments: Vec<(SymbolId, String)>,
    /// Everything that will have another value then, consequences included.
    pub changes: Vec<Change>,
}

/// Why there is no plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blocked {
    /// What stands in the way, at least one.
    pub obstacles: Vec<Obstacle>,
}

/// Something that no plan gets over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// An atom that is not as needed and cannot be made so: a constant, an undefined name, a number that has to
    /// differ from another.
    Atom(Atom, Need),
    /// There are several ways to make this so: a person must choose one.
    Several(ExprId, Need),
    /// The value of this symbol depends on several others: a person must choose what to do about them.
    SeveralFor(SymbolId, Need),
    /// It has no prompt.
    NoPrompt(SymbolId),
    /// The symbol does not take the value.
    Refused(SymbolId, String, SetError),
    /// The values that would be needed exclude each other: this one does not last.
    Conflict(SymbolId, String),
    /// The search would take too long.
    TooComplex,
}

impl From<Obstacle> for Blocked {
    fn from(obstacle: Obstacle) -> Self {
        Self { obstacles: vec![obstacle] }
    }
}

impl Config {
    /// What to set so that `symbol` gets `value`. Dependencies that are joined by `&&` are all made true; where
    /// there is more than one way, the one that sets fewest symbols is taken if it is the only such one.
    pub fn plan_to_set(&self, symbol: SymbolId, value: &str) -> Result<Plan, Blocked> {
        let assignments = Planner::new(self).plan(symbol, value)?;
        let mut then = self.clone();
        for (symbol, value) in &assignments {
            then.set(*symbol, value).map_err(|error| Obstacle::Refused(*symbol, value.clone(), error))?;
        }
        for (symbol, value) in &assignments {
            if !then.has_value(*symbol, value) {
                return Err(Obstacle::Conflict(*symbol, value.clone()).into());
            }
        }
        Ok(Plan { changes: self.compare(&then), assignments })
    }

    /// Whether a symbol has the value that setting it to `text` asks for.
    pub(super) fn has_value(&self, symbol: SymbolId, text: &str) -> bool {
        let value = self.value(symbol);
        match super::set::tristate_of(text) {
            Some(wanted) if self.is_switch(symbol) => value == wanted.as_str(),
            _ => value == text || value.strip_prefix("0x").is_some_and(|digits| digits == text),
        }
    }
}
