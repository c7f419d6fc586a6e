//! What each key does.

use kit_menu::tui::{Effect, Ended, Event};
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::support::Screen;

const NET: &[(&str, &str)] = &[("NETDEV_VIRTIO", "y"), ("NET", "y")];

fn has_quit(screen: &Screen) -> bool {
    matches!(screen.effect, Some(Effect::End(Ended::Quit)))
}

#[test]
fn arrows_and_letters_move() {
    let mut screen = Screen::open(80, 24, &[]);
    assert_eq!(screen.row(), "Heap");
    for (keys, row) in [
        ("down", "THREADS"),
        ("j", "Network"),
        ("k", "THREADS"),
        ("up up up", "Heap"),
        ("end", "STACK_PAGES"),
        ("down", "STACK_PAGES"),
        ("home", "Heap"),
        ("G", "STACK_PAGES"),
        ("g", "Heap"),
        ("pgdn", "STACK_PAGES"),
        ("pgup", "Heap"),
        ("C-f", "STACK_PAGES"),
        ("C-b", "Heap"),
    ] {
        screen.press(keys);
        assert_eq!(screen.row(), row, "after {keys}");
    }
}

#[test]
fn leaving_a_menu_returns_to_where_one_was_in_both() {
    for (into, out) in [("enter", "esc"), ("right", "left"), ("l", "h"), ("enter", "backspace")] {
        let mut screen = Screen::open(80, 24, NET);
        screen.press("down down").press(into);
        assert_eq!(screen.row(), "Network device");
        screen.press("down").press(out);
        assert_eq!(screen.row(), "Network", "{out}");
        screen.press(into);
        assert_eq!(screen.row(), "NET", "{into} after {out}");
    }
}

#[test]
fn space_and_letters_set_a_bool() {
    let mut screen = Screen::open(80, 24, &[]);
    screen.press("down");
    for (key, value) in [("space", "n"), ("enter", "y"), ("n", "n"), ("y", "y")] {
        screen.press(key);
        assert_eq!(screen.value("THREADS"), value, "after {key}");
    }
}

#[test]
fn m_is_a_value_of_a_tristate() {
    let mut screen = Screen::open(80, 24, &[]);
    screen.press("/ T R A C E enter m").shows("<M> Tracing");
    assert_eq!(screen.value("TRACE"), "m");
    screen.press("space");
    assert_eq!(screen.value("TRACE"), "y");
    screen.press("/ T H R E A D S enter m");
    assert_eq!(screen.value("THREADS"), "y", "m is no value of a bool");
}

#[test]
fn a_choice_is_a_radio_list() {
    let mut screen = Screen::open(80, 24, &[]);
    screen.shows("Two-level segregated fit").press("enter").shows("(•) Two-level").shows("( ) Buddy");
    screen.press("down space").shows("( ) Two-level").shows("(•) Buddy");
    assert_eq!((screen.value("HEAP_TLSF"), screen.value("HEAP_BUDDY")), ("n".into(), "y".into()));
}

#[test]
fn a_consequence_is_told() {
    let mut screen = Screen::open(120, 40, &[("NETDEV_VIRTIO", "y")]);
    screen.press("/ T C P enter y");
    assert_eq!(screen.row(), "NET");
    screen.shows("NET: n → y, and ").shows("RANDOM: n → y");
}

#[test]
fn a_range_is_shown_and_checked_while_typing() {
    let mut screen = Screen::open(80, 24, &[]);
    screen.press("end enter").shows("from 2 to 1024");
    screen.press("C-u 1").shows("✗");
    screen.press("enter").shows("✗");
    assert_eq!(screen.value("STACK_PAGES"), "16", "an error cannot be entered");
    screen.press("0 enter").lacks("from 2 to 1024");
    assert_eq!(screen.value("STACK_PAGES"), "10");
    screen.press("enter C-u x").shows("✗").press("esc");
    assert_eq!(screen.value("STACK_PAGES"), "10");
}

#[test]
fn text_is_edited_with_every_character() {
    let mut screen = Screen::open(80, 24, NET);
    screen.press("/ I P v 4 enter enter C-u").write("q jk? ä").press("left backspace enter");
    assert_eq!(screen.value("NET_IP"), "q jk?ä");
    screen.press("enter C-u");
    screen.event(Event::Paste("10.0.2.15/24\n".into()));
    screen.press("enter");
    assert_eq!(screen.value("NET_IP"), "10.0.2.15/24");
}

#[test]
fn pasted_text_is_no_command() {
    let mut screen = Screen::open(80, 24, &[]);
    screen.press("down");
    screen.event(Event::Paste("nq".into()));
    assert!(!has_quit(&screen));
    assert_eq!(screen.value("THREADS"), "y");
}

