//! How things look, in colours as far as the terminal has them.
//!
//! Nothing is told by colour alone: every state has a sign or a word too, so `NO_COLOR` and sixteen colours lose
//! beauty and no information.

use ratatui::style::{Color, Modifier, Style};

/// How many colours the terminal has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colours {
    /// None are wanted (`NO_COLOR`), or there are none.
    None,
    /// The sixteen that the user's terminal theme defines.
    Sixteen,
    /// The 256 of xterm.
    Many,
}

impl Colours {
    /// What the environment says: `NO_COLOR` (if not empty), `COLORTERM` and `TERM`.
    pub fn of_environment(variable: impl Fn(&str) -> Option<String>) -> Self {
        let filled = |name: &str| variable(name).filter(|value| !value.is_empty());
        let term = filled("TERM").unwrap_or_default();
        if filled("NO_COLOR").is_some() || term.ends_with("-m") || term.starts_with("vt") {
            Self::None
        } else if filled("COLORTERM").is_some() || term.contains("256") || term.contains("direct") {
            Self::Many
        } else {
            Self::Sixteen
        }
    }
}

/// Styles by what they mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Theme {
    /// Whether the terminal shows more than ASCII.
    pub has_unicode: bool,
    /// Names of keys in hints.
    pub key: Style,
    /// Secondary text.
    pub dim: Style,
    /// Titles, and the prompt of the entry that is explained.
    pub strong: Style,
    /// Lines and boxes.
    pub line: Style,
    /// The row under the cursor; laid over the row's own styles.
    pub cursor: Style,
    /// The row that the cursor returns to when a box in front of it goes.
    pub cursor_behind: Style,
    /// The bar at the top.
    pub bar: Style,
    /// The mark of what is switched on.
    pub on: Style,
    /// The mark of what is built as a module, and values that are numbers or text.
    pub value: Style,
    /// What matches a search.
    pub matched: Style,
    /// What differs from the file.
    pub changed: Style,
    /// What went wrong.
    pub error: Style,
    /// What deserves a look.
    pub warning: Style,
    /// What went well.
    pub success: Style,
}

impl Theme {
    /// A theme for a terminal with these colours, which may show more than ASCII.
    pub fn new(colours: Colours, has_unicode: bool) -> Self {
        let plain = Style::new();
        let bold = plain.add_modifier(Modifier::BOLD);
        let faint = plain.add_modifier(Modifier::DIM);
        let reversed = plain.add_modifier(Modifier::REVERSED);
        let base = Self {
            has_unicode,
            key: bold,
            dim: faint,
            strong: bold,
            line: faint,
            cursor: reversed,
            cursor_behind: plain.add_modifier(Modifier::UNDERLINED),
            bar: bold,
            on: bold,
            value: plain,
            matched: bold.add_modifier(Modifier::UNDERLINED),
            changed: bold,
            error: bold,
            warning: bold,
            success: plain,
        };
        match colours {
            Colours::None => base,
            Colours::Sixteen => Self {
                key: plain.fg(Color::Cyan),
                dim: plain.fg(Color::DarkGray),
                line: plain.fg(Color::DarkGray),
                cursor: plain.fg(Color::White).bg(Color::Blue).add_modifier(Modifier::BOLD),
                cursor_behind: plain.bg(Color::DarkGray),
                bar: reversed,
                on: plain.fg(Color::Green),
                value: plain.fg(Color::Cyan),
                matched: plain.fg(Color::Yellow).add_modifier(Modifier::BOLD),
                changed: plain.fg(Color::Yellow),
                error: plain.fg(Color::Red),
                warning: plain.fg(Color::Yellow),
                success: plain.fg(Color::Green),
                ..base
            },
            // Foregrounds are of middle brightness, so that they can be read on black and on white.
            Colours::Many => Self {
                key: plain.fg(Color::Indexed(73)),
                dim: plain.fg(Color::Indexed(245)),
                line: plain.fg(Color::Indexed(240)),
                cursor: plain.fg(Color::Indexed(255)).bg(Color::Indexed(24)).add_modifier(Modifier::BOLD),
                cursor_behind: plain.fg(Color::Indexed(252)).bg(Color::Indexed(238)),
                bar: plain.fg(Color::Indexed(252)).bg(Color::Indexed(236)),
                on: plain.fg(Color::Indexed(71)),
                value: plain.fg(Color::Indexed(74)),
                matched: plain.fg(Color::Indexed(214)).add_modifier(Modifier::BOLD),
                changed: plain.fg(Color::Indexed(178)),
                error: plain.fg(Color::Indexed(167)),
                warning: plain.fg(Color::Indexed(178)),
                success: plain.fg(Color::Indexed(71)),
                ..base
            },
        }
    }

    /// The theme for the terminal of this process.
    pub fn of_process() -> Self {
        let variable = |name: &str| std::env::var(name).ok();
        Self::new(Colours::of_environment(variable), has_unicode(variable))
    }
}

/// Whether the locale's character set is UTF-8.
fn has_unicode(variable: impl Fn(&str) -> Option<String>) -> bool {
    let locale =
        ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(|name| variable(name).filter(|v| !v.is_empty()));
    locale.is_some_and(|locale| {
        let locale = locale.to_ascii_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn colours(variables: &[(&str, &str)]) -> Colours {
        Colours::of_environment(|name| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| value.to_string())
        })
    }

    #[test]
    fn the_environment_tells_how_many_colours_there_are() {
        assert_eq!(colours(&[("TERM", "xterm")]), Colours::Sixteen);
        assert_eq!(colours(&[("TERM", "screen-256color")]), Colours::Many);
        assert_eq!(colours(&[("TERM", "xterm"), ("COLORTERM", "truecolor")]), Colours::Many);
        assert_eq!(colours(&[("TERM", "vt100")]), Colours::None);
        assert_eq!(colours(&[("TERM", "xterm-256color"), ("NO_COLOR", "1")]), Colours::None);
        assert_eq!(colours(&[("TERM", "xterm-256color"), ("NO_COLOR", "")]), Colours::Many);
    }

    #[test]
    fn the_first_locale_variable_that_is_set_tells_the_character_set() {
        let has = |pairs: &'static [(&str, &str)]| {
            has_unicode(|name| {
                pairs.iter().find(|(known, _)| *known == name).map(|(_, value)| value.to_string())
            })
        };
        assert!(has(&[("LANG", "C.UTF-8")]));
        assert!(has(&[("LC_ALL", ""), ("LANG", "de_DE.utf8")]));
        assert!(!has(&[("LC_ALL", "C"), ("LANG", "C.UTF-8")]));
        assert!(!has(&[]));
    }

    #[test]
    fn a_theme_without_colours_sets_none() {
        let theme = Theme::new(Colours::None, true);
        let styles =
            [theme.key, theme.dim, theme.strong, theme.line, theme.cursor, theme.cursor_behind, theme.bar];
        let marks = [theme.on, theme.value, theme.matched, theme.changed];
        let tones = [theme.error, theme.warning, theme.success];
        for style in styles.into_iter().chain(marks).chain(tones) {
            assert_eq!((style.fg, style.bg), (None, None));
        }
    }
}
