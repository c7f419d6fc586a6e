//! The explanation of an entry: its value and why, what it needs, what it brings, where it stands.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use super::foot::bytes;
use super::text;
use crate::kconfig::Type;
use crate::session::{Explanation, Link, Piece, State};
use crate::tui::Model;
use crate::tui::layout::Areas;
use crate::tui::signs;
use crate::tui::theme::Theme;

/// Columns of the words at the left.
const LABEL: usize = 12;

/// Items of a list that the pane shows; the help screen shows all.
const MOST: usize = 12;

/// Draws the pane, if it has a place.
pub fn draw(model: &Model, areas: &Areas, buffer: &mut Buffer) {
    let (Some(area), Some(rule)) = (areas.details, areas.rule) else { return };
    draw_rule(model, areas, rule, buffer);
    let lines = lines(model);
    let inner = inner(area);
    super::lines(lines.get(model.details.top..).unwrap_or_default(), inner, buffer);
    super::scroll_bar(&model.theme, area, model.details.top, lines.len(), buffer);
}

/// The lines of the pane; as many as it takes.
pub fn lines(model: &Model) -> Vec<Line<'static>> {
    let (Some(area), Some((_, explanation))) = (model.areas().details, &model.details.of) else {
        return Vec::new();
    };
    let is_headed = model.areas().is_wide();
    explain(&model.theme, explanation, usize::from(inner(area).width), MOST, is_headed)
}

/// Everything about an entry in lines of `width` columns, of long lists `most` items; with its name on top if
/// `is_headed`.
pub fn explain(
    theme: &Theme,
    explanation: &Explanation,
    width: usize,
    most: usize,
    is_headed: bool,
) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    if is_headed {
        let mut title = vec![Span::styled(title(explanation), theme.strong)];
        if let Some(kind) = kind(explanation) {
            title.push(Span::styled(format!("  {kind}"), theme.dim));
        }
        lines.extend(text::wrap(&title, width, 2));
        lines.push(Line::default());
    }
    let facts = facts(theme, explanation, most);
    let label = if width >= 36 { LABEL } else { 0 };
    for (name, spans) in &facts {
        let name = format!("{name:<width$}", width = label.max(name.width() + 1));
        let mut line = vec![Span::styled(name, theme.dim)];
        line.extend(spans.iter().cloned());
        lines.extend(text::wrap(&line, width, label));
    }
    if !explanation.help.is_empty() {
        if !facts.is_empty() {
            lines.push(Line::default());
        }
        lines.extend(text::reflow(&explanation.help, width, Style::new()));
    }
    lines
}

/// How an entry is called: its name, else its prompt.
pub fn title(explanation: &Explanation) -> String {
    if !explanation.name.is_empty() {
        return explanation.name.clone();
    }
    explanation.definitions.iter().find_map(|definition| definition.prompt.clone()).unwrap_or_default()
}

/// The value and its reason in one line, for where there is no pane.
pub fn summary(theme: &Theme, explanation: &Explanation) -> Vec<Span<'static>> {
    let mut spans = value(theme, explanation);
    if let Some(obstacle) = &explanation.obstacle {
        spans.extend([Span::raw("  "), Span::styled(obstacle.clone(), theme.warning)]);
    }
    spans
}

fn inner(area: Rect) -> Rect {
    Rect { x: area.x + area.width.min(1), width: area.width.saturating_sub(2), ..area }
}

fn draw_rule(model: &Model, areas: &Areas, rule: Rect, buffer: &mut Buffer) {
    let theme = &model.theme;
    if areas.is_wide() {
        for y in rule.top()..rule.bottom() {
            super::put_text(buffer, rule.x, y, 1, signs::VERTICAL, theme.line);
        }
        return;
    }
    let line = signs::HORIZONTAL.repeat(usize::from(rule.width));
    super::put_text(buffer, rule.x, rule.y, rule.width, &line, theme.line);
    let Some((_, explanation)) = &model.details.of else { return };
    let mut spans = vec![Span::styled(format!(" {} ", title(explanation)), theme.strong)];
    if let Some(kind) = kind(explanation) {
        spans.push(Span::styled(format!("{kind} "), theme.dim));
    }
    let room = usize::from(rule.width).saturating_sub(4);
    let line = Line::from(text::fit_spans(spans, room));
    super::put(buffer, rule.x + 2, rule.y, rule.width.saturating_sub(4), &line);
}

