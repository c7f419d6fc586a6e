//! Which key does what: the one table that the program obeys, the help screen shows and the README prints.

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::field::Edit;
use crate::kconfig::Tristate;

/// What a key asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Moves the cursor by rows.
    Move(isize),
    /// Moves the cursor by screens.
    Page(isize),
    /// To the first row.
    First,
    /// To the last row.
    Last,
    /// Scrolls the explanation beside the menu.
    ScrollDetails(isize),
    /// Enters the menu under the cursor.
    Enter,
    /// Leaves the menu, the list or the question.
    Back,
    /// Enters what can be entered, else changes the value.
    Activate,
    /// Changes the value: the next one, or an input line.
    Change,
    /// Sets a value.
    Set(Tristate),
    /// Sets back to the default.
    Reset,
    /// Takes back the last change.
    Undo,
    /// Does it again.
    Redo,
    /// Finds an option as you type.
    Search,
    /// Shows everything about the entry, and the keys.
    Help,
    /// Shows the keys.
    Keys,
    /// Shows hidden entries too.
    ShowAll,
    /// Shows names.
    ShowNames,
    /// Shows help texts in the menu.
    ShowHelp,
    /// Lists warnings.
    Warnings,
    /// Writes the configuration.
    Save,
    /// Reads another.
    Open,
    /// Writes what differs from the defaults.
    SaveMinimal,
    /// Leaves.
    Quit,
    /// Stops until the shell's `fg`.
    Suspend,
    /// Draws everything anew.
    Redraw,
}

/// A key with the modifiers that it needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// The key.
    pub code: KeyCode,
    /// Control or Alt; shift is part of a character.
    pub modifiers: KeyModifiers,
}

/// A line of the table of keys.
#[derive(Clone, Copy, Debug)]
pub struct Binding {
    /// Keys, and what each asks for.
    pub keys: &'static [(Key, Action)],
    /// What they do, in a few words.
    pub text: &'static str,
}

/// A part of the table.
#[derive(Clone, Copy, Debug)]
pub struct Group {
    /// Its title.
    pub title: &'static str,
    /// Its lines.
    pub bindings: &'static [Binding],
}

/// A key without modifiers.
pub const fn key(code: KeyCode) -> Key {
    modified(code, KeyModifiers::NONE)
}

const fn char(character: char) -> Key {
    key(KeyCode::Char(character))
}

/// A character with Control.
pub const fn control(character: char) -> Key {
    modified(KeyCode::Char(character), KeyModifiers::CONTROL)
}

const fn modified(code: KeyCode, modifiers: KeyModifiers) -> Key {
    Key { code, modifiers }
}

