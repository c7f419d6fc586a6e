//! Everything there is to say about one symbol: its value and why, as data and as text.

use std::sync::Arc;

use crate::kconfig::tree::{ReverseDependency, Select};
use crate::kconfig::{Expr, ExprId, NodeId, Origin, Role, SymbolId, Tree, Tristate, Type};

use super::condition::{conjuncts, name, pieces, shown_value};
use super::row::{hidden, text_of};
use super::{Piece, Place, Session, refusal, user_set};

/// Everything there is to say about an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// The symbol; none for a menu or comment.
    pub symbol: Option<SymbolId>,
    /// Its name, without `CONFIG_`; empty for menus, comments and choices without one.
    pub name: String,
    /// Its type; `Unknown` for menus and comments.
    pub kind: Type,
    /// The value as text; empty for menus and comments.
    pub value: String,
    /// Why it is that.
    pub why: Why,
    /// Whether it was set to what it would be anyway.
    pub is_default: bool,
    /// What was set, if it is not the value.
    pub set_to: Option<String>,
    /// Whether a person can change it now.
    pub is_changeable: bool,
    /// Why not, or why it cannot be seen, in one sentence.
    pub obstacle: Option<String>,
    /// The values that it may be set to now, for bool and tristate.
    pub allowed: Vec<String>,
    /// Both ends of the range that holds now.
    pub range: Option<(String, String)>,
    /// What it depends on; failing pieces are marked.
    pub depends: Vec<Piece>,
    /// What it selects.
    pub selects: Vec<Link>,
    /// What it implies.
    pub implies: Vec<Link>,
    /// What selects it.
    pub selected_by: Vec<Link>,
    /// What implies it.
    pub implied_by: Vec<Link>,
    /// The members of a choice.
    pub members: Vec<Link>,
    /// The choice that it is a member of.
    pub choice: Option<NodeId>,
    /// Where it is defined.
    pub definitions: Vec<Definition>,
    /// The help text; empty if there is none.
    pub help: String,
    /// Bytes that it adds to the image.
    pub bytes: Option<u64>,
}

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// A menu or comment has no value.
    NoValue,
    /// A person set it; where, if it came from a file.
    User(Option<Place>),
    /// The default that stands there, as it is written: `64 if NET`.
    Default {
        /// The statement.
        place: Place,
        /// Its text.
        text: String,
    },
    /// Selected by these symbols.
    Selected(Vec<Link>),
    /// Implied by these.
    Implied(Vec<Link>),
    /// It is picked in its choice, or another is.
    Choice {
        /// The member that is picked.
        picked: Option<Link>,
        /// Whether a person picked it.
        by_user: bool,
    },
    /// Nothing gives it a value.
    Nothing,
}

/// Another symbol that an explanation names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The symbol.
    pub symbol: SymbolId,
    /// Its name, or the prompt of a choice without one.
    pub name: String,
    /// Its value now.
    pub value: String,
    /// Where a jump leads; none if nothing defines it.
    pub node: Option<NodeId>,
    /// The `if` of the statement, failing pieces marked; empty if it has none.
    pub condition: Vec<Piece>,
    /// Whether the statement has an effect now.
    pub is_active: bool,
    /// The statement.
    pub place: Option<Place>,
}

/// One entry that defines a symbol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Definition {
    /// The entry.
    pub node: NodeId,
    /// Where.
    pub place: Place,
    /// The prompt.
    pub prompt: Option<String>,
    /// The menus around it, from the main menu, as `Main menu › Networking`.
    pub path: String,
}

impl Session {
    /// Everything about a symbol.
    pub fn explain(&self, symbol: SymbolId) -> Explanation {
        let (config, tree) = (&self.config, &**self.tree());
        let definition = tree.symbol(symbol);
        let is_choice = definition.role == Role::Choice;
        let value = if is_choice { shown_value(config, symbol) } else { config.value(symbol).to_string() };
        let user_value = config.user_value(symbol).filter(|_| user_set::is_user_set(config, symbol));
        let allowed = if is_choice { Vec::new() } else { config.allowed(symbol) };
        Explanation {
            symbol: Some(symbol),
            name: definition.name.to_string(),
            kind: definition.kind,
            why: self.why(symbol),
            is_default: !is_choice && self.is_default(symbol),
            set_to: user_value.filter(|user| !is_choice && **user != *value).map(|user| user.to_string()),
            is_changeable: config.is_changeable(symbol),
            obstacle: self.obstacle(symbol),
            allowed: allowed.iter().map(|value| value.as_str().to_string()).collect(),
            range: config.range(symbol).map(|(low, high)| (low.to_string(), high.to_string())),
            depends: pieces(config, definition.depends, Tristate::Mod),
            selects: self.targets(symbol, &definition.selects),
            implies: self.targets(symbol, &definition.implies),
            selected_by: self.reasons(&definition.selected_by),
            implied_by: self.reasons(&definition.implied_by),
            members: definition.members.iter().map(|member| self.link(*member)).collect(),
            choice: definition.choice.and_then(|choice| tree.symbol(choice).nodes.first().copied()),
            definitions: definition.nodes.iter().map(|node| self.definition(*node)).collect(),
            help: help(tree, &definition.nodes),
            bytes: self.estimate.as_deref().and_then(|estimate| estimate.symbol_bytes(config, symbol)),
            value,
        }
    }

