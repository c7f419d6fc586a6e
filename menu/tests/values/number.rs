//! Numbers and texts: defaults, ranges, where the text comes from.

use kit_menu::kconfig::{Origin, SetError};

use crate::Subject;

#[test]
fn without_a_default_numbers_are_zero_and_not_written_unless_visible() {
    let text = "config I\n int\nconfig H\n hex\nconfig S\n string\nconfig V\n int \"v\"\n";
    let subject = Subject::new(text);
    assert_eq!(subject.values("I H S V"), "I=0 H=0x0 S= V=0");
    assert_eq!(subject.written("I H S V"), "V");
    assert_eq!(subject.config.origin(subject.id("V")), Origin::Nothing);
}

#[test]
fn values_are_clamped_to_the_end_as_it_is_written() {
    let text = "config MAX\n int \"max\"\n default 64\nconfig A\n int \"a\"\n range 1 MAX\n default 100\n\
                config H\n hex \"h\"\n range 0x10 0xFF\n default 0x200\nconfig L\n int\n range 5 10\nconfig N\n int \"n\"\n range -10 -1\n";
    let mut subject = Subject::new(text);
    assert_eq!(subject.values("A H L N"), "A=64 H=0xFF L=5 N=-1");
    subject.set("MAX", "8").unwrap();
    assert_eq!(subject.get("A"), "8");
    subject.config.preset(subject.id("A"), "99").unwrap();
    assert_eq!(subject.get("A"), "8");
    assert_eq!(subject.config.range(subject.id("A")), Some(("1".into(), "8".into())));
    assert_eq!(subject.config.range(subject.id("MAX")), None);
}

#[test]
fn the_first_range_whose_condition_holds_counts() {
    let text = "config C\n bool \"c\"\nconfig A\n int \"a\"\n range 1 2 if C\n range 10 20 if !C\n range 100 200\n default 15\n";
    let mut subject = Subject::new(text);
    assert_eq!(subject.get("A"), "15");
    subject.set("C", "y").unwrap();
    assert_eq!(subject.get("A"), "2");
}

#[test]
fn setting_checks_type_and_range() {
    let text = "config A\n int \"a\"\n range 1 10\nconfig H\n hex \"h\"\n range 0x10 0x20\nconfig S\n string \"s\"\nconfig D\n int \"d\"\n depends on B\nconfig B\n bool \"b\"\n";
    let mut subject = Subject::new(text);
    let outside = SetError::OutOfRange { low: "1".into(), high: "10".into() };
    assert_eq!(subject.set("A", "11"), Err(outside));
    assert_eq!(subject.set("A", "x"), Err(SetError::NotOfType));
    assert_eq!(subject.set("A", "007"), Err(SetError::NotOfType));
    assert_eq!(subject.set("D", "1"), Err(SetError::Invisible));
    assert_eq!(subject.get("A"), "1");
    subject.set("A", "7").unwrap();
    subject.set("H", "1f").unwrap();
    subject.set("S", "a \"b\" c").unwrap();
    assert_eq!(subject.values("A H S"), "A=7 H=0x1f S=a \"b\" c");
    subject.config.preset(subject.id("H"), "1f").unwrap();
    assert_eq!(subject.get("H"), "1f");
}

#[test]
fn the_default_of_a_text_is_the_text_of_another_symbol() {
    let text = "config A\n string \"a\"\n default \"one\"\nconfig B\n string\n default A\nconfig F\n bool \"f\"\n default y\n\
                config G\n string\n default F\nconfig H\n string\n default y\nconfig N\n int\n default M\nconfig M\n hex\n default 0x12\n";
    let mut subject = Subject::new(text);
    // The text of a bool is `n` whatever its value, as in C; a constant has its letter.
    assert_eq!(subject.values("B G H N"), "B=one G=n H=y N=0x12");
    subject.set("A", "two").unwrap();
    assert_eq!(subject.get("B"), "two");
}

#[test]
fn ends_of_ranges_may_refer_to_each_other() {
    let text =
        "config A\n int \"a\"\n range 0 B\n default 5\nconfig B\n int \"b\"\n range A 20\n default 3\n";
    let subject = Subject::new(text);
    let (a, b) = (subject.get("A").to_string(), subject.get("B").to_string());
    assert!(a.parse::<i64>().is_ok() && b.parse::<i64>().is_ok(), "{a} {b}");
}
