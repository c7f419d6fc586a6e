//! The keys of the menu.

use super::Effect;
use super::change;
use crate::session::{RowKind, Shown};
use crate::tui::Model;
use crate::tui::front::{Front, Help, Page, Search};
use crate::tui::keys::Action;
use crate::tui::model::Tone;

/// Does what a key asks for while nothing is in front of the menu.
pub fn act(model: &mut Model, action: Action) -> Option<Effect> {
    let length = model.menu.rows.len();
    let page = isize::try_from(model.areas().list.height.max(2) - 1).unwrap_or(isize::MAX);
    let scroll = &mut model.menu.scroll;
    match action {
        Action::Move(step) => scroll.by(step, length),
        Action::Page(step) => scroll.by(step * page, length),
        Action::First => scroll.cursor = 0,
        Action::Last => scroll.cursor = length.saturating_sub(1),
        Action::ScrollDetails(step) => model.details.top = model.details.top.saturating_add_signed(step),
        Action::Enter => enter(model),
        Action::Back => return leave(model),
        Action::Activate => activate(model),
        Action::Change => change_row(model),
        Action::Set(value) => change::set_tristate(model, value),
        Action::Reset => change::reset(model),
        Action::Undo => change::undo(model),
        Action::Redo => change::redo(model),
        Action::Search => model.fronts.push(Front::Search(Search::default())),
        Action::Help if model.row().is_some() => show_help(model, Page::Entry),
        Action::Help | Action::Keys => show_help(model, Page::Keys),
        Action::ShowAll => show_all(model),
        Action::ShowNames => model.shows_names = !model.shows_names,
        Action::ShowHelp => model.shows_help = !model.shows_help,
        Action::Warnings => list_problems(model),
        Action::Save => change::save(model),
        Action::Open => change::ask_open(model),
        Action::SaveMinimal => change::ask_save_minimal(model),
        Action::Quit => return change::quit(model),
        // Done before: they mean the same everywhere.
        Action::Suspend | Action::Redraw => {}
    }
    None
}

/// Enter: goes into what has something inside, else changes the value.
pub fn activate(model: &mut Model) {
    match model.row() {
        Some(row) if row.opens && !row.is_empty => enter(model),
        _ => change_row(model),
    }
}

/// Leaves the open menu for the one around it; the main menu for good.
pub fn leave(model: &mut Model) -> Option<Effect> {
    if !model.menu.navigator.leave(&model.session) {
        return change::quit(model);
    }
    model.refresh();
    None
}

fn enter(model: &mut Model) {
    let Some(row) = model.row() else { return };
    if !row.opens {
        return;
    }
    if row.is_empty {
        let text = match model.menu.shown {
            Shown::Visible => "nothing to see inside: z shows hidden entries",
            Shown::All => "nothing is inside",
        };
        return model.say(Tone::Bad, text);
    }
    let node = row.node;
    model.menu.navigator.enter(node);
    model.refresh();
}

fn change_row(model: &mut Model) {
    let Some(row) = model.row() else { return };
    match row.kind {
        RowKind::Bool | RowKind::Tristate | RowKind::Member => change::toggle(model),
        RowKind::Int | RowKind::Hex | RowKind::Text => change::edit(model),
        RowKind::Menu | RowKind::Choice => enter(model),
        RowKind::Comment => {}
    }
}

fn show_all(model: &mut Model) {
    let (shown, text) = match model.menu.shown {
        Shown::Visible => (Shown::All, "hidden entries are shown, each with the reason"),
        Shown::All => (Shown::Visible, "only what can be seen now"),
    };
    model.menu.shown = shown;
    model.say(Tone::Plain, text);
    model.refresh();
}

fn show_help(model: &mut Model, page: Page) {
    model.fronts.push(Front::Help(Help { page, top: 0 }));
}

fn list_problems(model: &mut Model) {
    let list = model.session.problems();
    if list.is_empty() {
        return model.say(Tone::Good, "no errors and no warnings");
    }
    model.fronts.push(Front::problems(list));
}
