//! Bool and tristate symbols: visibility, defaults, select, imply, modules.

use kit_menu::kconfig::{Origin, Tristate};

use crate::Subject;

const MODULES: &str = "config MODULES\n bool \"modules\"\n modules\n default y\n";

#[test]
fn a_user_value_counts_only_while_the_prompt_is_visible() {
    let text = "config A\n bool \"a\"\nconfig B\n bool \"b\" if A\n default y\nconfig C\n bool\n default y\n";
    let mut subject = Subject::preset(text, "B=n C=n");
    assert_eq!(subject.values("A B C"), "A=n B=y C=y");
    subject.set("A", "y").unwrap();
    assert_eq!(subject.values("B C"), "B=n C=y");
    assert_eq!(subject.config.user_value(subject.id("C")).as_deref(), Some("n"));
}

#[test]
fn the_first_default_whose_condition_holds_counts_even_if_it_is_n() {
    let text = "config X\n bool \"x\"\nconfig A\n bool\n default n if X\n default y\nconfig B\n bool\n default y if !X\n";
    let mut subject = Subject::new(text);
    assert_eq!(subject.values("A B"), "A=y B=y");
    subject.set("X", "y").unwrap();
    assert_eq!(subject.values("A B"), "A=n B=n");
    assert_eq!(subject.config.origin(subject.id("A")), Origin::Default(0));
    assert_eq!(subject.config.origin(subject.id("B")), Origin::Nothing);
}

#[test]
fn an_invisible_symbol_is_written_only_if_something_gives_it_a_value() {
    let text = "config A\n bool\nconfig B\n bool\n default y\nconfig C\n bool\n default n\nconfig D\n bool \"d\"\n\
                config E\n bool\nconfig F\n bool\n default y\n select E\nconfig S\n string\nconfig T\n string\n default \"\"\n";
    let subject = Subject::new(text);
    assert_eq!(subject.written("A B C D E F S T"), "B D E F T");
}

#[test]
fn without_modules_m_is_y_and_with_them_it_stays() {
    let text = "config A\n tristate \"a\"\n default m\nconfig B\n bool\n default A\nconfig C\n tristate\n default A\n";
    let subject = Subject::new(text);
    assert_eq!(subject.values("A B C"), "A=y B=y C=y");
    let mut subject = Subject::new(&format!("{MODULES}{text}"));
    assert_eq!(subject.values("A B C"), "A=m B=y C=m");
    assert!(subject.config.modules_enabled());
    subject.set("MODULES", "n").unwrap();
    assert_eq!(subject.values("A B C"), "A=y B=y C=y");
    assert!(!subject.config.modules_enabled());
}

#[test]
fn dependencies_limit_a_tristate_but_not_a_bool() {
    let text = format!(
        "{MODULES}config D\n tristate \"d\"\n default m\nconfig T\n tristate \"t\"\n depends on D\nconfig B\n bool \"b\"\n depends on D\n"
    );
    let subject = Subject::preset(&text, "T=y B=y");
    assert_eq!(subject.values("T B"), "T=m B=y");
    assert_eq!(subject.config.visibility(subject.id("T")), Tristate::Mod);
    assert_eq!(subject.config.visibility(subject.id("B")), Tristate::Yes);
    assert_eq!(subject.config.allowed(subject.id("T")), [Tristate::No, Tristate::Mod]);
    assert_eq!(subject.config.allowed(subject.id("B")), [Tristate::No, Tristate::Yes]);
}

