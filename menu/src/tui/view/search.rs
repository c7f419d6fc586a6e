//! The search: a line to type in, and what it found.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Clear, Widget};
use unicode_width::UnicodeWidthStr;

use super::{put, put_text, text};
use crate::session::{Hit, Shown, Snippet};
use crate::tui::Model;
use crate::tui::front::Search;
use crate::tui::layout::Areas;
use crate::tui::signs;
use crate::tui::theme::Theme;

/// Draws it over the list; returns where the cursor of the text is.
pub fn draw(model: &Model, search: &Search, areas: &Areas, buffer: &mut Buffer) -> Option<Position> {
    let theme = &model.theme;
    Clear.render(areas.list, buffer);
    let cursor = draw_query(theme, search, areas.query, buffer);
    let area = areas.results;
    if search.matches.hits.is_empty() {
        let text = match search.field.text().trim() {
            "" => "Letters of a name, a prompt or a help text.",
            _ => "Nothing matches.",
        };
        put_text(buffer, area.x + 3, area.y, area.width.saturating_sub(3), text, theme.dim);
        return cursor;
    }
    let shown = search.matches.hits.iter().enumerate().skip(search.scroll.top).take(usize::from(area.height));
    let width = usize::from(area.width).saturating_sub(4);
    let widest =
        shown.clone().map(|(_, hit)| hit.prompt.as_ref().map_or(0, |prompt| prompt.text.width())).max();
    let prompt = widest.unwrap_or(0).min(width / 2);
    for ((index, hit), y) in shown.zip(area.top()..) {
        let line = Line::from(text::fit_spans(line(theme, hit, prompt), width));
        put(buffer, area.x + 3, y, area.width.saturating_sub(3), &line);
        if index == search.scroll.cursor {
            buffer.set_style(Rect { y, height: 1, ..area }, theme.cursor);
        }
    }
    super::scroll_bar(theme, area, search.scroll.top, search.matches.hits.len(), buffer);
    cursor
}

fn draw_query(theme: &Theme, search: &Search, area: Rect, buffer: &mut Buffer) -> Option<Position> {
    if area.is_empty() {
        return None;
    }
    let found = match search.field.text().trim() {
        "" => String::new(),
        _ => format!("{} found", search.matches.total),
    };
    let line = Rect { height: 1, ..area };
    put_text(buffer, line.x, line.y, line.width, " /", theme.key);
    let width = line.width.saturating_sub(5 + found.len() as u16);
    let (shown, column) = search.field.visible(usize::from(width));
    put_text(buffer, line.x + 3, line.y, width, shown, theme.strong);
    let wide = found.len() as u16;
    if line.width > wide + 8 {
        put_text(buffer, line.right() - wide - 1, line.y, wide, &found, theme.dim);
    }
    if area.height > 1 {
        let rule = signs::HORIZONTAL.repeat(usize::from(area.width));
        put_text(buffer, area.x, area.y + 1, area.width, &rule, theme.line);
    }
    (width > 0).then(|| Position::new(line.x + 3 + (column as u16).min(width - 1), line.y))
}

/// A hit: its prompt in so many columns, name and value, and the line of the help text if that is what matches.
fn line(theme: &Theme, hit: &Hit, prompt: usize) -> Vec<Span<'static>> {
    let is_hidden = hit.shown == Shown::All;
    let text = hit.prompt.clone().unwrap_or_default();
    let plain = if is_hidden { theme.dim } else { Style::new() };
    let mut spans = text::fit_spans(snippet(&text, plain, theme.matched), prompt);
    spans.push(Span::raw(" ".repeat(prompt.saturating_sub(text::width(&spans)) + 2)));
    if let Some(name) = &hit.name {
        spans.extend(snippet(name, theme.dim, theme.matched));
        if !hit.value.is_empty() {
            spans.push(Span::styled("=", theme.dim));
            spans.push(Span::styled(hit.value.clone(), theme.value));
        }
    }
    if is_hidden {
        spans.push(Span::styled("  hidden", theme.dim));
    }
    if let Some(help) = &hit.help {
        spans.push(Span::raw("  "));
        spans.extend(snippet(help, theme.dim, theme.matched));
    }
    spans
}

/// A text with its matching characters marked.
fn snippet(snippet: &Snippet, plain: Style, matched: Style) -> Vec<Span<'static>> {
    let mut spans: Vec<(String, bool)> = Vec::new();
    let mut matching = snippet.matching.iter().peekable();
    for (index, character) in snippet.text.chars().enumerate() {
        let is_match = matching.next_if(|next| **next == index).is_some();
        match spans.last_mut() {
            Some((text, same)) if *same == is_match => text.push(character),
            _ => spans.push((character.to_string(), is_match)),
        }
    }
    spans
        .into_iter()
        .map(|(text, is_match)| Span::styled(text, if is_match { matched } else { plain }))
        .collect()
}
