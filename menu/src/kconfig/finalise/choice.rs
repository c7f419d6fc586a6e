//! Choices: which entries are members, and what a member must be.
//!
//! An entry of a choice that depends on a member before it is no alternative to that member but a detail of it:
//! it becomes a child of the member. Linux refuses such entries since 6.10 as a recursive dependency; kit needs
//! them for the options of a micro-library that is one of a slot's.

use super::super::codes;
use super::super::diagnostic::Diagnostic;
use super::super::draft::{Draft, EntryId, EntryKind, NONE, Value};
use super::super::hash::Map;
use super::super::simplify;
use super::super::span::Span;
use super::super::tree::{SymbolId, Type};
use super::super::world::Report;
use super::shape::Shape;
use super::{Finaliser, Step};

/// Rearranges the entries of a choice whose children are finalised.
pub(super) fn adopt(finaliser: &mut Finaliser<'_>, choice: EntryId) {
    let entries = without_ifs(finaliser, choice);
    // The member that a symbol is, or belongs to.
    let mut member_of: Map<SymbolId, EntryId> = Map::default();
    let mut last_of: Map<EntryId, EntryId> = Map::default();
    let mut last = NONE;
    for &id in &entries {
        let entry = finaliser.entry(id);
        let condition = match entry.prompt {
            Some(prompt) => finaliser.properties[prompt as usize].condition,
            None => entry.depends,
        };
        let mut member = None;
        // Linux knows comments that depend on a member, and leaves them where they are.
        if let (Some(condition), EntryKind::Config | EntryKind::MenuConfig) = (condition, entry.kind) {
            simplify::operands(finaliser.simplifier.exprs, condition, &mut |symbol| {
                member = member_of.get(&symbol).copied();
                member.is_some()
            });
        }
        finaliser.entry_mut(id).next = NONE;
        match member {
            Some(member) => {
                finaliser.entry_mut(id).parent = member;
                match last_of.insert(member, id) {
                    Some(before) => finaliser.entry_mut(before).next = id,
                    None => finaliser.entry_mut(member).first_child = id,
                }
            }
            None => {
                finaliser.entry_mut(id).parent = choice;
                match last {
                    NONE => finaliser.entry_mut(choice).first_child = id,
                    before => finaliser.entry_mut(before).next = id,
                }
                last = id;
            }
        }
        if let Some(symbol) = finaliser.entry(id).symbol {
            member_of.entry(symbol).or_insert(member.unwrap_or(id));
        }
    }
    for member in last_of.into_keys() {
        finaliser.stack.push(Step::Submenus { parent: member, after: NONE });
    }
}

/// The entries of a choice in order, with those of its `if` blocks.
fn without_ifs(finaliser: &Finaliser<'_>, choice: EntryId) -> Vec<EntryId> {
    let mut found = Vec::new();
    let mut stack = vec![finaliser.entry(choice).first_child];
    while let Some(id) = stack.pop() {
        if id == NONE {
            continue;
        }
        let entry = finaliser.entry(id);
        stack.push(entry.next);
        if entry.kind == EntryKind::If {
            stack.push(entry.first_child);
        } else {
            found.push(id);
        }
    }
    found
}

/// Tells choices and their members of each other, and checks both.
pub(super) fn assign_members(draft: &mut Draft, shape: &Shape, report: &mut Report) {
    for id in 0..draft.entries.len() as EntryId {
        let entry = draft.entry(id);
        let (EntryKind::Choice, Some(choice)) = (entry.kind, entry.symbol) else { continue };
        let has_prompt =
            draft.symbols[choice.index()].nodes.iter().any(|node| draft.entry(node.0).prompt.is_some());
        if !has_prompt && draft.symbols[choice.index()].nodes[0].0 == id {
            report.add(
                Diagnostic::new(codes::CHOICE_PROMPT, Some(entry.span), "choice must have a prompt")
                    .help("add `prompt \"…\"` below it"),
            );
        }
        for &member in &shape.children[id as usize] {
            let Some(symbol) = draft.entry(member).symbol else { continue };
            check_member(draft, shape, member, symbol, report);
            if draft.symbols[symbol.index()].choice.is_none() {
                draft.symbols[symbol.index()].choice = Some(choice);
                draft.symbols[choice.index()].members.push(symbol);
            }
        }
    }
}

fn check_member(draft: &Draft, shape: &Shape, id: EntryId, symbol: SymbolId, report: &mut Report) {
    let (name, kind) = (draft.display_name(symbol), draft.symbols[symbol.index()].kind);
    let entry = draft.entry(id);
    let choice = draft.entry(shape.parents[id as usize]).span;
    let mut complain = |code, span: Span, message: String, help: &str| {
        report.add(
            Diagnostic::new(code, Some(span), message).note(Some(choice), "the choice is here").help(help),
        );
    };
    if entry.prompt.is_none() {
        let message = format!("choice member must have a prompt: {name} has none");
        complain(codes::MEMBER_PROMPT, entry.span, message, "nobody can choose it without one");
    }
    if kind != Type::Bool {
        let message = match kind {
            Type::Unknown => format!("choice member must be bool: {name} has no type"),
            _ => format!("choice member must be bool: {name} is {}", kind.as_str()),
        };
        complain(
            codes::MEMBER_TYPE,
            entry.span,
            message,
            "an option that belongs to a member stands below it and has `depends on` that member",
        );
    }
    for default in &draft.symbols[symbol.index()].defaults {
        complain(
            codes::MEMBER_DEFAULT,
            default.span,
            format!("defaults for choice values not supported: {name} is a member of a choice"),
            "give the choice a `default` that names the member",
        );
    }
    for node in &draft.symbols[symbol.index()].nodes {
        let other = node.0;
        if other == id || shape.parents[other as usize] == shape.parents[id as usize] {
            continue;
        }
        for property in draft.entry(other).properties.clone().map(|index| &draft.properties[index as usize]) {
            if let Value::Prompt(_) = property.value {
                complain(
                    codes::MEMBER_ELSEWHERE,
                    property.span,
                    format!("choice value has a prompt outside its choice group: {name}"),
                    "a member is set by choosing it and nowhere else: remove this prompt",
                );
            }
        }
    }
}
