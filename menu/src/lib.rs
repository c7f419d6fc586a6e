//! The configuration: which micro-library fills each slot, and the values of their options.
//!
//! This is the one place that answers those questions. [`Shelf`] is what exists (from the metadata of the
//! crates), [`options`] what can be set (from their leaf `Kconfig` files), [`resolve`](resolve()) turns both and
//! the application's wishes into a [`Resolution`], or into the reasons why there is none. `kit-cli` asks, and
//! writes the root from the answer; an engine for the whole Kconfig language replaces this crate's inside.
#![forbid(unsafe_code)]
#![deny(missing_docs)]

pub mod dot_config;
pub mod kconfig;
pub mod options;
pub mod resolve;
pub mod session;
pub mod shelf;
pub mod tui;
pub mod web;
mod words;

pub use options::{Kind, Setting};
pub use resolve::{Request, Resolution, Wish, resolve};
pub use shelf::{Package, Platform, Provider, Shelf, Slot};
pub use words::did_you_mean;

/// Why a configuration cannot be: one sentence, and where it began.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// The option of `[config]` that the message is about, if one is.
    pub option: Option<String>,
    /// The first line: what is wrong.
    pub message: String,
    /// Further lines: the chain of reasons, and what to do.
    pub reasons: Vec<String>,
}

impl ConfigError {
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

impl std::fmt::Display for ConfigError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.message)?;
        for reason in &self.reasons {
            write!(formatter, "\n  {reason}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigError {}
