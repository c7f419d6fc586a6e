//! Who bears on whom around one symbol: the data of the graph.
//!
//! The tree's dependencies are closed downwards: everything in a menu depends on what the menu depends on. Drawn
//! as they are, `NET` of Linux would have thousands of arrows. So an arrow that a longer way already shows is left
//! out, on both sides: what is left is what a person wrote.

use std::collections::{HashMap, HashSet};

use crate::kconfig::{Config, Expr, ExprId, Role, SymbolId, Tree};

/// Most columns at the left of the symbol: how far the causes of causes are followed.
const COLUMNS: usize = 5;
/// Causes of causes are followed until there are as many boxes.
const CAUSES: usize = 40;

/// How one symbol bears on another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// The other mentions it in its `depends on`, or is a member of that choice.
    Depends,
    /// It selects the other.
    Selects,
    /// It implies the other.
    Implies,
}

/// An arrow from a cause to what it bears on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edge {
    /// The cause.
    pub from: SymbolId,
    /// What it bears on.
    pub to: SymbolId,
    /// How.
    pub relation: Relation,
}

/// A symbol with what is around it.
#[derive(Debug, Default)]
pub struct Neighbourhood {
    /// What it needs or is set by, nearest column first.
    pub causes: Vec<Vec<SymbolId>>,
    /// The arrows among the causes and from them to the symbol.
    pub edges: Vec<Edge>,
    /// What it is needed by or sets, without what follows from another of them; what is on comes first.
    pub effects: Vec<Edge>,
    /// How many there are with what follows.
    pub all_effects: usize,
}

impl Neighbourhood {
    /// Of `symbol`.
    pub fn of(config: &Config, symbol: SymbolId) -> Self {
        let tree = &**config.tree();
        let (causes, edges) = causes(tree, symbol);
        let (effects, all_effects) = effects(config, symbol);
        Self { causes, edges, effects, all_effects }
    }
}

/// The causes in columns, and their arrows.
fn causes(tree: &Tree, symbol: SymbolId) -> (Vec<Vec<SymbolId>>, Vec<Edge>) {
    let mut edges = Vec::new();
    let mut found = vec![symbol];
    let mut seen = HashSet::from([symbol]);
    let mut at = 0;
    while let Some(&next) = found.get(at) {
        at += 1;
        let mut direct = needs(tree, next);
        if next == symbol {
            direct.extend(setters(tree, symbol));
        } else if found.len() >= CAUSES {
            break;
        }
        let mut named = HashSet::from([next]);
        for (cause, relation) in direct {
            // By its closest relation, and a symbol is no cause of itself.
            if !named.insert(cause) {
                continue;
            }
            edges.push(Edge { from: cause, to: next, relation });
            // What sets the symbol has needs of its own, but they are not needs of the symbol.
            if seen.insert(cause) && relation == Relation::Depends {
                found.push(cause);
            }
        }
    }
    let columns = columns(symbol, &edges);
    let column = |id| columns.get(&id).copied().unwrap_or_default();
    // An arrow that does not go one way closes a circle of dependencies, or leads beyond the last column.
    edges.retain(|edge| column(edge.from) > column(edge.to));
    let all = edges.clone();
    edges.retain(|edge| edge.relation != Relation::Depends || !has_detour(&all, *edge));
    let mut drawn = vec![Vec::new(); COLUMNS];
    let mut placed = HashSet::new();
    for edge in &edges {
        if placed.insert(edge.from) {
            drawn[column(edge.from) - 1].push(edge.from);
        }
    }
    while drawn.last().is_some_and(Vec::is_empty) {
        drawn.pop();
    }
    (drawn, edges)
}

/// The column of each cause: one more than that of the farthest thing which it bears on.
fn columns(symbol: SymbolId, edges: &[Edge]) -> HashMap<SymbolId, usize> {
    let mut columns = HashMap::from([(symbol, 0)]);
    // A circle would push its members outwards for ever: as many rounds as there are columns suffice.
    for _ in 0..COLUMNS {
        for edge in edges.iter().filter(|edge| edge.from != symbol) {
            if let Some(&to) = columns.get(&edge.to) {
                let from = columns.entry(edge.from).or_insert(0);
                *from = (*from).max((to + 1).min(COLUMNS));
            }
        }
    }
    columns
}

/// Whether there is another way of needs from one end of an arrow to the other. The arrows have no circle.
fn has_detour(edges: &[Edge], direct: Edge) -> bool {
    let mut stack = vec![direct.to];
    let mut seen = HashSet::new();
    while let Some(at) = stack.pop() {
        for edge in edges.iter().filter(|edge| edge.to == at && edge.relation == Relation::Depends) {
            if edge.from == direct.from && at != direct.to {
                return true;
            }
            if edge.from != direct.from && seen.insert(edge.from) {
                stack.push(edge.from);
            }
        }
    }
    false
}

