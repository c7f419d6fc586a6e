//! One line of text that is being edited: what people expect of a shell's line, in whole characters.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// The text and the place of the cursor, always between two characters as people see them (grapheme clusters).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Field {
    text: String,
    /// In bytes; at a boundary of grapheme clusters.
    cursor: usize,
}

/// A change of a [`Field`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edit {
    /// Types a character.
    Insert(char),
    /// Removes the character before the cursor.
    Backspace,
    /// Removes the character after the cursor.
    Delete,
    /// Removes the word before the cursor.
    DeleteWord,
    /// Removes everything before the cursor.
    DeleteToStart,
    /// Removes everything after the cursor.
    DeleteToEnd,
    /// One character to the left.
    Left,
    /// One character to the right.
    Right,
    /// One word to the left.
    WordLeft,
    /// One word to the right.
    WordRight,
    /// To the start.
    Start,
    /// To the end.
    End,
}

impl Field {
    /// A line with this text and the cursor after it. Control characters are left out.
    pub fn new(text: &str) -> Self {
        let mut field = Self::default();
        field.paste(text);
        field
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Does one change; true if the text is another afterwards.
    pub fn apply(&mut self, edit: Edit) -> bool {
        let before = self.text.len();
        match edit {
            Edit::Insert(character) => self.paste(character.encode_utf8(&mut [0; 4])),
            Edit::Backspace => self.remove(self.left(), self.cursor),
            Edit::Delete => self.remove(self.cursor, self.right()),
            Edit::DeleteWord => self.remove(self.word_left(), self.cursor),
            Edit::DeleteToStart => self.remove(0, self.cursor),
            Edit::DeleteToEnd => self.remove(self.cursor, self.text.len()),
            Edit::Left => self.cursor = self.left(),
            Edit::Right => self.cursor = self.right(),
            Edit::WordLeft => self.cursor = self.word_left(),
            Edit::WordRight => self.cursor = self.word_right(),
            Edit::Start => self.cursor = 0,
            Edit::End => self.cursor = self.text.len(),
        }
        self.text.len() != before
    }

    /// Inserts text at the cursor, without its control characters: a pasted line end does not submit a form.
    pub fn paste(&mut self, text: &str) {
        let text: String = text.chars().filter(|character| !character.is_control()).collect();
        self.text.insert_str(self.cursor, &text);
        self.cursor += text.len();
        // A combining mark joins the character before it; the cursor must not stay between the two.
        self.cursor = self.at_or_after(self.cursor);
    }

    /// The part that fits in `width` columns with the cursor in it, and the cursor's column in that part.
    pub fn visible(&self, width: usize) -> (&str, usize) {
        // The cursor itself needs a column at the end of the text.
        let room = width.saturating_sub(1);
        let mut start = 0;
        for (index, cluster) in self.text[..self.cursor].grapheme_indices(true) {
            if self.text[start..self.cursor].width() <= room {
                break;
            }
            start = index + cluster.len();
        }
        let mut end = start;
        for (index, cluster) in self.text[start..].grapheme_indices(true) {
            let next = start + index + cluster.len();
            if self.text[start..next].width() > width {
                break;
            }
            end = next;
        }
        (&self.text[start..end], self.text[start..self.cursor].width())
    }

    fn remove(&mut self, from: usize, to: usize) {
        self.text.replace_range(from..to, "");
        self.cursor = from;
        // What is left may join across the gap.
        self.paste("");
    }

    fn left(&self) -> usize {
        self.boundaries().take_while(|&place| place < self.cursor).last().unwrap_or(0)
    }

    fn right(&self) -> usize {
        self.boundaries().find(|&place| place > self.cursor).unwrap_or(self.cursor)
    }

    fn word_left(&self) -> usize {
        let word = self.text[..self.cursor].unicode_word_indices().next_back().map_or(0, |(start, _)| start);
        self.boundaries().take_while(|&place| place <= word).last().unwrap_or(0)
    }

    fn word_right(&self) -> usize {
        let after = &self.text[self.cursor..];
        let end = after.unicode_word_indices().map(|(start, word)| start + word.len()).next();
        self.at_or_after(self.cursor + end.unwrap_or(after.len()))
    }

    /// The places between characters as people count them, both ends of the text included. They are those of the whole
    /// text: a part of it can fall into other characters, and words do not always end where characters do.
    fn boundaries(&self) -> impl Iterator<Item = usize> + '_ {
        self.text.grapheme_indices(true).map(|(start, _)| start).chain([self.text.len()])
    }

    fn at_or_after(&self, place: usize) -> usize {
        self.boundaries().find(|&boundary| boundary >= place).unwrap_or(self.text.len())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn after(text: &str, edits: &[Edit]) -> (String, usize) {
        let mut field = Field::new(text);
        for &edit in edits {
            field.apply(edit);
        }
        let column = field.visible(1000).1;
        (field.text, column)
    }

    #[test]
    fn characters_are_removed_as_people_count_them() {
        assert_eq!(after("añ̃b", &[Edit::Left, Edit::Backspace]), ("ab".into(), 1));
        assert_eq!(after("日本", &[Edit::Left]), ("日本".into(), 2));
        assert_eq!(after("x👨‍👩‍👧y", &[Edit::Start, Edit::Right, Edit::Delete]), ("xy".into(), 1));
    }

    #[test]
    fn words_are_steps() {
        // Unicode breaks no word at a full stop between letters.
        assert_eq!(after("one two.three", &[Edit::DeleteWord]), ("one ".into(), 4));
        assert_eq!(after("one two", &[Edit::Start, Edit::WordRight, Edit::DeleteToEnd]), ("one".into(), 3));
        assert_eq!(after("one two", &[Edit::WordLeft, Edit::DeleteToStart]), ("two".into(), 0));
    }

    #[test]
    fn a_narrow_field_shows_the_end_with_the_cursor() {
        let field = Field::new("0123456789");
        assert_eq!(field.visible(5), ("6789", 4));
        let mut field = field;
        field.apply(Edit::Start);
        assert_eq!(field.visible(5), ("01234", 0));
        assert_eq!(field.visible(0), ("", 0));
    }

    #[test]
    fn a_pasted_line_end_is_left_out() {
        assert_eq!(Field::new("a\r\nb\x1b").text(), "ab");
    }

    proptest! {
        #[test]
        fn the_cursor_is_always_between_characters(
            text in "\\PC{0,12}",
            edits in prop::collection::vec((0..12u8, any::<char>()), 0..30),
            width in 0..20usize,
        ) {
            let mut field = Field::new(&text);
            for (kind, character) in edits {
                field.apply(match kind {
                    0 => Edit::Insert(character),
                    1 => Edit::Backspace,
                    2 => Edit::Delete,
                    3 => Edit::DeleteWord,
                    4 => Edit::DeleteToStart,
                    5 => Edit::DeleteToEnd,
                    6 => Edit::Left,
                    7 => Edit::Right,
                    8 => Edit::WordLeft,
                    9 => Edit::WordRight,
                    10 => Edit::Start,
                    _ => Edit::End,
                });
                let mut boundaries = field.text.grapheme_indices(true).map(|(start, _)| start).collect::<Vec<_>>();
                boundaries.push(field.text.len());
                prop_assert!(boundaries.contains(&field.cursor));
                let (shown, column) = field.visible(width);
                prop_assert!(shown.width() <= width);
                prop_assert!(column <= width);
            }
        }
    }
}
