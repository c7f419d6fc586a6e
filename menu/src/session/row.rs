//! The rows of a menu.

use crate::kconfig::config::Need;
use crate::kconfig::{Config, NodeId, NodeKind, Role, SymbolId, Tree, Tristate, Type};

use super::Session;
use super::condition::name;

/// Which entries are rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shown {
    /// Those that can be seen now.
    #[default]
    Visible,
    /// All; a hidden one says why it is.
    All,
}

/// What a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowKind {
    /// A menu: opens.
    Menu,
    /// A line of text.
    Comment,
    /// `y` or `n`.
    Bool,
    /// `y`, `m` or `n`.
    Tristate,
    /// A decimal number.
    Int,
    /// A hexadecimal number.
    Hex,
    /// Text.
    Text,
    /// A choice: opens.
    Choice,
    /// A member of the choice that is open: a radio button.
    Member,
}

/// The value of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A menu or comment has none.
    None,
    /// Of a bool, tristate or member, with the values that it may have now.
    Tristate {
        /// The value.
        value: Tristate,
        /// What it may be set to, ascending; one or none if it is not changeable.
        allowed: Vec<Tristate>,
    },
    /// Of a number or text.
    Text(String),
    /// The text of the member that is picked in a choice.
    Picked(Option<String>),
}

/// A row of a menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The entry.
    pub node: NodeId,
    /// Its symbol or choice.
    pub symbol: Option<SymbolId>,
    /// What it is.
    pub kind: RowKind,
    /// How far it is indented: in how many entries above it that are rows of the same menu.
    pub depth: usize,
    /// What it says; the name of an entry that says nothing.
    pub prompt: String,
    /// Name of its symbol, without `CONFIG_`.
    pub name: Option<String>,
    /// Its value.
    pub value: Value,
    /// Whether a person can change the value now.
    pub is_changeable: bool,
    /// Whether Enter leads to a menu of its own.
    pub opens: bool,
    /// Whether that menu has no rows now.
    pub is_empty: bool,
    /// Whether a person has decided about it: [`Session::is_decided`].
    pub is_set: bool,
    /// Why it cannot be seen, for a row that only [`Shown::All`] has: `needs NET (is n)`.
    pub hidden: Option<String>,
}

impl Row {
    /// The value as menus have always shown it, in three columns or more: `[*]`, `<M>`, `-*-`, `(X)`, `(64)`.
    /// Empty for menus, choices and comments.
    pub fn mark(&self) -> String {
        match &self.value {
            Value::None | Value::Picked(_) => String::new(),
            Value::Text(text) => format!("({text})"),
            Value::Tristate { value, .. } if self.kind == RowKind::Member => {
                format!("({})", if *value == Tristate::No { ' ' } else { 'X' })
            }
            Value::Tristate { value, allowed } => {
                let sign = match value {
                    Tristate::No => ' ',
                    Tristate::Mod => 'M',
                    Tristate::Yes => '*',
                };
                let [open, close] = match (self.is_changeable, self.kind) {
                    (false, _) => ['-', '-'],
                    // Something selects it: it cannot be `n`.
                    (true, _) if !allowed.contains(&Tristate::No) => ['{', '}'],
                    (true, RowKind::Tristate) => ['<', '>'],
                    (true, _) => ['[', ']'],
                };
                format!("{open}{sign}{close}")
            }
        }
    }
}

impl Session {
    /// The rows of a menu (or choice, or `menuconfig`) in order.
    pub fn rows(&self, menu: NodeId, shown: Shown) -> Vec<Row> {
        let tree = &**self.tree();
        let mut rows = Vec::new();
        let mut stack: Vec<_> = children(tree, menu, 0).collect();
        while let Some((node, depth)) = stack.pop() {
            let is_row = is_row(&self.config, node, shown);
            if is_row {
                rows.push(self.row(menu, node, depth, shown));
            }
            if !opens(tree, node) {
                stack.extend(children(tree, node, depth + usize::from(is_row)));
            }
        }
        rows
    }

