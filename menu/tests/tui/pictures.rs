//! What the screens look like. A changed picture is looked at, then accepted (`cargo insta review`, or
//! `INSTA_UPDATE=always cargo test -p kit-menu --test tui`).

use insta::assert_snapshot;
use kit_menu::tui::{Colours, Theme};
use ratatui::style::{Color, Modifier};

use super::support::Screen;

/// Values with which every kind of row is to be seen.
const NET: &[(&str, &str)] = &[("NETDEV_VIRTIO", "y"), ("NET", "y"), ("NET_SOCKETS", "128")];

/// The sizes of the issue: usual, smallest, two columns.
const SIZES: [(u16, u16); 3] = [(80, 24), (40, 10), (120, 40)];

/// One picture at each size.
fn at_each_size(name: &str, values: &[(&str, &str)], keys: &str) {
    for (width, height) in SIZES {
        let mut screen = Screen::open(width, height, values);
        screen.press(keys);
        assert_snapshot!(format!("{name}_{width}x{height}"), screen.picture());
    }
}

#[test]
fn menu() {
    at_each_size("menu", NET, "");
}

#[test]
fn submenu() {
    at_each_size("submenu", NET, "down down enter down enter down");
}

#[test]
fn choice() {
    at_each_size("choice", &[], "enter down");
}

#[test]
fn search() {
    at_each_size("search", NET, "/ s o c k");
}

#[test]
fn search_without_text() {
    at_each_size("search_empty", NET, "/");
}

#[test]
fn range_error() {
    at_each_size("range_error", NET, "end enter C-u 5 0 0 0");
}

#[test]
fn help_of_an_entry() {
    at_each_size("help_entry", NET, "down down enter down ?");
}

#[test]
fn keys() {
    at_each_size("help_keys", NET, "F1");
}

#[test]
fn warnings() {
    at_each_size("warnings", &[("NETWORK", "y"), ("NET", "y"), ("STACK_PAGES", "5000")], "w");
}

#[test]
fn everything_with_reasons() {
    at_each_size("show_all", &[], "z down down enter down");
}

#[test]
fn quit_question() {
    at_each_size("quit", &[], "down space q");
}

#[test]
fn repair_offer() {
    at_each_size("repair", &[], "z down down enter down y");
}

#[test]
fn names_and_help() {
    at_each_size("names_help", NET, "c f down");
}

#[test]
fn file_name() {
    at_each_size("save_minimal", &[], "d");
}

#[test]
fn after_a_change() {
    at_each_size("changed", NET, "down space");
}

#[test]
fn without_colours() {
    let mut screen = Screen::themed(80, 24, NET, Theme::new(Colours::None, true));
    for keys in ["", "z", "/ n e t", "esc end enter 9 9 9 9", "esc ?", "esc w", "esc down space q"] {
        screen.press(keys);
        for cell in screen.cells() {
            assert_eq!((cell.fg, cell.bg), (Color::Reset, Color::Reset), "after {keys:?}");
        }
    }
    // The cursor is still to be seen.
    screen.press("esc");
    let reversed = screen.cells().iter().filter(|cell| cell.modifier.contains(Modifier::REVERSED)).count();
    assert_eq!(reversed, 80);
    assert_snapshot!("no_color_80x24", screen.picture());
}

#[test]
fn a_box_does_not_colour_what_is_in_it() {
    let mut screen = Screen::open(80, 24, &[]);
    screen.press("z down down enter down y");
    let (x, y) = screen.find("This would set");
    let cell = &screen.cells()[usize::from(y) * 80 + usize::from(x)];
    assert_eq!((cell.fg, cell.bg), (Color::Reset, Color::Reset));
}

#[test]
fn sixteen_colours_are_those_of_the_terminal() {
    let mut screen = Screen::themed(80, 24, NET, Theme::new(Colours::Sixteen, true));
    for keys in ["", "/ n e t", "esc down space q"] {
        screen.press(keys);
        for cell in screen.cells() {
            assert!(!matches!(cell.fg, Color::Indexed(_) | Color::Rgb(..)), "{:?}", cell.fg);
            assert!(!matches!(cell.bg, Color::Indexed(_) | Color::Rgb(..)), "{:?}", cell.bg);
        }
    }
}

#[test]
fn ascii_is_enough() {
    let mut screen = Screen::themed(80, 24, NET, Theme::new(Colours::None, false));
    for keys in ["", "z", "/ n e t", "esc end enter 9 9 9 9", "esc F1", "esc ?", "esc w", "esc down space q"]
    {
        screen.press(keys);
        assert!(screen.picture().is_ascii(), "after {keys:?}\n{}", screen.picture());
    }
    screen.press("esc");
    assert_snapshot!("ascii_80x24", screen.picture());
}
