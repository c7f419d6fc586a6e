//! Reads a `.config`.
//!
//! What is accepted is what Linux 6.12's `conf_read_simple` accepts. Where that is silent about a line that has no
//! effect, there is a warning here that [`Reading::is_stale`] does not count.

use std::path::Path;

use super::super::codes::{self, Code};
use super::super::config::Config;
use super::super::diagnostic::Diagnostic;
use super::super::span::{FileId, Sources, Span};
use super::super::tree::{Role, SymbolId, Tree, Type};
use super::line::unquote;
use super::write::Header;
use crate::did_you_mean;

/// What there was to say about a `.config`.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// Warnings, in the order of the lines; their places are in `sources`.
    pub diagnostics: Vec<Diagnostic>,
    /// The text that was read.
    pub sources: Sources,
    /// Whether a line was not understood, so that the file would not be the same if it were written again.
    pub is_stale: bool,
}

/// Replaces all user values of `config` by those of `text`, the content of the file `name`.
///
/// Lines that are not understood or whose value is not of the symbol's type are skipped, with a warning. The last
/// of several assignments to a symbol counts, and of several members of a choice the last one that is `y`.
pub fn read(config: &mut Config, text: &str, name: &Path, header: &Header) -> Reading {
    config.clear();
    let mut reading = Reading::default();
    let file = reading.sources.add(name.to_path_buf(), text, None);
    let mut reader = Reader { config, prefix: &header.prefix, file, reading };
    for line in lines(text) {
        reader.line(line);
    }
    reader.reading
}

/// A line and where it begins.
#[derive(Clone, Copy)]
pub(super) struct Line<'a> {
    start: usize,
    text: &'a str,
}

/// `NAME=VALUE`, or `# NAME is not set` with the value `n`.
pub(super) struct Assignment<'a> {
    pub(super) name: &'a str,
    pub(super) value: &'a str,
    name_start: usize,
    /// Of `n`, the whole line's.
    value_start: usize,
    value_length: usize,
}

/// The lines of a text, without their ends. `\r` belongs to the end only before `\n`.
pub(super) fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    let mut start = 0;
    text.split_inclusive('\n').map(move |whole| {
        let line = whole.strip_suffix("\r\n").or_else(|| whole.strip_suffix('\n')).unwrap_or(whole);
        let from = start;
        start += whole.len();
        Line { start: from, text: line }
    })
}

impl<'a> Line<'a> {
    /// The assignment in the line; `Err` if it should be one.
    pub(super) fn assignment(self, prefix: &str) -> Result<Option<Assignment<'a>>, ()> {
        if let Some(comment) = self.text.strip_prefix('#') {
            let unset = comment
                .strip_prefix(' ')
                .and_then(|comment| comment.strip_prefix(prefix))
                .and_then(|rest| rest.split_once(' '))
                .filter(|&(_, rest)| rest == "is not set");
            return Ok(unset.map(|(name, _)| Assignment {
                name,
                value: "n",
                name_start: self.start + "# ".len(),
                value_start: self.start,
                value_length: self.text.len(),
            }));
        }
        if self.text.is_empty() {
            return Ok(None);
        }
        let (name, value) = self.text.strip_prefix(prefix).and_then(|rest| rest.split_once('=')).ok_or(())?;
        Ok(Some(Assignment {
            name,
            value,
            name_start: self.start,
            value_start: self.start + self.text.len() - value.len(),
            value_length: value.len(),
        }))
    }
}

struct Reader<'a> {
    config: &'a mut Config,
    prefix: &'a str,
    file: FileId,
    reading: Reading,
}

