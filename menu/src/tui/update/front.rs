//! The keys of what is in front of the menu.

use ratatui::crossterm::event::{KeyCode, KeyEvent};

use super::{Effect, change};
use crate::tui::Model;
use crate::tui::front::{Front, Help, Page};
use crate::tui::keys::{self, Action, Key};

/// How many hits of a search are kept: more than anyone scrolls through.
const HITS: usize = 500;

/// A key while text is typed.
pub fn type_key(model: &mut Model, key: KeyEvent) -> Option<Effect> {
    match Key::of(key).code {
        KeyCode::Esc => {
            model.fronts.pop();
        }
        KeyCode::Enter => submit(model),
        _ if move_in_results(model, key) => {}
        _ => {
            if let Some(edit) = keys::edit(key)
                && let Some(field) = field(model)
                && field.apply(edit)
            {
                typed(model);
            }
        }
    }
    None
}

/// Pasted text goes into a line of text and nowhere else: it is not a series of commands.
pub fn paste(model: &mut Model, text: &str) {
    if let Some(field) = field(model) {
        field.paste(text);
        typed(model);
    }
}

fn field(model: &mut Model) -> Option<&mut crate::tui::field::Field> {
    match model.fronts.last_mut()? {
        Front::Search(search) => Some(&mut search.field),
        Front::Value(editor) => Some(&mut editor.field),
        Front::File(prompt) => Some(&mut prompt.field),
        Front::Dialog(_) | Front::Problems(_) | Front::Help(_) => None,
    }
}

/// The text in front is another: what follows from it is shown at once.
fn typed(model: &mut Model) {
    match model.fronts.last_mut() {
        Some(Front::Search(search)) => {
            search.matches = model.session.search(search.field.text(), HITS);
            search.scroll = Default::default();
        }
        Some(Front::Value(editor)) => {
            editor.verdict = model.session.check_input(editor.symbol, editor.field.text());
        }
        Some(Front::File(prompt)) => prompt.complaint = None,
        _ => {}
    }
}

/// Enter in a line of text.
pub fn submit(model: &mut Model) {
    match model.fronts.last() {
        Some(Front::Search(search)) => {
            if let Some(node) = search.matches.hits.get(search.scroll.cursor).map(|hit| hit.node) {
                model.fronts.pop();
                model.jump(node);
            }
        }
        Some(Front::Value(editor)) => {
            let (symbol, text) = (editor.symbol, editor.field.text().to_string());
            change::finish_edit(model, symbol, &text);
        }
        Some(Front::File(_)) => change::finish_file(model),
        _ => {}
    }
}

/// The arrows move through what a search found, and Ctrl-N and Ctrl-P do, which are not text either.
fn move_in_results(model: &mut Model, key: KeyEvent) -> bool {
    let page = isize::try_from(model.areas().results.height.max(2) - 1).unwrap_or(isize::MAX);
    let Some(Front::Search(search)) = model.fronts.last_mut() else { return false };
    let step = match Key::of(key) {
        key if key == keys::key(KeyCode::Up) || key == keys::control('p') => -1,
        key if key == keys::key(KeyCode::Down) || key == keys::control('n') => 1,
        key if key == keys::key(KeyCode::PageUp) => -page,
        key if key == keys::key(KeyCode::PageDown) => page,
        _ => return false,
    };
    search.scroll.by(step, search.matches.hits.len());
    true
}

/// A key while a list, a question or help is in front.
pub fn press(model: &mut Model, key: KeyEvent, action: Option<Action>) -> Option<Effect> {
    match model.fronts.last() {
        Some(Front::Dialog(_)) => return press_in_dialog(model, key, action),
        Some(Front::Problems(_)) => press_in_problems(model, key, action),
        Some(Front::Help(_)) => press_in_help(model, key, action),
        _ => {}
    }
    None
}

