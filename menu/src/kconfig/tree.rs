//! The menu tree: what the Kconfig files say, after parsing and finalising, and before any value.
//!
//! Everything is an index into one of three vectors of [`Tree`], so that a tree of Linux's size is a handful of
//! allocations and a reference is four bytes. A tree does not change once it is loaded; values live in
//! [`Config`](super::config::Config).

use std::borrow::Cow;

use super::expr::{ExprId, Exprs};
use super::hash::Map;
use super::span::{Sources, Span};

/// A symbol, constant or choice of a [`Tree`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SymbolId(pub(crate) u32);

/// An entry of the menu.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub(crate) u32);

impl NodeId {
    /// The main menu.
    pub const ROOT: Self = Self(0);
}

impl SymbolId {
    /// The constant `n`.
    pub const NO: Self = Self(0);
    /// The constant `m`.
    pub const MOD: Self = Self(1);
    /// The constant `y`.
    pub const YES: Self = Self(2);

    /// Place in [`Tree::symbols`].
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// The value of a bool or tristate symbol and of every expression.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tristate {
    /// `n`
    #[default]
    No,
    /// `m`
    Mod,
    /// `y`
    Yes,
}

impl Tristate {
    /// `n`, `m` or `y`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::No => "n",
            Self::Mod => "m",
            Self::Yes => "y",
        }
    }

    /// `!self`: `m` stays `m`.
    pub fn negate(self) -> Self {
        match self {
            Self::No => Self::Yes,
            Self::Mod => Self::Mod,
            Self::Yes => Self::No,
        }
    }
}

/// The type of a symbol.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Type {
    /// Referred to, and nowhere defined with a type.
    #[default]
    Unknown,
    /// `y` or `n`
    Bool,
    /// `y`, `m` or `n`
    Tristate,
    /// A decimal number.
    Int,
    /// A hexadecimal number.
    Hex,
    /// Text.
    String,
}

impl Type {
    /// Whether `text` is a value as `conf` reads it, for a number type; other types take any text.
    pub fn accepts(self, text: &str) -> bool {
        match self {
            Self::Int => {
                let digits = text.strip_prefix('-').unwrap_or(text);
                !digits.is_empty()
                    && digits.bytes().all(|byte| byte.is_ascii_digit())
                    && (digits.len() == 1 || !digits.starts_with('0'))
            }
            Self::Hex => {
                let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")).unwrap_or(text);
                !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
            }
            _ => true,
        }
    }
}

/// What a [`Symbol`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A literal: `y`, `"text"`, `42`.
    Constant,
    /// A `config` or `menuconfig`, or a name that is only referred to.
    Plain,
    /// A `choice`.
    Choice,
}

/// A symbol with all its definitions taken together.
#[derive(Clone, Debug)]
pub struct Symbol {
    /// Its name, or the text of a constant; empty for a choice without a name.
    pub name: Box<str>,
    /// What it is.
    pub role: Role,
    /// Its type.
    pub kind: Type,
    /// The entries that define it, in the order of the files.
    pub nodes: Vec<NodeId>,
    /// `default` and `def_…`, in order; the first whose condition holds counts.
    pub defaults: Vec<Default>,
    /// `range`, in order; the first whose condition holds counts.
    pub ranges: Vec<Range>,
    /// What it selects.
    pub selects: Vec<Select>,
    /// What it implies.
    pub implies: Vec<Select>,
    /// The OR of the dependencies of those of its entries that have any (direct dependency).
    pub depends: ExprId,
    /// The OR of the conditions of all its prompts, the overridden ones of an entry with several included;
    /// `n` without a prompt. Its value is how far a user may set the symbol.
    pub visibility: ExprId,
    /// Who selects it: `by && condition`, each with the dependencies of the selecting entry.
    pub selected_by: Vec<ReverseDependency>,
    /// Who implies it.
    pub implied_by: Vec<ReverseDependency>,
    /// The choice that it is a member of.
    pub choice: Option<SymbolId>,
    /// The members of a choice, in the order of the files.
    pub members: Vec<SymbolId>,
    /// Read from a `.config`, never written to one.
    pub is_transitional: bool,
    /// A choice that may have no member chosen (`optional`, before Linux 6.10).
    pub is_optional: bool,
    /// Its value comes from outside (`option env`, `option defconfig_list`) and is written to no `.config`.
    pub is_automatic: bool,
    /// `allnoconfig` sets it to `y` (`option allnoconfig_y`).
    pub is_allnoconfig_y: bool,
}

/// `default VALUE if CONDITION`.
#[derive(Clone, Copy, Debug)]
pub struct Default {
    /// An expression for bool and tristate; a single symbol or constant for the others.
    pub value: ExprId,
    /// The `if`, and what the entry depends on.
    pub condition: ExprId,
    /// The statement.
    pub span: Span,
}

/// `range LOW HIGH if CONDITION`.
#[derive(Clone, Copy, Debug)]
pub struct Range {
    /// Least value; a constant or a symbol.
    pub low: SymbolId,
    /// Greatest value.
    pub high: SymbolId,
    /// The `if`, and what the entry depends on.
    pub condition: ExprId,
    /// The statement.
    pub span: Span,
}

