//! Variables and functions: `$(name)` and `$(name,argument,…)`.
//!
//! Variables are here, the functions that every file may call in [`builtin`], and how a text is expanded in
//! [`machine`].

mod builtin;
mod machine;

use std::rc::Rc;

use super::codes;
use super::diagnostic::Diagnostic;
use super::hash::Map;
use super::lexer::is_word;
use super::span::Span;
use super::world::World;
use machine::Machine;

/// The variables, and what they were told of the world outside.
#[derive(Default)]
pub(super) struct Macros {
    variables: Map<Box<str>, Variable>,
    /// Environment variables that were read, in the order of first use.
    pub environment: Vec<(String, String)>,
    /// Characters and calls so far, over all expansions.
    work: usize,
    /// Lines to add to the place of the present expansion for `$(lineno)`.
    line_shift: u32,
}

struct Variable {
    value: Rc<str>,
    flavour: Flavour,
    /// Where it got its value.
    span: Span,
    /// How many expansions of it are going on.
    active: u32,
}

/// How a variable is assigned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flavour {
    /// `=`: the value is expanded at each use.
    Recursive,
    /// `:=`: it was expanded once.
    Simple,
}

/// An operator of an assignment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Assignment {
    Set(Flavour),
    /// `+=`
    Append,
}

/// An expansion that ended in a message.
pub(super) struct Failed;

/// Characters that may be read and written by all macros of a tree. Linux's needs a hundred thousand.
const MOST_WORK: usize = 1 << 24;

/// How much of `line` the word is with which it begins: word characters and references.
pub(super) fn word_length(line: &str) -> usize {
    let bytes = line.as_bytes();
    let mut end = 0;
    while end < bytes.len() {
        match bytes[end] {
            b'$' => end += reference_length(&line[end..]),
            byte if is_word(byte) => end += 1,
            _ => break,
        }
    }
    end
}

/// How long the `$(…)` is that begins `text`: all of it if it is not closed, 1 for a lonely `$`.
pub(super) fn reference_length(text: &str) -> usize {
    if !text.starts_with("$(") {
        return 1;
    }
    machine::closing(&text[2..]).map_or(text.len(), |length| length + 3)
}

/// Expands the references in `text`, which is at `place`.
pub(super) fn expand(world: &mut World<'_>, text: &str, place: Span) -> Result<String, Failed> {
    Machine::new(text, place).run(world)
}

/// Assigns a variable.
pub(super) fn assign(
    world: &mut World<'_>,
    name: &str,
    assignment: Assignment,
    value: &str,
    span: Span,
) -> Result<(), Failed> {
    let existing = world.macros.variables.get(name);
    let flavour = match (assignment, existing) {
        (Assignment::Set(flavour), _) => flavour,
        (Assignment::Append, Some(variable)) => variable.flavour,
        (Assignment::Append, None) => Flavour::Recursive,
    };
    let before = match (assignment, existing) {
        (Assignment::Append, Some(variable)) => Some(variable.value.clone()),
        _ => None,
    };
    let value = match flavour {
        Flavour::Recursive => value.to_string(),
        Flavour::Simple => {
            // Linux has read the end of the line when it expands the value.
            world.macros.line_shift = 1;
            let expanded = expand(world, value, span);
            world.macros.line_shift = 0;
            expanded?
        }
    };
    let value: Rc<str> = match before {
        Some(before) => format!("{before} {value}").into(),
        None => value.into(),
    };
    let length = value.len();
    world.macros.variables.insert(name.into(), Variable { value, flavour, span, active: 0 });
    spend(world, length, span)
}

/// Counts work, and ends expansions that would never end by themselves.
fn spend(world: &mut World<'_>, amount: usize, place: Span) -> Result<(), Failed> {
    world.macros.work += amount;
    if world.macros.work <= MOST_WORK {
        return Ok(());
    }
    world.report.add(
        Diagnostic::new(codes::EXPANSION_TOO_LARGE, Some(place), "the macros expand to more than 16 MiB")
            .help("look for variables that hold several references to others of that kind"),
    );
    world.report.stop();
    Err(Failed)
}

/// The value of an environment variable, empty when it is not set. It is noted for whoever depends on it.
pub(super) fn environment(world: &mut World<'_>, name: &str) -> String {
    let noted = &mut world.macros.environment;
    if let Some((_, value)) = noted.iter().find(|(noted, _)| noted == name) {
        return value.clone();
    }
    match world.context.environment.get(name) {
        Some(value) if !name.is_empty() => {
            noted.push((name.to_string(), value.clone()));
            value.clone()
        }
        _ => String::new(),
    }
}
