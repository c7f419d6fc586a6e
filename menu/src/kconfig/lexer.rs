//! From the text of a file to tokens.
//!
//! Words that hold a `$` and texts in quotes are expanded here, because a macro may make one word of what the
//! text cuts into several. Keywords are words: which of them mean something depends on the place.

use std::borrow::Cow;

use super::codes;
use super::diagnostic::Diagnostic;
use super::expr::Comparison;
use super::help;
use super::macros;
use super::span::{FileId, Span};
use super::world::World;

/// A token of a Kconfig file.
#[derive(Clone, Debug)]
pub(super) struct Token<'t> {
    pub kind: TokenKind,
    /// The word, or the text without its quotes, expanded; as written for the rest.
    pub text: Cow<'t, str>,
    pub start: u32,
    pub end: u32,
}

/// What a [`Token`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TokenKind {
    /// Letters, digits, `_` and `-`.
    Word,
    /// What a macro made; one word whatever it holds, and never a keyword.
    Expanded,
    /// `"…"` or `'…'`.
    Text,
    Or,
    And,
    Not,
    Compare(Comparison),
    Open,
    Close,
    /// `:=`
    Define,
    /// `+=`
    Append,
    /// The end of a line that has tokens, or of the file.
    EndOfLine,
    /// A macro that failed, with the rest of its line. The message was given.
    Broken,
}

/// Reads one file. Lines without tokens are skipped.
pub(super) struct Lexer<'t> {
    text: &'t str,
    file: FileId,
    position: usize,
    /// A token of the present line was handed out.
    is_within_line: bool,
    peeked: Option<Token<'t>>,
    /// The end of the line that was looked for last: a line with many references has it once.
    line_end: usize,
}

const IS_WORD: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = matches!(byte as u8, b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-');
        byte += 1;
    }
    table
};

/// Whether `byte` may stand in a word.
pub(super) fn is_word(byte: u8) -> bool {
    IS_WORD[byte as usize]
}

impl<'t> Lexer<'t> {
    /// Reads `text` from a place between two lines.
    pub fn new(text: &'t str, file: FileId, position: usize) -> Self {
        let byte_order_mark = if position == 0 && text.starts_with('\u{feff}') { 3 } else { 0 };
        let position = position + byte_order_mark;
        Self { text, file, position, is_within_line: false, peeked: None, line_end: 0 }
    }

    /// Where reading goes on; between two lines only.
    pub fn position(&self) -> usize {
        self.position
    }

    /// The place of a token.
    pub fn span(&self, token: &Token<'_>) -> Span {
        Span { file: self.file, start: token.start, end: token.end }
    }

    /// The place from one token to another.
    pub fn span_to_here(&self, start: u32) -> Span {
        let text = &self.text[start as usize..self.position];
        Span { file: self.file, start, end: start + text.trim_end().len() as u32 }
    }