#[test]
fn select_ignores_dependencies_and_beats_the_user() {
    let text =
        "config D\n bool \"d\"\nconfig T\n bool \"t\"\n depends on D\nconfig S\n bool \"s\"\n select T\n";
    let subject = Subject::preset(text, "D=y T=n S=y");
    assert_eq!(subject.get("T"), "y");
    assert!(!subject.config.is_changeable(subject.id("T")));
    assert_eq!(subject.config.allowed(subject.id("T")), []);
    assert_eq!(subject.config.origin(subject.id("T")), Origin::Selected(vec![subject.id("S")]));
    assert!(!subject.config.is_unmet(subject.id("T")));
    let subject = Subject::preset(text, "S=y");
    assert_eq!(subject.get("T"), "y");
    assert!(subject.config.is_unmet(subject.id("T")));
    assert_eq!(
        subject.config.unmet_text(subject.id("T")),
        "\nWARNING: unmet direct dependencies detected for T\n  Depends on [n]: D [=n]\n  Selected by [y]:\n  - S [=y]\n"
    );
}

#[test]
fn select_to_m_leaves_the_user_y() {
    let text =
        format!("{MODULES}config S\n tristate \"s\"\n default m\n select T\nconfig T\n tristate \"t\"\n");
    let mut subject = Subject::new(&text);
    assert_eq!(subject.get("T"), "m");
    assert!(subject.set("T", "n").is_err());
    subject.set("T", "y").unwrap();
    assert_eq!(subject.get("T"), "y");
    assert_eq!(subject.config.origin(subject.id("T")), Origin::User);
    assert_eq!(subject.config.allowed(subject.id("T")), [Tristate::Mod, Tristate::Yes]);
}

#[test]
fn the_condition_of_a_select_limits_it() {
    let text = format!(
        "{MODULES}config C\n tristate \"c\"\n default m\nconfig S\n bool \"s\"\n default y\n select T if C\n select U if !C\n\
         config T\n tristate\nconfig U\n tristate\n"
    );
    let mut subject = Subject::new(&text);
    assert_eq!(subject.values("T U"), "T=m U=m");
    subject.set("C", "n").unwrap();
    assert_eq!(subject.values("T U"), "T=n U=y");
}

#[test]
fn imply_respects_dependencies_and_yields_to_the_user() {
    let text = "config D\n bool \"d\"\nconfig I\n bool \"i\"\n default y\n imply T\nconfig T\n bool \"t\"\n depends on D\n";
    let mut subject = Subject::new(text);
    assert_eq!((subject.get("T"), subject.written("T")), ("n", "T".into()));
    subject.set("D", "y").unwrap();
    assert_eq!(subject.get("T"), "y");
    assert_eq!(subject.config.origin(subject.id("T")), Origin::Implied(vec![subject.id("I")]));
    subject.set("T", "n").unwrap();
    assert_eq!((subject.get("T"), subject.config.origin(subject.id("T"))), ("n", Origin::User));
}

#[test]
fn an_implied_symbol_without_prompt_follows_its_dependencies() {
    let text = "config D\n bool \"d\"\nconfig I\n bool \"i\"\n default y\n imply T\nconfig T\n bool\n depends on D\n";
    let mut subject = Subject::new(text);
    for (value, expected) in [("y", "y"), ("n", "n"), ("y", "y")] {
        subject.set("D", value).unwrap();
        assert_eq!(subject.get("T"), expected);
    }
}

#[test]
fn the_modules_symbol_may_depend_on_a_tristate() {
    let text = "config BASE\n tristate \"base\"\n default y\nconfig MODULES\n bool \"modules\"\n modules\n default y\n depends on BASE\n\
                config T\n tristate \"t\"\n default m\nconfig V\n bool \"v\"\n default y\n\
                choice\n prompt \"c\"\nconfig A\n bool \"a\"\n depends on V\nconfig B\n bool \"b\"\nendchoice\n";
    let mut subject = Subject::new(text);
    assert_eq!(subject.values("MODULES T A B"), "MODULES=y T=m A=y B=n");
    subject.set("V", "n").unwrap();
    assert_eq!(subject.values("MODULES T A B"), "MODULES=y T=m A=n B=y");
    subject.set("BASE", "n").unwrap();
    assert_eq!(subject.values("MODULES T A B"), "MODULES=n T=y A=n B=y");
    subject.set("V", "y").unwrap();
    subject.set("BASE", "y").unwrap();
    assert_eq!(subject.values("MODULES T A B"), "MODULES=y T=m A=y B=n");
}