/// The keys of the menu. Lists and questions know the same movements.
pub const GROUPS: [Group; 4] = [
    Group {
        title: "Move",
        bindings: &[
            binding(
                "up and down",
                &[
                    (key(KeyCode::Up), Action::Move(-1)),
                    (key(KeyCode::Down), Action::Move(1)),
                    (char('k'), Action::Move(-1)),
                    (char('j'), Action::Move(1)),
                ],
            ),
            binding(
                "a screen up and down",
                &[
                    (key(KeyCode::PageUp), Action::Page(-1)),
                    (key(KeyCode::PageDown), Action::Page(1)),
                    (control('b'), Action::Page(-1)),
                    (control('f'), Action::Page(1)),
                ],
            ),
            binding(
                "first and last row",
                &[
                    (key(KeyCode::Home), Action::First),
                    (key(KeyCode::End), Action::Last),
                    (char('g'), Action::First),
                    (char('G'), Action::Last),
                ],
            ),
            binding(
                "enter a menu or a choice",
                &[(key(KeyCode::Right), Action::Enter), (char('l'), Action::Enter)],
            ),
            binding(
                "leave it, back to where you came from",
                &[
                    (key(KeyCode::Left), Action::Back),
                    (char('h'), Action::Back),
                    (key(KeyCode::Backspace), Action::Back),
                    (key(KeyCode::Esc), Action::Back),
                ],
            ),
            binding("find an option as you type, and go there", &[(char('/'), Action::Search)]),
        ],
    },
    Group {
        title: "Change",
        bindings: &[
            binding("enter, switch, pick or edit", &[(key(KeyCode::Enter), Action::Activate)]),
            binding("switch, pick or edit", &[(char(' '), Action::Change)]),
            binding(
                "set to yes, no, module",
                &[
                    (char('y'), Action::Set(Tristate::Yes)),
                    (char('n'), Action::Set(Tristate::No)),
                    (char('m'), Action::Set(Tristate::Mod)),
                ],
            ),
            binding("reset to the default", &[(char('r'), Action::Reset)]),
            binding("undo and redo", &[(char('u'), Action::Undo), (control('r'), Action::Redo)]),
        ],
    },
    Group {
        title: "Look",
        bindings: &[
            binding("everything about this entry, and the keys", &[(char('?'), Action::Help)]),
            binding("the keys", &[(key(KeyCode::F(1)), Action::Keys)]),
            binding(
                "show hidden entries too, each with the reason",
                &[(char('z'), Action::ShowAll), (char('a'), Action::ShowAll)],
            ),
            binding("show names", &[(char('c'), Action::ShowNames)]),
            binding("show the help text in the menu", &[(char('f'), Action::ShowHelp)]),
            binding(
                "scroll the explanation",
                &[(char('K'), Action::ScrollDetails(-1)), (char('J'), Action::ScrollDetails(1))],
            ),
            binding("list errors and warnings, and go there", &[(char('w'), Action::Warnings)]),
            binding("draw the screen anew", &[(control('l'), Action::Redraw)]),
        ],
    },
    Group {
        title: "File",
        bindings: &[
            binding("save", &[(char('s'), Action::Save)]),
            binding("save only what differs from the defaults", &[(char('d'), Action::SaveMinimal)]),
            binding("open another configuration", &[(char('o'), Action::Open)]),
            binding(
                "quit; asks if something has changed",
                &[(char('q'), Action::Quit), (control('c'), Action::Quit)],
            ),
            binding("suspend; `fg` comes back", &[(control('z'), Action::Suspend)]),
        ],
    },
];

/// The keys of a line of text: a value, a search, the name of a file.
pub const TEXT: &[(&[Key], Edit, &str)] = &[
    (&[key(KeyCode::Left)], Edit::Left, "left"),
    (&[key(KeyCode::Right)], Edit::Right, "right"),
    (
        &[modified(KeyCode::Left, KeyModifiers::CONTROL), modified(KeyCode::Left, KeyModifiers::ALT)],
        Edit::WordLeft,
        "a word left",
    ),
    (
        &[modified(KeyCode::Right, KeyModifiers::CONTROL), modified(KeyCode::Right, KeyModifiers::ALT)],
        Edit::WordRight,
        "a word right",
    ),
    (&[key(KeyCode::Home), control('a')], Edit::Start, "to the start"),
    (&[key(KeyCode::End), control('e')], Edit::End, "to the end"),
    (&[key(KeyCode::Backspace)], Edit::Backspace, "remove to the left"),
    (&[key(KeyCode::Delete), control('d')], Edit::Delete, "remove to the right"),
    (&[control('w')], Edit::DeleteWord, "remove a word"),
    (&[control('u')], Edit::DeleteToStart, "remove everything before"),
    (&[control('k')], Edit::DeleteToEnd, "remove everything after"),
];

const fn binding(text: &'static str, keys: &'static [(Key, Action)]) -> Binding {
    Binding { keys, text }
}

/// What a key asks for in the menu.
pub fn action(event: KeyEvent) -> Option<Action> {
    let pressed = Key::of(event);
    let all = GROUPS.iter().flat_map(|group| group.bindings).flat_map(|binding| binding.keys);
    all.filter(|(key, _)| *key == pressed).map(|(_, action)| *action).next()
}

/// Whether it is Ctrl-C, which has its meaning also while text is typed.
pub fn is_interrupt(event: KeyEvent) -> bool {
    Key::of(event) == control('c')
}

/// What a key does in a line of text.
pub fn edit(event: KeyEvent) -> Option<Edit> {
    let pressed = Key::of(event);
    let known = TEXT.iter().find(|(keys, ..)| keys.contains(&pressed)).map(|(_, edit, _)| *edit);
    known.or(match pressed {
        Key { code: KeyCode::Char(character), modifiers: KeyModifiers::NONE } => {
            Some(Edit::Insert(character))
        }
        _ => None,
    })
}

