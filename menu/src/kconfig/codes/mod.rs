//! The codes of messages, and what `kit explain` says of each.
//!
//! | codes | about | module |
//! |---|---|---|
//! | 01xx | the text of Kconfig files | [`parser`] |
//! | 02xx | macros | [`macros`] |
//! | 03xx | the tree that the files make | [`tree`] |
//! | 04xx | `.config` files | [`config_files`] |
//! | 05xx | values | [`values`] |
//! | 06xx | the folders of micro-libraries | [`library`] |
//!
//! A module holds one [`codes!`] block; adding one is its file and its line in [`TABLES`].

use super::diagnostic::Severity;

mod config_files;
mod library;
mod macros;
mod parser;
mod tree;
mod values;

pub use config_files::*;
pub use library::*;
pub use macros::*;
pub use parser::*;
pub use tree::*;
pub use values::*;

/// The code of a message: `KIT0101`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(pub u16);

/// What there is to know about a [`Code`].
#[derive(Clone, Copy, Debug)]
pub struct Explanation {
    /// The code.
    pub code: Code,
    /// How bad its messages are.
    pub severity: Severity,
    /// What it is about, in a few words.
    pub title: &'static str,
    /// What it means, with an example, and the way out: a paragraph or two of text.
    pub text: &'static str,
}

/// Defines codes as constants and collects them in `TABLE`:
/// `NAME = number, severity, "title", "explanation";`
macro_rules! codes {
    ($($name:ident = $number:literal, $severity:ident, $title:literal, $text:literal;)*) => {
        $(#[doc = $title] pub const $name: $crate::kconfig::codes::Code = $crate::kconfig::codes::Code($number);)*

        pub(super) const TABLE: &[$crate::kconfig::codes::Explanation] = &[$($crate::kconfig::codes::Explanation {
            code: $name,
            severity: $crate::kconfig::diagnostic::Severity::$severity,
            title: $title,
            text: $text,
        }),*];
    };
}
use codes;

const TABLES: &[&[Explanation]] =
    &[parser::TABLE, macros::TABLE, tree::TABLE, config_files::TABLE, values::TABLE, library::TABLE];

/// Every code, in the order of their numbers.
pub fn all() -> impl Iterator<Item = &'static Explanation> {
    TABLES.iter().copied().flatten()
}

impl Code {
    /// How bad it is.
    pub fn severity(self) -> Severity {
        self.explanation().map_or(Severity::Error, |explanation| explanation.severity)
    }

    /// What there is to know about it; none for a number that is no code.
    pub fn explanation(self) -> Option<&'static Explanation> {
        all().find(|explanation| explanation.code == self)
    }

    /// The code of a text such as `KIT0101`, `kit101` or `101`.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.trim().trim_start_matches(|c: char| c.is_ascii_alphabetic());
        let code = Self(digits.parse().ok()?);
        code.explanation().map(|explanation| explanation.code)
    }
}

impl std::fmt::Display for Code {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "KIT{:04}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_sorted_and_explained() {
        let numbers: Vec<u16> = all().map(|explanation| explanation.code.0).collect();
        assert!(numbers.is_sorted_by(|a, b| a < b), "{numbers:?}");
        for explanation in all() {
            assert!(explanation.text.len() > 100, "{}: too short to help anybody", explanation.code);
            assert!(!explanation.title.ends_with('.'), "{}", explanation.code);
        }
    }

    #[test]
    fn codes_are_read_in_any_spelling() {
        assert_eq!(Code::parse("KIT0101"), Some(Code(101)));
        assert_eq!(Code::parse("kit101"), Some(Code(101)));
        assert_eq!(Code::parse("101"), Some(Code(101)));
        assert_eq!(Code::parse("KIT0100"), None);
        assert_eq!(Code::parse("KIT"), None);
    }
}
