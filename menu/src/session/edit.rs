//! Changing values, undoing it, and keeping the result.

use std::path::Path;
use std::sync::Arc;

use crate::kconfig::file::{Header, minimal, save};
use crate::kconfig::{Change, Config, Delta, NodeId, Role, SymbolId, Tristate};

use super::condition::name;
use super::history::Step;
use super::{Leftover, Plan, Refusal, Session, StoreError, Stored, refusal, user_set};

/// What a step did: for a line such as “NET: n → y, and 3 more”.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// What the person did: `set NET=y`.
    pub label: String,
    /// Every value that is another now, the one that was asked for first.
    pub changes: Vec<Change>,
}

impl Session {
    /// Sets a value as a person does. A value that cannot be is refused with the reason and, where there is one, a
    /// plan that makes it possible; then nothing has changed.
    pub fn set(&mut self, symbol: SymbolId, value: &str) -> Result<Outcome, Refusal> {
        let label = format!("set {}={value}", name(self.tree(), symbol));
        self.step(label, Some(symbol), |config, _| {
            config.set(symbol, value).map_err(|error| refusal::explained(config, symbol, value, error))
        })
    }

    /// Records a value as it stands in a file: it need not take now, only be of the right type.
    pub fn preset(&mut self, symbol: SymbolId, value: &str) -> Result<Outcome, Refusal> {
        let label = format!("set {}={value}", name(self.tree(), symbol));
        self.step(label, Some(symbol), |config, _| {
            config.preset(symbol, value).map_err(|error| refusal::explained(config, symbol, value, error))
        })
    }

    /// Sets a bool or tristate to the next value that it may have now (`n` → `m` → `y` → `n`), or picks a member
    /// of a choice.
    pub fn toggle(&mut self, symbol: SymbolId) -> Result<Outcome, Refusal> {
        let present = self.config.tristate(symbol);
        let is_member = self.tree().symbol(symbol).choice.is_some();
        let allowed = self.config.allowed(symbol);
        let next = allowed.iter().find(|value| **value > present).or(allowed.first());
        let value = match next {
            _ if is_member => Tristate::Yes,
            Some(next) if *next != present => *next,
            // It has the only value that it may have: the refusal of the other says why.
            _ if present == Tristate::No => Tristate::Yes,
            _ => Tristate::No,
        };
        self.set(symbol, value.as_str())
    }

    /// Resets a symbol to its default: what the person set is forgotten.
    pub fn unset(&mut self, symbol: SymbolId) -> Outcome {
        let label = format!("reset {}", name(self.tree(), symbol));
        self.always(label, Some(symbol), |config, _| config.unset(symbol))
    }

    /// Resets an entry and everything below it to the defaults, as one step.
    pub fn reset(&mut self, node: NodeId) -> Outcome {
        let tree = self.tree().clone();
        let top = tree.node(node);
        let label = match (&top.prompt, top.symbol) {
            (_, Some(symbol)) => format!("reset {}", name(&tree, symbol)),
            (Some(prompt), None) => format!("reset “{}”", prompt.text),
            (None, None) => "reset".to_string(),
        };
        self.always(label, top.symbol, |config, _| {
            let mut stack = vec![node];
            while let Some(id) = stack.pop() {
                let node = tree.node(id);
                stack.extend(&node.children);
                if let Some(symbol) = node.symbol
                    && (config.user_value(symbol).is_some() || tree.symbol(symbol).role == Role::Choice)
                {
                    config.unset(symbol);
                }
            }
        })
    }

    /// Replaces everything that the person set, leftovers included, as one step: `replace` is given a
    /// configuration without user values.
    pub fn replace_all(&mut self, label: &str, replace: impl FnOnce(&mut Config)) -> Outcome {
        self.always(label.to_string(), None, |config, leftovers| {
            config.clear();
            replace(config);
            *leftovers = Arc::default();
        })
    }

    /// Carries out a plan that the person has agreed to, as one step.
    pub fn apply(&mut self, plan: &Plan) -> Result<Outcome, Refusal> {
        let wish = plan.assignments.last();
        let label = wish.map_or("do nothing".to_string(), |(symbol, value)| {
            format!("set {}={value} with what it needs", name(self.tree(), *symbol))
        });
        self.step(label, wish.map(|(symbol, _)| *symbol), |config, _| {
            for (symbol, value) in &plan.assignments {
                config
                    .set(*symbol, value)
                    .map_err(|error| refusal::explained(config, *symbol, value, error))?;
            }
            Ok(())
        })
    }

    /// Takes back the last step; `None` if there is none.
    pub fn undo(&mut self) -> Option<Outcome> {
        let step = self.history.back()?;
        self.leftovers = step.leftovers_before;
        Some(self.travel(step.label, &step.values.reversed()))
    }

    /// Does the step again that was taken back last; `None` if there is none.
    pub fn redo(&mut self) -> Option<Outcome> {
        let step = self.history.forth()?;
        self.leftovers = step.leftovers_after;
        Some(self.travel(step.label, &step.values))
    }

