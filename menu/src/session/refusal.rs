//! Why a value cannot be.

use crate::kconfig::config::{Need, Plan};
use crate::kconfig::tree::ReverseDependency;
use crate::kconfig::{Config, Role, SetError, SymbolId, Tree, Tristate, Type};

use super::Piece;
use super::condition::{name, pieces};

/// Why a value was not set, or did not take. Nothing has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The symbol.
    pub symbol: SymbolId,
    /// The value that was asked for, as text.
    pub wanted: String,
    /// The reason, to be read after the symbol's name: `needs NETDEV != none (is none)`.
    pub reason: String,
    /// The condition that does not hold, failing pieces marked; empty if it is not a matter of a condition.
    pub condition: Box<[Piece]>,
    /// What would make it possible: offer it, showing its changes.
    pub plan: Option<Plan>,
}

impl Refusal {
    /// What to set before, in words: `set NETDEV_VIRTIO=y and NET=y`.
    pub fn remedy(&self, tree: &Tree) -> Option<String> {
        let plan = self.plan.as_ref()?;
        let before = plan.assignments.iter().filter(|(symbol, _)| *symbol != self.symbol);
        let words: Vec<_> =
            before.map(|(symbol, value)| format!("{}={value}", name(tree, *symbol))).collect();
        let (last, rest) = words.split_last()?;
        Some(if rest.is_empty() {
            format!("set {last}")
        } else {
            format!("set {} and {last}", rest.join(", "))
        })
    }

    /// All of it in one line: `NET_SMOLTCP=y did not take: needs NETDEV != none (is none) — set NETDEV_VIRTIO=y`.
    pub fn message(&self, tree: &Tree) -> String {
        let remedy = self.remedy(tree).map_or(String::new(), |remedy| format!(" — {remedy}"));
        format!("{}={} did not take: {}{remedy}", name(tree, self.symbol), self.wanted, self.reason)
    }
}

/// Why `symbol` does not have the value `wanted`, although a person set it or wants to; `None` if it has, or if it
/// would have when it were set.
pub fn of(config: &Config, symbol: SymbolId, wanted: &str) -> Option<Refusal> {
    if config.value(symbol) == wanted {
        return None;
    }
    if let Err(error) = config.check(symbol, wanted) {
        return Some(explained(config, symbol, wanted, error));
    }
    config.user_value(symbol).filter(|user| &**user == wanted)?;
    // It was set, it could be, and it is not: a rival was set after it.
    let picked = config.picked(config.tree().symbol(symbol).choice?)?;
    let reason = format!("{} was set later in the same choice", name(config.tree(), picked));
    Some(Refusal { symbol, wanted: wanted.to_string(), reason, condition: Box::default(), plan: None })
}

/// The refusal behind what [`Config::set`] says.
pub(super) fn explained(config: &Config, symbol: SymbolId, wanted: &str, error: SetError) -> Refusal {
    let definition = config.tree().symbol(symbol);
    let needs = |least| {
        let expr = definition.visibility;
        (format!("needs {}", config.lacking(expr, Need::AtLeast(least))), pieces(config, expr, least))
    };
    let (reason, condition) = match error {
        SetError::NotOfType => (not_of_type(config, symbol, wanted), Vec::new()),
        SetError::OutOfRange { low, high } => (format!("not in {low}..{high}"), Vec::new()),
        SetError::Invisible if !has_prompt(config.tree(), symbol) => {
            ("it has no prompt, its value is computed".to_string(), Vec::new())
        }
        SetError::Invisible => needs(Tristate::Mod),
        SetError::Limited(_) => needs(Tristate::Yes),
        SetError::Selected(_) => (selected(config, symbol), Vec::new()),
        SetError::ChoiceNeedsMember => {
            ("its choice has no other member that can be picked".to_string(), Vec::new())
        }
        SetError::Undefined => ("nothing defines it".to_string(), Vec::new()),
    };
    let plan = if condition.is_empty() { None } else { config.plan_to_set(symbol, wanted).ok() };
    Refusal { symbol, wanted: wanted.to_string(), reason, condition: condition.into(), plan }
}

/// What a value of the symbol's type looks like.
pub(super) fn expected(config: &Config, symbol: SymbolId) -> &'static str {
    let definition = config.tree().symbol(symbol);
    match definition.kind {
        _ if definition.role == Role::Choice => "the name of a member",
        Type::Tristate if config.modules_enabled() => "y, m or n",
        Type::Bool | Type::Tristate => "y or n",
        Type::Int => "a decimal number",
        Type::Hex => "a hexadecimal number",
        Type::String => "text",
        Type::Unknown => "nothing: no file gives it a type",
    }
}

fn not_of_type(config: &Config, symbol: SymbolId, wanted: &str) -> String {
    match config.tree().symbol(symbol).kind {
        Type::Tristate if wanted == "m" => "must be y or n, for there are no modules".to_string(),
        _ => format!("must be {}, not `{wanted}`", expected(config, symbol)),
    }
}

fn selected(config: &Config, symbol: SymbolId) -> String {
    let tree = config.tree();
    let reasons = &tree.symbol(symbol).selected_by;
    let value = |reason: &ReverseDependency| config.evaluate(reason.expr);
    let strongest = reasons.iter().map(value).max().unwrap_or_default();
    let active = reasons.iter().filter(|reason| value(reason) == strongest);
    let mut names: Vec<_> = active.map(|reason| name(tree, reason.by)).collect();
    names.dedup();
    format!("selected by {}", names.join(", "))
}

/// Whether any entry of a symbol has a prompt, visible or not.
pub(super) fn has_prompt(tree: &Tree, symbol: SymbolId) -> bool {
    tree.symbol(symbol).nodes.iter().any(|node| tree.node(*node).prompt.is_some())
}