fn kind(explanation: &Explanation) -> Option<&'static str> {
    if explanation.members.is_empty() { type_name(explanation.kind) } else { Some("choice") }
}

fn type_name(kind: Type) -> Option<&'static str> {
    match kind {
        Type::Unknown => None,
        Type::Bool => Some("bool"),
        Type::Tristate => Some("tristate"),
        Type::Int => Some("int"),
        Type::Hex => Some("hex"),
        Type::String => Some("string"),
    }
}

type Fact = (&'static str, Vec<Span<'static>>);

fn facts(theme: &Theme, explanation: &Explanation, most: usize) -> Vec<Fact> {
    let mut facts: Vec<Fact> = Vec::new();
    let mut add = |label, spans: Vec<Span<'static>>| {
        if !spans.is_empty() {
            facts.push((label, spans));
        }
    };
    let plain =
        |text: &Option<String>, style| text.iter().map(|text| Span::styled(text.clone(), style)).collect();
    add("value", value(theme, explanation));
    add("you set", plain(&explanation.set_to, theme.warning));
    // A condition that fails is the obstacle, and is shown as a whole.
    if explanation.depends.iter().all(|piece| piece.state != State::Failing) {
        add("but", plain(&explanation.obstacle, theme.warning));
    }
    add("needs", pieces(theme, &explanation.depends));
    let range = explanation.range.as_ref().map(|(low, high)| format!("{low} to {high}"));
    add("range", plain(&range, theme.value));
    add("selected by", links(theme, &explanation.selected_by, most));
    add("implied by", links(theme, &explanation.implied_by, most));
    add("selects", links(theme, &explanation.selects, most));
    add("implies", links(theme, &explanation.implies, most));
    let size = explanation.bytes.map(|count| format!("{} in the image", bytes(count)));
    add("size", plain(&size, Style::new()));
    for (index, definition) in explanation.definitions.iter().enumerate() {
        let place = &definition.place;
        let text = format!("{}:{}", place.path.display(), place.line);
        add(if index == 0 { "defined" } else { "" }, vec![Span::styled(text, theme.dim)]);
    }
    facts
}

fn value(theme: &Theme, explanation: &Explanation) -> Vec<Span<'static>> {
    let why = explanation.why_text();
    // Of a choice: its value is the member that is picked.
    let why = why.strip_prefix(&format!("{} is ", explanation.value)).map(str::to_string).unwrap_or(why);
    if explanation.value.is_empty() && why.is_empty() {
        return Vec::new();
    }
    let text = match explanation.kind {
        Type::String => format!("\"{}\"", explanation.value),
        _ => explanation.value.clone(),
    };
    let style = if explanation.value == "n" { Style::new() } else { theme.on };
    let separator =
        if why.is_empty() || text.is_empty() { String::new() } else { format!(" {} ", signs::DOT) };
    vec![Span::styled(text, style.patch(theme.strong)), Span::raw(separator), Span::raw(why)]
}

/// A condition: what holds and what fails are marked, the latter with the value that it has.
pub fn pieces(theme: &Theme, pieces: &[Piece]) -> Vec<Span<'static>> {
    let mut spans = Vec::new();
    for piece in pieces {
        let (text, style) = match piece.state {
            State::Neutral => (piece.text.clone(), theme.dim),
            State::Met => (piece.text.clone(), theme.success),
            State::Failing => {
                let is = piece.value.as_ref().map(|value| format!(" (is {value})")).unwrap_or_default();
                (format!("{} {}{is}", signs::FAILS, piece.text), theme.error)
            }
        };
        spans.push(Span::styled(text, style));
    }
    spans
}

/// Names of other symbols, at most so many: first those whose statement has an effect now, then, dim, the others.
fn links(theme: &Theme, links: &[Link], most: usize) -> Vec<Span<'static>> {
    let (active, idle): (Vec<_>, Vec<_>) = links.iter().partition(|link| link.is_active);
    let mut spans = Vec::new();
    for link in active.into_iter().chain(idle).take(most) {
        if !spans.is_empty() {
            spans.push(Span::styled(", ", theme.dim));
        }
        spans.push(Span::styled(link.name.clone(), if link.is_active { Style::new() } else { theme.dim }));
        if !link.condition.is_empty() {
            spans.push(Span::styled(" if ", theme.dim));
            spans.extend(pieces(theme, &link.condition));
        }
    }
    if links.len() > most {
        spans.push(Span::styled(format!(", and {} more", links.len() - most), theme.dim));
    }
    spans
}
