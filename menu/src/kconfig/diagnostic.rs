//! Messages about Kconfig and `.config` files, each with a code, a place and a way out.

use super::span::{Sources, Span};

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// What `$(info,…)` prints; not a complaint.
    Info,
    /// The result may not be what the author meant.
    Warning,
    /// There is no result.
    Error,
}

/// A message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Its code; `kit explain CODE` tells more.
    pub code: super::codes::Code,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong, one sentence without a full stop.
    pub message: String,
    /// Where.
    pub span: Option<Span>,
    /// Further places, such as the links of a chain, in order.
    pub notes: Vec<Note>,
    /// What to do about it.
    pub help: Option<String>,
}

/// A further place of a [`Diagnostic`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// What is there.
    pub message: String,
    /// Where.
    pub span: Option<Span>,
}

impl Diagnostic {
    /// A message with its code's severity.
    pub fn new(code: super::codes::Code, span: Option<Span>, message: impl Into<String>) -> Self {
        Self { code, severity: code.severity(), message: message.into(), span, notes: Vec::new(), help: None }
    }

    /// Adds a further place.
    pub fn note(mut self, span: Option<Span>, message: impl Into<String>) -> Self {
        self.notes.push(Note { message: message.into(), span });
        self
    }

    /// Adds the way out.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The message as text of several lines, the last with its newline:
    ///
    /// ```text
    /// error[KIT0102]: `endif` is missing
    ///   --> libs/net/Kconfig:12:1
    ///    |
    /// 12 | if NET
    ///    | ^^^^^^
    ///   note: …
    ///   help: …
    /// ```
    pub fn render(&self, sources: &Sources) -> String {
        super::render::render(self, sources)
    }
}
