//! Wishes: the values of an application's `[config]`, given to a configuration and checked one by one.

use crate::kconfig::{Config, Role, SetError, SymbolId, Tree, Tristate, Type};
use crate::session::refusal;
use crate::{Problem, did_you_mean};

/// The value of an option.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Setting {
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Text.
    Text(String),
}

impl std::fmt::Display for Setting {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Bool(value) => write!(formatter, "{value}"),
            Self::Int(value) => write!(formatter, "{value}"),
            Self::Text(value) => write!(formatter, "{value:?}"),
        }
    }
}

/// One line of `[config]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    /// The option.
    pub option: String,
    /// Its value.
    pub value: Setting,
}

/// Gives all wishes to `config`, and tells of each that cannot be, or that did not take, why.
pub fn apply(config: &mut Config, wishes: &[Wish]) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut given = Vec::new();
    for wish in wishes {
        match give(config, wish) {
            Ok(symbol) => given.push((wish, symbol)),
            Err(problem) => problems.push(problem),
        }
    }
    // All are given before one is judged: they may need each other.
    problems.extend(given.iter().filter_map(|(wish, symbol)| judge(config, wish, *symbol)));
    problems
}

/// The symbol that `[config]` can set by this name.
pub fn find(tree: &Tree, option: &str) -> Result<SymbolId, Problem> {
    let is_option = |symbol: &crate::kconfig::Symbol| symbol.role == Role::Plain && !symbol.nodes.is_empty();
    if let Some(symbol) = tree.find(option).filter(|symbol| is_option(tree.symbol(*symbol))) {
        return Ok(symbol);
    }
    let names = tree.symbols().filter(|(_, symbol)| is_option(symbol)).map(|(_, symbol)| &*symbol.name);
    let problem = Problem::of(option, format!("there is no option `{option}`"));
    Err(match did_you_mean(option, names) {
        Some(near) => problem.because(format!("did you mean `{near}`?")),
        None => problem.because("`kit config list` shows all options"),
    })
}

/// What is wrong with a value that no option can have, `shown` as its author wrote it.
pub fn refuse_value(tree: &Tree, option: &str, shown: &str) -> Problem {
    let kind = match find(tree, option) {
        Ok(symbol) => tree.symbol(symbol).kind,
        Err(problem) => return problem,
    };
    let wanted = match kind {
        Type::Bool | Type::Tristate => "true or false",
        Type::Int | Type::Hex => "a whole number",
        Type::String | Type::Unknown => "text in quotes",
    };
    Problem::of(option, format!("{option} must be {wanted}, not {shown}"))
}

/// Gives one wish to `config`, whether it takes or not.
pub fn give(config: &mut Config, wish: &Wish) -> Result<SymbolId, Problem> {
    let option = &wish.option;
    let symbol = find(config.tree(), option)?;
    let refuse = |config: &Config| refuse_value(config.tree(), option, &wish.value.to_string());
    let text = text_for(config.tree().symbol(symbol).kind, &wish.value).ok_or_else(|| refuse(config))?;
    match config.preset(symbol, &text) {
        Ok(()) => Ok(symbol),
        Err(SetError::OutOfRange { low, high }) => Err(out_of_range(wish, &low, &high)),
        Err(_) => Err(refuse(config)),
    }
}

/// A value as Kconfig writes it; none if the type has no such value.
pub fn text_for(kind: Type, value: &Setting) -> Option<String> {
    Some(match (kind, value) {
        (Type::Bool | Type::Tristate, Setting::Bool(true)) => "y".to_string(),
        (Type::Bool | Type::Tristate, Setting::Bool(false)) => "n".to_string(),
        (Type::Int, Setting::Int(value)) => value.to_string(),
        (Type::Hex, Setting::Int(value)) => format!("{value:#x}"),
        (Type::String, Setting::Text(value)) => value.clone(),
        _ => return None,
    })
}

/// A value of `config` as `[config]` writes it.
pub fn setting_of(config: &Config, symbol: SymbolId) -> Setting {
    setting(config.tree().symbol(symbol).kind, config.value(symbol))
}

/// A value as `[config]` writes it, from how Kconfig writes it. A number that TOML has no room for is text.
pub fn setting(kind: Type, text: &str) -> Setting {
    let number = match kind {
        Type::Bool | Type::Tristate => return Setting::Bool(text != "n"),
        Type::Int => text.parse().ok(),
        Type::Hex => i64::from_str_radix(text.trim_start_matches("0x").trim_start_matches("0X"), 16).ok(),
        Type::String | Type::Unknown => None,
    };
    number.map_or_else(|| Setting::Text(text.to_string()), Setting::Int)
}

fn out_of_range(wish: &Wish, low: &str, high: &str) -> Problem {
    let Wish { option, value } = wish;
    Problem::of(option, format!("{option} must be {low} to {high}, not {value}"))
}

/// Why a wish that was given has another value than wished, if it has.
fn judge(config: &Config, wish: &Wish, symbol: SymbolId) -> Option<Problem> {
    if setting_of(config, symbol) == wish.value {
        return None;
    }
    let Wish { option, value } = wish;
    let text = text_for(config.tree().symbol(symbol).kind, value)?;
    if let (Setting::Int(number), Some((low, high))) = (value, config.range(symbol))
        && config.visibility(symbol) != Tristate::No
        && !(number_of(&low)..=number_of(&high)).contains(number)
    {
        return Some(out_of_range(wish, &low, &high));
    }
    let refusal = refusal::of(config, symbol, &text)?;
    let problem = Problem::of(option, refusal.message(config.tree()));
    // Of two members of a choice that are both wished one can be, and only their author knows which.
    let is_rivalry =
        text == "y" && refusal.condition.is_empty() && config.tree().symbol(symbol).choice.is_some();
    Some(if is_rivalry { problem.because("remove one of them") } else { problem })
}

/// The end of a range; it was checked when the file was read.
fn number_of(text: &str) -> i64 {
    let hex = text.strip_prefix("0x").map(|digits| i64::from_str_radix(digits, 16));
    hex.unwrap_or_else(|| text.parse()).unwrap_or_default()
}
