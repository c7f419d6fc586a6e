//! The words that mean something.

use super::super::tree::Type;

/// A word that begins a statement or an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keyword {
    Choice,
    Comment,
    Config,
    Default,
    /// `def_bool`, `def_tristate`
    DefaultOf(Type),
    Depends,
    EndChoice,
    EndIf,
    EndMenu,
    Help,
    If,
    Imply,
    MainMenu,
    Menu,
    MenuConfig,
    Modules,
    Option,
    Optional,
    Prompt,
    Range,
    Select,
    /// `source` and its kin.
    Source {
        /// `rsource`, `orsource`: from the folder of the file.
        is_relative: bool,
        /// `osource`, `orsource`: there need not be such a file.
        is_optional: bool,
    },
    Transitional,
    /// `bool` and so on.
    Type(Type),
    Visible,
}

impl Keyword {
    /// The keyword that `word` is.
    pub fn of(word: &str) -> Option<Self> {
        Some(match word {
            "bool" => Self::Type(Type::Bool),
            "choice" => Self::Choice,
            "comment" => Self::Comment,
            "config" => Self::Config,
            "def_bool" => Self::DefaultOf(Type::Bool),
            "def_tristate" => Self::DefaultOf(Type::Tristate),
            "default" => Self::Default,
            "depends" => Self::Depends,
            "endchoice" => Self::EndChoice,
            "endif" => Self::EndIf,
            "endmenu" => Self::EndMenu,
            "help" | "---help---" => Self::Help,
            "hex" => Self::Type(Type::Hex),
            "if" => Self::If,
            "imply" => Self::Imply,
            "int" => Self::Type(Type::Int),
            "mainmenu" => Self::MainMenu,
            "menu" => Self::Menu,
            "menuconfig" => Self::MenuConfig,
            "modules" => Self::Modules,
            "option" => Self::Option,
            "optional" => Self::Optional,
            "orsource" => Self::Source { is_relative: true, is_optional: true },
            "osource" => Self::Source { is_relative: false, is_optional: true },
            "prompt" => Self::Prompt,
            "range" => Self::Range,
            "rsource" => Self::Source { is_relative: true, is_optional: false },
            "select" => Self::Select,
            "source" => Self::Source { is_relative: false, is_optional: false },
            "string" => Self::Type(Type::String),
            "transitional" => Self::Transitional,
            "tristate" => Self::Type(Type::Tristate),
            "visible" => Self::Visible,
            _ => return None,
        })
    }

    /// Whether it belongs to the entry above, in place of beginning a new one.
    pub fn is_attribute(self) -> bool {
        matches!(
            self,
            Self::Default
                | Self::DefaultOf(_)
                | Self::Depends
                | Self::Help
                | Self::Imply
                | Self::Modules
                | Self::Option
                | Self::Optional
                | Self::Prompt
                | Self::Range
                | Self::Select
                | Self::Transitional
                | Self::Type(_)
                | Self::Visible
        )
    }
}

/// Whether a symbol cannot have that name. Words that came after Linux 6.12 are names there, and so here.
pub(super) fn is_reserved(word: &str) -> bool {
    let later = matches!(
        word,
        "---help---" | "option" | "optional" | "orsource" | "osource" | "rsource" | "transitional"
    );
    word == "on" || !later && Keyword::of(word).is_some()
}

/// Every word that can begin a line, for those who misspell one.
pub(super) const ALL: [&str; 34] = [
    "bool",
    "choice",
    "comment",
    "config",
    "def_bool",
    "def_tristate",
    "default",
    "depends",
    "endchoice",
    "endif",
    "endmenu",
    "help",
    "hex",
    "if",
    "imply",
    "int",
    "mainmenu",
    "menu",
    "menuconfig",
    "modules",
    "option",
    "optional",
    "orsource",
    "osource",
    "prompt",
    "range",
    "rsource",
    "select",
    "source",
    "string",
    "transitional",
    "tristate",
    "visible",
    "depends on",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_keywords_are_still_names() {
        assert!(is_reserved("config") && is_reserved("on"));
        assert!(!is_reserved("transitional") && !is_reserved("optional"));
    }

    #[test]
    fn every_word_of_the_list_is_a_keyword() {
        for word in ALL {
            assert!(Keyword::of(word.split(' ').next().unwrap()).is_some(), "{word}");
        }
    }
}
