//! A picture of the model. Nothing here changes anything; the same model and size give the same picture.

pub mod bar;
pub mod details;
pub mod dialog;
pub mod foot;
pub mod help;
pub mod menu;
pub mod problems;
pub mod prompt;
pub mod search;
mod text;

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Clear, Widget};

use super::Model;
use super::front::Front;
use super::model::Tone;
use super::signs;
use super::theme::Theme;

/// Draws the model.
pub fn view(model: &Model, frame: &mut Frame<'_>) {
    // The terminal may have shrunk since: the event that says so is under way, and brings the next picture.
    if frame.area().as_size() != model.size {
        return;
    }
    let areas = model.areas();
    let buffer = frame.buffer_mut();
    bar::draw(model, areas.bar, buffer);
    let page =
        match model.fronts.iter().rev().find(|front| matches!(front, Front::Help(_) | Front::Problems(_))) {
            Some(Front::Help(page)) => {
                help::draw(model, page, &areas, buffer);
                true
            }
            Some(Front::Problems(list)) => {
                problems::draw(model, list, &areas, buffer);
                true
            }
            _ => false,
        };
    if !page {
        menu::draw(model, &areas, buffer);
        details::draw(model, &areas, buffer);
    }
    foot::draw(model, &areas, buffer);
    let mut cursor = None;
    for front in &model.fronts {
        cursor = match front {
            Front::Search(search) => Some(search::draw(model, search, &areas, buffer)),
            Front::Value(editor) => Some(prompt::draw_value(model, editor, &areas, buffer)),
            Front::File(prompt) => Some(prompt::draw_file(model, prompt, &areas, buffer)),
            Front::Dialog(dialog) => {
                dialog::draw(model, dialog, &areas, buffer);
                None
            }
            Front::Help(_) | Front::Problems(_) => None,
        };
    }
    if !model.theme.has_unicode {
        signs::to_ascii(frame.buffer_mut());
    }
    if let Some(position) = cursor.flatten() {
        frame.set_cursor_position(position);
    }
}

/// Draws lines from the top of an area on, as far as there is room.
fn lines(lines: &[Line<'_>], area: Rect, buffer: &mut Buffer) {
    for (line, y) in lines.iter().zip(area.top()..area.bottom()) {
        put(buffer, area.x, y, area.width, line);
    }
}

/// Draws a line at a place, as far as it is on the screen and in `width` columns.
fn put(buffer: &mut Buffer, x: u16, y: u16, width: u16, line: &Line<'_>) {
    if buffer.area.contains(Position::new(x, y)) {
        buffer.set_line(x, y, line, width);
    }
}

/// Draws text at a place, as far as it is on the screen and in `width` columns.
fn put_text(buffer: &mut Buffer, x: u16, y: u16, width: u16, text: &str, style: Style) {
    if buffer.area.contains(Position::new(x, y)) {
        buffer.set_stringn(x, y, text, usize::from(width), style);
    }
}

/// Draws a box with a title and returns the area in it, with a blank column at each side.
fn boxed(theme: &Theme, title: &str, area: Rect, buffer: &mut Buffer) -> Rect {
    Clear.render(area, buffer);
    if area.width < 2 || area.height < 2 {
        return area;
    }
    let inside = usize::from(area.width) - 2;
    let edge = signs::HORIZONTAL.repeat(inside);
    let [top_left, top_right, bottom_left, bottom_right] = signs::CORNERS;
    let top = format!("{top_left}{edge}{top_right}");
    let bottom = format!("{bottom_left}{edge}{bottom_right}");
    put_text(buffer, area.x, area.y, area.width, &top, theme.key);
    put_text(buffer, area.x, area.bottom() - 1, area.width, &bottom, theme.key);
    for y in area.y + 1..area.bottom() - 1 {
        put_text(buffer, area.x, y, 1, signs::VERTICAL, theme.key);
        put_text(buffer, area.right() - 1, y, 1, signs::VERTICAL, theme.key);
    }
    let title = format!(" {} ", text::fit(title, inside.saturating_sub(4)));
    put_text(buffer, area.x + 2, area.y, area.width.saturating_sub(3), &title, theme.strong);
    Rect {
        x: area.x + 2.min(area.width),
        y: area.y + 1,
        width: area.width.saturating_sub(4),
        height: area.height - 2,
    }
}

/// Draws a scroll bar over the right border of a box or area, if something is hidden.
fn scroll_bar(theme: &Theme, area: Rect, top: usize, length: usize, buffer: &mut Buffer) {
    let height = usize::from(area.height);
    if length <= height || area.is_empty() {
        return;
    }
    let size = (height * height / length).max(1);
    let start = top * (height - size) / (length - height);
    for index in start..(start + size).min(height) {
        // Less than the height of the area, which is a u16.
        let y = area.y + index as u16;
        put_text(buffer, area.right() - 1, y, 1, signs::THUMB, theme.dim);
    }
}

/// The style of a text that sounds like this.
fn tone(theme: &Theme, tone: Tone) -> Style {
    match tone {
        Tone::Plain => Style::new(),
        Tone::Good => theme.success,
        Tone::Bad => theme.warning,
        Tone::Faint => theme.dim,
    }
}

/// A key and what it does, for a hint: `? help`.
fn hint(theme: &Theme, key: &str, what: &str) -> [Span<'static>; 2] {
    [Span::styled(key.to_string(), theme.key), Span::styled(format!(" {what}"), theme.dim)]
}
