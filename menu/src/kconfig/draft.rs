//! The tree while it is being read: what the files say, before dependencies reach from menus to entries.

use super::expr::{ExprId, Exprs};
use super::hash::Map;
use super::span::Span;
use super::tree::{NodeId, Role, Symbol, SymbolId, Type};

/// Number of an entry in [`Draft::entries`]; the root is 0.
pub(super) type EntryId = u32;

/// No entry, in the lists of siblings.
pub(super) const NONE: EntryId = EntryId::MAX;

/// Everything that was read.
pub(super) struct Draft {
    pub symbols: Vec<Symbol>,
    pub names: Map<Box<str>, SymbolId>,
    constants: Map<Box<str>, SymbolId>,
    pub choices: Map<Box<str>, SymbolId>,
    pub exprs: Exprs,
    pub entries: Vec<Entry>,
    pub properties: Vec<Property>,
    pub modules: Option<SymbolId>,
    pub defconfig_list: Option<SymbolId>,
}

/// What an [`Entry`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum EntryKind {
    Menu,
    Config,
    MenuConfig,
    Choice,
    Comment,
    /// Gives its condition to what is in it and vanishes.
    If,
}

/// A `config`, `menu` and so on. Entries of a block are a linked list, because finalising moves them.
pub(super) struct Entry {
    pub kind: EntryKind,
    pub symbol: Option<SymbolId>,
    pub parent: EntryId,
    pub first_child: EntryId,
    pub next: EntryId,
    /// `depends on` and the condition of an `if`; none is not the same as `y` (see `Symbol::depends`).
    pub depends: Option<ExprId>,
    pub visible_if: Option<ExprId>,
    /// Its last prompt, in [`Draft::properties`].
    pub prompt: Option<u32>,
    /// Its properties: a range of [`Draft::properties`].
    pub properties: std::ops::Range<u32>,
    /// From the keyword to the end of the line.
    pub span: Span,
    pub help: Option<Span>,
    /// The nearest entry around it that has a `visible if`.
    pub hidden_by: EntryId,
}

/// An attribute of an entry.
pub(super) struct Property {
    pub value: Value,
    pub condition: Option<ExprId>,
    pub entry: EntryId,
    pub span: Span,
}

/// What a [`Property`] says.
pub(super) enum Value {
    Prompt(Box<str>),
    Default(ExprId),
    Range(SymbolId, SymbolId),
    Select(SymbolId),
    Imply(SymbolId),
}

impl Draft {
    pub fn new() -> Self {
        let mut draft = Self {
            symbols: Vec::new(),
            names: Map::default(),
            constants: Map::default(),
            choices: Map::default(),
            exprs: Exprs::default(),
            entries: Vec::new(),
            properties: Vec::new(),
            modules: None,
            defconfig_list: None,
        };
        for (constant, name) in [(SymbolId::NO, "n"), (SymbolId::MOD, "m"), (SymbolId::YES, "y")] {
            let id = draft.add_symbol(name, Role::Constant);
            assert_eq!(id, constant);
            draft.symbols[id.index()].kind = Type::Tristate;
        }
        draft
    }

    /// The symbol of a word without quotes. `y`, `m` and `n` are constants with and without them.
    pub fn symbol(&mut self, name: &str) -> SymbolId {
        if let Some(constant) = tristate(name) {
            return constant;
        }
        if let Some(&id) = self.names.get(name) {
            return id;
        }
        let id = self.add_symbol(name, Role::Plain);
        self.names.insert(name.into(), id);
        id
    }

    /// The symbol of a text in quotes.
    pub fn constant(&mut self, text: &str) -> SymbolId {
        if let Some(constant) = tristate(text) {
            return constant;
        }
        if let Some(&id) = self.constants.get(text) {
            return id;
        }
        let id = self.add_symbol(text, Role::Constant);
        self.constants.insert(text.into(), id);
        id
    }

    /// A new choice, or the one of that name.
    pub fn choice(&mut self, name: Option<&str>) -> SymbolId {
        let Some(name) = name else { return self.add_symbol("", Role::Choice) };
        if let Some(&id) = self.choices.get(name) {
            return id;
        }
        let id = self.add_symbol(name, Role::Choice);
        self.choices.insert(name.into(), id);
        id
    }

    fn add_symbol(&mut self, name: &str, role: Role) -> SymbolId {
        let id = SymbolId(u32::try_from(self.symbols.len()).expect("fewer than 2^32 symbols"));
        self.symbols.push(Symbol {
            name: name.into(),
            role,
            kind: Type::Unknown,
            nodes: Vec::new(),
            defaults: Vec::new(),
            ranges: Vec::new(),
            selects: Vec::new(),
            implies: Vec::new(),
            depends: ExprId::YES,
            visibility: ExprId::NO,
            selected_by: Vec::new(),
            implied_by: Vec::new(),
            choice: None,
            members: Vec::new(),
            is_transitional: false,
            is_optional: false,
            is_automatic: false,
            is_allnoconfig_y: false,
        });
        id
    }

    /// Adds an entry without linking it to its siblings.
    pub fn add_entry(
        &mut self,
        kind: EntryKind,
        symbol: Option<SymbolId>,
        parent: EntryId,
        span: Span,
    ) -> EntryId {
        let id = self.entries.len() as EntryId;
        let at = self.properties.len() as u32;
        let hidden_by = match self.entries.get(parent as usize) {
            Some(entry) if entry.visible_if.is_some() => parent,
            Some(entry) => entry.hidden_by,
            None => NONE,
        };
        self.entries.push(Entry {
            kind,
            symbol,
            parent,
            first_child: NONE,
            next: NONE,
            depends: None,
            visible_if: None,
            prompt: None,
            properties: at..at,
            span,
            help: None,
            hidden_by,
        });
        if let Some(symbol) = symbol {
            self.symbols[symbol.index()].nodes.push(NodeId(id));
        }
        id
    }

    /// Adds a property to the entry that was added last.
    pub fn add_property(&mut self, entry: EntryId, value: Value, condition: Option<ExprId>, span: Span) {
        let id = self.properties.len() as u32;
        debug_assert_eq!(id, self.entry(entry).properties.end);
        if let Value::Prompt(_) = value {
            self.entry_mut(entry).prompt = Some(id);
        }
        self.properties.push(Property { value, condition, entry, span });
        self.entry_mut(entry).properties.end += 1;
    }

    pub fn entry(&self, id: EntryId) -> &Entry {
        &self.entries[id as usize]
    }

    pub fn entry_mut(&mut self, id: EntryId) -> &mut Entry {
        &mut self.entries[id as usize]
    }

    /// The name of a symbol as messages have it.
    pub fn display_name(&self, id: SymbolId) -> &str {
        let symbol = &self.symbols[id.index()];
        if symbol.role == Role::Choice && symbol.name.is_empty() { "<choice>" } else { &symbol.name }
    }
}

fn tristate(name: &str) -> Option<SymbolId> {
    match name {
        "n" => Some(SymbolId::NO),
        "m" => Some(SymbolId::MOD),
        "y" => Some(SymbolId::YES),
        _ => None,
    }
}

impl Type {
    /// As Linux's messages name it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Bool => "bool",
            Self::Tristate => "tristate",
            Self::Int => "integer",
            Self::Hex => "hex",
            Self::String => "string",
        }
    }
}
