//! Random trees and random changes: what is computed step by step is what is computed from scratch.

use kit_menu::kconfig::config::Delta;
use kit_menu::kconfig::{Config, NodeId, Role, SymbolId, Tristate};
use proptest::prelude::*;

use crate::recipe::{Condition, Recipe, kconfig, recipe};
use crate::{Subject, tree};

#[derive(Clone, Debug)]
enum Step {
    Set(u8, u8),
    Preset(u8, u8),
    PresetTristate(u8, u8),
    PresetWeakly(u8),
    Unset(u8),
    Rewrite(u8, u8),
    Read(u8),
    ReadAll,
    Clear,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (any::<u8>(), any::<u8>()).prop_map(|(symbol, value)| Step::Set(symbol, value)),
        3 => (any::<u8>(), any::<u8>()).prop_map(|(symbol, value)| Step::Preset(symbol, value)),
        1 => (any::<u8>(), any::<u8>()).prop_map(|(symbol, value)| Step::PresetTristate(symbol, value)),
        1 => any::<u8>().prop_map(Step::PresetWeakly),
        3 => any::<u8>().prop_map(Step::Unset),
        1 => (any::<u8>(), any::<u8>()).prop_map(|(old, new)| Step::Rewrite(old, new)),
        5 => any::<u8>().prop_map(Step::Read),
        8 => Just(Step::ReadAll),
        1 => Just(Step::Clear),
    ]
}

const VALUES: [&str; 9] = ["y", "n", "m", "0", "7", "200", "0x10", "ff", "some text"];
const TRISTATES: [Tristate; 3] = [Tristate::No, Tristate::Mod, Tristate::Yes];

fn apply(config: &mut Config, symbols: &[SymbolId], step: &Step) {
    let symbol = |number: u8| symbols[usize::from(number) % symbols.len()];
    let value = |number: u8| VALUES[usize::from(number) % VALUES.len()];
    let tristate = |number: u8| TRISTATES[usize::from(number) % 3];
    match *step {
        Step::Set(id, text) => {
            let is_allowed = config.check(symbol(id), value(text));
            assert_eq!(config.set(symbol(id), value(text)), is_allowed);
        }
        Step::Preset(id, text) => drop(config.preset(symbol(id), value(text))),
        Step::PresetTristate(id, value) => config.preset_tristate(symbol(id), tristate(value)),
        Step::PresetWeakly(id) => {
            if config.tree().symbol(symbol(id)).choice.is_some() {
                config.preset_weakly(symbol(id));
            }
        }
        Step::Unset(id) => config.unset(symbol(id)),
        Step::Rewrite(old, new) => config.rewrite_tristates(tristate(old), tristate(new)),
        Step::Read(id) => drop(config.text(symbol(id))),
        Step::ReadAll => drop(state(config)),
        Step::Clear => config.clear(),
    }
}

/// Everything that can be seen of a configuration.
fn state(config: &Config) -> Vec<String> {
    let tree = config.tree().clone();
    let symbols = tree.symbols().map(|(id, symbol)| {
        let picked = (symbol.role == Role::Choice).then(|| config.picked(id));
        format!(
            "{} = {} {} {:?} {:?} {:?} {:?} {} {}",
            symbol.name,
            config.value(id),
            config.is_written(id),
            config.visibility(id),
            config.origin(id),
            picked,
            config.range(id),
            config.default_text(id),
            config.is_unmet(id),
        )
    });
    let shown = tree.walk().map(|node| format!("{}", config.is_shown(node)));
    symbols.chain(shown).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn values_do_not_depend_on_the_way_to_them(
        recipes in proptest::collection::vec(recipe(), 1..14),
        steps in proptest::collection::vec(step(), 0..30),
        is_cyclic in proptest::bool::weighted(0.2),
    ) {
        let text = kconfig(&recipes, is_cyclic);
        let blank = Config::new(tree(&text));
        let symbols: Vec<SymbolId> = blank.tree().symbols().map(|(id, _)| id).collect();
        let mut config = blank.clone();
        for step in &steps {
            apply(&mut config, &symbols, step);
        }
        let mut from_scratch = blank.clone();
        from_scratch.apply_delta(&Delta::between(&blank, &config));
        prop_assert_eq!(state(&config), state(&from_scratch), "{}", text);
    }

    #[test]
    fn a_plan_does_what_it_says_and_explaining_never_fails(
        recipes in proptest::collection::vec(recipe(), 1..14),
        steps in proptest::collection::vec(step(), 0..10),
        wishes in proptest::collection::vec((any::<u8>(), any::<u8>()), 1..6),
    ) {
        let text = kconfig(&recipes, false);
        let mut config = Config::new(tree(&text));
        let symbols: Vec<SymbolId> = config.tree().symbols().map(|(id, _)| id).collect();
        for step in &steps {
            apply(&mut config, &symbols, step);
        }
        for (symbol, value) in wishes {
            let symbol = symbols[usize::from(symbol) % symbols.len()];
            let value = VALUES[usize::from(value) % VALUES.len()];
            if let Ok(plan) = config.plan_to_set(symbol, value) {
                let mut then = config.clone();
                for (symbol, value) in &plan.assignments {
                    prop_assert_eq!(then.set(*symbol, value), Ok(()), "{}", text);
                }
                prop_assert_eq!(config.compare(&then), plan.changes);
            } else {
                prop_assert!(config.check(symbol, value).is_err(), "{}", text);
            }
            config.unmet(symbol);
        }
        config.warnings();
        prop_assert!(!config.is_shown(NodeId::ROOT) || config.tree().node(NodeId::ROOT).prompt.is_some());
    }
}

#[test]
fn random_trees_have_what_they_are_meant_to_have() {
    let condition = Condition { shape: 2, a: 1, b: 2 };
    let plain = Recipe {
        kind: 2,
        has_prompt: true,
        depends: Some(condition),
        prompt_if: None,
        defaults: vec![(1, None)],
        range: None,
        reverse: Some((1, true)),
        members: 0,
    };
    let choice = Recipe { members: 2, ..plain.clone() };
    let subject = Subject::new(&kconfig(&[plain.clone(), choice, plain], true));
    assert_eq!(
        subject.names(subject.config.tree().symbol(subject.id("S3")).selected_by.iter().map(|by| by.by)),
        "S1"
    );
    assert_eq!(
        subject
            .config
            .tree()
            .symbol(subject.config.tree().symbol(subject.id("S2M0")).choice.unwrap())
            .members
            .len(),
        3
    );
}
