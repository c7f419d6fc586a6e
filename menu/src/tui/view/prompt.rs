//! A line of text to type in: a value with its range, or the name of a file.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};

use super::{boxed, put_text, text};
use crate::tui::Model;
use crate::tui::field::Field;
use crate::tui::front::{FilePrompt, FilePurpose, ValueEditor};
use crate::tui::layout::Areas;
use crate::tui::signs;

const WIDTH: u16 = 54;

/// Draws the line for a value; returns where its cursor is.
pub fn draw_value(
    model: &Model,
    editor: &ValueEditor,
    areas: &Areas,
    buffer: &mut Buffer,
) -> Option<Position> {
    let theme = &model.theme;
    let below = match &editor.verdict.error {
        Some(error) => Span::styled(format!("{} {error}", signs::FAILS), theme.error),
        None => Span::styled(format!("{} Enter sets it", signs::HOLDS), theme.success),
    };
    let hint = Span::styled(editor.verdict.expected.clone(), theme.dim);
    draw(model, &editor.title, &editor.field, &[hint, below], areas, buffer)
}

/// Draws the line for a file; returns where its cursor is.
pub fn draw_file(model: &Model, prompt: &FilePrompt, areas: &Areas, buffer: &mut Buffer) -> Option<Position> {
    let theme = &model.theme;
    let (title, what) = match prompt.purpose {
        FilePurpose::Open => ("Open", "the file to read in place of this one"),
        FilePurpose::SaveMinimal => ("Save minimal", "the file for what differs from the defaults"),
    };
    let mut below = vec![Span::styled(what, theme.dim)];
    below.push(Span::styled(prompt.complaint.clone().unwrap_or_default(), theme.warning));
    draw(model, title, &prompt.field, &below, areas, buffer)
}

fn draw(
    model: &Model,
    title: &str,
    field: &Field,
    below: &[Span<'static>],
    areas: &Areas,
    buffer: &mut Buffer,
) -> Option<Position> {
    let theme = &model.theme;
    let outer = areas.popup(WIDTH, u16::MAX).width;
    let width = usize::from(outer.saturating_sub(4));
    let lines: Vec<Line<'_>> =
        below.iter().flat_map(|span| text::wrap(std::slice::from_ref(span), width, 0)).collect();
    // A line, a rule below it and the borders.
    let area = areas.popup(WIDTH, lines.len() as u16 + 4);
    let inner = boxed(theme, title, area, buffer);
    if inner.is_empty() {
        return None;
    }
    let (shown, column) = field.visible(usize::from(inner.width));
    put_text(buffer, inner.x, inner.y, inner.width, shown, theme.strong);
    let rule = signs::HORIZONTAL.repeat(usize::from(inner.width));
    let mut rest = Rect { y: inner.y + 1, height: inner.height - 1, ..inner };
    if usize::from(rest.height) > lines.len() {
        put_text(buffer, rest.x, rest.y, rest.width, &rule, theme.line);
        rest = Rect { y: rest.y + 1, height: rest.height - 1, ..rest };
    }
    super::lines(&lines, rest, buffer);
    Some(Position::new(inner.x + (column as u16).min(inner.width - 1), inner.y))
}