    /// Everything about an entry: of its symbol, or, for a menu or comment, what it depends on and where it is.
    pub fn explain_node(&self, node: NodeId) -> Explanation {
        let tree = &**self.tree();
        let entry = tree.node(node);
        if let Some(symbol) = entry.symbol {
            return self.explain(symbol);
        }
        Explanation {
            symbol: None,
            name: String::new(),
            kind: Type::Unknown,
            value: String::new(),
            why: Why::NoValue,
            is_default: true,
            set_to: None,
            is_changeable: false,
            obstacle: hidden(&self.config, node),
            allowed: Vec::new(),
            range: None,
            depends: pieces(&self.config, entry.depends, Tristate::Mod),
            selects: Vec::new(),
            implies: Vec::new(),
            selected_by: Vec::new(),
            implied_by: Vec::new(),
            members: Vec::new(),
            choice: None,
            definitions: vec![self.definition(node)],
            help: help(tree, &[node]),
            bytes: None,
        }
    }

    fn why(&self, symbol: SymbolId) -> Why {
        let tree = &**self.tree();
        let links = |symbols: Vec<SymbolId>| symbols.into_iter().map(|symbol| self.link(symbol)).collect();
        match self.config.origin(symbol) {
            Origin::User => Why::User(self.place_of_value(symbol)),
            Origin::Default(index) => {
                let span = tree.symbol(symbol).defaults[index].span;
                let text = tree.sources().line(span).trim().to_string();
                Why::Default { place: Place::of(tree.sources(), span), text }
            }
            Origin::Selected(by) => Why::Selected(links(by)),
            Origin::Implied(by) => Why::Implied(links(by)),
            Origin::Choice { picked, by_user } => {
                Why::Choice { picked: picked.map(|picked| self.link(picked)), by_user }
            }
            Origin::Nothing => Why::Nothing,
        }
    }

    /// Where the present user value stands in the file that was read; `None` if it was set since.
    pub(super) fn place_of_value(&self, symbol: SymbolId) -> Option<Place> {
        let value = self.config.user_value(symbol)?;
        let place = self.stored.places.get(&symbol)?;
        let is_stored = |(id, stored): &(SymbolId, Arc<str>)| *id == symbol && *stored == value;
        self.stored.values.iter().any(is_stored).then(|| place.clone())
    }

    fn obstacle(&self, symbol: SymbolId) -> Option<String> {
        let config = &self.config;
        if config.tree().symbol(symbol).role == Role::Choice {
            let node = *config.tree().symbol(symbol).nodes.first()?;
            return hidden(config, node);
        }
        if config.is_changeable(symbol) {
            return None;
        }
        // The other value of a bool is refused for the reason; other types by any value at all.
        let other = if config.value(symbol) == "n" { "y" } else { "n" };
        let wanted = match config.tree().symbol(symbol).kind {
            Type::Bool | Type::Tristate => other,
            _ => config.value(symbol),
        };
        let error = config.check(symbol, wanted).err()?;
        Some(refusal::explained(config, symbol, wanted, error).reason)
    }

    /// A symbol that an explanation names, for itself.
    fn link(&self, symbol: SymbolId) -> Link {
        let tree = &**self.tree();
        let definition = tree.symbol(symbol);
        let with_text = definition.nodes.iter().find(|node| tree.node(**node).prompt.is_some());
        Link {
            symbol,
            name: name(tree, symbol),
            value: shown_value(&self.config, symbol),
            node: with_text.or(definition.nodes.first()).copied(),
            condition: Vec::new(),
            is_active: true,
            place: None,
        }
    }

    fn targets(&self, by: SymbolId, selects: &[Select]) -> Vec<Link> {
        let tree = &**self.tree();
        let link = |select: &Select| {
            let own = self.beside(select.condition, by);
            Link {
                condition: own,
                is_active: self.config.tristate(by) != Tristate::No
                    && self.config.evaluate(select.condition) != Tristate::No,
                place: Some(Place::of(tree.sources(), select.span)),
                ..self.link(select.target)
            }
        };
        selects.iter().map(link).collect()
    }

    fn reasons(&self, reasons: &[ReverseDependency]) -> Vec<Link> {
        let tree = &**self.tree();
        let link = |reason: &ReverseDependency| Link {
            condition: self.beside(reason.expr, reason.by),
            is_active: self.config.evaluate(reason.expr) != Tristate::No,
            place: Some(Place::of(tree.sources(), reason.span)),
            ..self.link(reason.by)
        };
        reasons.iter().map(link).collect()
    }

