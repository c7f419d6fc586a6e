//! How a command of `kit` ends when it does not succeed: one message, one exit code.

use std::fmt::Display;
use std::path::Path;

/// A result of `kit`.
pub type Result<T> = std::result::Result<T, Failure>;

/// What went wrong: what, where, and what to do next, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The message, without a final newline. Empty if everything has been said already.
    pub message: String,
    /// The exit code: 2 for wrong use, 1 for a failure.
    pub code: u8,
}

impl Failure {
    /// The caller asked for something that cannot be: exit code 2.
    pub fn usage(message: impl Into<String>) -> Self {
        Self { message: message.into(), code: 2 }
    }

    /// What was asked for did not work: exit code 1.
    pub fn failed(message: impl Into<String>) -> Self {
        Self { message: message.into(), code: 1 }
    }

    /// An operation on a file failed.
    pub fn file(what: &str, path: &Path, error: impl Display) -> Self {
        Self::failed(format!("cannot {what} {}: {error}", path.display()))
    }

    /// A program could not be started.
    pub fn program(program: &str, error: &std::io::Error) -> Self {
        let next = match error.kind() {
            std::io::ErrorKind::NotFound => "; `kit doctor` says what is missing",
            _ => "",
        };
        Self::failed(format!("cannot start {program}: {error}{next}"))
    }
}
