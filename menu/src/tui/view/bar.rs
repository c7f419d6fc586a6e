//! The line at the top: the way from the main menu to here, and the file.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use super::text;
use crate::tui::Model;
use crate::tui::front::Front;
use crate::tui::signs;

/// Columns that the way keeps, whatever the name of the file.
const LEAST_PATH: usize = 16;

/// Draws it.
pub fn draw(model: &Model, area: Rect, buffer: &mut Buffer) {
    let theme = &model.theme;
    buffer.set_style(area, theme.bar);
    let width = usize::from(area.width);
    let (shown, file) = parts(model, width);
    let mut spans = vec![Span::raw(" ")];
    for (index, (_, title)) in shown.iter().enumerate() {
        if index > 0 {
            spans.push(Span::styled(format!(" {} ", signs::ENTER), theme.bar));
        }
        let is_last = index + 1 == shown.len();
        spans.push(Span::styled(
            title.clone(),
            if is_last { theme.bar.patch(theme.strong) } else { theme.bar },
        ));
    }
    let way = Line::from(text::fit_spans(spans, width));
    super::put(buffer, area.x, area.y, area.width, &way);
    if let Ok(wide) = u16::try_from(file.width())
        && wide < area.width
    {
        let style = if model.summary.is_changed { theme.bar.patch(theme.changed) } else { theme.bar };
        super::put_text(buffer, area.right() - wide, area.y, wide, &file, style);
    }
}

/// The index in the model's path of what is shown at a column, for a click.
pub fn link_at(model: &Model, area: Rect, column: u16) -> Option<usize> {
    let (shown, _) = parts(model, usize::from(area.width));
    let mut start = usize::from(area.x) + 1;
    shown.iter().find_map(|(index, title)| {
        let end = start + title.width();
        let is_here = (start..end).contains(&usize::from(column));
        start = end + 2 + signs::ENTER.width();
        is_here.then_some(*index)
    })
}

/// The menus that have room, each with its index, and the name of the file.
fn parts(model: &Model, width: usize) -> (Vec<(usize, String)>, String) {
    let name = model.session.store_name();
    let state = if model.summary.is_changed { format!("{} ", signs::CHANGED) } else { String::new() };
    let room = width.saturating_sub(LEAST_PATH + state.width() + 2);
    // The end of a path tells more than its start.
    let name = match name.rsplit('/').next() {
        Some(short) if name.width() > room => text::fit(short, room),
        _ => name,
    };
    let file = if name.is_empty() { String::new() } else { format!(" {state}{name} ") };
    let room = width.saturating_sub(file.width() + 2);
    let page = model.fronts.iter().rev().find_map(|front| match front {
        Front::Help(_) => Some("Help".to_string()),
        Front::Problems(_) => Some("Errors and warnings".to_string()),
        _ => None,
    });
    let titles = model.menu.path.iter().map(|(_, title)| title.clone()).chain(page);
    (nearest(titles.collect(), room), file)
}

/// The end of the way, as far as it has room: where we are matters more than where we began.
fn nearest(titles: Vec<String>, room: usize) -> Vec<(usize, String)> {
    let between = 2 + signs::ENTER.width();
    let mut shown: Vec<(usize, String)> = Vec::new();
    let mut left = room;
    for (index, title) in titles.into_iter().enumerate().rev() {
        let separator = if shown.is_empty() { 0 } else { between };
        // A title that is not the first leaves room for the sign that there are more.
        let reserve = if index > 0 { signs::ELLIPSIS.width() + between } else { 0 };
        if title.width() + separator + reserve <= left {
            left -= title.width() + separator;
            shown.insert(0, (index, title));
        } else if shown.is_empty() {
            return vec![(index, text::fit(&title, room))];
        } else {
            shown.insert(0, (index, signs::ELLIPSIS.to_string()));
            break;
        }
    }
    shown
}
