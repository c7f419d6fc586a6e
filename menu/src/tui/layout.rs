//! Where everything is on a screen of a given size: the drawing and the mouse agree by asking here.
//!
//! ```text
//!  wide                              tall                 small
//!  ┌ bar ───────────────────────┐    ┌ bar ────────┐      ┌ bar ────────┐
//!  │ list          │ details    │    │ list        │      │ list        │
//!  │               │            │    ├ title ──────┤      │             │
//!  │               │            │    │ details     │      │             │
//!  ├ status ────────────────────┤    ├ status ─────┤      ├ status ─────┤
//!  └ summary ───────────────────┘    └ summary ────┘      └ summary ────┘
//! ```

use ratatui::layout::{Rect, Size};

/// From this width on there are two columns.
const WIDE: u16 = 100;

/// From this height of the middle on there are details below the list.
const TALL: u16 = 15;

/// The parts of the screen. A part without room has no area.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Areas {
    /// The line at the top: where we are.
    pub bar: Rect,
    /// Everything between the bar and the status line.
    pub body: Rect,
    /// The rows of the menu.
    pub list: Rect,
    /// The line between list and details.
    pub rule: Option<Rect>,
    /// The explanation of the entry under the cursor.
    pub details: Option<Rect>,
    /// What happened, or what can be done.
    pub status: Rect,
    /// The line at the bottom: what it costs.
    pub summary: Rect,
    /// Where a search is typed; in front of the list.
    pub query: Rect,
    /// What it found.
    pub results: Rect,
    /// The list of problems.
    pub problems: Rect,
    /// The line below it, where the details are not in their own place.
    pub problem_rule: Option<Rect>,
    /// What there is to say about one.
    pub problem: Rect,
}

impl Areas {
    /// The parts of a screen of this size, whatever it is.
    pub fn new(size: Size) -> Self {
        let screen = Rect::new(0, 0, size.width, size.height);
        let (screen, summary) = cut_bottom(screen, u16::from(size.height >= 4));
        let (screen, status) = cut_bottom(screen, u16::from(size.height >= 2));
        let (bar, body) = cut_top(screen, u16::from(size.height >= 3));
        let (list, rule, details) = split_body(body);
        let (query, below) = cut_top(list, if list.height >= 6 { 2 } else { 1 });
        let (problems, problem_rule, problem) = match details {
            Some(details) => (list, None, details),
            None => {
                let (problems, rest) = cut_top(list, (list.height / 2).min(8));
                let (rule, problem) = cut_top(rest, 1);
                (problems, Some(rule), problem)
            }
        };
        Self {
            bar,
            body,
            list,
            rule,
            details,
            status,
            summary,
            query,
            results: below,
            problems,
            problem_rule,
            problem,
        }
    }

    /// Whether list and details are side by side.
    pub fn is_wide(&self) -> bool {
        self.rule.is_some_and(|rule| rule.height > 1)
    }

    /// A box of at most this size, borders included: in the middle of the list, so that the explanation stays in
    /// sight, or of the body; on a small screen it may cover everything.
    pub fn popup(&self, width: u16, height: u16) -> Rect {
        let screen = self.bar.union(self.body).union(self.status).union(self.summary);
        let has_room = |place: Rect| place.height >= height && place.width >= width.min(screen.width);
        let room = match self.list {
            list if has_room(list) => list,
            _ if has_room(self.body) || self.body.height >= TALL => self.body,
            _ => screen,
        };
        let (width, height) = (width.min(room.width), height.min(room.height));
        Rect { x: room.x + (room.width - width) / 2, y: room.y + (room.height - height) / 2, width, height }
    }
}

fn split_body(body: Rect) -> (Rect, Option<Rect>, Option<Rect>) {
    if body.width >= WIDE && body.height >= 5 {
        let width = (body.width * 9 / 20).clamp(46, 84);
        let (rest, details) = cut_right(body, width);
        let (list, rule) = cut_right(rest, 1);
        (list, Some(rule), Some(details))
    } else if body.height >= TALL {
        let (rest, details) = cut_bottom(body, (body.height * 2 / 5).clamp(6, 16));
        let (list, rule) = cut_bottom(rest, 1);
        (list, Some(rule), Some(details))
    } else {
        (body, None, None)
    }
}

fn cut_top(area: Rect, height: u16) -> (Rect, Rect) {
    let height = height.min(area.height);
    (Rect { height, ..area }, Rect { y: area.y + height, height: area.height - height, ..area })
}

fn cut_bottom(area: Rect, height: u16) -> (Rect, Rect) {
    let height = height.min(area.height);
    cut_top(area, area.height - height)
}

fn cut_right(area: Rect, width: u16) -> (Rect, Rect) {
    let left = area.width - width.min(area.width);
    (Rect { width: left, ..area }, Rect { x: area.x + left, width: area.width - left, ..area })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_lie_on_the_screen_at_every_size() {
        for width in (0..130).chain([300, 1000]) {
            for height in (0..60).chain([100, 400]) {
                let areas = Areas::new(Size::new(width, height));
                let screen = Rect::new(0, 0, width, height);
                let parts = [areas.bar, areas.list, areas.status, areas.summary];
                let parts = parts.into_iter().chain(areas.rule).chain(areas.details);
                let parts: Vec<_> = parts.filter(|part| !part.is_empty()).collect();
                let covered: u32 = parts.iter().map(|part| part.area()).sum();
                assert_eq!(covered, screen.area(), "{width}x{height}");
                for (index, part) in parts.iter().enumerate() {
                    assert_eq!(screen.intersection(*part), *part, "{width}x{height}");
                    assert!(parts[..index].iter().all(|other| !other.intersects(*part)), "{width}x{height}");
                }
                let popup = areas.popup(60, 8);
                assert_eq!(screen.intersection(popup), popup, "{width}x{height}");
            }
        }
    }

    #[test]
    fn panes_collapse_when_there_is_no_room() {
        let shape = |width, height| {
            let areas = Areas::new(Size::new(width, height));
            (areas.is_wide(), areas.details.is_some(), areas.list.height)
        };
        assert_eq!(shape(120, 40), (true, true, 37));
        assert_eq!(shape(80, 24), (false, true, 12));
        assert_eq!(shape(40, 10), (false, false, 7));
        assert_eq!(shape(300, 100), (true, true, 97));
        assert_eq!(shape(1, 1), (false, false, 1));
    }
}
