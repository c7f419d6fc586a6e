//! Writes what a build reads: `auto.conf` for make, `autoconf.h` for C, `rustc_cfg` for Rust.
//!
//! Each lists the symbols that have a value, those that are `n` left out.

use std::collections::{HashMap, HashSet};
use std::fmt::Write;

use super::super::config::Config;
use super::super::tree::{Role, SymbolId, Tree, Tristate, Type};
use super::line::{self, No, has_hex_prefix, quote};
use super::read::{Assignment, lines};
use super::write::{Header, heading, title};

/// `include/config/auto.conf`: `.config` without comments and quotes.
pub fn make(config: &Config, header: &Header) -> String {
    let mut text = heading(config.tree());
    for symbol in written(config) {
        line::push(&mut text, config, &header.prefix, symbol, No::Omit, false);
    }
    text
}

/// `include/generated/autoconf.h`: a macro for each symbol, 1 for `y`; a tristate that is `m` has `_MODULE` after
/// its name.
pub fn c_header(config: &Config, header: &Header) -> String {
    let tree = &**config.tree();
    let mut text = format!("/*\n * Automatically generated file; DO NOT EDIT.\n * {}\n */\n", title(tree));
    for symbol in written(config) {
        let (suffix, value) = match (tree.symbol(symbol).kind, config.value(symbol)) {
            (Type::Unknown, _) | (Type::Bool | Type::Tristate, "n") => continue,
            (Type::Bool | Type::Tristate, "m") => ("_MODULE", "1".to_string()),
            (Type::Bool | Type::Tristate, _) => ("", "1".to_string()),
            (Type::Hex, digits) => ("", with_hex_prefix(digits)),
            (Type::String, string) => ("", quote(string)),
            (Type::Int, number) => ("", number.to_string()),
        };
        text.extend(["#define ", &header.prefix, &tree.symbol(symbol).name, suffix, " ", &value, "\n"]);
    }
    text
}

/// `include/generated/rustc_cfg`: one `--cfg` option a line. A bool or tristate has two, one that says that it is
/// set and one that says to what, so that both questions can be asked.
pub fn rustc_cfg(config: &Config, header: &Header) -> String {
    let tree = &**config.tree();
    let mut text = String::new();
    for symbol in written(config) {
        let definition = tree.symbol(symbol);
        let value = match (definition.kind, config.value(symbol)) {
            (Type::Unknown, _) | (Type::Bool | Type::Tristate, "n") => continue,
            (Type::Bool | Type::Tristate, value) => {
                text.extend(["--cfg=", &header.prefix, &definition.name, "\n"]);
                quote(value)
            }
            (Type::Hex, digits) => quote(&with_hex_prefix(digits)),
            (_, value) => quote(value),
        };
        text.extend(["--cfg=", &header.prefix, &definition.name, "=", &value, "\n"]);
    }
    text
}

fn with_hex_prefix(digits: &str) -> String {
    if has_hex_prefix(digits) { digits.to_string() } else { format!("0x{digits}") }
}

fn written(config: &Config) -> impl Iterator<Item = SymbolId> {
    by_hash(config.tree()).into_iter().filter(|&symbol| config.is_written(symbol))
}

/// Named symbols in the order in which Linux's `conf` keeps them: a hash table of 2^14 lists (FNV-1 hash, 32
/// bits, `scripts/include/hash.h`), each with the youngest symbol first.
pub(crate) fn by_hash(tree: &Tree) -> Vec<SymbolId> {
    const LISTS: u32 = 1 << 14;
    let hash = |name: &str| {
        // A C `char` is signed where conf usually runs, so a byte over 127 sets the upper bits.
        name.bytes()
            .fold(2_166_136_261_u32, |hash, byte| (hash ^ byte as i8 as u32).wrapping_mul(0x0100_0193))
    };
    let mut symbols: Vec<_> = tree
        .symbols()
        .filter(|(_, symbol)| symbol.role == Role::Plain)
        .map(|(id, symbol)| (hash(&symbol.name) % LISTS, std::cmp::Reverse(id)))
        .collect();
    symbols.sort_unstable();
    symbols.into_iter().map(|(_, std::cmp::Reverse(id))| id).collect()
}

/// The names whose file in `include/config/` must be touched: those of symbols whose value in `old`, the last
/// `auto.conf`, is not the present one. `old` is empty if there was none.
pub fn changed(config: &Config, old: &str, header: &Header) -> Vec<String> {
    let tree = &**config.tree();
    let mut names = Vec::new();
    let mut before: HashMap<SymbolId, &str> = HashMap::new();
    for line in lines(old) {
        let Ok(Some(Assignment { name, value, .. })) = line.assignment(&header.prefix) else { continue };
        match tree.find(name) {
            Some(symbol) if is_value(tree.symbol(symbol).kind, value) => {
                before.insert(symbol, value);
            }
            None if is_file_name(name) => names.push(name.to_string()),
            _ => {}
        }
    }
    for symbol in by_hash(tree) {
        let kind = tree.symbol(symbol).kind;
        let is_logical = matches!(kind, Type::Bool | Type::Tristate);
        let is_written = config.is_written(symbol);
        let is_same = match before.get(&symbol) {
            Some(old) if is_logical => is_written && old.starts_with(config.value(symbol)),
            Some(old) => is_written && **old == *config.value(symbol),
            None if is_logical => !is_written || config.tristate(symbol) == Tristate::No,
            None => !is_written,
        };
        if !is_same {
            names.push(tree.symbol(symbol).name.to_string());
        }
    }
    names
}

/// Whether a line of an old `auto.conf` gives a symbol of that type a value.
fn is_value(kind: Type, value: &str) -> bool {
    match kind {
        Type::Unknown => false,
        Type::Bool => value.starts_with(['y', 'n']),
        Type::Tristate => value.starts_with(['y', 'm', 'n']),
        Type::Int | Type::Hex | Type::String => kind.accepts(value),
    }
}

/// Whether a name from an old `auto.conf` is that of a file beside it, and of nothing elsewhere.
fn is_file_name(name: &str) -> bool {
    !matches!(name, "" | "." | "..") && !name.contains(['/', '\0'])
}

/// `include/config/auto.conf.cmd`: rules of make that say when `auto_conf` is stale.
pub fn dependencies(tree: &Tree, auto_conf: &str) -> String {
    let mut text = format!("autoconfig := {auto_conf}\n\ndeps_config := \\\n");
    let mut is_listed = HashSet::new();
    for path in tree.sources().files().map(|file| tree.sources().path(file)) {
        if is_listed.insert(path) {
            let _ = writeln!(text, "\t{} \\", path.display());
        }
    }
    text.push_str("\n$(autoconfig): $(deps_config)\n$(deps_config): ;\n");
    for (name, value) in tree.environment() {
        let _ = write!(text, "\nifneq \"$({name})\" \"{value}\"\n$(autoconfig): FORCE\nendif\n");
    }
    text
}