    /// What [`undo`](Self::undo) would take back: the label of a step.
    pub fn undo_label(&self) -> Option<&str> {
        self.history.last().map(|step| step.label.as_str())
    }

    /// What [`redo`](Self::redo) would do again.
    pub fn redo_label(&self) -> Option<&str> {
        self.history.next().map(|step| step.label.as_str())
    }

    fn travel(&mut self, label: String, values: &Delta) -> Outcome {
        let before = self.config.clone();
        self.config.apply_delta(values);
        self.summary.take();
        Outcome { label, changes: before.compare(&self.config) }
    }

    /// Whether saving would change what is stored.
    pub fn is_changed(&self) -> bool {
        self.stored.is_missing
            || self.leftovers != self.stored.leftovers
            || user_set(&self.config) != self.stored.values
    }

    /// Saves. What is saved is what [`is_changed`](Self::is_changed) compares with from now on.
    pub fn save(&mut self) -> Result<(), StoreError> {
        self.store.save(&self.config, &self.leftovers)?;
        if !self.store.keeps_leftovers() {
            self.leftovers = Arc::default();
        }
        self.stored.values = user_set(&self.config);
        self.stored.leftovers = self.leftovers.clone();
        self.stored.is_missing = false;
        self.stored.refused.clear();
        self.stored.error = None;
        self.summary.take();
        Ok(())
    }

    /// Writes the least values that give the present ones to another file, in the format of `.config`.
    pub fn save_minimal(&self, path: &Path) -> Result<(), StoreError> {
        let text = minimal::minimal(&self.config, &Header::default());
        save::replace(path, &text).map(drop).map_err(|error| StoreError::file("write", path, error))
    }

    /// Turns to another file and loads it; history begins anew. On an error everything is as before.
    pub fn open_file(&mut self, path: &Path) -> Result<(), StoreError> {
        let mut store = self.store.at(path);
        let mut config = self.config.clone();
        let stored = Stored::load(&mut *store, &mut config);
        if let Some(error) = stored.error {
            return Err(error);
        }
        if stored.is_missing {
            return Err(StoreError {
                message: format!("cannot open {}: there is no such file", path.display()),
            });
        }
        self.config = config;
        self.store = store;
        self.leftovers = stored.leftovers.clone();
        self.stored = stored;
        self.history = super::history::History::default();
        self.summary.take();
        Ok(())
    }

    /// How a person calls what [`save`](Self::save) writes to: the path of a file.
    pub fn store_name(&self) -> String {
        self.store.name()
    }

    /// A change as a person reads it: `NET: n → y`.
    pub fn describe(&self, change: &Change) -> String {
        let word = |value: &str| if value.is_empty() { "empty".to_string() } else { value.to_string() };
        let name = name(self.tree(), change.symbol);
        format!("{name}: {} → {}", word(&change.before), word(&change.after))
    }

    /// Does a step that cannot fail.
    pub(super) fn always(
        &mut self,
        label: String,
        subject: Option<SymbolId>,
        act: impl FnOnce(&mut Config, &mut Arc<Vec<Leftover>>),
    ) -> Outcome {
        let outcome = self.step::<std::convert::Infallible>(label, subject, |config, leftovers| {
            act(config, leftovers);
            Ok(())
        });
        match outcome {
            Ok(outcome) => outcome,
            Err(never) => match never {},
        }
    }

