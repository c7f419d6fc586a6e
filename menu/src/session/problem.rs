//! What is wrong with a configuration, and what to do about each.

use std::collections::HashMap;
use std::sync::Arc;

use crate::did_you_mean;
use crate::kconfig::{Diagnostic, NodeId, Role, Severity, Span, SymbolId, Tree, Type, codes};

use super::condition::name;
use super::{Assignment, Leftover, Outcome, Place, Plan, Refusal, Session, refusal, user_set};

/// Something that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// How bad it is.
    pub severity: Severity,
    /// What, in one line: `NET_SMOLTCP=y did not take: needs NETDEV != none (is none)`.
    pub message: String,
    /// More lines, such as the place with the offending line; each ended by a newline, empty if there are none.
    pub detail: String,
    /// Where it is written.
    pub place: Option<Place>,
    /// Where a jump leads.
    pub node: Option<NodeId>,
    /// The ways out, best first.
    pub repairs: Vec<Repair>,
}

/// A way out of a problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repair {
    /// What it does: `remove NET_SMOLTPC`, `rename it to NET_SMOLTCP`.
    pub label: String,
    /// How.
    pub action: RepairAction,
}

/// What a repair does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RepairAction {
    /// Drops an assignment that the tree has no use for.
    Drop(Assignment),
    /// Drops it and sets a symbol instead.
    Replace {
        /// The assignment.
        assignment: Assignment,
        /// The symbol to set.
        symbol: SymbolId,
        /// Its value.
        value: String,
    },
    /// Resets a symbol.
    Unset(SymbolId),
    /// Sets a symbol.
    Set(SymbolId, String),
    /// Sets several: show its changes first.
    Plan(Plan),
}

/// Most values that did not take for which a plan is looked for. A file for another architecture has thousands of
/// them on Linux's tree, and a plan takes a millisecond; what is repaired makes room for the next.
const PLANS: usize = 50;

impl Session {
    /// What is wrong now: with the store, the values, and the Kconfig files. Errors first.
    pub fn problems(&self) -> Vec<Problem> {
        let mut problems: Vec<_> = self.load_error().map(unreadable).into_iter().collect();
        problems.extend(self.leftovers.iter().map(|leftover| self.of_leftover(leftover)));
        let mut plans = PLANS;
        problems.extend(self.value_warnings().map(|(symbol, diagnostic)| match diagnostic.code {
            codes::UNMET_DEPENDENCY => {
                Problem { node: self.node_of(symbol), ..self.of_diagnostic(&diagnostic) }
            }
            _ => self.of_value(&diagnostic, symbol, &mut plans),
        }));
        problems.extend_from_slice(self.of_files());
        problems.sort_by_key(|problem| std::cmp::Reverse(problem.severity));
        problems
    }

    /// How many [`problems`](Self::problems) there are, without looking for ways out.
    pub fn problem_count(&self) -> usize {
        let errors = usize::from(self.load_error().is_some());
        errors + self.leftovers.len() + self.value_warnings().count() + self.of_files().len()
    }

    /// Carries out a way out, as one step.
    pub fn repair(&mut self, repair: &Repair) -> Result<Outcome, Refusal> {
        let label = repair.label.clone();
        match &repair.action {
            RepairAction::Drop(assignment) => {
                Ok(self.always(label, None, |_, leftovers| *leftovers = without(leftovers, assignment)))
            }
            RepairAction::Replace { assignment, symbol, value } => {
                self.step(label, Some(*symbol), |config, leftovers| {
                    // As in a menu if it can be: that takes a choice from the member that had it.
                    let given = config.set(*symbol, value).or_else(|_| config.preset(*symbol, value));
                    given.map_err(|error| refusal::explained(config, *symbol, value, error))?;
                    *leftovers = without(leftovers, assignment);
                    Ok(())
                })
            }
            RepairAction::Unset(symbol) => Ok(self.unset(*symbol)),
            RepairAction::Set(symbol, value) => self.set(*symbol, value),
            RepairAction::Plan(plan) => self.apply(plan),
        }
    }

