//! Warnings about values.

use crate::Subject;

fn warnings(text: &str, presets: &str) -> Vec<String> {
    let warnings = Subject::preset(text, presets).config.warnings();
    warnings.into_iter().map(|warning| format!("{} {}", warning.code.0, warning.message)).collect()
}

#[test]
fn nothing_to_say() {
    let text = "config A\n bool \"a\"\nconfig N\n int \"n\"\n range 1 9\n default 3\n";
    assert_eq!(warnings(text, ""), Vec::<String>::new());
    assert_eq!(warnings(text, "A=y N=9"), Vec::<String>::new());
}

#[test]
fn a_selected_symbol_that_lacks_something() {
    let text = "config D\n bool \"d\"\nconfig T\n bool \"t\"\n depends on D\nconfig S\n bool \"s\"\n default y\n select T\n";
    let subject = Subject::new(text);
    let warnings = subject.config.warnings();
    let [warning] = &warnings[..] else { panic!("{warnings:?}") };
    assert_eq!((warning.code.0, &*warning.message), (501, "T is selected, but needs D (is n)"));
    assert_eq!(warning.notes[0].message, "S selects it");
    assert!(warning.span.is_some() && warning.notes[0].span.is_some());
}

#[test]
fn values_that_did_not_take() {
    let text = "config D\n bool \"d\"\nconfig T\n bool \"t\"\n depends on D\nconfig N\n int \"n\"\n range 1 9\nconfig P\n string\n default \"p\"\n\
                config S\n bool \"s\"\n select L\nconfig L\n bool \"l\"\n";
    assert_eq!(
        warnings(text, "T=y N=50 P=mine S=y L=n"),
        [
            "503 T=y did not take: needs D (is n)",
            "502 N=50 is not in 1..9: 9 is used",
            "505 P=mine did not take: it has no prompt, its value is computed",
            "503 L=n did not take: selected by S",
        ]
    );
}

#[test]
fn conflicts_in_a_choice() {
    let text = "choice\n prompt \"c\"\nconfig A\n bool \"a\"\nconfig B\n bool \"b\"\nendchoice\n";
    assert_eq!(warnings(text, "A=y B=y"), ["504 A=y did not take: B was set later in the same choice"]);
    assert_eq!(warnings(text, "A=n B=n"), ["504 A=n did not take: a choice needs a member"]);
}

#[test]
fn a_tristate_that_is_limited_to_m() {
    let text = "config MODULES\n bool \"m\"\n modules\n default y\nconfig D\n tristate \"d\"\n default m\nconfig T\n tristate \"t\"\n depends on D\n";
    assert_eq!(warnings(text, "T=y"), ["503 T=y did not take: needs D = y (is m)"]);
}
