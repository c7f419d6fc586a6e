//! Conditions as pieces of text, each marked by whether it holds now: what an interface colours.

use crate::kconfig::config::{Atom, Need, Part, PartKind};
use crate::kconfig::{Config, Expr, ExprId, Role, SymbolId, Tree, Tristate, Type};

use super::Session;

/// Whether a piece of a condition is a reason why the whole does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// An operator, a parenthesis, or something whose value does not matter.
    Neutral,
    /// It holds.
    Met,
    /// It does not hold, and the whole does not because of it.
    Failing,
}

/// A piece of a condition. The texts of all pieces together are the condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The text, such as `NETDEV != none` or ` && `.
    pub text: String,
    /// Whether it holds.
    pub state: State,
    /// The symbol that it is about: where a jump leads.
    pub symbol: Option<SymbolId>,
    /// What the symbol is now, for a piece that has one: `n`, `64`, `none`.
    pub value: Option<String>,
}

impl Session {
    /// `expr` as pieces, in the order of its text; empty for the constant `y`.
    pub fn condition(&self, expr: ExprId) -> Vec<Piece> {
        pieces(self.config(), expr, Tristate::Mod)
    }
}

/// `expr` as pieces; what is less than `least` does not hold.
pub fn pieces(config: &Config, expr: ExprId, least: Tristate) -> Vec<Piece> {
    if expr == ExprId::YES {
        return Vec::new();
    }
    let need = Need::AtLeast(least);
    let parts = config.breakdown(expr, need);
    let mut writer = Writer { config, parts: &parts, pieces: Vec::new() };
    writer.write(0, Level::Top, need);
    writer.pieces
}

/// The pieces as one text, values of failing ones in brackets: `A && B [=n]`.
pub fn text(pieces: &[Piece]) -> String {
    let mut text = String::new();
    for piece in pieces {
        text.push_str(&piece.text);
        if let (State::Failing, Some(value)) = (piece.state, &piece.value) {
            text.push_str(&format!(" [={value}]"));
        }
    }
    text
}

/// The terms that `&&` joins, left to right.
pub fn conjuncts(tree: &Tree, expr: ExprId) -> Vec<ExprId> {
    let (mut found, mut stack) = (Vec::new(), vec![expr]);
    while let Some(expr) = stack.pop() {
        match tree.exprs().get(expr) {
            Expr::And(a, b) => stack.extend([b, a]),
            _ => found.push(expr),
        }
    }
    found
}

/// How a person calls a symbol: by its name, and a choice without one by its text.
pub fn name(tree: &Tree, symbol: SymbolId) -> String {
    let definition = tree.symbol(symbol);
    if !definition.name.is_empty() {
        return definition.name.to_string();
    }
    match definition.role {
        Role::Constant => "\"\"".to_string(),
        _ => {
            let mut prompts = definition.nodes.iter().filter_map(|node| tree.node(*node).prompt.as_ref());
            prompts.next().map_or("<choice>".to_string(), |prompt| format!("choice “{}”", prompt.text))
        }
    }
}

/// A value as a person reads it: a word also for none.
pub fn shown_value(config: &Config, symbol: SymbolId) -> String {
    let definition = config.tree().symbol(symbol);
    if definition.role == Role::Choice {
        return config.picked(symbol).map_or("n".to_string(), |picked| name(config.tree(), picked));
    }
    match (definition.kind, config.value(symbol)) {
        (Type::Unknown, _) => "undefined".to_string(),
        (_, "") => "empty".to_string(),
        (_, value) => value.to_string(),
    }
}

/// What binds more than an operator needs parentheses around it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Top,
    Or,
    And,
    Not,
}

struct Writer<'a> {
    config: &'a Config,
    parts: &'a [Part],
    pieces: Vec<Piece>,
}

