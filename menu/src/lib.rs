//! The configuration: which micro-library fills each slot, and the values of their options.
//!
//! | step | modules |
//! |---|---|
//! | the language and its values, for any project | [`kconfig`] |
//! | what a person sees and does, under every interface | [`session`] |
//! | kit's own: what exists | [`shelf`], from the metadata of the crates |
//! | what can be chosen | [`own_tree`], from `menu/Kconfig` and the leaves |
//! | what an application wishes | [`wishes`] |
//! | what the image is made of | [`composition`]; `kit-cli` writes the root from it |
//! | what it will weigh | [`sizes`] |
#![forbid(unsafe_code)]
#![deny(missing_docs)]

pub mod composition;
pub mod kconfig;
pub mod own_tree;
pub mod session;
pub mod shelf;
pub mod sizes;
pub mod tui;
pub mod web;
pub mod wishes;
mod words;

pub use composition::Resolution;
pub use shelf::{Package, Platform, Provider, Shelf, Slot};
pub use wishes::{Setting, Wish};
pub use words::did_you_mean;

/// Why a configuration cannot be: one sentence, and where it began.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The option of `[config]` that the message is about, if one is.
    pub option: Option<String>,
    /// The first line: what is wrong.
    pub message: String,
    /// Further lines: the chain of reasons, and what to do.
    pub reasons: Vec<String>,
}

impl Problem {
    fn of(option: &str, message: impl Into<String>) -> Self {
        Self { option: Some(option.to_string()), message: message.into(), reasons: Vec::new() }
    }

    fn new(message: impl Into<String>) -> Self {
        Self { option: None, message: message.into(), reasons: Vec::new() }
    }

    fn because(mut self, reason: impl Into<String>) -> Self {
        self.reasons.push(reason.into());
        self
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.message)?;
        for reason in &self.reasons {
            write!(formatter, "\n  {reason}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Problem {}
