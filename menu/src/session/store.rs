//! Where a configuration is kept.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::kconfig::{Config, Sources, Span, SymbolId};

/// A place in a file, for messages.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The file.
    pub path: PathBuf,
    /// From 1.
    pub line: u32,
    /// In characters, from 1.
    pub column: u32,
}

/// One value as it stands in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// Name of the symbol, without `CONFIG_`; empty for a line that is no assignment.
    pub name: String,
    /// The value as a person reads it, without quotes: `y`, `n`, `0x10`, `eth0`.
    pub value: String,
    /// Where.
    pub place: Place,
}

/// An assignment that has no effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leftover {
    /// What stands there.
    pub assignment: Assignment,
    /// Why it has none, one sentence without a full stop: `nothing defines NET_SMOLTPC`.
    pub message: String,
    /// The place with the offending line and a caret, each line ended by a newline; may be empty.
    pub detail: String,
}

/// What a store holds beside the values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contents {
    /// Where the user values of the configuration stand.
    pub places: HashMap<SymbolId, Place>,
    /// What the tree has no use for, in the order of the file.
    pub leftovers: Vec<Leftover>,
    /// Whether the file does not exist, and must to have an effect: saving is then no idle step.
    pub is_missing: bool,
}

/// Why a store could not do what it was asked. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreError {
    /// What, which file and why, one sentence or several lines, the last without its newline.
    pub message: String,
}

/// Where a configuration is kept. Files are replaced as a whole: whoever reads one, or finds one after a crash,
/// has the old or the new contents.
pub trait Store: Send {
    /// How a person calls it: the path of its file.
    fn name(&self) -> String;

    /// Replaces the user values of `config` by what it holds; by none if the file does not exist.
    ///
    /// # Errors
    /// The file cannot be read, or not be understood at all; `config` then has no user values.
    fn load(&mut self, config: &mut Config) -> Result<Contents, StoreError>;

    /// Replaces what it holds by the values of `config`. `leftovers` are those of the last `load` that the person
    /// has not removed.
    ///
    /// # Errors
    /// The file cannot be written, or would lose what cannot be understood in it.
    fn save(&mut self, config: &Config, leftovers: &[Leftover]) -> Result<(), StoreError>;

    /// Whether a save keeps leftovers; else they are gone after it.
    fn keeps_leftovers(&self) -> bool;

    /// Whether it holds the values of all symbols: that one is there need not be anybody's decision.
    fn holds_everything(&self) -> bool {
        false
    }

    /// Another file of the same format.
    fn at(&self, path: &Path) -> Box<dyn Store>;
}

impl StoreError {
    /// An operation on a file failed.
    pub fn file(what: &str, path: &Path, error: impl std::fmt::Display) -> Self {
        Self { message: format!("cannot {what} {}: {error}", path.display()) }
    }
}

impl Place {
    /// Where `span` begins.
    pub fn of(sources: &Sources, span: Span) -> Self {
        let position = sources.position(span);
        Self { path: position.path.to_path_buf(), line: position.line, column: position.column }
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}:{}:{}", self.path.display(), self.line, self.column)
    }
}

impl std::fmt::Display for StoreError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for StoreError {}
