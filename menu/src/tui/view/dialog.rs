//! A question with its buttons.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use super::{boxed, text, tone};
use crate::tui::Model;
use crate::tui::front::Dialog;
use crate::tui::layout::Areas;

const WIDTH: u16 = 64;

/// Draws it.
pub fn draw(model: &Model, dialog: &Dialog, areas: &Areas, buffer: &mut Buffer) {
    let theme = &model.theme;
    let lines = body(model, dialog, areas);
    let (area, inner) = place(&lines, areas);
    boxed(theme, &dialog.title, area, buffer);
    let (text, _) = split(inner);
    super::lines(lines.get(dialog.top..).unwrap_or_default(), text, buffer);
    let beside = Rect { x: area.x, width: area.width, ..text };
    super::scroll_bar(theme, beside, dialog.top, lines.len(), buffer);
    for (index, (place, label)) in buttons(model, dialog, areas).into_iter().enumerate() {
        let style = if index == dialog.chosen { theme.cursor } else { theme.key };
        super::put_text(buffer, place.x, place.y, place.width, &label, style);
    }
}

/// How far the body can be scrolled.
pub fn most_top(model: &Model, dialog: &Dialog, areas: &Areas) -> usize {
    let lines = body(model, dialog, areas);
    let (_, inner) = place(&lines, areas);
    lines.len().saturating_sub(usize::from(split(inner).0.height))
}

/// Where each button is, and its label.
pub fn buttons(model: &Model, dialog: &Dialog, areas: &Areas) -> Vec<(Rect, String)> {
    let lines = body(model, dialog, areas);
    let (_, inner) = place(&lines, areas);
    let (_, row) = split(inner);
    let mut x = row.x;
    let mut buttons = Vec::new();
    for button in dialog.buttons {
        let label = format!("[ {} ]", button.label);
        let width = (label.width() as u16).min(row.right().saturating_sub(x));
        buttons.push((Rect { x, width, ..row }, label));
        x = (x + width + 2).min(row.right());
    }
    buttons
}

fn body(model: &Model, dialog: &Dialog, areas: &Areas) -> Vec<Line<'static>> {
    let width = usize::from(areas.popup(WIDTH, u16::MAX).width.saturating_sub(4));
    let wrap = |(tone_of, text): &(_, String)| {
        let indent = match text.len() - text.trim_start().len() {
            0 => 0,
            blanks => blanks + 2,
        };
        text::wrap(&[Span::styled(text.clone(), tone(&model.theme, *tone_of))], width, indent)
    };
    dialog.body.iter().flat_map(wrap).collect()
}

fn place(lines: &[Line<'_>], areas: &Areas) -> (Rect, Rect) {
    // Borders, a blank line and the buttons.
    let height = u16::try_from(lines.len() + 4).unwrap_or(u16::MAX);
    let area = areas.popup(WIDTH, height);
    let inner = Rect {
        x: area.x + area.width.min(2),
        y: area.y + area.height.min(1),
        width: area.width.saturating_sub(4),
        height: area.height.saturating_sub(2),
    };
    (area, inner)
}

/// The body, and the line of the buttons below it.
fn split(inner: Rect) -> (Rect, Rect) {
    let gap = if inner.height > 3 { 2 } else { 1 };
    let text = Rect { height: inner.height.saturating_sub(gap), ..inner };
    let row = Rect { y: inner.bottom().saturating_sub(1).max(inner.y), height: inner.height.min(1), ..inner };
    (text, row)
}