#[test]
fn a_symbol_with_several_definitions_has_the_greatest_visibility() {
    let text = "config X\n bool \"x\"\nconfig Y\n bool \"y\"\nconfig A\n bool \"a\"\n depends on X\n default y\nconfig A\n bool \"a\"\n depends on Y\n";
    let mut subject = Subject::preset(text, "Y=y A=y");
    assert_eq!(subject.get("A"), "y");
    subject.set("Y", "n").unwrap();
    assert_eq!(subject.get("A"), "n");
    subject.set("X", "y").unwrap();
    subject.config.unset(subject.id("A"));
    assert_eq!(subject.get("A"), "y");
}

#[test]
fn comparisons_and_negations() {
    let text = format!(
        "{MODULES}config T\n tristate \"t\"\n default m\nconfig N\n int \"n\"\n default 9\nconfig S\n string \"s\"\n default \"10\"\n\
         config A\n def_bool T = m\nconfig B\n def_bool T != y\nconfig C\n def_tristate !T\nconfig D\n def_bool N < 10\n\
         config E\n def_bool S >= 9\nconfig F\n def_bool UNKNOWN = n\nconfig G\n def_bool UNKNOWN = UNKNOWN\nconfig H\n def_bool S = \"10\" && T\n"
    );
    let subject = Subject::new(&text);
    assert_eq!(subject.values("A B C D E F G H"), "A=y B=y C=m D=y E=y F=n G=y H=y");
}

#[test]
fn a_transitional_symbol_passes_on_what_the_user_set_and_is_not_written() {
    let text = "config OLD\n bool\n transitional\nconfig NEW\n bool \"new\"\n default OLD\n";
    let subject = Subject::preset(text, "OLD=y");
    assert_eq!((subject.get("NEW"), subject.written("OLD NEW")), ("y", "NEW".into()));
    assert!(subject.config.has_user_value(subject.id("NEW")));
    let subject = Subject::new(text);
    assert_eq!(subject.get("NEW"), "n");
    assert!(!subject.config.has_user_value(subject.id("NEW")));
}

#[test]
fn defaults_as_a_minimal_configuration_sees_them() {
    let text = "config D\n bool \"d\"\nconfig I\n bool \"i\"\n default y\n imply T\nconfig T\n bool \"t\"\n depends on D\n\
                config N\n int \"n\"\n range 5 9\nconfig M\n hex \"m\"\nconfig S\n string \"s\"\n default \"x\" if D\n";
    let subject = Subject::new(text);
    let default = |name| subject.config.default_text(subject.id(name)).to_string();
    assert_eq!(["D", "I", "T", "N", "M", "S"].map(default), ["n", "y", "y", "0", "0x0", ""]);
}

#[test]
fn entries_are_shown_as_in_a_menu() {
    let text = "config V\n bool \"v\"\nconfig A\n bool \"a\" if V\n default y\nconfig B\n bool \"b\"\n depends on A\n\
                menu \"m\"\n visible if V\nconfig C\n bool \"c\"\ncomment \"k\"\nendmenu\nconfig P\n bool\n";
    let mut subject = Subject::new(text);
    let shown = |subject: &Subject| {
        let tree = subject.config.tree().clone();
        let shown = tree.walk().skip(1).filter(|&node| subject.config.is_shown(node));
        let text = shown.map(|node| tree.node(node).prompt.as_ref().unwrap().text.to_string());
        text.collect::<Vec<_>>().join(" ")
    };
    // A's own prompt is hidden, but B is shown in it. A comment does not ask for the `visible if` around it.
    assert_eq!(shown(&subject), "v a b k");
    subject.set("V", "y").unwrap();
    assert_eq!(shown(&subject), "v a b m c k");
}