/// `select TARGET if CONDITION` or `imply …`.
#[derive(Clone, Copy, Debug)]
pub struct Select {
    /// The selected symbol.
    pub target: SymbolId,
    /// The `if`, and what the entry depends on.
    pub condition: ExprId,
    /// The statement.
    pub span: Span,
}

/// One reason for a selected or implied symbol's value.
#[derive(Clone, Copy, Debug)]
pub struct ReverseDependency {
    /// The selecting or implying symbol.
    pub by: SymbolId,
    /// `by && condition`, as one expression: its value is the least value of the target.
    pub expr: ExprId,
    /// The `select` or `imply` statement.
    pub span: Span,
}

/// What an entry of the menu is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeKind {
    /// The top, `menu`.
    Menu,
    /// `config`.
    Config,
    /// `menuconfig`.
    MenuConfig,
    /// `choice`.
    Choice,
    /// `comment`.
    Comment,
}

/// An entry of the menu.
#[derive(Clone, Debug)]
pub struct Node {
    /// What it is.
    pub kind: NodeKind,
    /// The symbol that it defines; the choice; none for menus and comments.
    pub symbol: Option<SymbolId>,
    /// The text shown; none for an invisible entry.
    pub prompt: Option<Prompt>,
    /// What the entry depends on, with everything that its parents depend on.
    pub depends: ExprId,
    /// `visible if` of a menu itself, without that of the menus around it; `y` elsewhere.
    pub visible_if: ExprId,
    /// The entry around it; the root is its own parent.
    pub parent: NodeId,
    /// The entries in it, automatic submenus included, in order.
    pub children: Vec<NodeId>,
    /// From the keyword to the end of its line.
    pub span: Span,
    /// The lines of its help text as they stand in the file, indentation included.
    pub help: Option<Span>,
}

/// The text of an entry and when it is shown.
#[derive(Clone, Debug)]
pub struct Prompt {
    /// The text.
    pub text: Box<str>,
    /// The `if` after the text, with the dependencies of the entry; for a symbol and a choice also every
    /// `visible if` around it.
    pub condition: ExprId,
    /// The statement.
    pub span: Span,
}

/// A configuration as the files describe it.
#[derive(Clone, Debug)]
pub struct Tree {
    pub(crate) symbols: Vec<Symbol>,
    pub(crate) nodes: Vec<Node>,
    pub(crate) exprs: Exprs,
    /// Plain symbols and named choices. Constants are not in it.
    pub(crate) names: Map<Box<str>, SymbolId>,
    /// The symbol that says whether `m` is a value (`modules`, `option modules`).
    pub(crate) modules: Option<SymbolId>,
    /// The symbol whose defaults name the file to start from (`option defconfig_list`).
    pub(crate) defconfig_list: Option<SymbolId>,
    pub(crate) sources: Sources,
    /// Environment variables that a macro read, with the values they had: `.config` depends on them.
    pub(crate) environment: Vec<(String, String)>,
}

impl Tree {
    /// All symbols, constants and choices, in the order in which they were first named.
    pub fn symbols(&self) -> impl Iterator<Item = (SymbolId, &Symbol)> {
        self.symbols.iter().enumerate().map(|(index, symbol)| (SymbolId(index as u32), symbol))
    }

    /// A symbol.
    pub fn symbol(&self, id: SymbolId) -> &Symbol {
        &self.symbols[id.0 as usize]
    }

    /// The symbol or named choice of that name, if a file defines or mentions it.
    pub fn find(&self, name: &str) -> Option<SymbolId> {
        self.names.get(name).copied()
    }

    /// An entry of the menu.
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize]
    }

    /// All entries from the root in the order of the menu: each before its children.
    pub fn walk(&self) -> impl Iterator<Item = NodeId> + '_ {
        let mut stack = vec![NodeId::ROOT];
        std::iter::from_fn(move || {
            let next = stack.pop()?;
            stack.extend(self.node(next).children.iter().rev());
            Some(next)
        })
    }

    /// The expressions.
    pub fn exprs(&self) -> &Exprs {
        &self.exprs
    }

    /// The symbol that says whether `m` is a value.
    pub fn modules(&self) -> Option<SymbolId> {
        self.modules
    }

    /// The text of the files.
    pub fn sources(&self) -> &Sources {
        &self.sources
    }

    /// Environment variables that were read, with their values.
    pub fn environment(&self) -> &[(String, String)] {
        &self.environment
    }

    /// The symbol whose defaults name the `.config` to start from when there is none.
    pub fn defconfig_list(&self) -> Option<SymbolId> {
        self.defconfig_list
    }

    /// The help text of an entry: indentation of its first line removed, tabs as up to eight spaces, no blank
    /// lines at the end, each line ended by a newline.
    pub fn help(&self, id: NodeId) -> Option<Cow<'_, str>> {
        let mut text = self.raw_help(id)?;
        text.truncate(text.trim_end().len());
        if !text.is_empty() {
            text.push('\n');
        }
        Some(text.into())
    }

    /// The help text of an entry byte for byte as Linux's `conf` keeps it: blank lines at the end as they stand,
    /// a newline after the last line or not.
    pub fn raw_help(&self, id: NodeId) -> Option<String> {
        let span = self.node(id).help?;
        Some(super::help::dedent(&self.sources.text(span.file)[span.start as usize..span.end as usize]))
    }
}
