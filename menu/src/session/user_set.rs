//! What a person has set: the values that make a configuration differ from the defaults.

use std::sync::Arc;

use crate::kconfig::{Config, Role, SymbolId, Tristate};

/// The values that a person has set, whether they take or not. Given in this order to the defaults, they make the
/// same values again.
///
/// Who picks a member of a choice has said something about that member; that the others are `n` then goes without
/// saying and is not in the list.
pub fn user_set(config: &Config) -> Vec<(SymbolId, Arc<str>)> {
    let tree = &**config.tree();
    let mut set = Vec::new();
    let mut push = |symbol| set.extend(said(config, symbol).map(|value| (symbol, value)));
    for (id, symbol) in tree.symbols().filter(|(_, symbol)| symbol.role != Role::Constant) {
        match (symbol.role, symbol.choice) {
            (Role::Plain, None) => push(id),
            // Of several members the last one wins, so the one that has won is the last one.
            (Role::Choice, _) => {
                let picked = config.picked(id);
                symbol.members.iter().copied().filter(|member| Some(*member) != picked).for_each(&mut push);
                picked.into_iter().for_each(&mut push);
            }
            _ => {}
        }
    }
    set
}

/// Whether a person has set `symbol`, as in [`user_set`].
pub fn is_user_set(config: &Config, symbol: SymbolId) -> bool {
    said(config, symbol).is_some()
}

fn said(config: &Config, symbol: SymbolId) -> Option<Arc<str>> {
    let value = config.user_value(symbol)?;
    let Some(choice) = config.tree().symbol(symbol).choice else { return Some(value) };
    if config.tree().symbol(choice).is_optional && config.tristate(choice) == Tristate::No {
        return None;
    }
    let picked = config.picked(choice);
    if picked == Some(symbol) {
        // Also where all are `n`, and this one is picked because it was the first of them.
        return Some("y".into());
    }
    let is_picked_by_user = picked.is_some_and(|picked| config.user_value(picked).is_some());
    (&*value == "y" || !is_picked_by_user).then_some(value)
}
