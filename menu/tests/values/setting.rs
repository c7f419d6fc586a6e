//! Setting, unsetting, presets in bulk, previews and comparisons.

use kit_menu::kconfig::{Change, SetError, Tristate};

use crate::Subject;

const TEXT: &str = "config MODULES\n bool \"modules\"\n modules\n default y\nconfig D\n bool \"d\"\nconfig A\n tristate \"a\"\n depends on D\nconfig B\n bool \"b\"\n default A\nconfig T\n bool \"t\"\n default y\n select A if D\n";

#[test]
fn what_cannot_be_set_says_why_and_changes_nothing() {
    let mut subject = Subject::new(TEXT);
    assert_eq!(subject.set("A", "y"), Err(SetError::Invisible));
    assert_eq!(subject.set("B", "maybe"), Err(SetError::NotOfType));
    assert_eq!(subject.set("B", "m"), Err(SetError::NotOfType));
    assert_eq!(subject.config.user_value(subject.id("A")), None);
    subject.set("D", "y").unwrap();
    assert_eq!(subject.set("A", "n"), Err(SetError::Selected(Tristate::Yes)));
    assert_eq!(subject.config.check(subject.id("T"), "n"), Ok(()));
    subject.set("T", "n").unwrap();
    subject.set("A", "m").unwrap();
    assert_eq!(subject.values("A B"), "A=m B=y");
    let constant = subject.config.tree().symbols().find(|(_, symbol)| &*symbol.name == "y").unwrap().0;
    assert_eq!(subject.config.set(constant, "y"), Err(SetError::Undefined));
}

#[test]
fn values_are_read_as_people_write_them() {
    let mut subject = Subject::new(TEXT);
    for (text, value) in [("yes", "y"), ("No", "n"), ("Y", "y")] {
        subject.set("B", text).unwrap();
        assert_eq!(subject.get("B"), value);
    }
    // As reading a `.config` does: the first letter counts.
    subject.config.preset(subject.id("B"), "nope").unwrap();
    assert_eq!(subject.get("B"), "n");
    assert_eq!(subject.config.preset(subject.id("B"), "Yes"), Err(SetError::NotOfType));
    assert_eq!(subject.config.preset(subject.id("B"), "m"), Err(SetError::NotOfType));
    subject.config.preset(subject.id("A"), "m").unwrap();
}

#[test]
fn a_preview_lists_every_consequence_and_changes_nothing() {
    let subject = Subject::preset(TEXT, "T=n A=y");
    let changes = subject.config.preview(subject.id("D"), Some("y")).unwrap();
    let expected = ["D", "A", "B"].map(|name| Change {
        symbol: subject.id(name),
        before: "n".into(),
        after: "y".into(),
    });
    assert_eq!(changes, expected);
    assert_eq!(subject.values("D A B"), "D=n A=n B=n");
    assert_eq!(subject.config.preview(subject.id("T"), None).unwrap()[0].after, "y");
    assert_eq!(subject.config.preview(subject.id("A"), Some("y")), Err(SetError::Invisible));
}

#[test]
fn unset_and_clear_go_back_to_defaults() {
    let mut subject = Subject::preset(TEXT, "D=y T=n A=m B=n");
    assert_eq!(subject.values("D A B T"), "D=y A=m B=n T=n");
    subject.config.unset(subject.id("T"));
    assert_eq!(subject.values("D A B T"), "D=y A=y B=n T=y");
    subject.config.clear();
    assert_eq!(subject.values("D A B T"), "D=n A=n B=n T=y");
    assert_eq!(subject.config.compare(&Subject::new(TEXT).config), []);
}

#[test]
fn modes_that_answer_every_question_alike() {
    let mut subject = Subject::new(TEXT);
    for name in ["D", "A", "B", "T"] {
        subject.config.preset_tristate(subject.id(name), Tristate::Mod);
    }
    // `m` counts as `y` for a bool.
    assert_eq!(subject.values("D A B T"), "D=y A=y B=y T=y");
    subject.config.preset_tristate(subject.id("T"), Tristate::No);
    assert_eq!(subject.get("A"), "m");
    subject.config.rewrite_tristates(Tristate::Mod, Tristate::Yes);
    assert_eq!(subject.values("A T"), "A=y T=n");
    subject.config.rewrite_tristates(Tristate::Yes, Tristate::No);
    assert_eq!(subject.values("A D"), "A=n D=y");
}

#[test]
fn copies_are_independent() {
    let mut subject = Subject::new(TEXT);
    assert_eq!(subject.get("T"), "y");
    let before = subject.config.clone();
    subject.set("T", "n").unwrap();
    assert_eq!(before.compare(&subject.config).len(), 1);
    assert_eq!(before.value(subject.id("T")), "y");
}
