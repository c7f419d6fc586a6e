//! What the reader of Kconfig files works with besides the tree: the world outside, the texts, the messages.

use super::codes;
use super::context::Context;
use super::diagnostic::{Diagnostic, Severity};
use super::macros::Macros;
use super::span::Sources;

/// Everything that the lexer, the macros and the parser share.
pub(super) struct World<'c> {
    pub context: &'c mut Context,
    pub sources: Sources,
    pub report: Report,
    pub macros: Macros,
}

/// The messages so far.
#[derive(Default)]
pub(super) struct Report {
    pub diagnostics: Vec<Diagnostic>,
    errors: usize,
    is_stopped: bool,
}

/// After so many errors the rest are most likely consequences.
const MOST_ERRORS: usize = 20;

impl Report {
    /// Adds a message. An error is told once, though several entries may have found it.
    pub fn add(&mut self, diagnostic: Diagnostic) {
        if diagnostic.severity == Severity::Error {
            let is_told = |other: &Diagnostic| {
                (other.code, other.span, &other.message)
                    == (diagnostic.code, diagnostic.span, &diagnostic.message)
            };
            if self.is_stopped || self.diagnostics.iter().any(is_told) {
                return;
            }
            self.errors += 1;
        }
        self.diagnostics.push(diagnostic);
        if self.errors >= MOST_ERRORS && !self.is_stopped {
            self.diagnostics.push(Diagnostic::new(
                codes::TOO_MANY_ERRORS,
                None,
                format!("more than {MOST_ERRORS} errors; the rest is not shown"),
            ));
            self.is_stopped = true;
        }
    }

    /// Gives up: whatever comes would follow from the last message.
    pub fn stop(&mut self) {
        self.is_stopped = true;
    }

    /// Whether reading is to end here.
    pub fn is_stopped(&self) -> bool {
        self.is_stopped
    }

    /// Whether there is an error.
    pub fn has_errors(&self) -> bool {
        self.errors > 0
    }
}
