//! From the [`Draft`] to the [`Tree`]: what the files mean by standing where they stand.
//!
//! Dependencies reach from menus to what is in them; `select` and `imply` become dependencies of their targets;
//! entries that depend on the one above become its submenu; `if` blocks vanish. The order of the steps is that of
//! Linux's `_menu_finalize`, because results depend on it; its recursion is a stack here, and what it moves up
//! from blocks without a prompt is moved once, at the end ([`shape`]).

mod build;
mod check;
mod choice;
mod cycle;
mod shape;

use super::codes;
use super::diagnostic::Diagnostic;
use super::draft::{Draft, Entry, EntryId, EntryKind, NONE, Property, Value};
use super::expr::{Expr, ExprId, Exprs};
use super::simplify::{self, Simplifier};
use super::span::{Sources, Span};
use super::tree::{ReverseDependency, SymbolId, Tree};
use super::world::Report;
use shape::Shape;

/// Makes the tree. It is of use only if `report` has no errors afterwards.
pub(super) fn finalise(
    mut draft: Draft,
    sources: Sources,
    environment: Vec<(String, String)>,
    report: &mut Report,
) -> Result<Tree, Sources> {
    Finaliser::run(&mut draft, report);
    if report.has_errors() {
        return Err(sources);
    }
    let shape = Shape::of(&draft);
    build::collect_properties(&mut draft);
    choice::assign_members(&mut draft, &shape, report);
    check::check(&draft, report);
    cycle::check(&draft, &sources, report);
    if report.has_errors() {
        return Err(sources);
    }
    Ok(build::build(draft, shape, sources, environment))
}

/// A submenu that is being made.
#[derive(Clone, Copy)]
struct Submenu {
    parent: EntryId,
    last: EntryId,
    /// What the parent's prompt depends on, once it is known.
    base: Option<ExprId>,
    /// The parent's dependencies are not yet part of its symbol's.
    adds_dependency: bool,
}

impl Submenu {
    fn of(parent: EntryId, adds_dependency: bool) -> Self {
        Self { parent, last: NONE, base: None, adds_dependency }
    }
}

struct Finaliser<'d> {
    entries: &'d mut Vec<Entry>,
    properties: &'d mut Vec<Property>,
    simplifier: Simplifier<'d>,
    /// What selects (true) or implies whom, in the order in which Linux meets it.
    reverse: Vec<(SymbolId, bool, ReverseDependency)>,
    /// The OR of what the entries of a symbol depend on, by symbol.
    depends: Vec<Option<ExprId>>,
    report: &'d mut Report,
    stack: Vec<Step>,
}

/// What is left to do.
enum Step {
    /// Finalise an entry.
    Enter { entry: EntryId, in_choice: bool },
    /// Finalise the children of `parent` that come after `after`; all of them if it is none.
    Children { parent: EntryId, after: EntryId, in_choice: bool },
    /// Take siblings after `last` into the submenu of `parent`, which had none at first.
    Submenu(Submenu),
    /// Give the entries of a choice that depend on a member to that member.
    Adopt { choice: EntryId },
    /// Make submenus of the children of `parent` that come after `after`; all of them if it is none.
    Submenus { parent: EntryId, after: EntryId },
}

