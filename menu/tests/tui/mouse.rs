//! What clicks and the wheel do.

use kit_menu::tui::{Effect, Ended};
use ratatui::crossterm::event::{MouseButton, MouseEventKind};

use super::support::Screen;

const NET: &[(&str, &str)] = &[("NETDEV_VIRTIO", "y"), ("NET", "y")];

#[test]
fn a_click_selects_and_a_second_one_enters() {
    let mut screen = Screen::open(80, 24, NET);
    let (x, y) = screen.find("Network");
    screen.click(x, y);
    assert_eq!(screen.row(), "Network");
    screen.click(x, y);
    assert_eq!(screen.row(), "Network device");
    let (x, y) = screen.find("Sample image");
    screen.click(x, y);
    assert_eq!(screen.row(), "Network", "a click on the way leads back");
}

#[test]
fn a_click_on_a_mark_switches() {
    let mut screen = Screen::open(80, 24, NET);
    let (x, y) = screen.find("[*] Threads");
    screen.click(x + 1, y);
    assert_eq!(screen.value("THREADS"), "n");
}

#[test]
fn the_wheel_scrolls_what_it_is_over() {
    let mut screen = Screen::open(120, 8, &[]);
    screen.mouse(MouseEventKind::ScrollDown, 5, 3).shows("Stack of a thread");
    screen.mouse(MouseEventKind::ScrollUp, 5, 3).shows("Heap");
    screen.press("F1").shows("PgUp");
    screen.mouse(MouseEventKind::ScrollDown, 5, 3).mouse(MouseEventKind::ScrollDown, 5, 3).lacks("PgUp");
}

#[test]
fn buttons_are_clicked() {
    let mut screen = Screen::open(80, 24, &[]);
    screen.press("down n q");
    let (x, y) = screen.find("Cancel");
    screen.click(x, y).lacks("Save the changes").press("q");
    let (x, y) = screen.find("Discard");
    screen.click(x, y);
    assert!(matches!(screen.effect, Some(Effect::End(Ended::Quit))));
}

#[test]
fn a_hit_is_clicked_twice() {
    let mut screen = Screen::open(80, 24, NET);
    screen.press("/ n e t");
    let (x, y) = screen.find("NET_SOCKETS");
    screen.click(x, y);
    screen.shows("found").click(x, y);
    assert_eq!(screen.row(), "NET_SOCKETS");
}

#[test]
fn the_right_button_goes_back_and_never_out() {
    let mut screen = Screen::open(80, 24, NET);
    let right = MouseEventKind::Down(MouseButton::Right);
    screen.press("down down enter").mouse(right, 5, 5);
    assert_eq!(screen.row(), "Network");
    screen.mouse(right, 5, 5);
    assert!(screen.effect.is_none());
}

#[test]
fn rows_below_a_help_text_are_clicked_where_they_are_drawn() {
    let mut screen = Screen::open(80, 24, &[]);
    screen.press("f");
    let (x, y) = screen.find("Debugging");
    screen.click(x, y);
    assert_eq!(screen.row(), "Debugging");
}
