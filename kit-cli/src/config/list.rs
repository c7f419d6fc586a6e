//! `kit config list`.

use std::fmt::Write;

use clap::Args;
use kit_menu::kconfig::{NodeId, SymbolId, Tree, Type};
use kit_menu::session::{Session, row};
use serde_json::Value;

use super::{Place, json};
use crate::{Failure, Result};

/// The most matches of words that are listed: the rest is noise.
const MOST: usize = 50;

/// Arguments of `kit config list`.
#[derive(Args)]
pub struct ListArgs {
    /// Only what matches these words, best first
    #[arg(value_name = "WORD")]
    pub words: Vec<String>,
    /// Also options that cannot be seen now, with the reason
    #[arg(short, long)]
    pub all: bool,
    /// Only options that were set, not those at their defaults
    #[arg(short, long)]
    pub set: bool,
    /// Print `{"options": […]}`, each with name, type, value, set, prompt, menu, hidden
    #[arg(long)]
    pub json: bool,
}

/// `kit config list`: the options by menu, or the best matches of words.
pub fn command(place: &Place, arguments: &ListArgs) -> Result<u8> {
    let mut session = place.read()?;
    let mut nodes = match arguments.words.is_empty() {
        true => in_order(session.tree()),
        false => {
            let matches = session.search(&arguments.words.join(" "), usize::MAX);
            matches.hits.into_iter().map(|hit| hit.node).collect()
        }
    };
    nodes.retain(|node| is_wanted(&session, *node, arguments));
    if arguments.json {
        let options: Vec<_> = nodes.iter().map(|node| of_node(&session, *node)).collect();
        json::print(&serde_json::json!({ "options": options }));
        return Ok(0);
    }
    if nodes.is_empty() && !arguments.words.is_empty() {
        return Err(Failure::failed(format!("nothing matches `{}`", arguments.words.join(" "))));
    }
    match arguments.words.is_empty() {
        true => print!("{}", by_menu(&session, &nodes)),
        false => {
            let rest = nodes.len().saturating_sub(MOST);
            nodes.truncate(MOST);
            print!("{}", lines(&session, &nodes, ""));
            if rest > 0 {
                println!("… and {rest} more: use more words");
            }
        }
    }
    Ok(0)
}

/// The first entry of each option, in the order of the menu.
fn in_order(tree: &Tree) -> Vec<NodeId> {
    let mut is_known = vec![false; tree.symbols().count()];
    let mut nodes: Vec<_> = tree.walk().collect();
    nodes.retain(|node| match tree.node(*node).symbol {
        Some(symbol) if tree.node(*node).prompt.is_some() || is_bare(tree, symbol) => {
            !std::mem::replace(&mut is_known[symbol.index()], true)
        }
        _ => false,
    });
    nodes
}

/// Whether no entry of a symbol says anything.
fn is_bare(tree: &Tree, symbol: SymbolId) -> bool {
    tree.symbol(symbol).nodes.iter().all(|node| tree.node(*node).prompt.is_none())
}

fn is_wanted(session: &Session, node: NodeId, arguments: &ListArgs) -> bool {
    let tree = session.tree();
    let Some(symbol) = tree.node(node).symbol else { return false };
    if tree.symbol(symbol).name.is_empty() || tree.symbol(symbol).kind == Type::Unknown {
        return false;
    }
    (arguments.all || session.config().is_shown(node) || arguments.set)
        && (!arguments.set || session.is_decided(symbol))
}

fn of_node(session: &Session, node: NodeId) -> Value {
    let symbol = session.tree().node(node).symbol;
    let mut option = symbol.map(|symbol| json::option(session, symbol)).unwrap_or_default();
    option["hidden"] = row::hidden(session.config(), node).into();
    option
}

fn by_menu(session: &Session, nodes: &[NodeId]) -> String {
    let mut text = String::new();
    let mut rest = nodes;
    let menu_of = |node: &NodeId| json::menus(session, *node).join(" › ");
    while let Some(first) = rest.first() {
        let menu = menu_of(first);
        let length = rest.iter().position(|node| menu_of(node) != menu).unwrap_or(rest.len());
        if !text.is_empty() {
            text.push('\n');
        }
        let indent = match menu.as_str() {
            "" => "",
            menu => {
                let _ = writeln!(text, "{menu}");
                "  "
            }
        };
        text.push_str(&lines(session, &rest[..length], indent));
        rest = &rest[length..];
    }
    text
}

fn lines(session: &Session, nodes: &[NodeId], indent: &str) -> String {
    let config = session.config();
    let tree = session.tree();
    let line = |node: &NodeId| {
        let symbol = tree.node(*node).symbol?;
        let definition = tree.symbol(symbol);
        let quote = if definition.kind == Type::String { "\"" } else { "" };
        let mark = if session.is_decided(symbol) { '*' } else { ' ' };
        let assignment = format!("{mark} {}={quote}{}{quote}", definition.name, config.value(symbol));
        let prompt = tree.node(*node).prompt.as_ref().map_or("", |prompt| &prompt.text);
        let hidden = row::hidden(config, *node).map_or(String::new(), |why| format!(" ({why})"));
        Some((assignment, format!("{prompt}{hidden}")))
    };
    let lines: Vec<_> = nodes.iter().filter_map(line).collect();
    let width = lines.iter().map(|(assignment, _)| assignment.chars().count()).max().unwrap_or(0).min(44);
    let line = |(assignment, text): (String, String)| {
        format!("{indent}{assignment:width$}  {text}").trim_end().to_string() + "\n"
    };
    lines.into_iter().map(line).collect()
}