    /// An assignment that has no effect: an unknown name, or a value that is none of the type.
    fn of_leftover(&self, leftover: &Leftover) -> Problem {
        let assignment = &leftover.assignment;
        let tree = self.tree();
        let known = tree.find(&assignment.name).filter(|symbol| is_option(tree, *symbol));
        let mut repairs = Vec::new();
        match known {
            Some(symbol) => {
                repairs.extend(self.nearest_value(symbol, &assignment.value).map(|value| Repair {
                    label: format!("set {}={value}", assignment.name),
                    action: RepairAction::Replace { assignment: assignment.clone(), symbol, value },
                }));
            }
            None => repairs.extend(self.stored.meant.get(&assignment.name).map(|&symbol| Repair {
                label: format!("rename it to {}", name(tree, symbol)),
                action: RepairAction::Replace {
                    assignment: assignment.clone(),
                    symbol,
                    value: self.nearest_value(symbol, &assignment.value).unwrap_or(assignment.value.clone()),
                },
            })),
        }
        let label = match assignment.name.as_str() {
            "" => "remove the line".to_string(),
            name => format!("remove {name}"),
        };
        repairs.push(Repair { label, action: RepairAction::Drop(assignment.clone()) });
        Problem {
            severity: Severity::Warning,
            message: leftover.message.clone(),
            detail: leftover.detail.clone(),
            place: Some(assignment.place.clone()),
            node: known.and_then(|symbol| self.node_of(symbol)),
            repairs,
        }
    }

    /// A value that a person set and that the symbol does not have, with a plan while `plans` are left.
    fn of_value(&self, diagnostic: &Diagnostic, symbol: SymbolId, plans: &mut usize) -> Problem {
        let config = &self.config;
        let tree = &**self.tree();
        let is_planned = *plans > 0;
        *plans = plans.saturating_sub(1);
        let wanted = config.user_value(symbol).unwrap_or_default();
        let refusal = is_planned.then(|| refusal::of(config, symbol, &wanted)).flatten();
        let mut message = diagnostic.message.clone();
        let mut repairs = Vec::new();
        if let Some(refusal) = &refusal
            && let (Some(plan), Some(remedy)) = (&refusal.plan, refusal.remedy(tree))
        {
            message.push_str(&format!(" — {remedy}"));
            repairs.push(Repair { label: remedy, action: RepairAction::Plan(plan.clone()) });
        }
        if diagnostic.code == codes::VALUE_CLAMPED {
            let nearest = config.value(symbol).to_string();
            let label = format!("set {}={nearest}", name(tree, symbol));
            repairs.push(Repair { label, action: RepairAction::Set(symbol, nearest) });
        }
        repairs.push(Repair {
            label: format!("reset {} to its default", name(tree, symbol)),
            action: RepairAction::Unset(symbol),
        });
        let place = self.place_of_value(symbol);
        let node = self.node_of(symbol);
        Problem { message, place, node, repairs, ..self.of_diagnostic(diagnostic) }
    }

    /// The warnings about values: those that a person set, then those that are selected.
    ///
    /// In a store that holds everything, a value that has lost its effect since it was read is no problem: it goes
    /// with the next save. Nor is one that nobody could ever set.
    fn value_warnings(&self) -> impl Iterator<Item = (SymbolId, Diagnostic)> {
        let holds_everything = self.store.holds_everything();
        let counts = move |symbol: &SymbolId| {
            !holds_everything
                || (self.stored.refused.contains(symbol) && refusal::has_prompt(self.tree(), *symbol))
        };
        let set = user_set(&self.config).into_iter().map(|(symbol, _)| symbol).filter(counts);
        let set = set.filter_map(|symbol| Some((symbol, self.config.value_warning(symbol)?)));
        let selected = self.tree().symbols().filter(|(_, symbol)| !symbol.selected_by.is_empty());
        let unmet = selected.filter(|(id, _)| self.config.is_unmet(*id));
        set.chain(unmet.map(|(id, _)| (id, self.config.unmet_warning(id))))
    }

    fn of_diagnostic(&self, diagnostic: &Diagnostic) -> Problem {
        let sources = self.tree().sources();
        Problem {
            severity: diagnostic.severity,
            message: diagnostic.message.clone(),
            detail: diagnostic.render(sources),
            place: diagnostic.span.map(|span| Place::of(sources, span)),
            node: None,
            repairs: Vec::new(),
        }
    }

    /// What was said about the Kconfig files.
    fn of_files(&self) -> &[Problem] {
        self.of_files.get_or_init(|| {
            let told = self.diagnostics.iter().filter(|diagnostic| diagnostic.severity != Severity::Info);
            let node = |diagnostic: &Diagnostic| diagnostic.span.and_then(|span| self.node_at(span));
            told.map(|one| Problem { node: node(one), ..self.of_diagnostic(one) }).collect()
        })
    }