impl Reader<'_> {
    fn line(&mut self, line: Line<'_>) {
        match line.assignment(self.prefix) {
            Ok(Some(assignment)) => self.assign(&assignment),
            Ok(None) => {}
            Err(()) => {
                let help = format!(
                    "an assignment begins with `{}` and has a `=`; a comment begins with `#`",
                    self.prefix
                );
                self.warn(
                    codes::UNEXPECTED_DATA,
                    line.start,
                    line.text.len(),
                    "unexpected data; the line is ignored",
                    help,
                );
                self.reading.is_stale = true;
            }
        }
    }

    fn assign(&mut self, assignment: &Assignment<'_>) {
        let tree = self.config.tree().clone();
        let Some(symbol) = tree.find(assignment.name) else {
            self.reading.is_stale = true;
            let message = format!("unknown symbol: {}", assignment.name);
            return self.unknown(codes::UNKNOWN_SYMBOL, &tree, assignment, message);
        };
        let definition = tree.symbol(symbol);
        if definition.role == Role::Choice {
            return; // a named choice has the value of its members
        }
        if self.config.user_value(symbol).is_some() {
            let message = format!("override: reassigning to symbol {}", definition.name);
            self.warn_name(
                codes::REASSIGNED,
                assignment,
                message,
                "the last assignment counts; remove the others",
            );
            self.reading.is_stale = true;
        }
        let value = assignment.value;
        let is_taken = match definition.kind {
            Type::Unknown => {
                let message = format!("nothing defines {}: other symbols only refer to it", definition.name);
                return self.unknown(codes::UNDEFINED_SYMBOL, &tree, assignment, message);
            }
            // Only the first letter counts, as in Linux.
            Type::Bool | Type::Tristate => match value.as_bytes().first() {
                Some(b'y') => self.preset(symbol, "y"),
                Some(b'n') => self.preset(symbol, "n"),
                Some(b'm') if definition.kind == Type::Tristate => self.preset(symbol, "m"),
                _ => false,
            },
            Type::Int | Type::Hex => self.preset(symbol, value),
            Type::String => return self.assign_string(symbol, assignment),
        };
        if !is_taken {
            let message = format!("symbol value '{value}' invalid for {}", definition.name);
            let help = match definition.kind {
                Type::Bool => "a bool is `y` or `n`",
                Type::Tristate => "a tristate is `y`, `m` or `n`",
                Type::Int => "an int is decimal digits without a leading 0, `-` before them if need be",
                _ => "a hex is hexadecimal digits, `0x` before them if you like",
            };
            self.warn_value(codes::INVALID_VALUE, assignment, message, help);
            self.reading.is_stale = true;
        }
    }

    fn assign_string(&mut self, symbol: SymbolId, assignment: &Assignment<'_>) {
        let name = assignment.name;
        let Some(open) = assignment.value.strip_prefix('"') else {
            let message = format!("{name} is a string without quotes; the line is ignored");
            let help = format!("write {}{name}={}", self.prefix, super::line::quote(assignment.value));
            return self.warn_value(codes::UNQUOTED_STRING, assignment, message, help);
        };
        match unquote(open) {
            Some(text) => {
                self.preset(symbol, &text);
            }
            None => {
                let message = format!("invalid string found: the closing quote of {name} is missing");
                self.warn_value(
                    codes::OPEN_STRING,
                    assignment,
                    message,
                    "end the value with `\"`; `\\\"` is a quote inside it",
                );
                self.reading.is_stale = true;
            }
        }
    }

    fn preset(&mut self, symbol: SymbolId, value: &str) -> bool {
        self.config.preset(symbol, value).is_ok()
    }

    fn unknown(&mut self, code: Code, tree: &Tree, assignment: &Assignment<'_>, message: String) {
        let help = match similar(tree, assignment.name) {
            Some(other) => format!("did you mean {}{other}?", self.prefix),
            None => "remove the line: it has no effect".to_string(),
        };
        self.warn_name(code, assignment, message, help);
    }

    fn warn_name(&mut self, code: Code, at: &Assignment<'_>, message: String, help: impl Into<String>) {
        self.warn(code, at.name_start, self.prefix.len() + at.name.len(), message, help);
    }

    fn warn_value(&mut self, code: Code, at: &Assignment<'_>, message: String, help: impl Into<String>) {
        self.warn(code, at.value_start, at.value_length, message, help);
    }

    fn warn(
        &mut self,
        code: Code,
        start: usize,
        length: usize,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        let span = Span { file: self.file, start: start as u32, end: (start + length) as u32 };
        self.reading.diagnostics.push(Diagnostic::new(code, Some(span), message).help(help));
    }
}

/// The defined symbol whose name is most like `name`, if one is close.
fn similar<'a>(tree: &'a Tree, name: &str) -> Option<&'a str> {
    let defined = tree.symbols().map(|(_, symbol)| symbol).filter(|symbol| !symbol.nodes.is_empty());
    let names = defined.filter(|symbol| symbol.role == Role::Plain).map(|symbol| &*symbol.name);
    did_you_mean(name, names)
}
