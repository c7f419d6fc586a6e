//! The modes that give values to all symbols at once.

use super::super::config::Config;
use super::super::tree::{NodeId, Role, SymbolId, Tree, Tristate, Type};
use super::number::leading;
use super::random::Random;

/// What becomes of a bool or tristate that has no value.
pub(super) enum Fill<'a> {
    /// This, or the nearest value that its type has.
    With(Tristate),
    /// A throw of the dice.
    Random(Chances, &'a mut Random),
}

/// Percentages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Chances {
    /// That a bool is `y`.
    bool_yes: u32,
    /// That a tristate is `y`.
    tristate_yes: u32,
    /// That a tristate is `m`.
    tristate_mod: u32,
}

impl Chances {
    /// Reads `KCONFIG_PROBABILITY`: `Y`, `Y:M` (of tristates), or `BOOL_Y:Y:M`. None if a number is not a
    /// percentage or `y` and `m` together exceed 100.
    pub(super) fn of(variable: Option<&str>) -> Option<Self> {
        let mut rest = variable.unwrap_or_default();
        let mut numbers = Vec::new();
        while !rest.is_empty() && numbers.len() < 3 {
            let (number, after) = leading(rest, 10);
            numbers.push(u32::try_from(number).ok().filter(|&number| number <= 100)?);
            rest = after.strip_prefix(':').unwrap_or(after);
        }
        let (bool_yes, tristate_yes, tristate_mod) = match numbers[..] {
            [] => (50, 33, 33),
            [yes] => (yes, yes - yes / 2, yes / 2),
            [yes, modules] => (yes + modules, yes, modules),
            [bool_yes, yes, modules, ..] => (bool_yes, yes, modules),
        };
        (tristate_yes + tristate_mod <= 100).then_some(Self { bool_yes, tristate_yes, tristate_mod })
    }

    fn throw(self, kind: Type, random: &mut Random) -> Tristate {
        let number = random.below(100);
        match kind {
            Type::Tristate if number < self.tristate_yes => Tristate::Yes,
            Type::Tristate if number < self.tristate_yes + self.tristate_mod => Tristate::Mod,
            Type::Bool if number < self.bool_yes => Tristate::Yes,
            _ => Tristate::No,
        }
    }
}

/// Presets every bool and tristate that has a prompt and no value yet. Members of a choice are left to the
/// choice, which stays at its default unless it is to be random.
pub(super) fn fill(config: &mut Config, mut with: Fill<'_>) {
    let tree = config.tree().clone();
    for id in tree.walk() {
        let node = tree.node(id);
        let Some(symbol) = node.symbol.filter(|_| node.prompt.is_some()) else { continue };
        let definition = tree.symbol(symbol);
        if config.has_user_value(symbol) || definition.choice.is_some() {
            continue;
        }
        let value = match (definition.role, definition.kind, &mut with) {
            (Role::Choice, _, Fill::Random(_, random)) => {
                shuffle(config, &tree, id, random);
                continue;
            }
            (Role::Choice, _, Fill::With(value)) if definition.is_optional => *value,
            (Role::Plain, Type::Bool | Type::Tristate, Fill::With(Tristate::No))
                if definition.is_allnoconfig_y =>
            {
                Tristate::Yes
            }
            (Role::Plain, Type::Bool | Type::Tristate, Fill::With(value)) => *value,
            (Role::Plain, kind @ (Type::Bool | Type::Tristate), Fill::Random(chances, random)) => {
                chances.throw(kind, random)
            }
            _ => continue,
        };
        config.preset_tristate(symbol, value);
    }
}

/// Sets the members of a choice that have no value to `y` in a random order: the first that is visible counts.
fn shuffle(config: &mut Config, tree: &Tree, choice: NodeId, random: &mut Random) {
    let members: Vec<SymbolId> = below(tree, choice).filter_map(|id| tree.node(id).symbol).collect();
    let is_new = |config: &Config, member: &&SymbolId| !config.has_user_value(**member);
    let count = members.iter().filter(|member| is_new(config, member)).count();
    for left in (1..=count).rev() {
        let place = random.below(left as u32) as usize;
        if let Some(&member) = members.iter().filter(|member| is_new(config, member)).nth(place) {
            config.preset_weakly(member);
        }
    }
}

/// The entries in `root`, in the order of the menu.
fn below(tree: &Tree, root: NodeId) -> impl Iterator<Item = NodeId> + '_ {
    let mut stack: Vec<NodeId> = tree.node(root).children.iter().rev().copied().collect();
    std::iter::from_fn(move || {
        let next = stack.pop()?;
        stack.extend(tree.node(next).children.iter().rev());
        Some(next)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chances_are_those_of_conf() {
        let of = |variable| Chances::of(variable).map(|c| (c.bool_yes, c.tristate_yes, c.tristate_mod));
        assert_eq!(of(None), Some((50, 33, 33)));
        assert_eq!(of(Some("")), Some((50, 33, 33)));
        assert_eq!(of(Some("15")), Some((15, 8, 7)));
        assert_eq!(of(Some("20:30")), Some((50, 20, 30)));
        assert_eq!(of(Some("10:20:30")), Some((10, 20, 30)));
        assert_eq!(of(Some("10:20:30:40")), Some((10, 20, 30)));
        assert_eq!(of(Some("101")), None);
        assert_eq!(of(Some("-1")), None);
        assert_eq!(of(Some("60:60")), None);
        assert_eq!(of(Some("never")), Some((0, 0, 0)));
    }
}
