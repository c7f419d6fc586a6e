//! A cursor in a list of which only a part is on the screen.

/// Where the cursor and the screen are. Always valid for the last length that it was told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scroll {
    /// The entry under the cursor; 0 in an empty list.
    pub cursor: usize,
    /// The first entry on the screen.
    pub top: usize,
}

impl Scroll {
    /// Moves the cursor by `step` and stops at the ends.
    pub fn by(&mut self, step: isize, length: usize) {
        self.cursor = self.cursor.saturating_add_signed(step).min(length.saturating_sub(1));
    }

    /// Moves the part that is shown by `step`, and the cursor only if it would leave it: a mouse wheel.
    pub fn roll(&mut self, step: isize, length: usize, height: usize) {
        self.top = self.top.saturating_add_signed(step).min(length.saturating_sub(height));
        let bottom = (self.top + height).min(length);
        let first = self.top + if self.top > 0 { margin(height) } else { 0 };
        let last = bottom.saturating_sub(1 + if bottom < length { margin(height) } else { 0 });
        self.cursor = self.cursor.clamp(first.min(last), last);
    }

    /// Makes both valid for a list of this length of which `height` entries are shown. One entry stays between
    /// the cursor and the edge where there is one, so that people see what comes.
    pub fn fit(&mut self, length: usize, height: usize) {
        self.cursor = self.cursor.min(length.saturating_sub(1));
        let margin = margin(height);
        let lowest = (self.cursor + 1 + margin).saturating_sub(height);
        self.top = self.top.clamp(lowest, self.cursor.saturating_sub(margin).max(lowest));
        self.top = self.top.min(length.saturating_sub(height));
    }

    /// Whether `index` is on the screen.
    pub fn shows(&self, index: usize, height: usize) -> bool {
        (self.top..self.top + height).contains(&index)
    }
}

/// Entries that stay between the cursor and the edge.
fn margin(height: usize) -> usize {
    usize::from(height > 4)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_cursor_stays_in_the_list_and_on_the_screen(
            steps in prop::collection::vec((-30isize..30, any::<bool>(), 0usize..40, 1usize..20), 1..40),
        ) {
            let mut scroll = Scroll::default();
            for (step, rolls, length, height) in steps {
                if rolls {
                    scroll.roll(step, length, height);
                } else {
                    scroll.by(step, length);
                }
                scroll.fit(length, height);
                prop_assert!(scroll.cursor < length.max(1));
                prop_assert!(scroll.shows(scroll.cursor, height));
                // No empty rows below while entries are hidden above.
                prop_assert!(scroll.top == 0 || scroll.top + height <= length);
            }
        }
    }

    #[test]
    fn the_next_entry_is_in_sight() {
        let mut scroll = Scroll::default();
        scroll.by(8, 100);
        scroll.fit(100, 10);
        assert_eq!((scroll.cursor, scroll.top), (8, 0));
        scroll.by(1, 100);
        scroll.fit(100, 10);
        assert_eq!((scroll.cursor, scroll.top), (9, 1));
        scroll.by(100, 100);
        scroll.fit(100, 10);
        assert_eq!((scroll.cursor, scroll.top), (99, 90));
    }

    #[test]
    fn a_wheel_takes_the_cursor_along_only_at_the_edge() {
        let mut scroll = Scroll { cursor: 5, top: 0 };
        scroll.roll(3, 100, 10);
        assert_eq!(scroll, Scroll { cursor: 5, top: 3 });
        scroll.roll(3, 100, 10);
        assert_eq!(scroll, Scroll { cursor: 7, top: 6 });
        scroll.roll(-100, 100, 10);
        assert_eq!(scroll, Scroll { cursor: 7, top: 0 });
    }
}
