//! The model under every user interface: a configuration that a person looks at and changes.
//!
//! A [`Session`] is a [`Config`] with a [`Store`] (where it comes from and goes to), a history, and everything an
//! interface shows: the rows of a menu, matches of a search, the reasons for a value, problems and their repairs.
//! It knows nothing of keys, colours or HTML, and no interface decides anything about values.
//!
//! | question | module |
//! |---|---|
//! | what is in this menu | [`row`], [`navigate`] |
//! | where is … | [`search`] |
//! | why has it this value | [`explain`], with conditions as [`condition`] |
//! | change it | [`edit`], with [`input`] for what is typed, [`refusal`] for what cannot be |
//! | what is wrong, and what to do | [`problem`] |
//! | where is it kept | [`store`], [`dot_config`], [`user_set`] |
//! | what will it cost | [`estimate`] |

pub mod condition;
pub mod dot_config;
pub mod edit;
pub mod estimate;
pub mod explain;
mod explain_text;
#[cfg(test)]
pub(crate) mod fixture;
mod fuzzy;
mod history;
pub mod input;
pub mod navigate;
pub mod problem;
pub mod refusal;
pub mod row;
pub mod search;
pub mod store;
pub mod user_set;

use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::kconfig::{Config, Diagnostic, Loaded, NodeId, SymbolId, Tree};

pub use crate::kconfig::config::Plan;
pub use condition::{Piece, State};
pub use dot_config::DotConfig;
pub use edit::Outcome;
pub use estimate::{Estimate, Summary};
pub use explain::{Definition, Explanation, Link, Why};
pub use input::Input;
pub use navigate::Navigator;
pub use problem::{Problem, Repair, RepairAction};
pub use refusal::Refusal;
pub use row::{Row, RowKind, Shown, Value};
pub use search::{Hit, Matches, Snippet};
pub use store::{Assignment, Contents, Leftover, Place, Store, StoreError};
pub use user_set::user_set;

/// A configuration that a person looks at and changes.
pub struct Session {
    config: Config,
    /// What was said about the tree's files when they were read.
    diagnostics: Vec<Diagnostic>,
    store: Box<dyn Store>,
    estimate: Option<Box<dyn Estimate>>,
    /// What the store holds and the tree has no use for, until the person removes it.
    leftovers: Arc<Vec<Leftover>>,
    stored: Stored,
    history: history::History,
    index: Option<search::Index>,
    /// Valid until the next change.
    summary: OnceCell<Summary>,
    /// The problems of the tree's files, which do not change.
    of_files: OnceCell<Vec<Problem>>,
}

/// What the store holds, as far as it was read or written.
#[derive(Default)]
struct Stored {
    values: Vec<(SymbolId, Arc<str>)>,
    leftovers: Arc<Vec<Leftover>>,
    /// What the unknown names among them were probably meant to be.
    meant: HashMap<String, SymbolId>,
    places: HashMap<SymbolId, Place>,
    is_missing: bool,
    /// The values that did not take when it was read.
    refused: HashSet<SymbolId>,
    /// Why it could not be read.
    error: Option<StoreError>,
}

impl Session {
    /// Opens what `store` holds. What is wrong with it is in [`problems`](Self::problems): it always opens.
    pub fn open(loaded: Loaded, mut store: Box<dyn Store>) -> Self {
        let mut config = Config::new(Arc::new(loaded.tree));
        let stored = Stored::load(&mut *store, &mut config);
        config.prepare();
        Self {
            config,
            diagnostics: loaded.diagnostics,
            store,
            estimate: None,
            leftovers: stored.leftovers.clone(),
            stored,
            history: history::History::default(),
            index: None,
            summary: OnceCell::new(),
            of_files: OnceCell::new(),
        }
    }

    /// The same with predictions of what an image costs.
    pub fn with_estimate(mut self, estimate: Box<dyn Estimate>) -> Self {
        self.estimate = Some(estimate);
        self.summary = OnceCell::new();
        self
    }

    /// The values.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The tree.
    pub fn tree(&self) -> &Arc<Tree> {
        self.config.tree()
    }

    /// The text of `mainmenu`.
    pub fn title(&self) -> &str {
        let prompt = &self.tree().node(NodeId::ROOT).prompt;
        prompt.as_ref().map_or("Configuration", |prompt| &*prompt.text)
    }

    /// Whether a person has decided about a symbol: its value was set. In a store that holds everything, only what
    /// differs from the default is a decision.
    pub fn is_decided(&self, symbol: SymbolId) -> bool {
        if !user_set::is_user_set(&self.config, symbol) {
            return false;
        }
        !self.store.holds_everything() || !self.is_default(symbol)
    }

    /// Whether a symbol has the value that it would have if nobody had set it, as far as `savedefconfig` knows.
    fn is_default(&self, symbol: SymbolId) -> bool {
        match self.tree().symbol(symbol).choice {
            Some(choice) => self.config.picked(choice) == self.config.default_member(choice),
            None => self.config.value(symbol) == &*self.config.default_text(symbol),
        }
    }

    /// Why the store could not be read; then nothing of it is shown.
    pub fn load_error(&self) -> Option<&StoreError> {
        self.stored.error.as_ref()
    }
}

impl Stored {
    /// Reads `store` into `config`.
    fn load(store: &mut dyn Store, config: &mut Config) -> Self {
        match store.load(config) {
            Ok(Contents { places, leftovers, is_missing }) => {
                let (values, leftovers) = (user_set(config), Arc::new(leftovers));
                let set = values.iter().map(|(symbol, _)| *symbol);
                let refused = set.filter(|symbol| config.value_warning(*symbol).is_some()).collect();
                let meant = problem::meant_by(config.tree(), &leftovers);
                Self { values, leftovers, meant, places, is_missing, refused, error: None }
            }
            Err(error) => Self { error: Some(error), ..Self::default() },
        }
    }
}
