//! What is written is read again as it was: a `.config` is a fixed point of `olddefconfig`, and `defconfig` makes
//! of what `savedefconfig` writes the same `.config`.

use std::path::Path;

use kit_menu::kconfig::file::{self, Header, minimal::minimal};
use kit_menu::kconfig::{Config, Role, Tristate, Type};
use proptest::prelude::*;

use crate::recipe::{Recipe, kconfig, recipe};
use crate::{budget, config_of};

/// What a line of a random `.config` may say of a symbol.
const VALUES: [&str; 10] = ["y", "y", "m", "n", "0", "7", "200", "0x10", "\"some \\\"text\\\"\"", "\"\""];

/// A random `.config`: of any symbol any value.
fn dot_config(config: &Config, choices: &[(u8, u8)]) -> String {
    let tree = config.tree();
    let named = tree.symbols().filter(|(_, symbol)| symbol.role == Role::Plain && !symbol.nodes.is_empty());
    let names: Vec<_> = named.map(|(_, symbol)| &*symbol.name).collect();
    let line = |&(name, value): &(u8, u8)| {
        let name = names[usize::from(name) % names.len()];
        let value = VALUES[usize::from(value) % VALUES.len()];
        format!("CONFIG_{name}={value}\n")
    };
    choices.iter().map(line).collect()
}

/// Ends of ranges are numbers: in a range whose end is a symbol below its beginning, no value stays as it is.
fn with_fixed_ranges(mut recipe: Recipe) -> Recipe {
    if let Some((_, high)) = &mut recipe.range {
        *high |= 1;
    }
    recipe
}

fn recipes() -> impl Strategy<Value = Vec<Recipe>> {
    proptest::collection::vec(recipe().prop_map(with_fixed_ranges), 1..14)
}

/// Whether no default is more than the prompt lets a user set, which Linux accepts: `tristate "a" if m` with
/// `default y` is `y`, and `m` once it is read again.
fn has_modest_defaults(config: &Config) -> bool {
    let is_modest = |id| {
        let visible = config.visibility(id);
        visible == Tristate::No || config.tristate(id) <= visible
    };
    config.tree().symbols().all(|(id, _)| is_modest(id))
}

/// Whether every number has digits: Linux takes the empty text, which may be a number's default, for `0`.
fn has_whole_numbers(config: &Config) -> bool {
    let is_number = |kind| matches!(kind, Type::Int | Type::Hex);
    config.tree().symbols().all(|(id, symbol)| !is_number(symbol.kind) || !config.value(id).is_empty())
}

fn read(config: &mut Config, text: &str) {
    file::read(config, text, Path::new(".config"), &Header::default());
}

proptest! {
    #![proptest_config(budget(400))]

    #[test]
    fn a_written_configuration_is_a_fixed_point(
        recipes in recipes(),
        choices in proptest::collection::vec((any::<u8>(), any::<u8>()), 0..12),
    ) {
        let text = kconfig(&recipes, false);
        let mut config = config_of(&text);
        let given = dot_config(&config, &choices);
        read(&mut config, &given);
        prop_assume!(has_modest_defaults(&config));
        let written = file::dot_config(&config, &Header::default());
        read(&mut config, &written);
        prop_assert_eq!(&written, &file::dot_config(&config, &Header::default()), "{}\n{}", text, given);
    }

    #[test]
    fn a_minimal_configuration_says_everything(
        recipes in recipes(),
        choices in proptest::collection::vec((any::<u8>(), any::<u8>()), 0..12),
    ) {
        let text = kconfig(&recipes, false);
        let mut config = config_of(&text);
        let given = dot_config(&config, &choices);
        read(&mut config, &given);
        prop_assume!(has_modest_defaults(&config) && has_whole_numbers(&config));
        let written = file::dot_config(&config, &Header::default());
        let least = minimal(&config, &Header::default());
        read(&mut config, &least);
        prop_assert_eq!(&written, &file::dot_config(&config, &Header::default()), "{}\n{}\n{}", text, given, least);
    }
}