    fn row(&self, menu: NodeId, node: NodeId, depth: usize, shown: Shown) -> Row {
        let tree = &**self.tree();
        let entry = tree.node(node);
        let opens = opens(tree, node);
        let mut row = Row {
            node,
            symbol: entry.symbol,
            kind: RowKind::Menu,
            depth,
            prompt: text_of(tree, node),
            name: None,
            value: Value::None,
            is_changeable: false,
            opens,
            is_empty: opens && self.is_empty(node, shown),
            is_set: false,
            hidden: hidden(&self.config, node),
        };
        let Some(symbol) = entry.symbol else {
            if entry.kind == NodeKind::Comment {
                row.kind = RowKind::Comment;
            }
            return row;
        };
        let definition = tree.symbol(symbol);
        row.name = (!definition.name.is_empty()).then(|| definition.name.to_string());
        row.is_set = self.is_decided(symbol);
        if definition.role == Role::Choice {
            let picked = self.config.picked(symbol);
            row.kind = RowKind::Choice;
            row.value = Value::Picked(picked.map(|picked| prompt_of(tree, picked)));
            row.is_set = picked.is_some_and(|picked| self.is_decided(picked));
            row.is_changeable = definition.members.iter().any(|member| self.config.is_changeable(*member));
            return row;
        }
        row.is_changeable = row.hidden.is_none() && self.config.is_changeable(symbol);
        row.kind = match definition.kind {
            _ if tree.node(menu).kind == NodeKind::Choice && definition.choice.is_some() => RowKind::Member,
            Type::Tristate if self.config.modules_enabled() => RowKind::Tristate,
            Type::Bool | Type::Tristate => RowKind::Bool,
            Type::Int => RowKind::Int,
            Type::Hex => RowKind::Hex,
            Type::String | Type::Unknown => RowKind::Text,
        };
        row.value = match row.kind {
            RowKind::Int | RowKind::Hex | RowKind::Text => Value::Text(self.config.value(symbol).to_string()),
            _ => {
                Value::Tristate { value: self.config.tristate(symbol), allowed: self.config.allowed(symbol) }
            }
        };
        row
    }

    /// Whether a menu has no rows.
    fn is_empty(&self, menu: NodeId, shown: Shown) -> bool {
        let tree = &**self.tree();
        let mut stack = vec![menu];
        while let Some(node) = stack.pop() {
            for child in &tree.node(node).children {
                if is_row(&self.config, *child, shown) {
                    return false;
                }
                if !opens(tree, *child) {
                    stack.push(*child);
                }
            }
        }
        true
    }
}

/// Whether an entry has a screen of its own.
pub(super) fn opens(tree: &Tree, node: NodeId) -> bool {
    let entry = tree.node(node);
    match entry.kind {
        NodeKind::Menu | NodeKind::Choice => true,
        NodeKind::MenuConfig => !entry.children.is_empty(),
        NodeKind::Config | NodeKind::Comment => false,
    }
}

/// What an entry says; the name of one that says nothing.
pub(super) fn text_of(tree: &Tree, node: NodeId) -> String {
    let entry = tree.node(node);
    match (&entry.prompt, entry.symbol) {
        (Some(prompt), _) => prompt.text.to_string(),
        (None, Some(symbol)) => name(tree, symbol),
        (None, None) if node == NodeId::ROOT => "Main menu".to_string(),
        (None, None) => String::new(),
    }
}

/// What a symbol says in the first of its entries that says something; else its name.
pub(super) fn prompt_of(tree: &Tree, symbol: SymbolId) -> String {
    let mut prompts = tree.symbol(symbol).nodes.iter().filter_map(|node| tree.node(*node).prompt.as_ref());
    prompts.next().map_or_else(|| name(tree, symbol), |prompt| prompt.text.to_string())
}

/// Why an entry cannot be seen; `None` if it can.
pub fn hidden(config: &Config, node: NodeId) -> Option<String> {
    if config.is_shown(node) {
        return None;
    }
    let tree = config.tree();
    let entry = tree.node(node);
    let Some(prompt) = &entry.prompt else {
        return Some("has no text: other options decide it".to_string());
    };
    let conditions = [prompt.condition, entry.visible_if];
    let mut lacks = conditions.iter().map(|expr| config.lacking(*expr, Need::AtLeast(Tristate::Mod)));
    let lack = lacks.find(|lack| !lack.is_empty());
    Some(lack.map_or("its choice is off".to_string(), |lack| format!("needs {lack}")))
}

fn is_row(config: &Config, node: NodeId, shown: Shown) -> bool {
    match shown {
        Shown::Visible => config.is_shown(node),
        Shown::All => {
            let entry = config.tree().node(node);
            entry.prompt.is_some() || entry.symbol.is_some()
        }
    }
}

