//! Chains as long as a file can hold, on a small stack.

use std::fmt::Write as _;

use crate::Subject;

/// Symbols of a chain.
const LENGTH: usize = 100_000;

/// Runs `test` with little stack: what it does must not need more for longer chains.
fn on_a_small_stack(test: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(1 << 20);
    thread.spawn(test).unwrap().join().unwrap();
}

#[test]
fn each_defaults_to_the_next() {
    let mut text = String::new();
    for index in 0..LENGTH {
        writeln!(text, "config S{index}\n\tbool\n\tdefault S{}", index + 1).unwrap();
    }
    writeln!(text, "config S{LENGTH}\n\tbool \"last\"").unwrap();
    let mut subject = Subject::new(&text);
    on_a_small_stack(move || {
        assert_eq!(subject.get("S0"), "n");
        subject.set(&format!("S{LENGTH}"), "y").unwrap();
        assert_eq!(subject.get("S0"), "y");
        subject.set(&format!("S{LENGTH}"), "n").unwrap();
        assert_eq!(subject.get("S0"), "n");
    });
}

#[test]
fn each_text_defaults_to_the_next() {
    let mut text = String::new();
    for index in 0..LENGTH {
        writeln!(text, "config S{index}\n\tint\n\tdefault S{}\n\trange 0 S{LENGTH}", index + 1).unwrap();
    }
    writeln!(text, "config S{LENGTH}\n\tint \"last\"\n\tdefault 7").unwrap();
    let mut subject = Subject::new(&text);
    on_a_small_stack(move || {
        assert_eq!(subject.get("S0"), "7");
        subject.set(&format!("S{LENGTH}"), "8").unwrap();
        assert_eq!(subject.get("S0"), "8");
    });
}

#[test]
fn each_is_selected_by_the_next() {
    let mut text = String::new();
    for index in 0..LENGTH {
        writeln!(text, "config S{}\n\tbool\n\tselect S{index}", index + 1).unwrap();
    }
    writeln!(text, "config S0\n\tbool\nconfig TOP\n\tbool \"top\"\n\tselect S{LENGTH}").unwrap();
    let mut subject = Subject::new(&text);
    on_a_small_stack(move || {
        assert_eq!(subject.get("S0"), "n");
        subject.set("TOP", "y").unwrap();
        assert_eq!(subject.get("S0"), "y");
        assert_eq!(subject.config.warnings(), []);
        let blocked = subject.config.plan_to_set(subject.id("S0"), "n").is_err();
        assert!(blocked, "too long a way for a plan");
    });
}

#[test]
fn each_depends_on_the_one_before() {
    let mut text = String::from("config S0\n\tbool \"s\"\n");
    for index in 0..LENGTH {
        writeln!(text, "config S{}\n\tbool \"s\" if S{index}", index + 1).unwrap();
    }
    let mut subject = Subject::new(&text);
    for index in 0..=LENGTH {
        subject.config.preset(subject.id(&format!("S{index}")), "y").unwrap();
    }
    on_a_small_stack(move || {
        let last = format!("S{LENGTH}");
        assert_eq!(subject.get(&last), "y");
        subject.set("S0", "n").unwrap();
        assert_eq!(subject.get(&last), "n");
        let root = kit_menu::kconfig::NodeId::ROOT;
        assert!(subject.config.is_shown(root));
        for node in subject.config.tree().walk() {
            subject.config.is_shown(node);
        }
    });
}