impl Writer<'_> {
    /// Writes the part at `index`. Parts are at most as deep as expressions, which is limited.
    fn write(&mut self, index: usize, outside: Level, need: Need) {
        let part = &self.parts[index];
        let (level, word) = match part.kind {
            PartKind::Atom(atom) => return self.atom(part, atom, need, outside == Level::Not),
            PartKind::Not => {
                if !matches!(self.parts[index + 1].kind, PartKind::Atom(_)) {
                    self.operator("!");
                }
                return self.write(index + 1, Level::Not, need.negate());
            }
            PartKind::All => (Level::And, " && "),
            PartKind::Any => (Level::Or, " || "),
        };
        let is_inner = outside > level;
        if is_inner {
            self.operator("(");
        }
        for (count, inner) in inner(self.parts, index).enumerate() {
            if count > 0 {
                self.operator(word);
            }
            self.write(inner, level, need);
        }
        if is_inner {
            self.operator(")");
        }
    }

    fn operator(&mut self, text: &str) {
        match self.pieces.last_mut() {
            Some(last) if last.symbol.is_none() && last.value.is_none() && last.state == State::Neutral => {
                last.text.push_str(text);
            }
            _ => self.pieces.push(Piece {
                text: text.to_string(),
                state: State::Neutral,
                symbol: None,
                value: None,
            }),
        }
    }

    fn atom(&mut self, part: &Part, atom: Atom, need: Need, is_negated: bool) {
        let tree = self.config.tree();
        let state = match part.missing {
            Some(_) => State::Failing,
            None if need.holds(part.value) => State::Met,
            None => State::Neutral,
        };
        let (text, symbol) = match atom {
            Atom::Symbol(symbol) => (name(tree, symbol), is_named(tree, symbol).then_some(symbol)),
            Atom::Compare(comparison, left, right) => {
                let text = format!("{} {} {}", name(tree, left), comparison.as_str(), name(tree, right));
                (text, [left, right].into_iter().find(|symbol| has_value(tree, *symbol)))
            }
        };
        let text = match (is_negated, atom) {
            (false, _) => text,
            (true, Atom::Symbol(_)) => format!("!{text}"),
            (true, Atom::Compare(..)) => format!("!({text})"),
        };
        let value = symbol.map(|symbol| shown_value(self.config, symbol));
        self.pieces.push(Piece { text, state, symbol, value });
    }
}

/// The indices of the parts directly in the one at `index`.
fn inner(parts: &[Part], index: usize) -> impl Iterator<Item = usize> + use<'_> {
    let depth = parts[index].depth;
    let end = parts[index + 1..].iter().position(|part| part.depth <= depth);
    let end = end.map_or(parts.len(), |length| index + 1 + length);
    (index + 1..end).filter(move |inner| parts[*inner].depth == depth + 1)
}

fn is_named(tree: &Tree, symbol: SymbolId) -> bool {
    tree.symbol(symbol).role != Role::Constant
}

/// Whether a symbol is more than its own name: in `NETDEV != none` the second is a word that nothing defines.
fn has_value(tree: &Tree, symbol: SymbolId) -> bool {
    is_named(tree, symbol) && tree.symbol(symbol).kind != Type::Unknown
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::fixture::session;

    const TREE: &str = "config A\n\tbool \"A\"\n\nconfig B\n\tbool \"B\"\n\nconfig N\n\tint \"N\"\n\tdefault 3\n\n\
                        config X\n\tbool \"X\"\n\tdepends on A && (B || !A || N > 5) && !(A && B)\n";

    fn marked(stored: &str) -> String {
        let session = session(TREE, stored);
        let pieces = session.condition(session.tree().symbol(session.named("X")).depends);
        let mark = |piece: &Piece| match piece.state {
            State::Neutral => piece.text.clone(),
            State::Met => format!("+{}", piece.text),
            State::Failing => format!("-{}", piece.text),
        };
        pieces.iter().map(mark).collect()
    }

    #[test]
    fn pieces_say_what_fails() {
        assert_eq!(marked(""), "-A && (B || +!A || N > 5) && (+!A || +!B)");
        assert_eq!(marked("CONFIG_A=y\n"), "+A && (-B || -!A || -N > 5) && (!A || +!B)");
        assert_eq!(marked("CONFIG_A=y\nCONFIG_B=y\n"), "+A && (+B || !A || N > 5) && (-!A || -!B)");
    }

    #[test]
    fn a_text_has_the_values_of_what_fails() {
        let session = session(TREE, "CONFIG_A=y\n");
        let pieces = session.condition(session.tree().symbol(session.named("X")).depends);
        assert_eq!(text(&pieces), "A && (B [=n] || !A [=y] || N > 5 [=3]) && (!A || !B)");
        assert_eq!(session.condition(ExprId::YES), []);
    }
}