/// The children, last first: the order in which a stack wants them.
fn children(tree: &Tree, node: NodeId, depth: usize) -> impl Iterator<Item = (NodeId, usize)> {
    tree.node(node).children.iter().rev().map(move |child| (*child, depth))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::fixture::{SYSTEM, session};

    fn lines(session: &Session, menu: NodeId, shown: Shown) -> Vec<String> {
        let line = |row: Row| {
            let picked = match &row.value {
                Value::Picked(Some(picked)) => format!(" ({picked})"),
                _ => String::new(),
            };
            let end = match (row.opens, row.is_empty) {
                (true, true) => " ----",
                (true, false) => " --->",
                (false, _) => "",
            };
            let hidden = row.hidden.as_ref().map_or(String::new(), |why| format!(" # {why}"));
            let indent = "  ".repeat(row.depth);
            format!("{:<6}{indent}{}{picked}{end}{hidden}", row.mark(), row.prompt)
        };
        session.rows(menu, shown).into_iter().map(line).collect()
    }

    #[test]
    fn a_menu_has_the_rows_that_can_be_seen() {
        let session = session(SYSTEM, "");
        assert_eq!(
            lines(&session, NodeId::ROOT, Shown::Visible),
            [
                "[ ]   Modules",
                "      Networking --->",
                "[ ]   Cache",
                "[ ]   Trace",
                "[ ]   Offline",
                "(0x10)Base",
                "      Networking is off",
            ]
        );
        let menu = session.rows(NodeId::ROOT, Shown::Visible)[1].node;
        assert_eq!(lines(&session, menu, Shown::Visible), ["[ ]   Networking ----"]);
    }

    #[test]
    fn what_depends_on_a_row_is_below_it() {
        let session = session(SYSTEM, "CONFIG_MODULES=y\nCONFIG_NET=y\nCONFIG_DRIVER=m\n");
        let rows = lines(&session, NodeId::ROOT, Shown::Visible);
        assert_eq!(
            rows,
            [
                "[*]   Modules",
                "      Networking --->",
                "<M>   Driver",
                "[ ]     Fast path",
                "[ ]   Cache",
                "[ ]   Trace",
                "[ ]   Offline",
                "(0x10)Base",
            ]
        );
        assert_eq!(
            lines(&session, session.entry("NET"), Shown::Visible),
            ["      Stack (Small stack) --->", "(8)   Sockets", "(10.0.0.2)Address"]
        );
    }

    #[test]
    fn a_choice_has_its_members_and_what_belongs_to_one_is_below() {
        let session = session(SYSTEM, "CONFIG_NET=y\nCONFIG_STACK_FULL=y\n");
        let choice = session.tree().node(session.entry("STACK_FULL")).parent;
        assert_eq!(lines(&session, choice, Shown::Visible), ["( )   Small stack", "(X)   Full stack"]);
        let rows = session.rows(session.entry("NET"), Shown::Visible);
        assert!(rows[0].is_set && rows[0].is_changeable);
        let window = rows.iter().find(|row| row.name.as_deref() == Some("FULL_WINDOW")).unwrap();
        assert_eq!(window.kind, RowKind::Int);
    }

    #[test]
    fn all_rows_say_why_they_are_hidden() {
        let session = session(SYSTEM, "");
        let rows = lines(&session, NodeId::ROOT, Shown::All);
        assert!(rows.contains(&"- -   Driver # needs NET (is n)".to_string()), "{rows:#?}");
        assert!(rows.contains(&"- -     Fast path # needs DRIVER (is n)".to_string()), "{rows:#?}");
        assert!(
            rows.contains(&"- -   HIDDEN # has no text: other options decide it".to_string()),
            "{rows:#?}"
        );
    }

    #[test]
    fn what_is_selected_cannot_be_changed() {
        let session = session(SYSTEM, "CONFIG_NET=y\nCONFIG_DRIVER=y\nCONFIG_FAST=y\n");
        let rows = session.rows(NodeId::ROOT, Shown::Visible);
        let cache = rows.iter().find(|row| row.name.as_deref() == Some("CACHE")).unwrap();
        assert_eq!((cache.mark().as_str(), cache.is_changeable, cache.is_set), ("-*-", false, false));
    }
}
