//! Options by the names that a person types.

use kit_menu::kconfig::{SymbolId, Tree, Type};
use kit_menu::session::problem::{is_option, meant};

use crate::{Failure, Result};

/// The option of that name, with or without `CONFIG_`.
pub fn find(tree: &Tree, name: &str) -> Result<SymbolId> {
    let bare = name.strip_prefix("CONFIG_").unwrap_or(name);
    let found = [name, bare].into_iter().find_map(|name| tree.find(name));
    if let Some(symbol) = found.filter(|symbol| is_option(tree, *symbol)) {
        return Ok(symbol);
    }
    let next = match meant(tree, bare) {
        Some(near) => format!("did you mean `{}`?", tree.symbol(near).name),
        None => "`kit config list WORD` searches".to_string(),
    };
    Err(Failure::usage(format!("there is no option `{bare}`; {next}")))
}

/// Splits `NAME=VALUE`, and reads the value as the option's type writes it: `true` is `y`.
pub fn assignment(tree: &Tree, text: &str) -> Result<(SymbolId, String)> {
    let Some((name, value)) = text.split_once('=') else {
        return Err(Failure::usage(format!("`{text}` sets nothing: write NAME=VALUE")));
    };
    let symbol = find(tree, name.trim())?;
    Ok((symbol, spelled(tree.symbol(symbol).kind, value)))
}

/// A value as Kconfig spells it.
pub fn spelled(kind: Type, value: &str) -> String {
    match (kind, value.trim().to_ascii_lowercase().as_str()) {
        (Type::Bool | Type::Tristate, "y" | "yes" | "true") => "y".to_string(),
        (Type::Bool | Type::Tristate, "n" | "no" | "false") => "n".to_string(),
        (Type::Bool | Type::Tristate, "m" | "mod") => "m".to_string(),
        (Type::String, _) => value.to_string(),
        _ => value.trim().to_string(),
    }
}