/// The table as Markdown, as the README has it.
pub fn markdown() -> String {
    let mut text = String::from("| key | |\n|---|---|\n");
    let mut row = |keys: &mut dyn Iterator<Item = Key>, what: &str| {
        let keys: Vec<_> = keys.map(|key| format!("`{key}`")).collect();
        text += &format!("| {} | {what} |\n", keys.join(" "));
    };
    for group in GROUPS {
        for binding in group.bindings {
            row(&mut binding.keys.iter().map(|(key, _)| *key), binding.text);
        }
    }
    text
}

impl Key {
    /// A key press as the table names it: shift is already in the character.
    pub fn of(event: KeyEvent) -> Self {
        let mut modifiers =
            event.modifiers & (KeyModifiers::CONTROL | KeyModifiers::ALT | KeyModifiers::SHIFT);
        let mut code = event.code;
        if let KeyCode::Char(character) = code {
            modifiers -= KeyModifiers::SHIFT;
            if modifiers.contains(KeyModifiers::CONTROL) {
                code = KeyCode::Char(character.to_ascii_lowercase());
            }
        }
        // A terminal has but one byte for each of these pairs, and which key sends it is a matter of taste.
        match modified(code, modifiers) {
            same if same == control('j') || same == control('m') => key(KeyCode::Enter),
            same if same == control('h') => key(KeyCode::Backspace),
            other => other,
        }
    }
}

impl std::fmt::Display for Key {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.modifiers.contains(KeyModifiers::CONTROL) {
            formatter.write_str("Ctrl-")?;
        }
        if self.modifiers.contains(KeyModifiers::ALT) {
            formatter.write_str("Alt-")?;
        }
        match self.code {
            KeyCode::Char(' ') => formatter.write_str("Space"),
            KeyCode::Char(character) if self.modifiers.is_empty() => write!(formatter, "{character}"),
            KeyCode::Char(character) => write!(formatter, "{}", character.to_ascii_uppercase()),
            KeyCode::Up => formatter.write_str("↑"),
            KeyCode::Down => formatter.write_str("↓"),
            KeyCode::Left => formatter.write_str("←"),
            KeyCode::Right => formatter.write_str("→"),
            KeyCode::PageUp => formatter.write_str("PgUp"),
            KeyCode::PageDown => formatter.write_str("PgDn"),
            KeyCode::Delete => formatter.write_str("Del"),
            KeyCode::F(number) => write!(formatter, "F{number}"),
            other => write!(formatter, "{other:?}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_key_has_two_meanings() {
        let mut seen = HashSet::new();
        for (key, _) in GROUPS.iter().flat_map(|group| group.bindings).flat_map(|binding| binding.keys) {
            assert!(seen.insert(key.to_string()), "{key} twice");
        }
        let mut seen = HashSet::new();
        for key in TEXT.iter().flat_map(|(keys, ..)| *keys) {
            assert!(seen.insert(key.to_string()), "{key} twice in text");
        }
    }

    #[test]
    fn shift_is_part_of_a_character() {
        let press = |character, modifiers| action(KeyEvent::new(KeyCode::Char(character), modifiers));
        assert_eq!(press('G', KeyModifiers::SHIFT), Some(Action::Last));
        assert_eq!(press('G', KeyModifiers::NONE), Some(Action::Last));
        assert_eq!(press('R', KeyModifiers::CONTROL | KeyModifiers::SHIFT), Some(Action::Redo));
        assert_eq!(press('r', KeyModifiers::ALT), None);
    }

    #[test]
    fn a_character_with_control_is_not_typed() {
        let press = |character, modifiers| edit(KeyEvent::new(KeyCode::Char(character), modifiers));
        assert_eq!(press('q', KeyModifiers::NONE), Some(Edit::Insert('q')));
        assert_eq!(press('q', KeyModifiers::CONTROL), None);
        assert_eq!(press('w', KeyModifiers::CONTROL), Some(Edit::DeleteWord));
    }
}
