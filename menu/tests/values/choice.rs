//! Choices: defaults, what the user picks, conflicts, invisible members, optional and named ones.

use kit_menu::kconfig::{Origin, SetError, Tristate};

use crate::Subject;

const THREE: &str = "config V\n bool \"v\"\n default y\nchoice\n prompt \"c\"\n default B\nconfig A\n bool \"a\"\nconfig B\n bool \"b\"\n depends on V\nconfig C\n bool \"c\"\nendchoice\n";

#[test]
fn a_choice_picks_its_default_or_its_first_visible_member() {
    let mut subject = Subject::new(THREE);
    assert_eq!((subject.values("A B C"), subject.written("A B C")), ("A=n B=y C=n".into(), "A B C".into()));
    subject.set("V", "n").unwrap();
    assert_eq!((subject.values("A B C"), subject.written("A B C")), ("A=y B=n C=n".into(), "A C".into()));
    let choice = subject.config.tree().symbol(subject.id("A")).choice.unwrap();
    assert_eq!(subject.config.default_member(choice), Some(subject.id("A")));
    assert_eq!(
        subject.config.origin(subject.id("C")),
        Origin::Choice { picked: Some(subject.id("A")), by_user: false }
    );
}

#[test]
fn of_several_members_the_last_one_read_wins() {
    assert_eq!(Subject::preset(THREE, "A=y C=y").values("A B C"), "A=n B=n C=y");
    assert_eq!(Subject::preset(THREE, "C=y A=y").values("A B C"), "A=y B=n C=n");
    // The last one is invisible: the one before it wins.
    assert_eq!(Subject::preset(THREE, "V=n C=y B=y").values("A B C"), "A=n B=n C=y");
}

#[test]
fn members_that_are_n_lose_in_the_order_in_which_they_were_read() {
    assert_eq!(Subject::preset(THREE, "B=n").values("A B C"), "A=y B=n C=n");
    assert_eq!(Subject::preset(THREE, "A=n B=n").values("A B C"), "A=n B=n C=y");
    assert_eq!(Subject::preset(THREE, "C=n A=n B=n").values("A B C"), "A=n B=n C=y");
    assert_eq!(Subject::preset(THREE, "A=n B=n C=n").values("A B C"), "A=y B=n C=n");
}

#[test]
fn setting_a_member_picks_it_and_records_the_others() {
    let mut subject = Subject::new(THREE);
    subject.set("C", "y").unwrap();
    assert_eq!(subject.values("A B C"), "A=n B=n C=y");
    assert_eq!(subject.config.user_value(subject.id("A")).as_deref(), Some("n"));
    subject.set("A", "y").unwrap();
    assert_eq!(subject.values("A B C"), "A=y B=n C=n");
    subject.config.unset(subject.id("A"));
    assert_eq!(subject.values("A B C"), "A=n B=y C=n");
    assert!(!subject.config.has_user_value(subject.id("C")));
}

#[test]
fn taking_the_pick_away_picks_another_if_there_is_one() {
    let mut subject = Subject::new(THREE);
    subject.set("B", "n").unwrap();
    assert_eq!(subject.values("A B C"), "A=y B=n C=n");
    let single = "choice\n prompt \"c\"\nconfig A\n bool \"a\"\nendchoice\n";
    let mut subject = Subject::new(single);
    assert_eq!(subject.set("A", "n"), Err(SetError::ChoiceNeedsMember));
    assert_eq!(subject.config.allowed(subject.id("A")), [Tristate::Yes]);
    assert_eq!(subject.get("A"), "y");
}

#[test]
fn a_choice_with_an_invisible_prompt_still_picks_if_its_dependencies_hold() {
    let text = "config X\n bool \"x\"\nconfig D\n bool \"d\"\n default y\nchoice\n prompt \"c\" if X\n depends on D\nconfig A\n bool \"a\"\nconfig B\n bool \"b\"\nendchoice\n";
    let mut subject = Subject::new(text);
    assert_eq!(subject.values("A B"), "A=y B=n");
    subject.set("D", "n").unwrap();
    assert_eq!((subject.values("A B"), subject.written("A B")), ("A=n B=n".into(), "".into()));
}

#[test]
fn selecting_a_member_has_no_effect() {
    let text = format!("{THREE}config S\n bool \"s\"\n default y\n select C\n");
    let subject = Subject::new(&text);
    assert_eq!(subject.values("A B C"), "A=n B=y C=n");
    assert!(!subject.config.is_unmet(subject.id("C")));
}

#[test]
fn a_weak_preset_wins_only_over_what_is_not_set() {
    let mut subject = Subject::new(THREE);
    subject.config.preset_weakly(subject.id("C"));
    assert_eq!(subject.get("C"), "y");
    subject.config.preset_weakly(subject.id("A"));
    assert_eq!(subject.get("C"), "y");
    subject.config.preset(subject.id("B"), "y").unwrap();
    assert_eq!(subject.values("A B C"), "A=n B=y C=n");
}

const OPTIONAL: &str = "choice NAMED\n bool \"c\"\n optional\n default B\nconfig A\n bool \"a\"\nconfig B\n bool \"b\"\nendchoice\n";

#[test]
fn an_optional_choice_is_off_until_the_user_turns_it_on() {
    let mut subject = Subject::new(OPTIONAL);
    let state = |subject: &Subject| {
        let choice = subject.config.tristate(subject.id("NAMED"));
        (choice, subject.values("A B"), subject.written("A B NAMED"))
    };
    let off = (Tristate::No, "A=n B=n".into(), "".into());
    assert_eq!(state(&subject), off);
    subject.set("NAMED", "y").unwrap();
    assert_eq!(state(&subject), (Tristate::Yes, "A=n B=y".into(), "A B".into()));
    subject.set("B", "n").unwrap();
    assert_eq!(state(&subject), off);
    let preset = Subject::preset(OPTIONAL, "A=y");
    assert_eq!(state(&preset), (Tristate::Yes, "A=y B=n".into(), "A B".into()));
    subject.set("NAMED", "y").unwrap();
    subject.config.unset(subject.id("A"));
    assert_eq!(state(&subject), off);
}

#[test]
fn entries_of_an_optional_choice_are_shown_while_it_is_on() {
    let text = "choice NAMED\n bool \"c\"\n optional\nconfig A\n bool \"a\"\ncomment \"k\"\nendchoice\n";
    let mut subject = Subject::new(text);
    let shown = |subject: &Subject| {
        let tree = subject.config.tree().clone();
        tree.walk().skip(1).filter(|&node| subject.config.is_shown(node)).count()
    };
    assert_eq!(shown(&subject), 1);
    subject.set("NAMED", "y").unwrap();
    assert_eq!(shown(&subject), 3);
}

#[test]
fn a_choice_that_is_not_optional_is_y_while_its_dependencies_hold() {
    let text =
        "config D\n bool \"d\"\nchoice NAMED\n bool \"c\"\n depends on D\nconfig A\n bool \"a\"\nendchoice\n";
    let mut subject = Subject::new(text);
    assert_eq!(subject.config.tristate(subject.id("NAMED")), Tristate::No);
    subject.set("D", "y").unwrap();
    assert_eq!(subject.config.tristate(subject.id("NAMED")), Tristate::Yes);
    assert_eq!(subject.set("NAMED", "n"), Err(SetError::ChoiceNeedsMember));
    assert_eq!(subject.set("NAMED", "y"), Ok(()));
    assert_eq!(subject.config.user_value(subject.id("NAMED")), None);
}
