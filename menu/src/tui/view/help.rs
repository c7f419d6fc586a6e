//! The help screen: everything about an entry, and the table of keys.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use super::{details, text};
use crate::tui::Model;
use crate::tui::front::{Help, Page};
use crate::tui::keys::{self, Key};
use crate::tui::layout::Areas;
use crate::tui::signs;

/// Lines are no longer, however wide the terminal.
const READABLE: u16 = 88;

/// Draws a page in place of the menu.
pub fn draw(model: &Model, help: &Help, areas: &Areas, buffer: &mut Buffer) {
    let area = areas.body;
    let lines = lines(model, help.page);
    super::lines(lines.get(help.top..).unwrap_or_default(), inner(area), buffer);
    super::scroll_bar(&model.theme, area, help.top, lines.len(), buffer);
}

/// The lines of a page.
pub fn lines(model: &Model, page: Page) -> Vec<Line<'static>> {
    let width = usize::from(inner(model.areas().body).width);
    match page {
        Page::Keys => keys(model, width),
        Page::Entry => entry(model, width),
    }
}

fn inner(area: Rect) -> Rect {
    Rect { x: area.x + area.width.min(2), width: area.width.saturating_sub(4).min(READABLE), ..area }
}

fn entry(model: &Model, width: usize) -> Vec<Line<'static>> {
    let Some((_, explanation)) = &model.details.of else { return Vec::new() };
    let mut lines = details::explain(&model.theme, explanation, width, usize::MAX, true);
    for definition in &explanation.definitions {
        lines.push(Line::default());
        let prompt = definition.prompt.clone().unwrap_or_else(|| "without a prompt".to_string());
        lines.extend(text::wrap(&[Span::styled(prompt, model.theme.strong)], width, 2));
        let place = format!("{} {} {}", definition.place, signs::DOT, definition.path);
        lines.extend(text::wrap(&[Span::styled(place, model.theme.dim)], width, 2));
    }
    lines
}

fn keys(model: &Model, width: usize) -> Vec<Line<'static>> {
    let theme = &model.theme;
    let names = |keys: &mut dyn Iterator<Item = Key>| {
        let names: Vec<_> = keys.map(|key| key.to_string()).collect();
        names.join(" ")
    };
    let mut groups: Vec<(&str, Vec<(String, &str)>)> = keys::GROUPS
        .iter()
        .map(|group| {
            let rows = group.bindings.iter();
            (
                group.title,
                rows.map(|row| (names(&mut row.keys.iter().map(|(key, _)| *key)), row.text)).collect(),
            )
        })
        .collect();
    let text = keys::TEXT.iter().map(|(keys, _, what)| (names(&mut keys.iter().copied()), *what)).collect();
    groups.push(("In a line of text", text));
    let widest = groups.iter().flat_map(|(_, rows)| rows).map(|(keys, _)| keys.width()).max().unwrap_or(0);
    let left = widest.min(width / 2);
    let mut lines = Vec::new();
    for (title, rows) in groups {
        if !lines.is_empty() {
            lines.push(Line::default());
        }
        lines.push(Line::styled(title, theme.strong));
        for (keys, what) in rows {
            let spans = [Span::styled(text::pad(&keys, left), theme.key), Span::raw("  "), Span::raw(what)];
            lines.extend(text::wrap(&spans, width, left + 2));
        }
    }
    lines
}