    /// The next token, which stays the next.
    pub fn peek(&mut self, world: &mut World<'_>) -> &Token<'t> {
        if self.peeked.is_none() {
            self.peeked = Some(self.read(world));
        }
        self.peeked.as_ref().expect("just read")
    }

    /// The next token.
    pub fn next(&mut self, world: &mut World<'_>) -> Token<'t> {
        match self.peeked.take() {
            Some(token) => token,
            None => self.read(world),
        }
    }

    /// Skips the rest of a line of which a token was read.
    pub fn skip_line(&mut self) {
        self.peeked = None;
        if !std::mem::take(&mut self.is_within_line) {
            return;
        }
        let bytes = self.text.as_bytes();
        while self.position < bytes.len() {
            match bytes[self.position] {
                b'\\' if continuation(&bytes[self.position + 1..]) > 0 => {
                    self.position += 1 + continuation(&bytes[self.position + 1..]);
                }
                b'\n' => {
                    self.position += 1;
                    return;
                }
                _ => self.position += 1,
            }
        }
    }

    /// The rest of the line as it stands, from its first character that is not blank: the value of a variable.
    pub fn rest_of_line(&mut self) -> (&'t str, Span) {
        debug_assert!(self.peeked.is_none());
        let line = self.text[self.position..].lines().next().unwrap_or_default();
        let value = line.trim_start_matches([' ', '\t']);
        let start = self.position + (line.len() - value.len());
        self.position = start + value.len();
        (value, Span { file: self.file, start: start as u32, end: self.position as u32 })
    }

    /// A path without quotes, as Linux before 4.18 allowed: everything up to a blank, references as they stand.
    /// None where the next token was looked at already, as behind the newer words such as `rsource`.
    pub fn bare_path(&mut self) -> Option<(&'t str, Span)> {
        if self.peeked.is_some() {
            return None;
        }
        let line = self.text[self.position..].lines().next().unwrap_or_default();
        let path = line.trim_start_matches([' ', '\t']);
        let bytes = path.as_bytes();
        if !bytes.first().is_some_and(|&byte| is_word(byte) || matches!(byte, b'.' | b'/' | b'$')) {
            return None;
        }
        let mut end = 0;
        while end < bytes.len() && !matches!(bytes[end], b' ' | b'\t' | b'#' | b'"' | b'\'') {
            end += if bytes[end] == b'$' { macros::reference_length(&path[end..]) } else { 1 };
        }
        let start = self.position + (line.len() - path.len());
        self.position = start + end;
        self.is_within_line = true;
        Some((&path[..end], Span { file: self.file, start: start as u32, end: self.position as u32 }))
    }

    /// The help text that begins with the next line, and how much of the file it is. The end of the line with
    /// the keyword was read.
    pub fn help(&mut self) -> Span {
        debug_assert!(self.peeked.is_none() && !self.is_within_line);
        let start = self.position;
        let extent = help::extent(self.text, start);
        self.position = extent.resume;
        Span { file: self.file, start: start as u32, end: extent.end as u32 }
    }

    /// What stands in the file at `span`.
    pub fn source(&self, span: Span) -> &'t str {
        &self.text[span.start as usize..span.end as usize]
    }

    fn read(&mut self, world: &mut World<'_>) -> Token<'t> {
        let bytes = self.text.as_bytes();
        loop {
            let start = self.position;
            let Some(&byte) = bytes.get(start) else {
                self.is_within_line = false;
                return self.token(TokenKind::EndOfLine, start);
            };
            let next = bytes.get(start + 1).copied();
            let operator = match byte {
                b' ' | b'\t' => {
                    self.position += 1;
                    continue;
                }
                b'\r' if next == Some(b'\n') => {
                    self.position += 1;
                    continue;
                }
                b'\n' => {
                    self.position += 1;
                    if std::mem::take(&mut self.is_within_line) {
                        return Token {
                            kind: TokenKind::EndOfLine,
                            text: Cow::Borrowed(""),
                            start: start as u32,
                            end: start as u32,
                        };
                    }
                    continue;
                }
                b'#' => {
                    self.position = self.end_of_line();
                    continue;
                }
                b'\\' if continuation(&bytes[start + 1..]) > 0 => {
                    self.position += 1 + continuation(&bytes[start + 1..]);
                    continue;
                }
                b'"' | b'\'' => return self.quoted(world, byte),
                b'$' => match self.word(world) {
                    Some(token) => return token,
                    None => continue,
                },
                _ if is_word(byte) => match self.word(world) {
                    Some(token) => return token,
                    None => continue,
                },
                b'|' if next == Some(b'|') => (TokenKind::Or, 2),
                b'&' if next == Some(b'&') => (TokenKind::And, 2),
                b'!' if next == Some(b'=') => (TokenKind::Compare(Comparison::Unequal), 2),
                b'!' => (TokenKind::Not, 1),
                b'=' => (TokenKind::Compare(Comparison::Equal), 1),
                b'<' if next == Some(b'=') => (TokenKind::Compare(Comparison::LessOrEqual), 2),
                b'<' => (TokenKind::Compare(Comparison::Less), 1),
                b'>' if next == Some(b'=') => (TokenKind::Compare(Comparison::GreaterOrEqual), 2),
                b'>' => (TokenKind::Compare(Comparison::Greater), 1),
                b'(' => (TokenKind::Open, 1),
                b')' => (TokenKind::Close, 1),
                b':' if next == Some(b'=') => (TokenKind::Define, 2),
                b'+' if next == Some(b'=') => (TokenKind::Append, 2),
                _ => {
                    self.unsupported(world);
                    continue;
                }
            };
            let (kind, length) = operator;
            self.is_within_line = true;
            self.position += length;
            return self.token(kind, start);
        }
    }

    fn token(&self, kind: TokenKind, start: usize) -> Token<'t> {
        let text = Cow::Borrowed(&self.text[start..self.position]);
        Token { kind, text, start: start as u32, end: self.position as u32 }
    }

    fn end_of_line(&mut self) -> usize {
        let is_end = self.text.as_bytes().get(self.line_end).is_none_or(|&byte| byte == b'\n');
        if self.line_end < self.position || !is_end {
            let rest = &self.text[self.position..];
            self.line_end = rest.find('\n').map_or(self.text.len(), |offset| self.position + offset);
        }
        self.line_end
    }

    /// A word; none when it expands to nothing.
    fn word(&mut self, world: &mut World<'_>) -> Option<Token<'t>> {
        let bytes = self.text.as_bytes();
        let start = self.position;
        let mut end = start;
        while end < bytes.len() && is_word(bytes[end]) {
            end += 1;
        }
        if bytes.get(end) != Some(&b'$') {
            self.is_within_line = true;
            self.position = end;
            return Some(self.token(TokenKind::Word, start));
        }
        let line_end = self.end_of_line();
        let line = self.text[start..line_end].trim_end_matches('\r');
        let length = macros::word_length(line);
        let place = Span { file: self.file, start: start as u32, end: (start + length) as u32 };
        let Ok(text) = macros::expand(world, &line[..length], place) else {
            self.is_within_line = true;
            self.position = line_end;
            return Some(self.token(TokenKind::Broken, start));
        };
        self.position = start + length;
        if text.is_empty() {
            return None;
        }
        self.is_within_line = true;
        let (start, end) = (start as u32, self.position as u32);
        Some(Token { kind: TokenKind::Expanded, text: Cow::Owned(text), start, end })
    }

    /// A text in quotes, with escapes and macros resolved.
    fn quoted(&mut self, world: &mut World<'_>, quote: u8) -> Token<'t> {
        let bytes = self.text.as_bytes();
        let open = self.position;
        self.is_within_line = true;
        let mut copied = open + 1;
        let mut position = copied;
        let mut text: Option<String> = None;
        loop {
            match bytes.get(position) {
                Some(&byte) if byte == quote => {
                    self.position = position + 1;
                    break;
                }
                None | Some(b'\n') => {
                    if bytes[position - 1] == b'\r' && position > copied {
                        position -= 1;
                    }
                    self.position = position;
                    self.unterminated(world, open);
                    break;
                }
                Some(b'\\') => {
                    text.get_or_insert_default().push_str(&self.text[copied..position]);
                    copied = position + 1;
                    // The character after it stands for itself, a quote or a dollar, too.
                    let escaped = self.text[copied..].chars().next().filter(|&c| c != '\n');
                    position = copied + escaped.map_or(0, char::len_utf8);
                }
                Some(b'$') => {
                    let buffer = text.get_or_insert_default();
                    buffer.push_str(&self.text[copied..position]);
                    self.position = position;
                    let line_end = self.end_of_line();
                    let reference = &self.text[position..line_end];
                    let reference = &reference[..macros::reference_length(reference)];
                    let end = position + reference.len();
                    let place = Span { file: self.file, start: position as u32, end: end as u32 };
                    let Ok(value) = macros::expand(world, reference, place) else {
                        self.position = line_end;
                        return self.token(TokenKind::Broken, open);
                    };
                    buffer.push_str(&value);
                    position = end;
                    copied = position;
                }
                Some(_) => position += 1,
            }
        }
        let last = &self.text[copied..position];
        let text = match text {
            Some(text) => Cow::Owned(text + last),
            None => Cow::Borrowed(last),
        };
        Token { kind: TokenKind::Text, text, start: open as u32, end: self.position as u32 }
    }

    fn unterminated(&self, world: &mut World<'_>, open: usize) {
        let span = Span { file: self.file, start: open as u32, end: self.position as u32 };
        let quote = &self.text[open..open + 1];
        world.report.add(
            Diagnostic::new(codes::UNTERMINATED_TEXT, Some(span), format!("the closing {quote} is missing"))
                .help("a text ends on the line where it begins; the end of the line was taken for its end"),
        );
    }

    /// Skips a run of characters that no rule knows, with one warning.
    fn unsupported(&mut self, world: &mut World<'_>) {
        let start = self.position;
        let run: usize = self.text[start..]
            .chars()
            .take_while(|&c| !c.is_ascii() || c.is_ascii_control() && !matches!(c, '\n' | '\t'))
            .map(char::len_utf8)
            .sum();
        let first = self.text[start..].chars().next().map_or(1, char::len_utf8);
        self.position = start + run.max(first);
        let skipped: String = self.text[start..self.position].chars().take(8).collect();
        let span = Span { file: self.file, start: start as u32, end: self.position as u32 };
        world.report.add(Diagnostic::new(
            codes::UNSUPPORTED_CHARACTER,
            Some(span),
            format!("`{}` means nothing here and is ignored", skipped.escape_debug()),
        ));
    }
}

/// How many bytes end the line here, after a backslash: 0 when it goes on.
fn continuation(rest: &[u8]) -> usize {
    match rest {
        [b'\n', ..] => 1,
        [b'\r', b'\n', ..] => 2,
        _ => 0,
    }
}