    /// The entry whose statements a place belongs to: the last one that begins before it.
    fn node_at(&self, span: Span) -> Option<NodeId> {
        let tree = self.tree();
        let begins = |node: &NodeId| tree.node(*node).span;
        let before = tree.walk().filter(|node| {
            *node != NodeId::ROOT && begins(node).file == span.file && begins(node).start <= span.start
        });
        before.max_by_key(|node| begins(node).start)
    }

    /// Where a jump to a symbol leads: its first entry that says something.
    pub(super) fn node_of(&self, symbol: SymbolId) -> Option<NodeId> {
        let nodes = &self.tree().symbol(symbol).nodes;
        let with_text = nodes.iter().find(|node| self.tree().node(**node).prompt.is_some());
        with_text.or(nodes.first()).copied()
    }

    /// A value of the symbol's type that `text` was probably meant to be.
    fn nearest_value(&self, symbol: SymbolId, text: &str) -> Option<String> {
        let text = text.trim();
        let number = |digits: &str, radix| i128::from_str_radix(&digits.replace('_', ""), radix).ok();
        let (digits, radix) = match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
            Some(digits) => (digits, 16),
            None => (text, 10),
        };
        let meant = match self.tree().symbol(symbol).kind {
            Type::Bool | Type::Tristate => match text.to_lowercase().as_str() {
                "y" | "yes" | "true" | "on" | "1" => "y".to_string(),
                "m" | "mod" | "module" => "m".to_string(),
                "n" | "no" | "false" | "off" | "0" => "n".to_string(),
                _ => return None,
            },
            Type::Int => number(digits, radix)?.to_string(),
            Type::Hex => format!("{:#x}", number(digits, 16)?),
            Type::String => text.to_string(),
            Type::Unknown => return None,
        };
        self.config.clone().preset(symbol, &meant).is_ok().then_some(meant)
    }
}

/// The options that unknown names among leftovers were probably meant to be.
pub(super) fn meant_by(tree: &Tree, leftovers: &[Leftover]) -> HashMap<String, SymbolId> {
    let names = leftovers.iter().map(|leftover| &leftover.assignment.name).filter(|name| !name.is_empty());
    names.filter_map(|unknown| Some((unknown.clone(), meant(tree, unknown)?))).collect()
}

/// The option that an unknown name was probably meant to be.
pub fn meant(tree: &Tree, unknown: &str) -> Option<SymbolId> {
    let options = tree.symbols().filter(|(id, _)| is_option(tree, *id));
    tree.find(did_you_mean(unknown, options.map(|(_, symbol)| &*symbol.name))?)
}

/// Whether a file can set a symbol: a name that is defined with a type.
pub fn is_option(tree: &Tree, symbol: SymbolId) -> bool {
    let definition = tree.symbol(symbol);
    definition.role == Role::Plain && !definition.nodes.is_empty() && definition.kind != Type::Unknown
}

fn unreadable(error: &super::StoreError) -> Problem {
    let (first, rest) = error.message.split_once('\n').unwrap_or((&error.message, ""));
    Problem {
        severity: Severity::Error,
        message: first.to_string(),
        detail: if rest.is_empty() { String::new() } else { format!("{rest}\n") },
        place: None,
        node: None,
        repairs: Vec::new(),
    }
}

