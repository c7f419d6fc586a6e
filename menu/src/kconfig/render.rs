//! Messages as text with the offending line and a caret.

use std::fmt::Write;

use unicode_width::UnicodeWidthChar;

use super::diagnostic::{Diagnostic, Severity};
use super::span::{Sources, Span};

/// Columns of a line that are shown; what is far from the place is left out.
const WIDTH: usize = 100;
/// Columns that a tab takes.
const TAB: usize = 4;
/// Links of a chain of `source` statements that are shown.
const MOST_OPENERS: usize = 5;

/// The message as several lines, the last with its newline.
pub(super) fn render(diagnostic: &Diagnostic, sources: &Sources) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = write_diagnostic(&mut text, diagnostic, sources);
    text
}

fn write_diagnostic(text: &mut String, diagnostic: &Diagnostic, sources: &Sources) -> std::fmt::Result {
    let severity = match diagnostic.severity {
        Severity::Info => "info",
        Severity::Warning => "warning",
        Severity::Error => "error",
    };
    writeln!(text, "{severity}[{}]: {}", diagnostic.code, diagnostic.message)?;
    if let Some(span) = diagnostic.span {
        write_place(text, span, sources)?;
    }
    for note in &diagnostic.notes {
        match note.span {
            Some(span) => writeln!(text, "  note: {} ({})", note.message, sources.position(span))?,
            None => writeln!(text, "  note: {}", note.message)?,
        }
    }
    if let Some(span) = diagnostic.span
        && diagnostic.severity == Severity::Error
    {
        write_openers(text, span, sources)?;
    }
    if let Some(help) = &diagnostic.help {
        writeln!(text, "  help: {help}")?;
    }
    Ok(())
}

fn write_place(text: &mut String, span: Span, sources: &Sources) -> std::fmt::Result {
    let position = sources.position(span);
    let number = position.line.to_string();
    let margin = " ".repeat(number.len());
    let line = sources.line(span);
    let from = line.char_indices().nth(position.column as usize - 1).map_or(line.len(), |(offset, _)| offset);
    let length = span.end.saturating_sub(span.start) as usize;
    let to = line.floor_char_boundary((from + length).min(line.len()));
    let (shown, from, to) = layout(line, from, to);
    writeln!(text, "{margin}--> {position}")?;
    writeln!(text, "{margin} |")?;
    writeln!(text, "{number} | {shown}")?;
    writeln!(text, "{margin} | {}{}", " ".repeat(from), "^".repeat((to - from).max(1)))
}

/// The line as it is shown, and the columns where its part `from..to` begins and ends.
fn layout(line: &str, from: usize, to: usize) -> (String, usize, usize) {
    let mut shown = Vec::new();
    let mut column = 0;
    let (mut start, mut end) = (None, None);
    for (offset, c) in line.char_indices() {
        if offset >= from {
            start.get_or_insert(column);
        }
        if offset >= to {
            end.get_or_insert(column);
        }
        let (c, width) = match c {
            '\t' => (' ', TAB - column % TAB),
            c if c.is_control() => ('\u{fffd}', 1),
            c => (c, c.width().unwrap_or(0)),
        };
        shown.push((c, column, width));
        column += width;
    }
    let start = start.unwrap_or(column);
    let end = end.unwrap_or(column).max(start);
    // A window that begins a little before the place, if the whole does not fit.
    let first = if column <= WIDTH || end.min(start + WIDTH / 2) < WIDTH { 0 } else { start - WIDTH / 4 };
    let last = if column <= WIDTH { column } else { first + WIDTH };
    let mut text = String::new();
    if first > 0 {
        text.push('…');
    }
    for &(c, column, width) in
        shown.iter().filter(|&&(_, column, width)| column >= first && column + width <= last)
    {
        let _ = column;
        text.push(c);
        if c == ' ' {
            text.extend(std::iter::repeat_n(' ', width.saturating_sub(1)));
        }
    }
    if last < column {
        text.push('…');
    }
    let shift = |column: usize| column.clamp(first, last) - first + usize::from(first > 0);
    (text, shift(start), shift(end))
}

/// The `source` statements that led to the file.
fn write_openers(text: &mut String, span: Span, sources: &Sources) -> std::fmt::Result {
    let mut openers =
        std::iter::successors(sources.opened_by(span.file), |opener| sources.opened_by(opener.file));
    for opener in openers.by_ref().take(MOST_OPENERS) {
        let position = sources.position(opener);
        writeln!(text, "  sourced from {}:{}", position.path.display(), position.line)?;
    }
    match openers.count() {
        0 => Ok(()),
        more => writeln!(text, "  and from {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The line as shown, and under it the place.
    fn shown(line: &str, part: &str) -> String {
        let from = line.find(part).expect("a part of the line");
        let (text, from, to) = layout(line, from, from + part.len());
        format!("{text}\n{}{}", " ".repeat(from), "^".repeat(to - from))
    }

    #[test]
    fn carets_stand_below_their_place() {
        assert_eq!(shown("\tbool\tx", "x"), "    bool    x\n            ^");
        assert_eq!(shown("漢字 x\u{7}y", "xy".get(1..).unwrap()), "漢字 x\u{fffd}y\n       ^");
    }

    #[test]
    fn long_lines_are_shown_in_part() {
        let line = format!("{}here{}", "a".repeat(300), "b".repeat(300));
        let text = shown(&line, "here");
        let (line, carets) = text.split_once('\n').unwrap();
        assert_eq!(line.chars().count(), WIDTH + 2);
        assert!(line.starts_with('…') && line.ends_with('…'));
        let at = carets.chars().take_while(|&c| c == ' ').count();
        assert_eq!(line.chars().skip(at).take(4).collect::<String>(), "here");
        let end = shown(&"x".repeat(150), "x");
        assert!(end.starts_with("xxx") && end.contains('…'), "{end}");
    }
}