#[test]
fn a_search_jumps() {
    let mut screen = Screen::open(80, 24, NET);
    screen.press("/ s o c k").shows("NET_SOCKETS");
    screen.press("enter");
    assert_eq!(screen.row(), "NET_SOCKETS");
    screen.press("/ s t a c k C-u l e v e l").shows("hidden");
    screen.press("enter").shows("hidden entries are shown");
    assert_eq!(screen.row(), "CHECK_LEVEL");
    screen.press("/ n o s u c h t h i n g").shows("Nothing matches").press("enter esc");
    assert_eq!(screen.row(), "CHECK_LEVEL");
}

#[test]
fn hidden_entries_say_why_they_are() {
    for key in ["z", "a"] {
        let mut screen = Screen::open(120, 40, &[]);
        screen.press("down down down down enter");
        screen.lacks("How many").press(key).shows("How many").shows("CHECKS");
        screen.press(key).lacks("How many");
    }
}

#[test]
fn a_value_that_needs_others_is_offered_with_them() {
    let mut screen = Screen::open(120, 40, &[]);
    screen.press("/ T C P enter y");
    screen.shows("NETDEV_VIRTIO: n → y").shows("NET: n → y");
    assert_eq!(screen.value("NET"), "n", "nothing is done before the answer");
    screen.press("esc");
    assert_eq!((screen.value("NET"), screen.value("NETDEV_VIRTIO")), ("n".into(), "n".into()));
    screen.press("y enter");
    assert_eq!((screen.value("NET"), screen.value("NETDEV_VIRTIO")), ("y".into(), "y".into()));
    screen.press("u");
    assert_eq!((screen.value("NET"), screen.value("NETDEV_VIRTIO")), ("n".into(), "n".into()), "one step");
}

#[test]
fn a_hidden_number_is_offered_with_what_it_needs() {
    let mut screen = Screen::open(120, 40, &[("THREADS", "n")]);
    screen.press("z end enter C-u 3 2 enter").shows("THREADS: n → y").shows("→ 32");
    assert_eq!(screen.value("THREADS"), "n", "nothing is done before the answer");
    screen.press("enter");
    assert_eq!((screen.value("THREADS"), screen.value("STACK_PAGES")), ("y".into(), "32".into()));
}

#[test]
fn steps_are_undone_and_redone() {
    let mut screen = Screen::open(80, 24, &[]);
    screen.press("u").shows("nothing to undo");
    screen.press("down n end n");
    let values = |screen: &Screen| (screen.value("THREADS"), screen.value("MODULES"));
    assert_eq!(values(&screen), ("n".into(), "n".into()));
    screen.press("u").shows("undone: ");
    assert_eq!(values(&screen), ("n".into(), "y".into()));
    screen.press("u C-r C-r").shows("redone: ");
    assert_eq!(values(&screen), ("n".into(), "n".into()));
    screen.press("C-r").shows("nothing to redo");
}

#[test]
fn reset_gives_the_default_back() {
    let mut screen = Screen::open(80, 24, &[("STACK_PAGES", "100")]);
    screen.press("end r");
    assert_eq!(screen.value("STACK_PAGES"), "16");
    screen.press("r").shows("it has its default").press("u");
    assert_eq!(screen.value("STACK_PAGES"), "100");
    screen.press("C-r");
    assert_eq!(screen.value("STACK_PAGES"), "16");
}

#[test]
fn names_and_help_are_shown_on_demand() {
    let mut screen = Screen::open(40, 12, &[]);
    screen.press("down").lacks("THREADS").press("c").shows("THREADS").press("c").lacks("THREADS");
    screen.lacks("Several things").press("f").shows("Several things").press("f").lacks("Several things");
}

#[test]
fn help_has_the_entry_and_the_keys() {
    let mut screen = Screen::open(80, 24, &[]);
    screen.press("end ?").shows("One page has 4096 bytes").shows("Kconfig:");
    screen.press("tab").shows("PgUp").press("esc");
    screen.press("F1").shows("PgUp").press("end").lacks("PgUp").press("home").shows("PgUp");
    screen.press("q");
    assert!(!has_quit(&screen), "q leaves the help screen first");
    screen.lacks("PgUp");
}

#[test]
fn quitting_asks_only_if_something_has_changed() {
    let mut screen = Screen::open(80, 24, NET);
    screen.press("q");
    assert!(has_quit(&screen));

    for (answer, quits, saves) in
        [("d", true, false), ("s", true, true), ("c", false, false), ("esc", false, false)]
    {
        let mut screen = Screen::open(80, 24, &[]);
        screen.press("down n q").shows("Save the changes to sample.config");
        assert!(!has_quit(&screen));
        screen.press(answer);
        assert_eq!(has_quit(&screen), quits, "{answer}");
        assert_eq!(!screen.saved.lock().unwrap().is_empty(), saves, "{answer}");
    }
}