    /// A condition of a statement of `by`, without what `by` depends on anyway.
    fn beside(&self, condition: ExprId, by: SymbolId) -> Vec<Piece> {
        let tree = &**self.tree();
        let mut known = conjuncts(tree, tree.symbol(by).depends);
        known.extend(tree.symbol(by).nodes.iter().flat_map(|node| conjuncts(tree, tree.node(*node).depends)));
        let is_by = |expr: ExprId| tree.exprs().get(expr) == Expr::Symbol(by);
        let own = conjuncts(tree, condition).into_iter();
        let own = own.filter(|expr| *expr != ExprId::YES && !known.contains(expr) && !is_by(*expr));
        let mut joined: Vec<Piece> = Vec::new();
        for expr in own {
            if !joined.is_empty() {
                joined.push(Piece {
                    text: " && ".to_string(),
                    state: super::State::Neutral,
                    symbol: None,
                    value: None,
                });
            }
            joined.extend(pieces(&self.config, expr, Tristate::Mod));
        }
        joined
    }

    fn definition(&self, node: NodeId) -> Definition {
        let tree = &**self.tree();
        let entry = tree.node(node);
        let around = match node {
            NodeId::ROOT => Vec::new(),
            _ => self.path(self.menu_of(node)),
        };
        let path: Vec<_> = around.into_iter().map(|(_, text)| text).collect();
        Definition {
            node,
            place: Place::of(tree.sources(), entry.span),
            prompt: entry.prompt.as_ref().map(|_| text_of(tree, node)),
            path: path.join(" › "),
        }
    }
}

/// The help texts of all entries.
fn help(tree: &Tree, nodes: &[NodeId]) -> String {
    let texts: Vec<_> = nodes.iter().filter_map(|node| tree.help(*node)).collect();
    texts.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::fixture::{SYSTEM, session};

    fn why(session: &Session, name: &str) -> String {
        session.explain(session.named(name)).why_text()
    }

    #[test]
    fn each_origin_is_told() {
        let mut session =
            session(SYSTEM, "CONFIG_NET=y\nCONFIG_DRIVER=y\nCONFIG_FAST=y\nCONFIG_STACK_FULL=y\n");
        assert_eq!(why(&session, "NET"), "set in memory:1");
        assert_eq!(why(&session, "CACHE"), "selected by FAST");
        assert_eq!(why(&session, "TRACE"), "implied by FAST");
        assert_eq!(why(&session, "STACK_FULL"), "picked in its choice");
        assert_eq!(why(&session, "STACK_SMALL"), "STACK_FULL is picked");
        assert_eq!(why(&session, "OFFLINE"), "no default");
        assert!(why(&session, "SOCKETS").starts_with("default of Kconfig:"));
        session.set_named("SOCKETS", "5").unwrap();
        assert_eq!(why(&session, "SOCKETS"), "set by you");
    }

    #[test]
    fn everything_is_in_the_text() {
        let session = session(SYSTEM, "CONFIG_FAST=y\n");
        let text = session.explain(session.named("FAST")).to_text();
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(
            lines,
            [
                "FAST — Fast path",
                "  value        n (no default)",
                "  set to       y",
                "  but          needs DRIVER (is n)",
                "  type         bool",
                "  needs        DRIVER [=n]",
                "  selects      CACHE (n)",
                "  implies      TRACE (n)",
                "  defined at   Kconfig:50:1 in System",
            ]
        );
    }

    #[test]
    fn a_link_has_only_what_the_statement_adds() {
        let tree = "config A\n\tbool \"A\"\n\tdepends on B\n\tselect C if D\n\nconfig B\n\tbool \"B\"\n\n\
                    config C\n\tbool\n\nconfig D\n\tbool \"D\"\n";
        let session = session(tree, "CONFIG_A=y\nCONFIG_B=y\n");
        let c = session.explain(session.named("C"));
        let link = &c.selected_by[0];
        assert_eq!((link.name.as_str(), link.is_active), ("A", false));
        assert_eq!(super::super::condition::text(&link.condition), "D [=n]");
        assert_eq!(link.place.as_ref().map(|place| place.line), Some(4));
        assert_eq!(c.obstacle.as_deref(), Some("it has no prompt, its value is computed"));
        assert_eq!(session.explain(session.named("A")).selects[0].condition, link.condition);
    }

    #[test]
    fn a_menu_is_explained_too() {
        let session = session(SYSTEM, "");
        let menu = session.tree().node(session.entry("NET")).parent;
        let explanation = session.explain_node(menu);
        assert_eq!((explanation.symbol, explanation.why), (None, Why::NoValue));
        assert_eq!(explanation.definitions[0].prompt.as_deref(), Some("Networking"));
        assert_eq!(session.explain_node(session.entry("NET")).name, "NET");
    }
}
