//! Plans: what else to set so that a value takes.

use kit_menu::kconfig::config::{Obstacle, Plan};

use crate::Subject;

fn plan(subject: &Subject, name: &str, value: &str) -> Option<String> {
    let Plan { assignments, changes } = subject.config.plan_to_set(subject.id(name), value).ok()?;
    let mut then = subject.clone();
    for (symbol, value) in &assignments {
        then.config.set(*symbol, value).unwrap();
    }
    assert_eq!(subject.config.compare(&then.config), changes);
    let text = assignments.iter().map(|(symbol, value)| format!("{}={value}", subject.names([*symbol])));
    Some(text.collect::<Vec<_>>().join(" "))
}

fn obstacles(subject: &Subject, name: &str, value: &str) -> Vec<Obstacle> {
    subject.config.plan_to_set(subject.id(name), value).unwrap_err().obstacles
}

#[test]
fn a_conjunction_is_made_true_part_by_part() {
    let text = "config A\n bool \"a\"\nconfig B\n bool \"b\"\n default y\nconfig N\n int \"n\"\n range 1 99\n default 1\nconfig S\n string \"s\"\n\
                config T\n bool \"t\"\n depends on A && !B && N >= 8 && S = \"word\"\n";
    let subject = Subject::new(text);
    assert_eq!(plan(&subject, "T", "y").unwrap(), "A=y B=n N=8 S=word T=y");
    assert_eq!(subject.values("A B N T"), "A=n B=y N=1 T=n");
}

#[test]
fn dependencies_of_dependencies_come_first() {
    let text =
        "config A\n bool \"a\"\nconfig B\n bool \"b\"\n depends on A\nconfig C\n bool \"c\"\n depends on B\n";
    assert_eq!(plan(&Subject::new(text), "C", "y").unwrap(), "A=y B=y C=y");
    assert_eq!(plan(&Subject::preset(text, "A=y"), "C", "y").unwrap(), "B=y C=y");
    assert_eq!(plan(&Subject::new(text), "A", "y").unwrap(), "A=y");
}

#[test]
fn a_derived_value_leads_to_the_member_of_a_choice() {
    let text = "choice\n prompt \"netdev\"\n default NONE\nconfig NONE\n bool \"none\"\nconfig VIRTIO\n bool \"virtio\"\nendchoice\n\
                config NETDEV\n string\n default \"virtio\" if VIRTIO\n default \"none\"\n\
                config NET\n bool \"net\"\n depends on NETDEV != none\n";
    let subject = Subject::new(text);
    assert_eq!(plan(&subject, "NET", "y").unwrap(), "VIRTIO=y NET=y");
}

#[test]
fn several_ways_are_left_to_a_person_unless_one_is_shortest() {
    let text = "config A\n bool \"a\"\nconfig B\n bool \"b\"\nconfig C\n bool \"c\"\n depends on B\nconfig T\n bool \"t\"\n depends on A || B\nconfig U\n bool \"u\"\n depends on A || C\n";
    let subject = Subject::new(text);
    assert!(matches!(obstacles(&subject, "T", "y")[..], [Obstacle::Several(..)]));
    assert_eq!(plan(&subject, "U", "y").unwrap(), "A=y U=y");
}

#[test]
fn what_selects_a_symbol_is_turned_off() {
    let text = "config S\n bool \"s\"\n default y\n select T\nconfig T\n bool \"t\"\n";
    let subject = Subject::new(text);
    assert_eq!(plan(&subject, "T", "n").unwrap(), "S=n T=n");
    // It is so already, and nothing else can be set.
    assert_eq!(plan(&subject, "T", "y").unwrap(), "");
}

#[test]
fn symbols_without_prompt_are_raised_by_what_selects_them() {
    let text = "config HAS\n bool\nconfig P\n bool \"p\"\n select HAS\nconfig T\n bool \"t\"\n depends on HAS\nconfig L\n bool \"l\"\n depends on !HAS\n";
    let subject = Subject::new(text);
    assert_eq!(plan(&subject, "T", "y").unwrap(), "P=y T=y");
    assert_eq!(plan(&Subject::preset(text, "P=y"), "L", "y").unwrap(), "P=n L=y");
}

#[test]
fn an_optional_choice_is_turned_on() {
    let text = "choice\n bool \"c\"\n optional\nconfig A\n bool \"a\"\nconfig B\n bool \"b\"\nendchoice\nconfig T\n bool \"t\"\n depends on B\n";
    let subject = Subject::new(text);
    let plan = plan(&subject, "T", "y").unwrap();
    assert_eq!(plan, "=y B=y T=y", "the choice has no name");
}

#[test]
fn what_cannot_be_says_so() {
    let text = "config P\n bool\nconfig A\n bool \"a\"\nconfig T\n bool \"t\"\n depends on P\nconfig U\n bool \"u\"\n depends on UNKNOWN && A\nconfig N\n int \"n\"\n range 1 9\nconfig V\n bool \"v\"\n depends on A && !A\n";
    let subject = Subject::new(text);
    assert!(matches!(obstacles(&subject, "P", "y")[..], [Obstacle::NoPrompt(_)]));
    assert!(matches!(obstacles(&subject, "T", "y")[..], [Obstacle::SeveralFor(..)]));
    assert!(matches!(obstacles(&subject, "U", "y")[..], [Obstacle::Atom(..)]));
    assert!(matches!(obstacles(&subject, "N", "10")[..], [Obstacle::Refused(..)]));
    assert_ne!(obstacles(&subject, "V", "y"), []);
}

#[test]
fn tristates_are_raised_as_far_as_needed() {
    let text = "config MODULES\n bool \"m\"\n modules\n default y\nconfig D\n tristate \"d\"\nconfig T\n tristate \"t\"\n depends on D\n";
    let subject = Subject::new(text);
    assert_eq!(plan(&subject, "T", "m").unwrap(), "D=m T=m");
    assert_eq!(plan(&subject, "T", "y").unwrap(), "D=y T=y");
    assert_eq!(plan(&Subject::preset(text, "D=m"), "T", "y").unwrap(), "D=y T=y");
}