#[test]
fn a_change_that_was_undone_or_saved_is_none() {
    let mut screen = Screen::open(80, 24, &[]);
    screen.press("down n").shows("●").press("u").lacks("●").press("q");
    assert!(has_quit(&screen));
    let mut screen = Screen::open(80, 24, &[]);
    screen.press("down n s").shows("saved sample.config").lacks("●").press("q");
    assert!(has_quit(&screen));
    assert_eq!(*screen.saved.lock().unwrap(), [("THREADS".into(), "n".into())]);
}

#[test]
fn escape_in_the_main_menu_is_quitting() {
    let mut screen = Screen::open(80, 24, &[]);
    screen.press("esc");
    assert!(has_quit(&screen));
    screen = Screen::open(80, 24, &[]);
    screen.press("down n esc").shows("Save the changes");
    assert!(!has_quit(&screen));
}

#[test]
fn escape_and_the_next_key_are_two_keys_however_fast() {
    let mut screen = Screen::open(80, 24, NET);
    screen.press("down down enter");
    screen.event(Event::Key(KeyEvent::new(KeyCode::Char('k'), KeyModifiers::ALT)));
    assert_eq!(screen.row(), "THREADS");
    // In a line of text, Alt with an arrow is a step of a word.
    screen.press("/").write("stack pages");
    screen.event(Event::Key(KeyEvent::new(KeyCode::Left, KeyModifiers::ALT)));
    screen.press("C-k").shows("/ stack").lacks("/ stack p");
}

#[test]
fn control_c_works_everywhere_and_loses_nothing_at_once() {
    let mut screen = Screen::open(80, 24, &[]);
    screen.press("/ C-c");
    assert!(has_quit(&screen));
    let mut screen = Screen::open(80, 24, &[]);
    screen.press("down n end enter C-c").shows("Save the changes");
    assert!(!has_quit(&screen));
    screen.press("C-c");
    assert!(has_quit(&screen));
    assert!(screen.saved.lock().unwrap().is_empty());
}

#[test]
fn errors_are_listed_at_the_start_and_can_be_repaired() {
    let mut screen = Screen::open(100, 30, &[("THREDAS", "n"), ("STACK_PAGES", "5000")]);
    screen.press("w").shows("THREDAS");
    screen.press("1");
    screen.lacks("nothing defines THREDAS");
}

#[test]
fn a_configuration_without_problems_says_so() {
    Screen::open(80, 24, NET).press("w").shows("no errors and no warnings");
}

#[test]
fn a_minimal_configuration_replaces_a_file_only_when_told_twice() {
    let path = std::env::temp_dir().join(format!("kit-menu-minimal-{}", std::process::id()));
    std::fs::write(&path, "precious").unwrap();
    let mut screen = Screen::open(100, 30, &[("STACK_PAGES", "32")]);
    screen.press("d C-u").write(path.to_str().unwrap()).press("enter").shows("exists: Enter again");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "precious");
    screen.press("enter").shows("wrote");
    let written = std::fs::read_to_string(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    assert!(written.contains("STACK_PAGES"), "{written}");
}

#[test]
fn another_file_is_opened_after_the_question() {
    let mut screen = Screen::open(80, 24, &[]);
    screen.press("o C-u").write("/no/such/file").press("enter").shows("there is no file").press("esc");
    screen
        .press("down n o C-u")
        .write("Cargo.toml")
        .press("enter")
        .shows("before opening Cargo.toml")
        .press("d");
    screen.shows("opened Cargo.toml");
    assert_eq!(screen.value("THREADS"), "y");
}

#[test]
fn the_readme_has_the_table_of_keys() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md");
    let readme = std::fs::read_to_string(path).unwrap();
    let table = kit_menu::tui::keys::markdown();
    assert!(readme.contains(&table), "README.md must have this table:\n{table}");
}

#[test]
fn suspending_and_redrawing_are_for_the_outside() {
    let mut screen = Screen::open(80, 24, &[]);
    screen.press("/ C-z");
    assert!(matches!(screen.effect, Some(Effect::StopJob)));
    screen.press("C-l");
    assert!(matches!(screen.effect, Some(Effect::Redraw)));
}

#[test]
fn the_foot_follows_each_change() {
    let mut screen = Screen::open(80, 24, &[]);
    screen
        .shows("image 106 KB · 6 micro-libraries")
        .press("down n")
        .shows("image 105 KB · 5 micro-libraries");
}

#[test]
fn the_cursor_stays_on_its_entry_when_others_appear_and_go() {
    let mut screen = Screen::open(80, 24, &[]);
    screen.press("/ T R A C E enter");
    screen.press("up y down").lacks("never");
    assert_eq!(screen.row(), "CHECK_LEVEL");
    screen.press("down up up n");
    assert_eq!(screen.row(), "CHECKS");
}