    /// Does a step as a whole or not at all, and remembers it if it did something.
    pub(super) fn step<E>(
        &mut self,
        label: String,
        subject: Option<SymbolId>,
        act: impl FnOnce(&mut Config, &mut Arc<Vec<Leftover>>) -> Result<(), E>,
    ) -> Result<Outcome, E> {
        let mut config = self.config.clone();
        let mut leftovers = self.leftovers.clone();
        act(&mut config, &mut leftovers)?;
        let values = Delta::between(&self.config, &config);
        let mut changes = self.config.compare(&config);
        if let Some(first) = changes.iter().position(|change| Some(change.symbol) == subject) {
            changes[..=first].rotate_right(1);
        }
        if !values.is_empty() || leftovers != self.leftovers {
            self.history.push(Step {
                label: label.clone(),
                values,
                leftovers_before: self.leftovers.clone(),
                leftovers_after: leftovers.clone(),
            });
        }
        self.config = config;
        self.leftovers = leftovers;
        self.summary.take();
        Ok(Outcome { label, changes })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::fixture::{Memory, SYSTEM, session, session_in};

    #[test]
    fn a_step_is_undone_and_done_again() {
        let mut session = session(SYSTEM, "");
        let outcome = session.set_named("NET", "y").unwrap();
        assert_eq!(outcome.label, "set NET=y");
        assert_eq!(session.describe_all(&outcome)[0], "NET: n → y");
        assert!(session.is_changed());
        assert_eq!(session.undo_label(), Some("set NET=y"));
        let outcome = session.undo().unwrap();
        assert_eq!(session.describe_all(&outcome)[0], "NET: y → n");
        assert!(!session.is_changed());
        assert_eq!(session.redo_label(), Some("set NET=y"));
        assert_eq!(session.redo().unwrap().label, "set NET=y");
        assert_eq!(session.value_of("NET"), "y");
        assert_eq!(session.redo(), None);
    }

    #[test]
    fn a_new_step_forgets_what_was_undone() {
        let mut session = session(SYSTEM, "");
        session.set_named("NET", "y").unwrap();
        session.undo();
        session.set_named("CACHE", "y").unwrap();
        assert_eq!(session.redo(), None);
        session.undo();
        assert_eq!(session.undo(), None);
    }

    #[test]
    fn a_refusal_changes_nothing_and_offers_a_plan() {
        let mut session = session(SYSTEM, "");
        let refusal = session.set_named("FAST", "y").unwrap_err();
        assert_eq!(refusal.reason, "needs DRIVER (is n)");
        assert!(!session.is_changed() && session.undo().is_none());
        let plan = refusal.plan.clone().unwrap();
        assert_eq!(refusal.remedy(session.tree()).unwrap(), "set NET=y and DRIVER=y");
        let outcome = session.apply(&plan).unwrap();
        let changes = session.describe_all(&outcome);
        assert_eq!(changes[0], "FAST: n → y");
        assert!(changes.contains(&"CACHE: n → y".to_string()), "{changes:?}");
        session.undo().unwrap();
        assert_eq!(session.value_of("NET"), "n");
    }

    #[test]
    fn each_kind_of_refusal_says_why() {
        let mut session = session(SYSTEM, "CONFIG_NET=y\nCONFIG_DRIVER=y\nCONFIG_FAST=y\n");
        let mut why = |name: &str, value: &str| session.set_named(name, value).unwrap_err().reason;
        assert_eq!(why("SOCKETS", "65"), "not in 1..64");
        assert_eq!(why("SOCKETS", "many"), "must be a decimal number, not `many`");
        assert_eq!(why("BASE", "0xg"), "must be a hexadecimal number, not `0xg`");
        assert_eq!(why("NET", "perhaps"), "must be y or n, not `perhaps`");
        assert_eq!(why("DRIVER", "m"), "must be y or n, for there are no modules");
        assert_eq!(why("CACHE", "n"), "selected by FAST");
        assert_eq!(why("HIDDEN", "n"), "it has no prompt, its value is computed");
        assert_eq!(why("FULL_WINDOW", "3"), "needs STACK_FULL (is n)");
    }

    #[test]
    fn toggling_goes_round_what_is_allowed() {
        let mut session = session(SYSTEM, "CONFIG_MODULES=y\nCONFIG_NET=y\n");
        let driver = session.named("DRIVER");
        let mut next = || {
            session.toggle(driver).unwrap();
            session.value_of("DRIVER")
        };
        assert_eq!([next(), next(), next(), next()], ["m", "y", "n", "m"]);
        session.set_named("FAST", "y").unwrap();
        assert_eq!(session.toggle(session.named("CACHE")).unwrap_err().reason, "selected by FAST");
        session.toggle(session.named("STACK_FULL")).unwrap();
        session.toggle(session.named("STACK_FULL")).unwrap();
        assert_eq!(session.value_of("STACK_FULL"), "y");
    }

    #[test]
    fn resetting_a_menu_is_one_step() {
        let mut session =
            session(SYSTEM, "CONFIG_NET=y\nCONFIG_STACK_FULL=y\nCONFIG_SOCKETS=9\nCONFIG_CACHE=y\n");
        let menu = session.tree().node(session.entry("NET")).parent;
        session.reset(menu);
        assert_eq!(["NET", "STACK_FULL", "CACHE"].map(|name| session.value_of(name)), ["n", "n", "y"]);
        session.undo();
        assert_eq!(["NET", "STACK_FULL", "SOCKETS"].map(|name| session.value_of(name)), ["y", "y", "9"]);
        session.unset(session.named("SOCKETS"));
        assert_eq!(session.value_of("SOCKETS"), "8");
    }

    #[test]
    fn only_what_was_set_is_saved() {
        let store = Memory::new("CONFIG_NET=y\n");
        let mut session = session_in(SYSTEM, &store);
        session.set_named("STACK_FULL", "y").unwrap();
        session.save().unwrap();
        assert!(!session.is_changed());
        assert_eq!(store.text(), "CONFIG_NET=y\nCONFIG_STACK_FULL=y\n");
        session.undo();
        assert!(session.is_changed());
    }

    #[test]
    fn another_file_can_be_opened() {
        let mut session = session(SYSTEM, "CONFIG_CACHE=y\n");
        session.set_named("CACHE", "n").unwrap();
        session.open_file(Path::new("other")).unwrap();
        assert_eq!(["NET", "CACHE"].map(|name| session.value_of(name)), ["y", "n"]);
        assert!(!session.is_changed() && session.undo().is_none());
    }
}