/// What `symbol` bears on, and how much more follows from that.
fn effects(config: &Config, symbol: SymbolId) -> (Vec<Edge>, usize) {
    let tree = &**config.tree();
    let mut mentions = Mentions { tree, symbol, known: HashMap::new() };
    let mut is_dependent = |other: SymbolId| {
        let definition = tree.symbol(other);
        other != symbol && !definition.nodes.is_empty() && mentions.are_in(definition.depends)
    };
    let dependents: HashSet<SymbolId> =
        tree.symbols().map(|(id, _)| id).filter(|&id| is_dependent(id)).collect();
    let is_direct = |id: &SymbolId| !needs(tree, *id).iter().any(|(other, _)| dependents.contains(other));
    let mut direct: Vec<_> = dependents.iter().copied().filter(is_direct).collect();
    direct.sort_unstable();

    let subject = tree.symbol(symbol);
    let selected = subject.selects.iter().map(|select| (select.target, Relation::Selects));
    let implied = subject.implies.iter().map(|imply| (imply.target, Relation::Implies));
    let depending = subject.members.iter().copied().chain(direct).map(|id| (id, Relation::Depends));
    let mut seen = HashSet::from([symbol]);
    let mut effects: Vec<_> = selected
        .chain(implied)
        .chain(depending)
        .filter(|(to, _)| seen.insert(*to))
        .map(|(to, relation)| Edge { from: symbol, to, relation })
        .collect();
    let all = seen.union(&dependents).count() - 1;
    effects.sort_by_key(|edge| (edge.relation == Relation::Depends, !is_on(config, edge.to)));
    (effects, all)
}

/// Whether a symbol has a value that says something.
pub fn is_on(config: &Config, symbol: SymbolId) -> bool {
    match config.tree().symbol(symbol).role {
        Role::Choice => config.picked(symbol).is_some(),
        Role::Plain => config.is_written(symbol) && !matches!(config.value(symbol), "" | "n"),
        Role::Constant => false,
    }
}

/// What `symbol` depends on itself.
fn needs(tree: &Tree, symbol: SymbolId) -> Vec<(SymbolId, Relation)> {
    let subject = tree.symbol(symbol);
    let atoms = atoms(tree, subject.depends).into_iter().chain(subject.choice);
    atoms.filter(|atom| *atom != symbol).map(|atom| (atom, Relation::Depends)).collect()
}

/// What selects or implies `symbol`.
fn setters(tree: &Tree, symbol: SymbolId) -> impl Iterator<Item = (SymbolId, Relation)> {
    let subject = tree.symbol(symbol);
    let selecting = subject.selected_by.iter().map(|reverse| (reverse.by, Relation::Selects));
    selecting.chain(subject.implied_by.iter().map(|reverse| (reverse.by, Relation::Implies)))
}

/// The symbols that an expression mentions, each once, left to right; constants are none, nor is a word that a
/// symbol is compared with.
fn atoms(tree: &Tree, expr: ExprId) -> Vec<SymbolId> {
    let mut atoms = Vec::new();
    let mut stack = vec![expr];
    // Shared parts of an expression are looked at once, else a chain of them could take exponential time.
    let mut seen = HashSet::new();
    while let Some(expr) = stack.pop() {
        if seen.insert(expr) {
            match tree.exprs().get(expr) {
                Expr::Symbol(symbol) => atoms.push(symbol),
                Expr::Not(inner) => stack.push(inner),
                Expr::And(left, right) | Expr::Or(left, right) => stack.extend([right, left]),
                Expr::Compare(_, left, right) => {
                    atoms.extend(
                        [left, right].into_iter().filter(|side| !tree.symbol(*side).nodes.is_empty()),
                    );
                }
            }
        }
    }
    let mut named = HashSet::new();
    atoms.retain(|&atom| tree.symbol(atom).role != Role::Constant && named.insert(atom));
    atoms
}

/// Whether expressions mention a symbol. Thousands of them share their parts, so what was found is kept.
struct Mentions<'a> {
    tree: &'a Tree,
    symbol: SymbolId,
    known: HashMap<ExprId, bool>,
}

