//! The mouse: a click does what the cursor and Enter would, the wheel scrolls what it is over.

use ratatui::crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::Position;

use super::{Effect, change, front, menu};
use crate::tui::Model;
use crate::tui::front::Front;
use crate::tui::view;

/// Rows that one step of the wheel moves.
const WHEEL: isize = 3;

/// Columns of the menu in which a click switches at once: the mark.
const MARK: u16 = 5;

/// Does what a mouse event asks for.
pub fn act(model: &mut Model, mouse: MouseEvent) -> Option<Effect> {
    let place = Position::new(mouse.column, mouse.row);
    match mouse.kind {
        MouseEventKind::Down(MouseButton::Left) => {
            model.message = None;
            click(model, place)
        }
        MouseEventKind::Down(MouseButton::Right) => {
            model.message = None;
            // As Esc, but it never leaves the program: too easily done.
            if model.fronts.pop().is_none() && model.menu.path.len() > 1 {
                menu::leave(model);
            }
            None
        }
        MouseEventKind::ScrollDown => {
            wheel(model, place, WHEEL);
            None
        }
        MouseEventKind::ScrollUp => {
            wheel(model, place, -WHEEL);
            None
        }
        _ => None,
    }
}

fn click(model: &mut Model, place: Position) -> Option<Effect> {
    let areas = model.areas();
    match model.fronts.last_mut() {
        Some(Front::Search(search)) if areas.results.contains(place) => {
            let index = search.scroll.top + usize::from(place.y - areas.results.y);
            if index == search.scroll.cursor {
                front::submit(model);
            } else if index < search.matches.hits.len() {
                search.scroll.cursor = index;
            }
            None
        }
        Some(Front::Problems(problems)) if areas.problems.contains(place) => {
            let index = problems.scroll.top + usize::from(place.y - areas.problems.y);
            if index < problems.list.len() {
                problems.scroll.cursor = index;
            }
            None
        }
        Some(Front::Dialog(dialog)) => {
            let answers = dialog.buttons.iter().map(|button| button.answer);
            let Some(Front::Dialog(dialog)) = model.fronts.last() else { return None };
            let places = view::dialog::buttons(model, dialog, &areas);
            let answer = places.iter().zip(answers).find(|((area, _), _)| area.contains(place));
            let answer = answer.map(|(_, answer)| answer)?;
            change::answer(model, answer)
        }
        Some(_) => None,
        None => click_menu(model, place),
    }
}

fn click_menu(model: &mut Model, place: Position) -> Option<Effect> {
    let areas = model.areas();
    if areas.bar.contains(place) {
        let index = view::bar::link_at(model, areas.bar, place.x)?;
        for _ in index + 1..model.menu.path.len() {
            menu::leave(model);
        }
        return None;
    }
    if !areas.list.contains(place) {
        return None;
    }
    let index = view::menu::row_at(model, areas.list, place.y)?;
    let was_there = index == model.menu.scroll.cursor;
    model.menu.scroll.cursor = index;
    model.settle();
    if was_there || place.x < areas.list.x + MARK {
        menu::activate(model);
    }
    None
}

fn wheel(model: &mut Model, place: Position, step: isize) {
    let areas = model.areas();
    let is_over_details = areas.details.is_some_and(|area| area.contains(place));
    match model.fronts.last_mut() {
        Some(Front::Search(search)) if !is_over_details => {
            search.scroll.roll(step, search.matches.hits.len(), usize::from(areas.results.height));
        }
        Some(Front::Problems(problems)) => {
            problems.scroll.roll(step, problems.list.len(), usize::from(areas.problems.height));
        }
        Some(Front::Help(help)) => help.top = help.top.saturating_add_signed(step),
        Some(Front::Dialog(dialog)) => dialog.top = dialog.top.saturating_add_signed(step),
        _ if is_over_details => model.details.top = model.details.top.saturating_add_signed(step),
        None => {
            let height = usize::from(areas.list.height).saturating_sub(view::menu::help_below(model).len());
            model.menu.scroll.roll(step, model.menu.rows.len(), height);
        }
        _ => {}
    }
}
