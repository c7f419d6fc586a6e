//! The command line that a loader passes: tokens of the OS, and the application's arguments.
//!
//! Tokens are separated by spaces. `"` begins and ends a quoted stretch, inside which spaces are ordinary and
//! `\"` and `\\` stand for `"` and `\`; outside of quotes a backslash is an ordinary byte. A token that begins,
//! unquoted, with `kit.` or `virtio_mmio.device=` is meant for the OS; every other one, quoted or not, is an
//! argument of the application, in order. So `kit run` quotes what might be mistaken, and `kit.env="K=a b"` has
//! its value quoted, never its name.
//!
//! Splitting copies nothing: a token is a view of the line, unquoted only when it is read.
#![no_std]
#![deny(missing_docs)]
#![forbid(unsafe_code)]

mod text;
mod tokens;

pub use text::{Bytes, Text};
pub use tokens::{Token, Tokens};

/// The tokens of a command line, in order.
pub fn tokens(line: &[u8]) -> Tokens<'_> {
    Tokens::new(line)
}

/// The value of the last `kit.NAME=` on the line: a later token overrules an earlier one, so that what a user
/// appends wins.
pub fn option<'a>(line: &'a [u8], name: &str) -> Option<Text<'a>> {
    let mut found = None;
    for token in tokens(line) {
        if let Token::Option { name: this, value } = token
            && this == name.as_bytes()
        {
            found = Some(value);
        }
    }
    found
}
