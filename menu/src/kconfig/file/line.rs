//! One symbol as a line.

use super::super::config::Config;
use super::super::tree::{SymbolId, Type};

/// What becomes of a bool or tristate symbol that is `n`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum No {
    /// `# CONFIG_X is not set`
    Comment,
    /// `CONFIG_X=n`
    Value,
    /// Nothing.
    Omit,
}

/// Appends the line of `symbol`. `quoted`: strings in quotes, with `\` before quotes and backslashes.
pub(crate) fn push(text: &mut String, config: &Config, prefix: &str, symbol: SymbolId, no: No, quoted: bool) {
    let definition = config.tree().symbol(symbol);
    let value = config.value(symbol);
    let name = &definition.name;
    let parts: [&str; 5] = match definition.kind {
        Type::Unknown => return,
        Type::Bool | Type::Tristate if value == "n" && no != No::Value => match no {
            No::Comment => ["# ", prefix, name, " is not set", ""],
            _ => return,
        },
        Type::String if quoted => {
            let quoted = quote(value);
            return parts_into(text, [prefix, name, "=", &quoted, ""]);
        }
        _ => [prefix, name, "=", value, ""],
    };
    parts_into(text, parts);
}

fn parts_into(text: &mut String, parts: [&str; 5]) {
    text.extend(parts);
    text.push('\n');
}

/// `value` in quotes.
pub(super) fn quote(value: &str) -> String {
    let mut quoted = String::with_capacity(value.len() + 2);
    quoted.push('"');
    for character in value.chars() {
        if matches!(character, '"' | '\\') {
            quoted.push('\\');
        }
        quoted.push(character);
    }
    quoted.push('"');
    quoted
}

/// The text of a quoted `value` that begins after the opening quote; what follows the closing quote is ignored.
/// None if there is no closing quote.
pub(super) fn unquote(value: &str) -> Option<String> {
    let mut text = String::with_capacity(value.len());
    let mut characters = value.chars();
    loop {
        match characters.next()? {
            '"' => return Some(text),
            '\\' => text.extend(characters.next()),
            other => text.push(other),
        }
    }
}

/// Whether `value` begins with `0x`, as C needs it.
pub(super) fn has_hex_prefix(value: &str) -> bool {
    value.starts_with("0x") || value.starts_with("0X")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoting_is_undone_by_unquoting() {
        for text in ["", "a b", "\"", "\\", "a\\\"b\\\\", "größe", "$(X) 'y'"] {
            let quoted = quote(text);
            assert_eq!(unquote(&quoted[1..]).as_deref(), Some(text), "{quoted}");
        }
        assert_eq!(quote("a\"b\\c"), r#""a\"b\\c""#);
    }

    #[test]
    fn an_open_quote_is_no_string() {
        assert_eq!(unquote("abc"), None);
        assert_eq!(unquote("abc\\\""), None);
        assert_eq!(unquote("abc\\"), None);
        assert_eq!(unquote("abc\" # rest").as_deref(), Some("abc"));
    }
}
