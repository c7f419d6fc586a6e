//! Help texts: where one ends in a file, and its lines without their indentation.
//!
//! Both halves follow the rules of Linux's lexer to the byte, because `conf` prints the text: a help text ends
//! before the first line that is indented less than its first one. One rule is another: a first line without any
//! indentation is no help text but the next entry, which Linux would swallow.

/// How far the help text goes.
pub(super) struct Extent {
    /// The text is `start..end` of the file; the newline before a line without indentation is not in it.
    pub end: usize,
    /// Where reading goes on.
    pub resume: usize,
}

/// The help text that begins with the line at `start`.
pub(super) fn extent(text: &str, start: usize) -> Extent {
    let mut indentation = None;
    let mut position = start;
    while position < text.len() {
        let line = text[position..].lines().next().unwrap_or_default();
        let newline = text[position..].find('\n').map(|offset| position + offset);
        if is_blank(line) {
            if newline.is_some_and(|at| begins_with_word(&text[at + 1..])) {
                return Extent { end: position, resume: newline.map_or(text.len(), |at| at + 1) };
            }
        } else {
            let column = column(line);
            if column < *indentation.get_or_insert(column.max(1)) {
                return Extent { end: position, resume: position };
            }
            if let Some(at) = newline
                && begins_with_word(&text[at + 1..])
            {
                return Extent { end: at, resume: at + 1 };
            }
        }
        position = newline.map_or(text.len(), |at| at + 1);
    }
    Extent { end: text.len(), resume: text.len() }
}

/// The lines of `raw` without the indentation of the first one that has text.
pub(super) fn dedent(raw: &str) -> String {
    let mut text = String::with_capacity(raw.len());
    let mut indentation = None;
    for line in raw.split_inclusive('\n') {
        let (line, newline) = match line.strip_suffix('\n') {
            Some(line) => (line, "\n"),
            None => (line, ""),
        };
        let line = line.strip_suffix('\r').unwrap_or(line);
        // Blanks at the very end of a file are no blank line.
        if !is_blank(line) || newline.is_empty() && indentation.is_some() {
            let column = column(line);
            let spaces = column.saturating_sub(*indentation.get_or_insert(column));
            text.extend(std::iter::repeat_n(' ', spaces));
            text.push_str(line.trim_matches([' ', '\t']));
        }
        text.push_str(newline);
    }
    text
}

fn is_blank(line: &str) -> bool {
    line.bytes().all(|byte| matches!(byte, b' ' | b'\t' | b'\r'))
}

/// Whether a line with text and no indentation begins here.
fn begins_with_word(rest: &str) -> bool {
    !matches!(rest.as_bytes(), [] | [b' ' | b'\t' | b'\n', ..] | [b'\r', b'\n', ..])
}

/// The column of the first character that is not blank, with tab stops every eight columns.
fn column(line: &str) -> usize {
    let blanks = line.bytes().take_while(|byte| matches!(byte, b' ' | b'\t'));
    blanks.fold(0, |column, byte| if byte == b'\t' { (column & !7) + 8 } else { column + 1 })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The help text that begins `file`, and the rest of the file.
    fn split(file: &str) -> (String, &str) {
        let extent = extent(file, 0);
        (dedent(&file[..extent.end]), &file[extent.resume..])
    }

    #[test]
    fn a_text_ends_where_linux_ends_it() {
        for (file, text, rest) in [
            ("  a\nconfig", "a", "config"),
            ("  a\n\nconfig", "a\n", "config"),
            ("  a\n\n  \n\nconfig", "a\n\n\n", "config"),
            ("  a\n bool", "a\n", " bool"),
            ("  a\n\n bool", "a\n\n", " bool"),
            ("  a\n", "a\n", ""),
            ("  a", "a", ""),
            ("\n\n  a\n\t\tb\n   c  \n  #d\nx", "\n\na\n              b\n c\n#d", "x"),
            ("\ta\n        b\n       c", "a\nb\n", "       c"),
            ("  a\r\n\r\n   b\r\nx", "a\n\n b", "x"),
        ] {
            assert_eq!(split(file), (text.to_string(), rest), "{file:?}");
        }
    }

    #[test]
    fn a_text_without_indentation_is_none() {
        for file in ["config B", "\n \t\nconfig B", "", "\n\n"] {
            let (text, rest) = split(file);
            assert_eq!((text.trim(), rest.trim()), ("", file.trim()), "{file:?}");
        }
    }
}
