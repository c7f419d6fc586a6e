//! The rows of the menu.
//!
//! ```text
//!  [*] Networking ›
//!        Sockets             4096           NET_SOCKETS
//!      Heap ›                TLSF           ALLOC
//! ```
//! Marks, prompts, values, names and reasons each begin in a column of their own.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use super::text;
use crate::kconfig::Tristate;
use crate::session::{Row, RowKind, Shown, Value};
use crate::tui::Model;
use crate::tui::layout::Areas;
use crate::tui::signs;
use crate::tui::theme::Theme;

/// Columns before a prompt: a blank, the mark, a blank.
const LEFT: usize = 5;

/// Lines of a help text are no longer, however wide the terminal.
const READABLE: usize = 84;

/// Widths of what follows the marks.
struct Columns {
    prompt: usize,
    value: usize,
    name: usize,
    /// All of them, and what is between.
    all: usize,
}

/// Draws the rows that are on the screen.
pub fn draw(model: &Model, areas: &Areas, buffer: &mut Buffer) {
    let (area, theme) = (areas.list, &model.theme);
    let menu = &model.menu;
    if menu.rows.is_empty() {
        let text = match menu.shown {
            Shown::Visible => "Nothing can be set here now; z shows hidden entries.",
            Shown::All => "There is nothing here.",
        };
        let width = usize::from(area.width).saturating_sub(LEFT + 1);
        let lines = text::wrap(&[Span::styled(text, theme.dim)], width, 0);
        let inner = Rect { x: area.x + area.width.min(LEFT as u16), width: width as u16, ..area };
        return super::lines(&lines, inner, buffer);
    }
    let columns = Columns::new(model, usize::from(area.width).saturating_sub(LEFT + 1));
    let below = help_below(model);
    let mut y = area.y;
    for (index, row) in menu.rows.iter().enumerate().skip(menu.scroll.top) {
        if y >= area.bottom() {
            break;
        }
        super::put(buffer, area.x, y, area.width.saturating_sub(1), &line(model, row, &columns));
        if index == menu.scroll.cursor {
            let style = if model.fronts.is_empty() { theme.cursor } else { theme.cursor_behind };
            buffer.set_style(Rect { y, height: 1, ..area }, style);
            let inner = Rect { y: y + 1, height: area.bottom() - y - 1, ..area };
            super::lines(&below, inner, buffer);
            y = y.saturating_add(below.len() as u16);
        }
        y += 1;
    }
    super::scroll_bar(theme, area, menu.scroll.top, menu.rows.len() + below.len(), buffer);
}

/// The index of the row that is drawn at a line of the screen, for a click.
pub fn row_at(model: &Model, area: Rect, y: u16) -> Option<usize> {
    let scroll = model.menu.scroll;
    let line = usize::from(y.checked_sub(area.y)?);
    let of_cursor = scroll.cursor.checked_sub(scroll.top)?;
    let below = help_below(model).len();
    let index = match line.checked_sub(of_cursor + 1) {
        None => scroll.top + line,
        Some(after) => scroll.cursor + 1 + after.checked_sub(below)?,
    };
    (index < model.menu.rows.len()).then_some(index)
}

/// The help text that is shown below the row under the cursor: half of the list at most.
pub fn help_below(model: &Model) -> Vec<Line<'static>> {
    let Some((_, explanation)) = model.details.of.as_ref().filter(|_| model.shows_help) else {
        return Vec::new();
    };
    let area = model.areas().list;
    let indent = LEFT + model.row().map_or(0, |row| 2 * row.depth);
    let width = usize::from(area.width).saturating_sub(indent + 2).min(READABLE);
    if width < 8 {
        return Vec::new();
    }
    let text = if explanation.help.is_empty() { "no help" } else { explanation.help.as_str() };
    let mut lines = text::reflow(text, width, model.theme.dim);
    let room = usize::from(area.height / 2);
    if lines.len() > room {
        lines.truncate(room);
        if let Some(last) = lines.last_mut() {
            *last = Line::styled(signs::ELLIPSIS, model.theme.dim);
        }
    }
    for line in &mut lines {
        line.spans.insert(0, Span::raw(" ".repeat(indent)));
    }
    lines
}

impl Columns {
    fn new(model: &Model, all: usize) -> Self {
        let rows = &model.menu.rows;
        let widest = |width: &dyn Fn(&Row) -> usize| rows.iter().map(width).max().unwrap_or(0);
        let most = if model.shows_names { all / 4 } else { all * 2 / 5 };
        let value = widest(&|row| value(row).width()).min(most);
        let name = if model.shows_names { widest(&|row| name(row).width()).min(all * 2 / 5) } else { 0 };
        // A prompt that is longer takes the room of its own row's value, and does not push those of all others.
        let after = if name > 0 { value + name + 2 } else { value };
        let most = all.saturating_sub(after + 2);
        let prompt = |row: &Row| if has_tail(model, row) { prompt(row).width() } else { 0 };
        let prompt = rows.iter().map(prompt).filter(|width| *width <= most).max().unwrap_or(0);
        Self { prompt, value, name, all }
    }