impl Mentions<'_> {
    /// An expression is at most `Exprs::MAX_DEPTH` deep.
    fn are_in(&mut self, expr: ExprId) -> bool {
        if let Some(&known) = self.known.get(&expr) {
            return known;
        }
        let found = match self.tree.exprs().get(expr) {
            Expr::Symbol(symbol) => symbol == self.symbol,
            Expr::Compare(_, left, right) => left == self.symbol || right == self.symbol,
            Expr::Not(inner) => self.are_in(inner),
            Expr::And(left, right) | Expr::Or(left, right) => self.are_in(left) || self.are_in(right),
        };
        self.known.insert(expr, found);
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::Session;
    use crate::session::fixture::session;

    fn around(session: &Session, name: &str) -> Neighbourhood {
        Neighbourhood::of(session.config(), session.named(name))
    }

    fn names(session: &Session, symbols: &[SymbolId]) -> String {
        symbols.iter().map(|id| &*session.tree().symbol(*id).name).collect::<Vec<_>>().join(" ")
    }

    /// `A>B` depends, `A+B` selects, `A~B` implies; the cause is left.
    fn arrows(session: &Session, edges: &[Edge]) -> Vec<String> {
        let arrow = |edge: &Edge| {
            let sign = match edge.relation {
                Relation::Depends => '>',
                Relation::Selects => '+',
                Relation::Implies => '~',
            };
            format!("{}{sign}{}", names(session, &[edge.from]), names(session, &[edge.to]))
        };
        edges.iter().map(arrow).collect()
    }

    const CHAIN: &str = "
config BUS
	bool \"bus\"
config NET
	bool \"net\"
if NET
config ETHER
	bool \"ether\"
if ETHER
config CARD
	bool \"card\"
	depends on BUS && (SPEED > 10 || !SLOW) && KIND = fast
	select PHY
	imply LED
	imply PHY
config CARD_DEBUG
	bool \"debug\"
	depends on CARD
endif
endif
config SPEED
	int \"speed\"
config SLOW
	bool \"slow\"
config KIND
	string \"kind\"
config PHY
	bool
config LED
	bool \"led\"
	depends on BUS
config BOARD
	bool \"board\"
	depends on BUS
	select CARD
";

    #[test]
    fn a_longer_way_makes_an_arrow_superfluous() {
        let session = session(CHAIN, "");
        let card = around(&session, "CARD");
        assert_eq!(card.causes.len(), 2);
        assert_eq!(names(&session, &card.causes[0]), "ETHER BUS SPEED SLOW KIND BOARD");
        assert_eq!(names(&session, &card.causes[1]), "NET");
        // No NET>CARD; BUS>CARD stays although BOARD needs BUS: to be selected is no need.
        let expected =
            ["ETHER>CARD", "BUS>CARD", "SPEED>CARD", "SLOW>CARD", "KIND>CARD", "BOARD+CARD", "NET>ETHER"];
        assert_eq!(arrows(&session, &card.edges), expected);
    }

    #[test]
    fn an_effect_of_an_effect_is_only_counted() {
        let session = session(CHAIN, "CONFIG_BUS=y\nCONFIG_LED=y\n");
        let net = around(&session, "NET");
        assert_eq!(arrows(&session, &net.effects), ["NET>ETHER"]);
        assert_eq!(net.all_effects, 3);
        assert!(net.causes.is_empty());
        // What is on comes first.
        assert_eq!(arrows(&session, &around(&session, "BUS").effects), ["BUS>LED", "BUS>CARD", "BUS>BOARD"]);
        // Each once, by its closest relation.
        let card = around(&session, "CARD");
        assert_eq!(arrows(&session, &card.effects), ["CARD~LED", "CARD+PHY", "CARD>CARD_DEBUG"]);
        assert_eq!(card.all_effects, 3);
    }

    #[test]
    fn a_choice_stands_before_its_members() {
        let session = session(
            "config X\n\tbool \"x\"\nchoice\n\tprompt \"One\"\n\tdepends on X\nconfig A\n\tbool \"a\"\nconfig B\n\
             \tbool \"b\"\nendchoice\n",
            "",
        );
        let a = session.named("A");
        let choice = session.tree().symbol(a).choice.unwrap();
        assert_eq!(around(&session, "A").causes, [vec![choice], vec![session.named("X")]]);
        let members = Neighbourhood::of(session.config(), choice).effects;
        assert_eq!(members.iter().map(|edge| edge.to).collect::<Vec<_>>(), [a, session.named("B")]);
    }

    #[test]
    fn far_causes_are_not_followed_for_ever() {
        let mut chain = String::from("config C0\n\tbool \"c\"\n");
        for number in 1..300 {
            chain.push_str(&format!("config C{number}\n\tbool \"c\"\n\tdepends on C{}\n", number - 1));
        }
        let session = session(&chain, "");
        let last = around(&session, "C299");
        assert_eq!(last.causes.len(), COLUMNS);
        assert_eq!(names(&session, &last.causes[0]), "C298");
        assert_eq!(names(&session, &last.causes[COLUMNS - 1]), "C294");
    }

    /// Each half of an expression is shared by the next: without a memory this would take 2⁹⁰ steps.
    #[test]
    fn shared_expressions_are_looked_at_once() {
        let mut text = String::from("config A\n\tbool \"a\"\nconfig B\n\tbool \"b\"\n");
        for number in 0..90 {
            let condition = match number {
                0 => "A || B".to_string(),
                _ => format!("(X{0} && A) || (X{0} && B)", number - 1),
            };
            text.push_str(&format!("config X{number}\n\tbool \"x\"\n\tdepends on {condition}\n"));
        }
        let session = session(&text, "");
        assert_eq!(around(&session, "A").all_effects, 90);
    }
}
