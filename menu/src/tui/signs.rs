//! The signs that are not letters, and what stands for them where only ASCII can be shown.

use ratatui::buffer::Buffer;

/// Of a line between rows.
pub const HORIZONTAL: &str = "─";
/// Of a line between columns.
pub const VERTICAL: &str = "│";
/// Of a box: top left, top right, bottom left, bottom right.
pub const CORNERS: [&str; 4] = ["╭", "╮", "╰", "╯"];
/// After what can be entered, and between the links of a path.
pub const ENTER: &str = "›";
/// In place of text that has no room.
pub const ELLIPSIS: &str = "…";
/// Between parts of a line that have equal rank.
pub const DOT: &str = "·";
/// Beside what holds.
pub const HOLDS: &str = "✓";
/// Beside what fails.
pub const FAILS: &str = "✗";
/// Of the picked member of a choice.
pub const PICKED: &str = "(•)";
/// Beside the name of a file that differs from what is shown.
pub const CHANGED: &str = "●";
/// The part of a scroll bar that is shown.
pub const THUMB: &str = "┃";

/// Draws the picture anew in ASCII, cell by cell: also what comes from a help text or a message.
pub fn to_ascii(buffer: &mut Buffer) {
    for cell in &mut buffer.content {
        let first = cell.symbol().chars().next().filter(|first| !first.is_ascii());
        if let Some(first) = first {
            cell.set_char(ascii(first));
        }
    }
}

/// One character for each: columns stay where they are.
fn ascii(sign: char) -> char {
    match sign {
        '─' | '—' | '–' | '·' | '‐' => '-',
        '│' => '|',
        '╭' | '╮' | '╰' | '╯' => '+',
        '›' | '→' => '>',
        '←' => '<',
        '↑' => '^',
        '↓' => 'v',
        '…' => '~',
        '✓' => '+',
        '✗' => 'x',
        '•' => 'X',
        '●' => '*',
        '┃' => '#',
        '“' | '”' | '„' => '"',
        '‘' | '’' => '\'',
        '\u{a0}' => ' ',
        _ => '?',
    }
}

#[cfg(test)]
mod tests {
    use ratatui::layout::Rect;
    use ratatui::style::Style;

    use super::*;

    #[test]
    fn every_sign_has_its_stand_in() {
        let signs = [HORIZONTAL, VERTICAL, ENTER, ELLIPSIS, DOT, HOLDS, FAILS, PICKED, CHANGED, THUMB];
        for sign in signs.into_iter().chain(CORNERS).flat_map(str::chars) {
            assert!(sign.is_ascii() || ascii(sign) != '?', "{sign}");
        }
    }

    #[test]
    fn columns_stay_in_line() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 8, 1));
        buffer.set_string(0, 0, "ä日 é→b", Style::new());
        to_ascii(&mut buffer);
        let text: String = buffer.content.iter().map(|cell| cell.symbol()).collect();
        assert_eq!(text, "??  ?>b ");
    }
}