    /// Columns of a prompt of `own` columns that is followed by `tail`; `floats` if that need not be in line with
    /// what follows other prompts.
    fn prompt(&self, own: usize, tail: usize, floats: bool) -> usize {
        let shown = own.min(self.all.saturating_sub(tail.min(self.all * 2 / 5) + 2));
        let aligned = if floats { self.prompt.min(self.all.saturating_sub(tail + 2)) } else { self.prompt };
        shown.max(aligned)
    }
}

fn has_tail(model: &Model, row: &Row) -> bool {
    row.hidden.is_some() || model.shows_names && row.name.is_some() || !value(row).is_empty()
}

fn line(model: &Model, row: &Row, columns: &Columns) -> Line<'static> {
    let theme = &model.theme;
    let is_dim = row.hidden.is_some() || row.kind == RowKind::Comment;
    let shade = |style| if is_dim { theme.dim } else { style };
    let stress = |style: ratatui::style::Style| if row.is_set { style.patch(theme.strong) } else { style };
    let mut spans = vec![Span::raw(" "), mark(theme, row), Span::raw(" ")];
    let prompt = prompt(row);
    if !has_tail(model, row) {
        spans.push(Span::styled(text::fit(&prompt, columns.all), shade(Default::default())));
        return Line::from(spans);
    }
    let value = value(row);
    let name = if model.shows_names { name(row) } else { "" };
    let reason = row.hidden.as_ref().map(|reason| format!("{} {reason}", signs::FAILS));
    let tail = match (columns.name, &reason) {
        (0, None) => value.width(),
        (0, Some(reason)) => value.width() + reason.width() + 2,
        (name, _) => columns.value + name + 2,
    };
    // A reason alone is long, and read more than compared.
    let wide = columns.prompt(prompt.width(), tail, value.is_empty() && columns.name == 0);
    spans.push(Span::styled(text::pad(&prompt, wide), shade(Default::default())));
    let mut room = columns.all.saturating_sub(wide);
    let mut column = |content: &str, width: usize, style, is_last: bool| {
        // The last column has all the room there is.
        let width = if is_last { room } else { width.min(room) }.saturating_sub(2);
        if width == 0 || content.is_empty() && is_last {
            return;
        }
        room -= width + 2;
        let content = if is_last { text::fit(content, width) } else { text::pad(content, width) };
        spans.extend([Span::raw("  "), Span::styled(content, style)]);
    };
    if !value.is_empty() || columns.name > 0 {
        let is_last = name.is_empty() && reason.is_none();
        let width = if columns.name > 0 { columns.value } else { value.width() };
        column(&value, width + 2, shade(stress(theme.value)), is_last);
    }
    if columns.name > 0 {
        column(name, columns.name + 2, theme.dim, reason.is_none());
    }
    if let Some(reason) = reason {
        column(&reason, 0, theme.dim, true);
    }
    Line::from(spans)
}

/// Three columns that tell a bool's, tristate's or member's value.
fn mark(theme: &Theme, row: &Row) -> Span<'static> {
    let Value::Tristate { value, allowed } = &row.value else {
        let text = if row.kind == RowKind::Comment { signs::HORIZONTAL.repeat(3) } else { " ".repeat(3) };
        return Span::styled(text, theme.dim);
    };
    let text = match (row.kind, value) {
        (RowKind::Member, Tristate::Yes) => signs::PICKED.to_string(),
        _ => row.mark(),
    };
    let style = match value {
        _ if row.hidden.is_some() => theme.dim,
        // What cannot be changed is not a button.
        _ if allowed.len() < 2 && row.kind != RowKind::Member => theme.dim,
        Tristate::No => Default::default(),
        Tristate::Mod => theme.value,
        Tristate::Yes => theme.on,
    };
    Span::styled(text::pad(&text, 3), if row.is_set { style.patch(theme.strong) } else { style })
}

/// The prompt at its depth, with the sign that there is something inside.
fn prompt(row: &Row) -> String {
    let enter = match row.opens {
        true if row.is_empty => format!(" {}", signs::DOT),
        true => format!(" {}", signs::ENTER),
        false => String::new(),
    };
    format!("{}{}{enter}", "  ".repeat(row.depth), row.prompt)
}

fn name(row: &Row) -> &str {
    row.name.as_deref().unwrap_or_default()
}

/// The value of what is neither bool nor tristate: those have a mark.
fn value(row: &Row) -> String {
    match &row.value {
        Value::Text(text) if row.kind == RowKind::Text => format!("\"{text}\""),
        Value::Text(text) => text.clone(),
        Value::Picked(Some(picked)) => picked.clone(),
        Value::Picked(None) if row.hidden.is_none() => format!("{0} none {0}", signs::DOT),
        Value::None | Value::Tristate { .. } | Value::Picked(None) => String::new(),
    }
}
