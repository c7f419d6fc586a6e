//! Random trees of symbols that may refer to each other in any way that is no cycle.

use std::fmt::Write as _;

use proptest::prelude::*;

/// Types; those with more rules are more frequent.
const KINDS: [&str; 9] = ["bool", "bool", "tristate", "tristate", "tristate", "int", "int", "hex", "string"];

/// A symbol of a random tree. Numbers that refer to other symbols are taken modulo those that come before it,
/// so that there are no cycles.
#[derive(Clone, Debug)]
pub struct Recipe {
    pub kind: u8,
    pub has_prompt: bool,
    pub depends: Option<Condition>,
    pub prompt_if: Option<Condition>,
    pub defaults: Vec<(u8, Option<Condition>)>,
    pub range: Option<(u8, u8)>,
    /// The symbol before that selects or implies this one.
    pub reverse: Option<(u8, bool)>,
    /// Whether it begins a choice of so many members; they take the first attributes only.
    pub members: u8,
}

#[derive(Clone, Debug)]
pub struct Condition {
    pub shape: u8,
    pub a: u8,
    pub b: u8,
}

pub fn condition() -> impl Strategy<Value = Condition> {
    (0u8..9, any::<u8>(), any::<u8>()).prop_map(|(shape, a, b)| Condition { shape, a, b })
}

pub fn recipe() -> impl Strategy<Value = Recipe> {
    (
        0u8..KINDS.len() as u8,
        proptest::bool::weighted(0.6),
        proptest::option::weighted(0.4, condition()),
        proptest::option::weighted(0.2, condition()),
        proptest::collection::vec((any::<u8>(), proptest::option::weighted(0.3, condition())), 0..3),
        proptest::option::weighted(0.7, (any::<u8>(), any::<u8>())),
        proptest::option::weighted(0.5, (any::<u8>(), any::<bool>())),
        prop_oneof![5 => Just(0u8), 1 => 1u8..4],
    )
        .prop_map(|(kind, has_prompt, depends, prompt_if, defaults, range, reverse, members)| Recipe {
            kind,
            has_prompt,
            depends,
            prompt_if,
            defaults,
            range,
            reverse,
            members,
        })
}

/// The text of a tree of these symbols: `MODULES`, then `S1`, `S2` …; members of choices are `S4M0` and so on.
/// `is_cyclic`: the modules symbol depends on a tristate, which is no error but leaves no order in which changes
/// could spread.
pub fn kconfig(recipes: &[Recipe], is_cyclic: bool) -> String {
    let mut text = String::from("config MODULES\n\tbool \"modules\"\n\tmodules\n\tdefault y\n");
    if is_cyclic {
        text.push_str("\tdepends on BASE\nconfig BASE\n\ttristate \"base\"\n\tdefault y\n");
    }
    let mut selects: Vec<String> = vec![String::new(); recipes.len() + 1];
    for (index, recipe) in recipes.iter().enumerate() {
        if let (Some((by, is_select)), 0) = (recipe.reverse, recipe.members) {
            let word = if is_select { "select" } else { "imply" };
            let by = usize::from(by) % (index + 1);
            if usize::from(recipe.kind) < 5 {
                writeln!(selects[by], "\t{word} S{}", index + 1).unwrap();
            }
        }
    }
    for (index, recipe) in recipes.iter().enumerate() {
        let name = |number: u8| match usize::from(number) % (index + 1) {
            0 => "MODULES".to_string(),
            before if recipes[before - 1].members > 0 => format!("S{before}M0"),
            before => format!("S{before}"),
        };
        // A number or text before this one: what ends of ranges, defaults and comparisons are interesting with.
        let text_before = |number: u8| {
            let is_text = |&before: &usize| recipes[before].members == 0 && recipes[before].kind >= 5;
            let found: Vec<usize> = (0..index).filter(is_text).collect();
            found.get(usize::from(number) % found.len().max(1)).map(|before| format!("S{}", before + 1))
        };
        let condition = |condition: &Condition| {
            let (a, b) = (name(condition.a), name(condition.b));
            let a = if (4..7).contains(&condition.shape) { text_before(condition.a).unwrap_or(a) } else { a };
            match condition.shape {
                0 => a,
                1 => format!("!{a}"),
                2 => format!("{a} && {b}"),
                3 => format!("{a} || !{b}"),
                4 => format!("{a} = {b}"),
                5 => format!("{a} != {}", condition.b % 4),
                6 => format!("{a} >= {}", condition.b % 12),
                7 => format!("{a} = m || {b}"),
                _ => "m".to_string(),
            }
        };
        let suffix = |found: &Option<Condition>| {
            found.as_ref().map_or(String::new(), |found| format!(" if {}", condition(found)))
        };
        let depends = recipe
            .depends
            .as_ref()
            .map_or(String::new(), |found| format!("\tdepends on {}\n", condition(found)));
        let number = index + 1;
        if recipe.members > 0 {
            let optional = if recipe.has_prompt { "" } else { "\toptional\n" };
            let prompt_if = suffix(&recipe.prompt_if);
            writeln!(text, "choice\n\tprompt \"c\"{prompt_if}\n{optional}{depends}\tdefault S{number}M1")
                .unwrap();
            for member in 0..=recipe.members {
                writeln!(text, "config S{number}M{member}\n\tbool \"m\"").unwrap();
                if let Some((_, found)) = recipe.defaults.get(usize::from(member)) {
                    text.push_str(
                        &found
                            .as_ref()
                            .map_or(String::new(), |found| format!("\tdepends on {}\n", condition(found))),
                    );
                }
            }
            text.push_str("endchoice\n");
            continue;
        }
        let kind = KINDS[usize::from(recipe.kind)];
        write!(text, "config S{number}\n\t{kind}").unwrap();
        if recipe.has_prompt {
            write!(text, " \"s\"{}", suffix(&recipe.prompt_if)).unwrap();
        }
        text.push('\n');
        text.push_str(&depends);
        for (value, found) in &recipe.defaults {
            let value = match (kind, value % 4) {
                ("bool" | "tristate", 0) => "y".into(),
                ("bool" | "tristate", 1) => "m".into(),
                ("int", 0) => (value / 4).to_string(),
                ("hex", 0) => format!("{:#x}", value / 4),
                ("string", 0) => format!("\"w{}\"", value / 4),
                ("bool" | "tristate", _) => name(*value),
                _ => text_before(*value).unwrap_or_else(|| name(*value)),
            };
            writeln!(text, "\tdefault {value}{}", suffix(found)).unwrap();
        }
        if let (Some((low, high)), "int" | "hex") = (recipe.range, kind) {
            let low = low % 8;
            let sum = (u16::from(low) + u16::from(high)).to_string();
            let high = if high % 2 == 0 { text_before(high).unwrap_or(sum) } else { sum };
            writeln!(text, "\trange {low} {high}").unwrap();
        }
        if matches!(kind, "bool" | "tristate") {
            text.push_str(&selects[number]);
        }
    }
    text
}