fn without(leftovers: &[Leftover], assignment: &Assignment) -> Arc<Vec<Leftover>> {
    Arc::new(leftovers.iter().filter(|leftover| leftover.assignment != *assignment).cloned().collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::fixture::{Memory, SYSTEM, session, session_in};

    fn messages(session: &Session) -> Vec<String> {
        session.problems().into_iter().map(|problem| problem.message).collect()
    }

    fn repairs(session: &Session) -> Vec<Repair> {
        session.problems().into_iter().flat_map(|problem| problem.repairs).collect()
    }

    #[test]
    fn an_unknown_name_is_renamed_or_removed() {
        let store = Memory::new("CONFIG_SOCKET=9\n");
        let mut session = session_in(SYSTEM, &store);
        assert_eq!(messages(&session), ["unknown symbol: SOCKET"]);
        assert_eq!(session.problem_count(), 1);
        let found = repairs(&session);
        let labels: Vec<_> = found.iter().map(|repair| repair.label.as_str()).collect();
        assert_eq!(labels, ["rename it to SOCKETS", "remove SOCKET"]);

        session.save().unwrap();
        assert_eq!(store.text(), "CONFIG_SOCKET=9\n", "a save keeps what was not repaired");
        session.set_named("NET", "y").unwrap();
        session.repair(&found[0]).unwrap();
        assert_eq!((messages(&session).len(), session.value_of("SOCKETS")), (0, "9".to_string()));
        session.save().unwrap();
        assert_eq!(store.text(), "CONFIG_NET=y\nCONFIG_SOCKETS=9\n");

        session.undo().unwrap();
        assert_eq!(messages(&session), ["unknown symbol: SOCKET"]);
        session.repair(&found[1]).unwrap();
        session.save().unwrap();
        assert_eq!(store.text(), "CONFIG_NET=y\n");
    }

    #[test]
    fn a_value_of_another_type_is_respelled_or_removed() {
        let mut session = session(SYSTEM, "CONFIG_NET=true\nCONFIG_BASE=no\n");
        assert_eq!(messages(&session).len(), 2);
        let found = repairs(&session);
        let labels: Vec<_> = found.iter().map(|repair| repair.label.as_str()).collect();
        assert_eq!(labels, ["set NET=y", "remove NET", "remove BASE"]);
        session.repair(&found[0]).unwrap();
        assert_eq!(session.value_of("NET"), "y");
    }

    #[test]
    fn a_value_that_did_not_take_is_helped_or_reset() {
        let mut session = session(SYSTEM, "CONFIG_FAST=y\n");
        assert_eq!(
            messages(&session),
            ["FAST=y did not take: needs DRIVER (is n) \u{2014} set NET=y and DRIVER=y"]
        );
        let found = repairs(&session);
        assert_eq!(found[0].label, "set NET=y and DRIVER=y");
        assert_eq!(found[1].label, "reset FAST to its default");
        session.repair(&found[1]).unwrap();
        assert_eq!(messages(&session).len(), 0);
        session.undo();
        session.repair(&found[0]).unwrap();
        assert_eq!((messages(&session).len(), session.value_of("FAST")), (0, "y".to_string()));
    }

    #[test]
    fn a_number_outside_its_range_is_clamped_or_reset() {
        let mut session = session(SYSTEM, "CONFIG_NET=y\nCONFIG_SOCKETS=99\n");
        let problem = session.problems().remove(0);
        assert_eq!(problem.message, "SOCKETS=99 is not in 1..64: 64 is used");
        assert_eq!(problem.place.unwrap().line, 2);
        assert_eq!(problem.node, Some(session.entry("SOCKETS")));
        assert_eq!(problem.repairs[0].label, "set SOCKETS=64");
        session.repair(&problem.repairs[0]).unwrap();
        assert_eq!(session.problem_count(), 0);
    }

    #[test]
    fn an_unmet_dependency_of_a_selected_symbol_is_told() {
        let tree = "config A\n\tbool \"A\"\n\tselect B\n\nconfig B\n\tbool \"B\"\n\tdepends on C\n\nconfig C\n\tbool \"C\"\n";
        let session = session(tree, "CONFIG_A=y\n");
        let problem = session.problems().remove(0);
        assert_eq!(problem.message, "B is selected, but needs C (is n)");
        assert!(problem.detail.contains("A selects it"), "{}", problem.detail);
        assert_eq!(problem.node, Some(session.entry("B")));
    }

    #[test]
    fn warnings_of_the_files_lead_to_their_entries() {
        let session = session("config A\n\tbool \"A\"\n\tdefault y\n\thelp\n\nconfig B\n\tbool \"B\"\n", "");
        let problem = session.problems().remove(0);
        assert!(problem.detail.contains("Kconfig:"), "{}", problem.detail);
        assert_eq!(problem.node, Some(session.entry("A")));
    }

    #[test]
    fn a_store_that_cannot_be_read_still_opens() {
        let session = session(SYSTEM, "unreadable");
        let problem = session.problems().remove(0);
        assert_eq!(
            (problem.severity, problem.message.as_str()),
            (Severity::Error, "cannot read memory: unreadable")
        );
        assert_eq!(problem.detail, "no more\n");
        assert_eq!(session.problem_count(), 1);
    }
}
