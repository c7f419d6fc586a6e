//! Values of symbols: each rule of Linux 6.12's `scripts/kconfig/symbol.c` in a tree of a few lines.

mod choice;
mod deep;
mod explain;
mod number;
mod plan;
mod property;
#[path = "../support/recipe.rs"]
mod recipe;
mod setting;
mod tristate;
mod warning;

use std::path::Path;
use std::sync::Arc;

use kit_menu::kconfig::{Config, Context, MemoryFiles, NoShell, SetError, SymbolId, Tree, load};

/// A configuration whose symbols are called by name.
#[derive(Clone)]
pub struct Subject {
    pub config: Config,
}

/// The tree of one file.
pub fn tree(text: &str) -> Arc<Tree> {
    let mut files = MemoryFiles::default();
    files.0.insert("Kconfig".into(), text.into());
    let mut context = Context {
        srctree: None,
        environment: Default::default(),
        files: Box::new(files),
        shell: Box::new(NoShell),
    };
    match load(Path::new("Kconfig"), &mut context) {
        Ok(loaded) => Arc::new(loaded.tree),
        Err(failure) => {
            let messages = failure.diagnostics.iter().map(|message| message.render(&failure.sources));
            panic!("{}", messages.collect::<String>())
        }
    }
}

impl Subject {
    pub fn new(text: &str) -> Self {
        Self { config: Config::new(tree(text)) }
    }

    /// A tree with `presets` as a `.config` would give them: `A=y B=n`.
    pub fn preset(text: &str, presets: &str) -> Self {
        let mut this = Self::new(text);
        for (name, value) in assignments(presets) {
            this.config.preset(this.id(name), value).unwrap();
        }
        this
    }

    pub fn id(&self, name: &str) -> SymbolId {
        self.config.tree().find(name).unwrap_or_else(|| panic!("no symbol {name}"))
    }

    pub fn get(&self, name: &str) -> &str {
        self.config.value(self.id(name))
    }

    pub fn set(&mut self, name: &str, value: &str) -> Result<(), SetError> {
        self.config.set(self.id(name), value)
    }

    /// The values of several symbols: `A=y B=n`.
    pub fn values(&self, names: &str) -> String {
        let values = names.split(' ').map(|name| format!("{name}={}", self.get(name)));
        values.collect::<Vec<_>>().join(" ")
    }

    /// The symbols of several that are written to a `.config`.
    pub fn written(&self, names: &str) -> String {
        let written = names.split(' ').filter(|name| self.config.is_written(self.id(name)));
        written.collect::<Vec<_>>().join(" ")
    }

    pub fn names(&self, symbols: impl IntoIterator<Item = SymbolId>) -> String {
        let names = symbols.into_iter().map(|id| self.config.tree().symbol(id).name.to_string());
        names.collect::<Vec<_>>().join(" ")
    }
}

pub fn assignments(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.split_whitespace().map(|assignment| assignment.split_once('=').unwrap())
}