impl<'d> Finaliser<'d> {
    fn run(draft: &'d mut Draft, report: &'d mut Report) {
        let depends = vec![None; draft.symbols.len()];
        let mut finaliser = Finaliser {
            entries: &mut draft.entries,
            properties: &mut draft.properties,
            simplifier: Simplifier::new(&mut draft.exprs, &draft.symbols, draft.modules),
            reverse: Vec::new(),
            depends,
            report,
            stack: vec![Step::Enter { entry: 0, in_choice: false }],
        };
        while let Some(step) = finaliser.stack.pop() {
            finaliser.step(step);
        }
        let Finaliser { reverse, depends, .. } = finaliser;
        for (symbol, depends) in draft.symbols.iter_mut().zip(depends) {
            symbol.depends = depends.unwrap_or(ExprId::YES);
        }
        for (target, is_select, dependency) in reverse {
            let target = &mut draft.symbols[target.index()];
            if is_select { &mut target.selected_by } else { &mut target.implied_by }.push(dependency);
        }
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Enter { entry, in_choice } => self.enter(entry, in_choice),
            Step::Children { parent, after, in_choice } => {
                let entry = self.following(parent, after);
                if entry != NONE {
                    // What follows it is asked for when it is finalised: it may take siblings into its submenu.
                    self.stack.push(Step::Children { parent, after: entry, in_choice });
                    self.stack.push(Step::Enter { entry, in_choice });
                }
            }
            Step::Submenu(submenu) => self.submenu(submenu),
            Step::Adopt { choice } => choice::adopt(self, choice),
            Step::Submenus { parent, after } => {
                let entry = self.following(parent, after);
                if entry != NONE {
                    self.stack.push(Step::Submenus { parent, after: entry });
                    if self.entry(entry).symbol.is_some() && self.entry(entry).first_child == NONE {
                        self.stack.push(Step::Submenu(Submenu::of(entry, false)));
                    }
                }
            }
        }
    }

    fn entry(&self, id: EntryId) -> &Entry {
        &self.entries[id as usize]
    }

    fn entry_mut(&mut self, id: EntryId) -> &mut Entry {
        &mut self.entries[id as usize]
    }

    /// The child of `parent` after `after`, or the first.
    fn following(&self, parent: EntryId, after: EntryId) -> EntryId {
        if after == NONE { self.entry(parent).first_child } else { self.entry(after).next }
    }

    fn enter(&mut self, id: EntryId, in_choice: bool) {
        let entry = self.entry(id);
        let (kind, symbol) = (entry.kind, entry.symbol);
        if entry.first_child == NONE {
            match symbol {
                Some(_) if !in_choice => self.stack.push(Step::Submenu(Submenu::of(id, true))),
                _ => self.add_dependency(id),
            }
            return;
        }
        self.add_dependency(id);
        self.propagate(id);
        if self.report.is_stopped() {
            self.stack.clear();
            return;
        }
        if kind == EntryKind::Choice {
            self.stack.push(Step::Adopt { choice: id });
        }
        let in_choice = kind == EntryKind::Choice || kind == EntryKind::If && in_choice;
        self.stack.push(Step::Children { parent: id, after: NONE, in_choice });
    }

    /// Adds what an entry depends on to what its symbol depends on. An entry without dependencies adds nothing,
    /// as in Linux: it does not make the symbol independent.
    fn add_dependency(&mut self, id: EntryId) {
        let entry = self.entry(id);
        let (Some(symbol), Some(depends)) = (entry.symbol, entry.depends) else { return };
        let span = entry.span;
        let all = match self.depends[symbol.index()] {
            Some(before) => self.simplifier.exprs.add(Expr::Or(before, depends)),
            None => depends,
        };
        self.check_depth(Some(all), span);
        self.depends[symbol.index()] = Some(all);
    }

    /// Makes the children of `parent` depend on what it depends on.
    fn propagate(&mut self, parent: EntryId) {
        let around = self.entry(parent).depends;
        let mut id = self.entry(parent).first_child;
        while id != NONE {
            let entry = self.entry(id);
            let (span, properties, symbol, next) =
                (entry.span, entry.properties.clone(), entry.symbol, entry.next);
            let own = entry.depends.map(|depends| self.simplifier.normal(depends));
            self.warn_of_m(span);
            let depends = self.simplifier.and(around, own);
            self.check_depth(depends, span);
            if self.report.is_stopped() {
                return;
            }
            self.entry_mut(id).depends = depends;
            for index in properties {
                let property = &self.properties[index as usize];
                let span = property.span;
                let own = property.condition.map(|condition| self.simplifier.normal(condition));
                self.warn_of_m(span);
                let condition = self.simplifier.and(depends, own);
                self.check_depth(condition, span);
                let property = &mut self.properties[index as usize];
                property.condition = condition;
                let (target, is_select) = match property.value {
                    Value::Select(target) => (target, true),
                    Value::Imply(target) => (target, false),
                    _ => continue,
                };
                let by = symbol.expect("only symbols select");
                let mut expr = self.simplifier.exprs.add(Expr::Symbol(by));
                if let Some(condition) = condition {
                    expr = self.simplifier.exprs.add(Expr::And(expr, condition));
                }
                self.reverse.push((target, is_select, ReverseDependency { by, expr, span }));
            }
            id = next;
        }
    }

    /// Refuses what is too deep for those who recurse over it.
    fn check_depth(&mut self, expr: Option<ExprId>, span: Span) {
        if expr.is_none_or(|expr| self.simplifier.exprs.depth(expr) <= Exprs::MAX_DEPTH) {
            return;
        }
        let message = format!(
            "with what is around it, this depends on more than {} operations in a row",
            Exprs::MAX_DEPTH
        );
        self.report.add(
            Diagnostic::new(codes::DEPENDENCIES_TOO_DEEP, Some(span), message)
                .help("give parts of the condition names: `config PART` with `def_bool …`"),
        );
        self.report.stop();
    }

    fn warn_of_m(&mut self, span: Span) {
        for symbol in std::mem::take(&mut self.simplifier.tested_for_m) {
            let name = &self.simplifier.symbols()[symbol.index()].name;
            let message = format!("the bool symbol {name} is compared with `m`, which it never is");
            self.report.add(
                Diagnostic::new(codes::BOOL_TESTED_FOR_M, Some(span), message)
                    .help(format!("compare it with `y` or `n`, or make {name} a tristate")),
            );
        }
    }

    /// Takes the next sibling into a submenu, or ends the submenu.
    fn submenu(&mut self, mut submenu: Submenu) {
        let Submenu { parent, last, .. } = submenu;
        let candidate = self.entry(if last == NONE { parent } else { last }).next;
        if candidate != NONE && self.belongs_below(candidate, parent, &mut submenu.base) {
            self.entry_mut(candidate).parent = parent;
            submenu.last = candidate;
            self.stack.push(Step::Submenu(submenu));
            self.stack.push(Step::Enter { entry: candidate, in_choice: false });
            return;
        }
        if last != NONE {
            let first = self.entry(parent).next;
            let rest = std::mem::replace(&mut self.entry_mut(last).next, NONE);
            let parent = self.entry_mut(parent);
            parent.first_child = first;
            parent.next = rest;
        }
        if submenu.adds_dependency {
            self.add_dependency(parent);
        }
    }

    /// Whether `candidate` depends on the symbol of `parent`, or on that and what `parent` depends on itself.
    /// `base` is the latter, once it is known.
    fn belongs_below(&mut self, candidate: EntryId, parent: EntryId, base: &mut Option<ExprId>) -> bool {
        let Some(symbol) = self.entry(parent).symbol else { return false };
        let condition = match self.entry(candidate).prompt {
            Some(prompt) => self.properties[prompt as usize].condition,
            None => self.entry(candidate).depends,
        };
        let Some(condition) = condition else { return false };
        let exprs = &mut *self.simplifier.exprs;
        if !simplify::contains(exprs, condition, symbol) {
            return false;
        }
        if simplify::depends(exprs, condition, symbol) {
            return true;
        }
        let condition = self.simplifier.not_no(Some(condition));
        let base = match *base {
            Some(base) => base,
            None => {
                let prompt = self.entry(parent).prompt;
                let own = prompt.and_then(|prompt| self.properties[prompt as usize].condition);
                *base.insert(self.simplifier.not_no(own))
            }
        };
        self.simplifier.without_common(condition, base).1 == ExprId::YES
    }
}
