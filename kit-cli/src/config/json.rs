//! Options as JSON: the shape that all commands of `kit config` share.
//!
//! A value is `true`, `false` or `"m"` of a bool or tristate, a number of an int, and text of a hex or string.
//! An option is an object with `name`, `type`, `value`, `set` (whether a person did), `prompt` and `menu` (the
//! texts of the menus around it).

use kit_menu::kconfig::{Change, Config, NodeId, SymbolId, Tree, Type};
use kit_menu::session::{Problem, Session};
use serde_json::{Value, json};

/// A text as a value of the symbol's type.
pub fn value(kind: Type, text: &str) -> Value {
    match (kind, text) {
        (Type::Bool | Type::Tristate, "y") => json!(true),
        (Type::Bool | Type::Tristate, "n") => json!(false),
        (Type::Int, number) => number.parse::<i64>().map_or_else(|_| json!(number), |number| json!(number)),
        (_, text) => json!(text),
    }
}

/// The present value of a symbol.
pub fn present(config: &Config, symbol: SymbolId) -> Value {
    value(config.tree().symbol(symbol).kind, config.value(symbol))
}

/// The name of a type.
pub fn kind(kind: Type) -> &'static str {
    match kind {
        Type::Unknown => "unknown",
        Type::Bool => "bool",
        Type::Tristate => "tristate",
        Type::Int => "int",
        Type::Hex => "hex",
        Type::String => "string",
    }
}

/// An option.
pub fn option(session: &Session, symbol: SymbolId) -> Value {
    let config = session.config();
    let tree = config.tree();
    let definition = tree.symbol(symbol);
    let node = definition.nodes.iter().find(|node| tree.node(**node).prompt.is_some());
    let node = node.or(definition.nodes.first());
    let prompt = node.and_then(|node| tree.node(*node).prompt.as_ref()).map(|prompt| &*prompt.text);
    json!({
        "name": &*definition.name,
        "type": kind(definition.kind),
        "value": present(config, symbol),
        "set": session.is_decided(symbol),
        "prompt": prompt,
        "menu": node.map(|node| menus(session, *node)).unwrap_or_default(),
    })
}

/// The texts of the menus around an entry, the main menu left out.
pub fn menus(session: &Session, node: NodeId) -> Vec<String> {
    session.path(session.menu_of(node)).into_iter().skip(1).map(|(_, text)| text).collect()
}

/// Changes: objects with `name`, `before` and `after`.
pub fn changes(tree: &Tree, changes: &[Change]) -> Value {
    let change = |change: &Change| {
        let definition = tree.symbol(change.symbol);
        json!({
            "name": &*definition.name,
            "before": value(definition.kind, &change.before),
            "after": value(definition.kind, &change.after),
        })
    };
    changes.iter().map(change).collect()
}

/// A problem: an object with `severity`, `message`, `place` (path:line:column or null) and `repairs` (words).
pub fn problem(problem: &Problem) -> Value {
    let repairs: Vec<_> = problem.repairs.iter().map(|repair| repair.label.as_str()).collect();
    json!({
        "severity": format!("{:?}", problem.severity).to_lowercase(),
        "message": problem.message,
        "place": problem.place.as_ref().map(ToString::to_string),
        "repairs": repairs,
    })
}

/// Prints an object with an end of line.
pub fn print(value: &Value) {
    println!("{value}");
}
