//! The list of errors and warnings, and what can be done about the one under the cursor.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::text;
use crate::kconfig::Severity;
use crate::session::Problem;
use crate::tui::Model;
use crate::tui::front::Problems;
use crate::tui::layout::Areas;
use crate::tui::signs;
use crate::tui::theme::Theme;

/// Draws the list and what belongs to it, in place of the menu.
pub fn draw(model: &Model, problems: &Problems, areas: &Areas, buffer: &mut Buffer) {
    let (theme, area) = (&model.theme, areas.problems);
    let shown = problems.list.iter().enumerate().skip(problems.scroll.top);
    for ((index, problem), y) in shown.zip(area.top()..area.bottom()) {
        let (word, style) = sort(theme, problem.severity);
        let spans = vec![Span::styled(format!(" {word} "), style), Span::raw(problem.message.clone())];
        let width = usize::from(area.width).saturating_sub(1);
        let line = Line::from(text::fit_spans(spans, width));
        super::put(buffer, area.x, y, area.width.saturating_sub(1), &line);
        if index == problems.scroll.cursor {
            buffer.set_style(Rect { y, height: 1, ..area }, theme.cursor);
        }
    }
    super::scroll_bar(theme, area, problems.scroll.top, problems.list.len(), buffer);
    draw_rule(theme, areas, buffer);
    let Some(problem) = problems.list.get(problems.scroll.cursor) else { return };
    let area = areas.problem;
    let inner = Rect { x: area.x + area.width.min(1), width: area.width.saturating_sub(2), ..area };
    super::lines(&explain(theme, problem, usize::from(inner.width)), inner, buffer);
}

fn draw_rule(theme: &Theme, areas: &Areas, buffer: &mut Buffer) {
    let Some(rule) = areas.problem_rule.or(areas.rule) else { return };
    for y in rule.top()..rule.bottom() {
        let sign = if areas.is_wide() { signs::VERTICAL } else { signs::HORIZONTAL };
        super::put_text(buffer, rule.x, y, rule.width, &sign.repeat(usize::from(rule.width)), theme.line);
    }
}

fn sort(theme: &Theme, severity: Severity) -> (&'static str, Style) {
    match severity {
        Severity::Error => ("error  ", theme.error),
        Severity::Warning => ("warning", theme.warning),
        Severity::Info => ("note   ", theme.dim),
    }
}

/// The ways out first: they are what one came for, and the rest may have no room.
fn explain(theme: &Theme, problem: &Problem, width: usize) -> Vec<Line<'static>> {
    let mut lines = text::wrap(&[Span::styled(problem.message.clone(), theme.strong)], width, 0);
    for (index, repair) in problem.repairs.iter().take(9).enumerate() {
        let spans = [Span::styled(format!("{} ", index + 1), theme.key), Span::raw(repair.label.clone())];
        lines.extend(text::wrap(&spans, width, 2));
    }
    let mut detail: Vec<&str> = problem.detail.lines().collect();
    // The message is on top already; before it stands its code or its place.
    if let Some(first) = detail.first_mut()
        && let Some(before) = first.strip_suffix(problem.message.as_str())
    {
        *first = before.trim_end_matches([':', ' ']);
    }
    let place = problem.place.as_ref().map(|place| format!("{}:{}", place.path.display(), place.line));
    let place = place.filter(|place| detail.iter().all(|line| !line.contains(place.as_str())));
    for line in detail.into_iter().chain(place.as_deref()).filter(|line| !line.is_empty()) {
        lines.extend(text::wrap(&[Span::styled(line.to_string(), theme.dim)], width, 0));
    }
    lines
}
