//! The two lines at the bottom: what happened or can be done, and what the image costs.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::{details, dialog, hint, text, tone};
use crate::session::{RowKind, Shown};
use crate::tui::Model;
use crate::tui::front::{Front, Page};
use crate::tui::layout::Areas;
use crate::tui::model::count;
use crate::tui::signs;

/// Draws both lines, as far as the screen has them.
pub fn draw(model: &Model, areas: &Areas, buffer: &mut Buffer) {
    draw_status(model, areas, areas.status, buffer);
    draw_summary(model, areas.summary, buffer);
}

/// What happened; else, where there is no pane for it, the value under the cursor and why; else the keys.
fn draw_status(model: &Model, areas: &Areas, area: Rect, buffer: &mut Buffer) {
    let (theme, width) = (&model.theme, usize::from(area.width).saturating_sub(2));
    let spans = match (&model.message, &model.details.of) {
        (Some(message), _) => vec![Span::styled(message.text.clone(), tone(theme, message.tone))],
        (None, Some((_, explanation))) if areas.details.is_none() && model.fronts.is_empty() => {
            let spans = details::summary(theme, explanation);
            if spans.is_empty() { hints(model, width) } else { spans }
        }
        _ => hints(model, width),
    };
    let line = Line::from(text::fit_spans(spans, width));
    super::put(buffer, area.x + 1, area.y, area.width.saturating_sub(1), &line);
}

fn draw_summary(model: &Model, area: Rect, buffer: &mut Buffer) {
    let theme = &model.theme;
    buffer.set_style(area, theme.bar);
    let summary = &model.summary;
    let mut parts = Vec::new();
    if let Some(size) = summary.image_bytes {
        parts.push(Span::styled(format!("image {}", bytes(size)), theme.bar.patch(theme.strong)));
    }
    if let Some(libraries) = summary.libraries {
        let thing = if libraries == 1 { "micro-library" } else { "micro-libraries" };
        parts.push(Span::styled(format!("{libraries} {thing}"), theme.bar));
    }
    if summary.problems > 0 {
        let text = count(summary.problems, "problem");
        parts.push(Span::styled(text, theme.bar.patch(theme.warning)));
    }
    if model.menu.shown == Shown::All {
        parts.push(Span::styled("all shown", theme.bar));
    }
    let mut spans = vec![Span::raw(" ")];
    for (index, part) in parts.into_iter().enumerate() {
        if index > 0 {
            spans.push(Span::styled(format!(" {} ", signs::DOT), theme.bar));
        }
        spans.push(part);
    }
    let place = position(model);
    let room = usize::from(area.width);
    let used = text::width(&spans);
    let line = Line::from(text::fit_spans(spans, room));
    super::put(buffer, area.x, area.y, area.width, &line);
    if used + place.len() + 2 <= room {
        let width = place.len() as u16;
        super::put_text(buffer, area.right() - width - 1, area.y, width, &place, theme.bar);
    }
}

/// Where the cursor is, in the list that has it: `3/17`.
fn position(model: &Model) -> String {
    let (cursor, length) = match model.fronts.last() {
        Some(Front::Search(search)) => (search.scroll.cursor, search.matches.hits.len()),
        Some(Front::Problems(problems)) => (problems.scroll.cursor, problems.list.len()),
        _ => (model.menu.scroll.cursor, model.menu.rows.len()),
    };
    if length == 0 { String::new() } else { format!("{}/{length}", cursor + 1) }
}

/// The keys that help most now, as many as there is room for.
fn hints(model: &Model, width: usize) -> Vec<Span<'static>> {
    let known: Vec<(&str, &str)> = match model.fronts.last() {
        None => of_menu(model),
        Some(Front::Search(_)) => vec![("Enter", "go there"), ("Esc", "cancel"), ("↑↓", "choose")],
        Some(Front::Value(_)) => vec![("Enter", "set"), ("Esc", "cancel")],
        Some(Front::File(_)) => vec![("Enter", "go on"), ("Esc", "cancel")],
        Some(Front::Dialog(dialog)) if dialog::most_top(model, dialog, &model.areas()) > 0 => {
            vec![("↑↓", "scroll"), ("←→", "choose"), ("Enter", "answer"), ("Esc", "cancel")]
        }
        Some(Front::Dialog(_)) => vec![("←→", "choose"), ("Enter", "answer"), ("Esc", "cancel")],
        Some(Front::Problems(_)) => {
            vec![("Enter", "go there"), ("1-9", "repair"), ("u", "undo"), ("Esc", "back")]
        }
        Some(Front::Help(help)) if help.page == Page::Entry => {
            vec![("Tab", "keys"), ("↑↓", "scroll"), ("Esc", "back")]
        }
        Some(Front::Help(_)) => vec![("Tab", "entry"), ("↑↓", "scroll"), ("Esc", "back")],
    };
    let mut spans = Vec::new();
    for (key, what) in known {
        let next = hint(&model.theme, key, what);
        if text::width(&spans) + text::width(&next) + 3 > width {
            break;
        }
        if !spans.is_empty() {
            spans.push(Span::raw("   "));
        }
        spans.extend(next);
    }
    spans
}

fn of_menu(model: &Model) -> Vec<(&'static str, &'static str)> {
    let first = match model.row() {
        Some(row) if row.opens && !row.is_empty => ("Enter", "open"),
        Some(row) => match row.kind {
            RowKind::Bool | RowKind::Tristate => ("Space", "switch"),
            RowKind::Member => ("Space", "pick"),
            RowKind::Int | RowKind::Hex | RowKind::Text => ("Enter", "edit"),
            RowKind::Menu | RowKind::Choice | RowKind::Comment => ("h", "back"),
        },
        None => ("h", "back"),
    };
    let mut hints = vec![first, ("/", "search"), ("?", "help"), ("s", "save"), ("q", "quit")];
    hints.extend([("u", "undo"), ("z", "show all"), ("c", "names"), ("w", "warnings"), ("r", "reset")]);
    hints
}

/// A number of bytes as people read it: `166 KB`. A kilobyte has 1000, as in the README and the budgets.
pub fn bytes(count: u64) -> String {
    match count {
        0..1_000 => format!("{count} B"),
        1_000..10_000 => format!("{}.{} KB", count / 1_000, count % 1_000 / 100),
        10_000..1_000_000 => format!("{} KB", count / 1_000),
        _ => format!("{}.{} MB", count / 1_000_000, count % 1_000_000 / 100_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_short() {
        let shown = [0, 999, 1_000, 9_999, 10_000, 166_440, 999_999, 1_391_240].map(bytes);
        assert_eq!(shown, ["0 B", "999 B", "1.0 KB", "9.9 KB", "10 KB", "166 KB", "999 KB", "1.3 MB"]);
    }
}
