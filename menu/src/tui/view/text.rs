//! Text that must fit: cutting, wrapping and filling, in columns of the terminal.

use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use crate::tui::signs::ELLIPSIS;

/// The longest start of `text` that has at most `width` columns, and whether that is all of it.
pub fn head(text: &str, width: usize) -> (&str, bool) {
    let mut used = 0;
    for (index, cluster) in text.grapheme_indices(true) {
        used += cluster.width();
        if used > width {
            return (&text[..index], false);
        }
    }
    (text, true)
}

/// `text` in at most `width` columns; ends in `…` if something is missing.
pub fn fit(text: &str, width: usize) -> String {
    match head(text, width) {
        (all, true) => all.to_string(),
        (_, false) if width == 0 => String::new(),
        _ => format!("{}{ELLIPSIS}", head(text, width - 1).0.trim_end()),
    }
}

/// `text` in exactly `width` columns.
pub fn pad(text: &str, width: usize) -> String {
    let mut text = fit(text, width);
    text.extend(std::iter::repeat_n(' ', width.saturating_sub(text.width())));
    text
}

/// Columns of a line.
pub fn width(spans: &[Span<'_>]) -> usize {
    spans.iter().map(Span::width).sum()
}

/// Spans in at most `width` columns; the last that is shown ends in `…` if something is missing.
pub fn fit_spans(spans: Vec<Span<'static>>, width: usize) -> Vec<Span<'static>> {
    if self::width(&spans) <= width {
        return spans;
    }
    let mut room = width;
    let mut shown = Vec::new();
    for span in spans {
        let wide = span.width();
        if wide >= room {
            // What is behind is cut too, so the sign is due even if this one would fit.
            let text = fit(&format!("{}{ELLIPSIS}", span.content), room);
            shown.push(Span::styled(text, span.style));
            break;
        }
        room -= wide;
        shown.push(span);
    }
    shown
}

/// Words with their styles, broken into lines of at most `width` columns. Lines after the first begin with
/// `indent` blanks. Spaces in the text are where lines may be broken; a longer word is broken where it must.
pub fn wrap(spans: &[Span<'_>], width: usize, indent: usize) -> Vec<Line<'static>> {
    let width = width.max(1);
    let indent = if indent < width { indent } else { 0 };
    let mut lines: Vec<Vec<Span<'static>>> = vec![Vec::new()];
    let mut used = 0;
    // A word can consist of several spans: it is taken whole to the next line.
    for word in words(spans) {
        let wide: usize = word.iter().map(|(text, _)| text.width()).sum();
        let is_blank = word.iter().all(|(text, _)| text.trim().is_empty());
        // What does not fit in a whole line begins where it is.
        if used + wide > width && used > 0 && wide + indent <= width {
            lines.push(if indent > 0 { vec![Span::raw(" ".repeat(indent))] } else { Vec::new() });
            used = indent;
            if is_blank {
                continue;
            }
        }
        for (text, style) in word {
            let mut rest = text;
            while used + rest.width() > width {
                let (start, _) = head(rest, width - used);
                // A character that is wider than the screen would never fit.
                let start = if start.is_empty() && used <= indent {
                    rest.graphemes(true).next().unwrap_or(rest)
                } else {
                    start
                };
                push(&mut lines, start, style);
                rest = &rest[start.len()..];
                lines.push(if indent > 0 { vec![Span::raw(" ".repeat(indent))] } else { Vec::new() });
                used = indent;
            }
            push(&mut lines, rest, style);
            used += rest.width();
        }
    }
    if lines.len() > 1
        && lines.last().is_some_and(|line| line.iter().all(|span| span.content.trim().is_empty()))
    {
        lines.pop();
    }
    lines.into_iter().map(Line::from).collect()
}

fn push(lines: &mut [Vec<Span<'static>>], text: &str, style: Style) {
    if let (Some(line), false) = (lines.last_mut(), text.is_empty()) {
        line.push(Span::styled(text.to_string(), style));
    }
}

/// Splits into words and the blanks between them, each a list of pieces with one style.
fn words<'a>(spans: &'a [Span<'_>]) -> Vec<Vec<(&'a str, Style)>> {
    let mut words: Vec<Vec<(&str, Style)>> = Vec::new();
    let mut was_blank = None;
    for span in spans {
        let mut rest: &str = &span.content;
        while let Some(first) = rest.chars().next() {
            let is_blank = first == ' ';
            let end = rest.find(|character| (character == ' ') != is_blank).unwrap_or(rest.len());
            let piece = (&rest[..end], span.style);
            match words.last_mut() {
                Some(word) if was_blank == Some(is_blank) => word.push(piece),
                _ => words.push(vec![piece]),
            }
            was_blank = Some(is_blank);
            rest = &rest[end..];
        }
    }
    words
}

/// A help text in lines of at most `width` columns: lines that the author broke for want of room are joined,
/// lists and tables stay as they are.
pub fn reflow(help: &str, width: usize, style: Style) -> Vec<Line<'static>> {
    let lines: Vec<&str> = help.lines().map(str::trim_end).collect();
    let longest = lines.iter().map(|line| line.width()).max().unwrap_or(0);
    let mut result = Vec::new();
    let mut index = 0;
    while index < lines.len() {
        let line = lines[index];
        let indent = line.len() - line.trim_start().len();
        let mut paragraph = line.to_string();
        let mut last = line;
        index += 1;
        while let Some(next) = lines.get(index) {
            if !is_continued(last, next, indent, longest) {
                break;
            }
            paragraph = format!("{paragraph} {}", next.trim_start());
            last = next;
            index += 1;
        }
        result.extend(wrap(&[Span::styled(paragraph, style)], width, indent));
    }
    result
}

/// Whether `next` goes on where `line` was broken because its first word had no room.
fn is_continued(line: &str, next: &str, indent: usize, longest: usize) -> bool {
    let text = next.trim_start();
    let is_same_column = next.len() - text.len() == indent;
    let begins_item =
        text.starts_with(['-', '*', '+', '|', '#']) || text.starts_with(|c: char| c.is_ascii_digit());
    let first_word = text.split(' ').next().unwrap_or_default();
    let had_no_room = line.width() + 1 + first_word.width() + 3 > longest;
    let is_table = text.contains("  ") || line.trim_start().contains("  ");
    !line.is_empty() && !text.is_empty() && is_same_column && !begins_item && had_no_room && !is_table
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(lines: Vec<Line<'_>>) -> Vec<String> {
        lines.iter().map(ToString::to_string).collect()
    }

    fn wrapped(text: &str, width: usize, indent: usize) -> Vec<String> {
        plain(wrap(&[Span::raw(text.to_string())], width, indent))
    }

    #[test]
    fn text_is_cut_between_characters() {
        assert_eq!(fit("networking", 10), "networking");
        assert_eq!(fit("networking", 8), "network…");
        assert_eq!(fit("日本語", 5), "日本…");
        assert_eq!(fit("日本語", 4), "日…");
        assert_eq!(fit("abc", 0), "");
        assert_eq!(pad("日本", 5), "日本 ");
    }

    #[test]
    fn a_line_of_spans_ends_where_there_is_no_room() {
        let spans = || vec![Span::raw("abc"), Span::raw("def")];
        let text =
            |width| fit_spans(spans(), width).iter().map(|span| span.content.to_string()).collect::<String>();
        assert_eq!([text(6), text(5), text(3), text(2), text(0)], ["abcdef", "abcd…", "ab…", "a…", ""]);
    }

    #[test]
    fn words_go_to_the_next_line_whole() {
        assert_eq!(wrapped("one two three", 8, 0), ["one two ", "three"]);
        assert_eq!(wrapped("one two three", 8, 2), ["one two ", "  three"]);
        assert_eq!(wrapped("abcdefghij", 4, 0), ["abcd", "efgh", "ij"]);
        assert_eq!(wrapped("", 4, 0), [""]);
        assert_eq!(wrapped("日本", 1, 0), ["日", "本"]);
    }

    #[test]
    fn a_word_of_several_styles_is_one_word() {
        let spans = [Span::raw("a (b"), Span::raw(")")];
        assert_eq!(plain(wrap(&spans, 4, 0)), ["a ", "(b)"]);
    }

    #[test]
    fn paragraphs_are_joined_and_lists_are_not() {
        let help = "Choose it on every platform\nthat has no sockets. Costs\n110 KiB.\n\nShort.\nAlone.\n\n - one\n - two\n";
        let lines = plain(reflow(help, 60, Style::new()));
        assert_eq!(
            lines,
            [
                "Choose it on every platform that has no sockets. Costs",
                "110 KiB.",
                "",
                "Short.",
                "Alone.",
                "",
                " - one",
                " - two"
            ]
        );
    }
}
