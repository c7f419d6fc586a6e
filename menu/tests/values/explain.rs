//! Conditions taken apart, and what they lack as text.

use kit_menu::kconfig::config::{Atom, Need, PartKind};
use kit_menu::kconfig::{NodeId, Tristate};

use crate::Subject;

const TEXT: &str = "config A\n bool \"a\"\nconfig B\n bool \"b\"\n default y\nconfig C\n bool \"c\"\nconfig N\n int \"n\"\n default 5\n\
                    config S\n string\n default \"x\" if A\n default \"none\"\n\
                    config T\n bool \"t\"\n depends on A && !B && (C || N > 7) && S != \"none\" && UNKNOWN\n";

#[test]
fn parts_come_in_order_with_what_is_missing_marked() {
    let subject = Subject::preset(
        "config A\n bool \"a\"\nconfig B\n bool \"b\"\nconfig T\n bool \"t\"\n depends on B && !(A || B)\n",
        "B=y",
    );
    let unmet = subject.config.unmet(subject.id("T"));
    let kinds: Vec<_> = unmet[0]
        .parts
        .iter()
        .map(|part| {
            let kind = match part.kind {
                PartKind::All => "all".to_string(),
                PartKind::Any => "any".to_string(),
                PartKind::Not => "not".to_string(),
                PartKind::Atom(Atom::Symbol(symbol)) => subject.names([symbol]),
                PartKind::Atom(Atom::Compare(..)) => "compare".to_string(),
            };
            format!("{} {kind} {} {}", part.depth, part.value.as_str(), part.missing.is_some())
        })
        .collect();
    // The reader may write `!(A || B)` as `!A && !B`; both say that only B is in the way.
    let is_flat = kinds.len() == 6;
    let expected: &[&str] = match is_flat {
        true => {
            &["0 all n true", "1 B y false", "1 not y false", "2 A n false", "1 not n true", "2 B y true"]
        }
        false => {
            &["0 all n true", "1 B y false", "1 not n true", "2 any y true", "3 A n false", "3 B y true"]
        }
    };
    assert_eq!(kinds, expected);
    let atoms: Vec<_> = unmet[0].atoms().collect();
    assert_eq!(atoms, [(Atom::Symbol(subject.id("B")), Need::AtMost(Tristate::Mod))]);
}

#[test]
fn what_is_lacking_is_told_with_what_there_is() {
    let subject = Subject::new(TEXT);
    let symbol = subject.config.tree().symbol(subject.id("T"));
    assert_eq!(
        subject.config.lacking(symbol.visibility, Need::AtLeast(Tristate::Mod)),
        "A (is n) and !B (is y) and (C (is n) or N > 7 (is 5)) and S != none (is none) and UNKNOWN (which nothing defines)"
    );
    assert_eq!(subject.config.lacking(symbol.visibility, Need::AtMost(Tristate::No)), "");
    assert_eq!(
        subject.config.lacking(kit_menu::kconfig::ExprId::NO, Need::AtLeast(Tristate::Mod)),
        "what is never so (n)"
    );
}

#[test]
fn nothing_is_unmet_where_a_prompt_is_visible() {
    let subject = Subject::new(TEXT);
    assert_eq!(subject.config.unmet(subject.id("A")), []);
    assert_ne!(subject.config.unmet(subject.id("T")), []);
    // Without a prompt, what the entry depends on is told; S depends on nothing.
    assert_eq!(subject.config.unmet(subject.id("S")), []);
}

#[test]
fn each_prompt_of_a_symbol_is_told_by_itself() {
    let text = "config A\n bool \"a\"\nconfig B\n bool \"b\"\nconfig T\n bool \"t\"\n depends on A\nconfig T\n bool \"t\"\n depends on B\n";
    let subject = Subject::new(text);
    let nodes: Vec<NodeId> = subject.config.unmet(subject.id("T")).iter().map(|unmet| unmet.node).collect();
    assert_eq!(nodes, subject.config.tree().symbol(subject.id("T")).nodes);
}

#[test]
fn expressions_with_values_have_parentheses_only_where_they_matter() {
    let text = "config A\n bool \"a\"\nconfig B\n bool \"b\"\n default y\nconfig S\n string\n default \"v\"\nconfig T\n bool \"t\"\n depends on (A || B) && (A && S = \"v\" || UNKNOWN)\n";
    let subject = Subject::new(text);
    let depends = subject.config.tree().symbol(subject.id("T")).depends;
    assert_eq!(
        subject.config.expression_with_values(depends),
        "(A [=n] || B [=y]) && (A [=n] && S [=v]=v || UNKNOWN)"
    );
}
