//! Any keys, any clicks, any size: nothing panics, and what is on the screen is in the model.

use kit_menu::tui::front::Front;
use proptest::prelude::*;
use ratatui::crossterm::event::{MouseButton, MouseEventKind};

use super::support::Screen;

#[derive(Clone, Debug)]
enum Step {
    Press(&'static str),
    Click(u16, u16),
    Wheel(bool, u16, u16),
    Resize(u16, u16),
}

const KEYS: &[&str] = &[
    "up",
    "down",
    "left",
    "right",
    "enter",
    "space",
    "esc",
    "tab",
    "home",
    "end",
    "pgup",
    "pgdn",
    "backspace",
    "F1",
    "j",
    "k",
    "h",
    "l",
    "g",
    "G",
    "J",
    "K",
    "y",
    "n",
    "m",
    "r",
    "u",
    "C-r",
    "/",
    "?",
    "z",
    "a",
    "c",
    "f",
    "w",
    "s",
    "q",
    "C-c",
    "C-z",
    "C-l",
    "1",
    "2",
    "9",
    "t",
    "e",
    "x",
    "C-u",
    "C-k",
    "C-w",
    "C-a",
    "C-e",
    "ä",
    "日",
];

fn step() -> impl Strategy<Value = Step> {
    let key = proptest::sample::select(KEYS).prop_map(Step::Press);
    let place = || (0u16..140, 0u16..50);
    prop_oneof![
        20 => key,
        3 => place().prop_map(|(x, y)| Step::Click(x, y)),
        2 => (any::<bool>(), place()).prop_map(|(up, (x, y))| Step::Wheel(up, x, y)),
        1 => (1u16..140, 1u16..50).prop_map(|(width, height)| Step::Resize(width, height)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_menu_stands_anything(
        (width, height) in (1u16..140, 1u16..50),
        values in prop::sample::subsequence(
            vec![("NETDEV_VIRTIO", "y"), ("NET", "y"), ("CHECKS", "y"), ("NO_SUCH", "1"), ("STACK_PAGES", "9999")], 0..5,
        ),
        steps in prop::collection::vec(step(), 1..60),
    ) {
        let mut screen = Screen::open(width, height, &values);
        for step in &steps {
            match *step {
                Step::Press(keys) => screen.press(keys),
                Step::Click(x, y) => screen.click(x, y),
                Step::Wheel(true, x, y) => screen.mouse(MouseEventKind::ScrollUp, x, y),
                Step::Wheel(false, x, y) => screen.mouse(MouseEventKind::Down(MouseButton::Right), x, y),
                Step::Resize(width, height) => screen.resize(width, height),
            };
            let model = &screen.model;
            let rows = model.menu.rows.len();
            prop_assert!(model.menu.scroll.cursor < rows.max(1));
            prop_assert!(model.menu.scroll.top <= model.menu.scroll.cursor);
            prop_assert_eq!(model.details.of.is_some(), rows > 0 || explains_a_hit(&model.fronts));
            prop_assert_eq!(model.summary.is_changed, model.session.is_changed());
            for front in &model.fronts {
                match front {
                    Front::Search(list) => prop_assert!(list.scroll.cursor < list.matches.hits.len().max(1)),
                    Front::Problems(list) => prop_assert!(list.scroll.cursor < list.list.len()),
                    Front::Dialog(dialog) => prop_assert!(dialog.chosen < dialog.buttons.len()),
                    Front::Value(_) | Front::File(_) | Front::Help(_) => {}
                }
            }
            // At most a page, a question about it, and a message.
            prop_assert!(model.fronts.len() <= 4);
            // The cell under the cursor exists.
            screen.picture();
        }
        // Every state has a way out.
        for _ in 0..200 {
            screen.press("esc");
            if screen.effect.is_some() {
                break;
            }
            if screen.model.fronts.iter().any(|front| matches!(front, Front::Dialog(_))) {
                screen.press("d");
            }
            if screen.effect.is_some() {
                break;
            }
        }
        prop_assert!(screen.effect.is_some(), "Esc does not lead out");
    }
}

fn explains_a_hit(fronts: &[Front]) -> bool {
    fronts.iter().any(|front| matches!(front, Front::Search(search) if !search.matches.hits.is_empty()))
}