fn press_in_dialog(model: &mut Model, key: KeyEvent, action: Option<Action>) -> Option<Effect> {
    let Some(Front::Dialog(dialog)) = model.fronts.last_mut() else { return None };
    let last = dialog.buttons.len() - 1;
    // A letter first: that of `Discard` would be an action elsewhere.
    if let KeyCode::Char(letter) = Key::of(key).code
        && let Some(answer) = dialog.answer_of(letter)
    {
        return change::answer(model, answer);
    }
    match (Key::of(key).code, action) {
        (KeyCode::Esc, _) | (_, Some(Action::Quit)) => {
            model.fronts.pop();
        }
        (KeyCode::Enter | KeyCode::Char(' '), _) => {
            let answer = dialog.buttons[dialog.chosen].answer;
            return change::answer(model, answer);
        }
        (KeyCode::Tab, _) => dialog.chosen = if dialog.chosen == last { 0 } else { dialog.chosen + 1 },
        (KeyCode::BackTab, _) => dialog.chosen = dialog.chosen.checked_sub(1).unwrap_or(last),
        (KeyCode::Left, _) => dialog.chosen = dialog.chosen.saturating_sub(1),
        (KeyCode::Right, _) => dialog.chosen = (dialog.chosen + 1).min(last),
        (_, Some(Action::Move(step) | Action::ScrollDetails(step))) => {
            dialog.top = dialog.top.saturating_add_signed(step)
        }
        (_, Some(Action::Page(step))) => dialog.top = dialog.top.saturating_add_signed(step * 8),
        _ => {}
    }
    None
}

fn press_in_problems(model: &mut Model, key: KeyEvent, action: Option<Action>) {
    let page = isize::try_from(model.areas().problems.height.max(2) - 1).unwrap_or(isize::MAX);
    let Some(Front::Problems(problems)) = model.fronts.last_mut() else { return };
    let length = problems.list.len();
    if let KeyCode::Char(digit) = Key::of(key).code
        && let Some(index) = digit.to_digit(10).and_then(|digit| digit.checked_sub(1))
    {
        let repairs = problems.list.get(problems.scroll.cursor).map(|problem| &problem.repairs);
        if let Some(repair) = repairs.and_then(|repairs| repairs.get(index as usize)).cloned() {
            change::repair(model, repair);
        }
        return;
    }
    match action {
        Some(Action::Move(step)) => problems.scroll.by(step, length),
        Some(Action::Page(step)) => problems.scroll.by(step * page, length),
        Some(Action::First) => problems.scroll.cursor = 0,
        Some(Action::Last) => problems.scroll.cursor = length.saturating_sub(1),
        Some(Action::Activate | Action::Enter) => {
            if let Some(node) = problems.list.get(problems.scroll.cursor).and_then(|problem| problem.node) {
                model.fronts.pop();
                model.jump(node);
            }
        }
        Some(Action::Back | Action::Quit | Action::Warnings) => {
            model.fronts.pop();
        }
        Some(Action::Undo) => {
            change::undo(model);
            change::list_again(model);
        }
        Some(Action::Redo) => {
            change::redo(model);
            change::list_again(model);
        }
        Some(Action::Save) => change::save(model),
        Some(Action::Help | Action::Keys) => {
            model.fronts.push(Front::Help(Help { page: Page::Keys, top: 0 }))
        }
        _ => {}
    }
}

fn press_in_help(model: &mut Model, key: KeyEvent, action: Option<Action>) {
    let page = isize::try_from(model.areas().body.height.max(2) - 1).unwrap_or(isize::MAX);
    let is_menu_empty = model.row().is_none();
    let Some(Front::Help(help)) = model.fronts.last_mut() else { return };
    match (Key::of(key).code, action) {
        (KeyCode::Tab | KeyCode::BackTab, _) | (_, Some(Action::Help)) if !is_menu_empty => {
            help.page = if help.page == Page::Entry { Page::Keys } else { Page::Entry };
            help.top = 0;
        }
        (_, Some(Action::Keys)) => help.page = Page::Keys,
        (_, Some(Action::Move(step) | Action::ScrollDetails(step))) => {
            help.top = help.top.saturating_add_signed(step)
        }
        (KeyCode::Char(' '), _) => help.top = help.top.saturating_add_signed(page),
        (_, Some(Action::Page(step))) => help.top = help.top.saturating_add_signed(step * page),
        (_, Some(Action::First)) => help.top = 0,
        (_, Some(Action::Last)) => help.top = usize::MAX,
        (_, Some(Action::Back | Action::Quit | Action::Activate)) => {
            model.fronts.pop();
        }
        _ => {}
    }
}
