//! Splitting a line into tokens.

use crate::Text;

/// One token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token<'a> {
    /// An argument of the application.
    Argument(Text<'a>),
    /// `kit.NAME=VALUE`, or `kit.NAME` with an empty value.
    Option {
        /// The name, without `kit.`.
        name: &'a [u8],
        /// The value.
        value: Text<'a>,
    },
    /// `virtio_mmio.device=SPECIFICATION`, in the syntax of Linux's parameter of that name.
    Device(&'a [u8]),
}

impl<'a> Token<'a> {
    fn classify(token: &'a [u8]) -> Self {
        // Most lines hold more arguments than options: look at one byte before comparing strings.
        match token.first() {
            Some(b'k') => {
                if let Some(option) = token.strip_prefix(b"kit.") {
                    let end = option.iter().position(|&byte| byte == b'=');
                    let (name, value) = match end {
                        Some(end) => (&option[..end], &option[end + 1..]),
                        None => (option, &[][..]),
                    };
                    return Self::Option { name, value: Text::new(value) };
                }
            }
            Some(b'v') => {
                if let Some(specification) = token.strip_prefix(b"virtio_mmio.device=") {
                    return Self::Device(specification);
                }
            }
            _ => {}
        }
        Self::Argument(Text::new(token))
    }
}

/// The tokens of a line; see [`crate::tokens`].
#[derive(Clone, Debug)]
pub struct Tokens<'a> {
    rest: &'a [u8],
}

impl<'a> Tokens<'a> {
    pub(crate) const fn new(line: &'a [u8]) -> Self {
        Self { rest: line }
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        while let Some((b' ', rest)) = self.rest.split_first() {
            self.rest = rest;
        }
        if self.rest.is_empty() {
            return None;
        }
        let (token, rest) = self.rest.split_at(end_of_token(self.rest));
        self.rest = rest;
        Some(Token::classify(token))
    }
}

/// Where the token at the front of `line` ends; one whose quote is never closed ends with the line.
fn end_of_token(line: &[u8]) -> usize {
    let mut is_quoted = false;
    let mut bytes = line.iter().enumerate();
    while let Some((at, &byte)) = bytes.next() {
        match byte {
            b' ' if !is_quoted => return at,
            b'"' => is_quoted = !is_quoted,
            b'\\' if is_quoted => {
                bytes.next();
            }
            _ => {}
        }
    }
    line.len()
}
