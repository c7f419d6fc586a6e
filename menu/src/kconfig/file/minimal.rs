//! Writes a minimal configuration.

use super::super::config::Config;
use super::super::tree::{Role, Tristate};
use super::line::{self, No};
use super::write::Header;

/// The lines of a `.config` that differ from what the symbols would be without it (`savedefconfig`), in the
/// order of the menu. Reading it gives the same values again.
pub fn minimal(config: &Config, header: &Header) -> String {
    let tree = &**config.tree();
    let mut text = String::new();
    let mut is_seen = vec![false; tree.symbols().count()];
    for symbol in tree.walk().filter_map(|node| tree.node(node).symbol) {
        let definition = tree.symbol(symbol);
        if definition.role != Role::Plain || !config.is_written(symbol) {
            // Linux's program computes a choice anew for an invisible member, and with it what it has written.
            if let Some(choice) = definition.choice
                && !std::mem::replace(&mut is_seen[symbol.index()], true)
            {
                tree.symbol(choice)
                    .members
                    .iter()
                    .for_each(|&member| is_seen[member.index()] &= member == symbol);
            }
            continue;
        }
        if std::mem::replace(&mut is_seen[symbol.index()], true) {
            continue;
        }
        if !config.is_changeable(symbol) || *config.value(symbol) == *config.default_text(symbol) {
            continue;
        }
        // The member that the choice picks anyway; `default_text` does not know of choices. An optional choice
        // picks none by itself.
        let is_default_member = definition.choice.is_some_and(|choice| {
            !tree.symbol(choice).is_optional
                && config.default_member(choice) == Some(symbol)
                && config.tristate(symbol) == Tristate::Yes
        });
        if !is_default_member {
            line::push(&mut text, config, &header.prefix, symbol, No::Comment, true);
        }
    }
    text
}
