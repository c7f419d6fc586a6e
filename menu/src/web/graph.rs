//! The neighbourhood of a symbol as a picture: what it depends on at the left, what depends on it at the right.
//!
//! Columns of boxes need no layout engine. The boxes can be focused and clicked, so the page walks from symbol to
//! symbol; looks are classes, so the page's style sheet decides.

use std::collections::HashMap;
use std::fmt::Write;

use unicode_width::UnicodeWidthChar;

use super::neighbours::{Edge, Neighbourhood, Relation, is_on};
use crate::kconfig::{Config, SymbolId};
use crate::session::condition::{name, shown_value};

/// Most boxes of a column unless all are asked for.
const COLUMN_LIMIT: usize = 20;
/// The middle is never lower than this row: a long column must not push it out of sight.
const MIDDLE_LIMIT: usize = 10;
/// Size of a box, distance of two below each other, space between columns and above them, in pixels.
const BOX_WIDTH: usize = 212;
const BOX_HEIGHT: usize = 24;
const ROW_HEIGHT: usize = 32;
const GAP: usize = 64;
const COLUMN_WIDTH: usize = BOX_WIDTH + GAP;
const TOP: usize = 28;
/// Most columns of the text in a box: 7.3 pixels each at the page's font size.
const TEXT_LIMIT: usize = 26;
/// Most columns of a value in it.
const VALUE_LIMIT: usize = 10;

/// Draws `symbol` with its neighbours as one SVG element; `is_whole` leaves no box out.
pub fn draw(config: &Config, symbol: SymbolId, is_whole: bool) -> String {
    let around = Neighbourhood::of(config, symbol);
    let limit = if is_whole { usize::MAX } else { COLUMN_LIMIT };
    let columns = around.causes.iter().map(Vec::len).chain([around.effects.len()]);
    // The row below the last box of a column that was cut tells how many more there are.
    let rows = columns.map(|boxes| if boxes > limit { limit + 1 } else { boxes }).max().unwrap_or(0).max(1);
    let mut picture = Picture {
        config,
        limit,
        middle: TOP + (rows - 1).min(2 * MIDDLE_LIMIT) * ROW_HEIGHT / 2,
        places: HashMap::new(),
        arrows: String::new(),
        boxes: String::new(),
    };
    let centre = around.causes.len();
    picture.places.insert(symbol, (centre * COLUMN_WIDTH, picture.middle));
    picture.causes(&around);
    picture.node(symbol, "centre", "in the middle");
    picture.effects(&around, (centre + 1) * COLUMN_WIDTH);
    let columns = centre + 1 + usize::from(!around.effects.is_empty());
    let (width, height) = (columns * COLUMN_WIDTH - GAP, TOP + rows * ROW_HEIGHT);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{}\" height=\"{height}\" \
         viewBox=\"-2 0 {} {height}\" role=\"group\" aria-label=\"Dependencies of {}\">{}{}</svg>\n",
        width + 4,
        width + 4,
        escaped(&name(config.tree(), symbol)),
        picture.arrows,
        picture.boxes,
    )
}

/// What has been drawn so far; arrows lie below boxes.
struct Picture<'a> {
    config: &'a Config,
    /// Most boxes of a column.
    limit: usize,
    /// Upper edge of the box in the middle.
    middle: usize,
    /// Upper left corners of the boxes.
    places: HashMap<SymbolId, (usize, usize)>,
    arrows: String,
    boxes: String,
}

impl Picture<'_> {
    /// The columns at the left, nearest first.
    fn causes(&mut self, around: &Neighbourhood) {
        for (distance, causes) in around.causes.iter().enumerate() {
            let x = (around.causes.len() - 1 - distance) * COLUMN_WIDTH;
            // A box stands beside what it bears on, as far as the others of its column allow.
            let mut causes = causes.clone();
            causes.sort_by_key(|cause| self.height_of_targets(&around.edges, *cause));
            let (shown, top) = self.column(causes.len());
            for (row, &cause) in causes[..shown].iter().enumerate() {
                self.places.insert(cause, (x, top + row * ROW_HEIGHT));
                let relation = around.edges.iter().find(|edge| edge.from == cause).map(|edge| edge.relation);
                match relation {
                    Some(Relation::Selects) => self.node(cause, "selects", "selects it"),
                    Some(Relation::Implies) => self.node(cause, "implies", "implies it"),
                    _ => self.node(cause, "depends", "needed"),
                }
            }
            self.caption(x, TOP - 12, if distance == 0 { "needs, or is set by" } else { "which need" });
            self.rest(x, top + shown * ROW_HEIGHT, causes.len() - shown);
        }
        around.edges.iter().for_each(|edge| self.arrow(edge));
    }

    /// The column at the right.
    fn effects(&mut self, around: &Neighbourhood, x: usize) {
        if around.effects.is_empty() {
            return;
        }
        let (shown, top) = self.column(around.effects.len());
        for (row, edge) in around.effects[..shown].iter().enumerate() {
            self.places.insert(edge.to, (x, top + row * ROW_HEIGHT));
            self.arrow(edge);
            match edge.relation {
                Relation::Selects => self.node(edge.to, "selects", "selected by it"),
                Relation::Implies => self.node(edge.to, "implies", "implied by it"),
                Relation::Depends => self.node(edge.to, "depends", "needs it"),
            }
        }
        let title = match around.all_effects - around.effects.len() {
            0 => "needed by, or sets".to_string(),
            behind => format!("needed by, or sets (+{behind} behind)"),
        };
        self.caption(x, TOP - 12, &title);
        self.rest(x, top + shown * ROW_HEIGHT, around.effects.len() - shown);
    }

    /// How many boxes of a column are shown, and where the first begins: around the middle.
    fn column(&self, boxes: usize) -> (usize, usize) {
        let shown = boxes.min(self.limit);
        (shown, self.middle.saturating_sub(shown.saturating_sub(1) * ROW_HEIGHT / 2).max(TOP))
    }

    fn height_of_targets(&self, edges: &[Edge], cause: SymbolId) -> usize {
        let targets = edges.iter().filter(|edge| edge.from == cause);
        let heights: Vec<_> =
            targets.filter_map(|edge| self.places.get(&edge.to)).map(|place| place.1).collect();
        heights.iter().sum::<usize>() / heights.len().max(1)
    }

    /// An arrow, unless one of its ends was cut off.
    fn arrow(&mut self, edge: &Edge) {
        let (Some(&(left, from)), Some(&(right, to))) =
            (self.places.get(&edge.from), self.places.get(&edge.to))
        else {
            return;
        };
        let (left, from, to) = (left + BOX_WIDTH, from + BOX_HEIGHT / 2, to + BOX_HEIGHT / 2);
        let (near, far) = (left + GAP / 2, right.saturating_sub(GAP / 2));
        let word = match edge.relation {
            Relation::Depends => "depends",
            Relation::Selects => "selects",
            Relation::Implies => "implies",
        };
        // Writing to a String cannot fail.
        let _ = write!(
            self.arrows,
            "<path class=\"{word}\" d=\"M{left} {from}C{near} {from} {far} {to} {right} {to}\"/>"
        );
    }

    /// The box of a symbol that has a place. `relation` tells those who cannot see the arrows.
    fn node(&mut self, symbol: SymbolId, class: &str, relation: &str) {
        let Some(&(x, y)) = self.places.get(&symbol) else {
            return;
        };
        let (name, value) = (name(self.config.tree(), symbol), shown_value(self.config, symbol));
        let state = if is_on(self.config, symbol) { "on" } else { "off" };
        let short_value = cut(&value, VALUE_LIMIT);
        let short_name = cut(&name, TEXT_LIMIT - short_value.chars().count() - 1);
        let _ = write!(
            self.boxes,
            "<g class=\"{class} {state}\" role=\"link\" tabindex=\"0\" data-symbol=\"{}\" \
             aria-label=\"{}\"><title>{}</title>\
             <rect x=\"{x}\" y=\"{y}\" width=\"{BOX_WIDTH}\" height=\"{BOX_HEIGHT}\" rx=\"5\"/>\
             <text x=\"{}\" y=\"{text_y}\">{}</text>\
             <text class=\"value\" text-anchor=\"end\" x=\"{}\" y=\"{text_y}\">{}</text></g>",
            symbol.0,
            escaped(&format!("{name} = {value}, {relation}")),
            escaped(&format!("{name} = {value}")),
            x + 8,
            escaped(&short_name),
            x + BOX_WIDTH - 8,
            escaped(&short_value),
            text_y = y + 16,
        );
    }

    fn caption(&mut self, x: usize, y: usize, text: &str) {
        let _ = write!(self.boxes, "<text class=\"caption\" x=\"{x}\" y=\"{y}\">{text}</text>");
    }

    /// A button for the boxes that a column has no room for.
    fn rest(&mut self, x: usize, y: usize, count: usize) {
        if count > 0 {
            let _ = write!(
                self.boxes,
                "<g class=\"rest\" role=\"button\" tabindex=\"0\" data-all=\"1\">\
                 <rect x=\"{x}\" y=\"{y}\" width=\"{BOX_WIDTH}\" height=\"{BOX_HEIGHT}\" rx=\"5\"/>\
                 <text x=\"{}\" y=\"{}\">and {count} more: show all</text></g>",
                x + 8,
                y + 16
            );
        }
    }
}

/// As much of `text` as takes `limit` columns.
fn cut(text: &str, limit: usize) -> String {
    let width = |character: char| character.width().unwrap_or(1);
    if text.chars().map(width).sum::<usize>() <= limit {
        return text.to_string();
    }
    let mut room = limit.saturating_sub(1);
    let fits = |character: &char| {
        let fits = width(*character) <= room;
        room = room.saturating_sub(width(*character));
        fits
    };
    text.chars().take_while(fits).chain(['…']).collect()
}

/// As XML. Characters that XML cannot have, or that reorder the text around them, become visible.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\u{fffe}' | '\u{ffff}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                escaped.push('\u{fffd}')
            }
            control if control.is_control() => escaped.push('\u{fffd}'),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::fixture::{SYSTEM, session};

    fn many(count: usize) -> String {
        let mut text = String::from("config HUB\n\tbool \"hub\"\n\tdefault y\n");
        for number in 0..count {
            text.push_str(&format!("config D{number}\n\tbool \"d\"\n\tdepends on HUB\n"));
        }
        text
    }

    #[test]
    fn draws_boxes_with_values_and_arrows() {
        let session = session(SYSTEM, "CONFIG_NET=y\nCONFIG_DRIVER=y\n");
        let svg = draw(session.config(), session.named("DRIVER"), false);
        assert!(svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\" width="), "{svg}");
        assert!(svg.contains("aria-label=\"Dependencies of DRIVER\""), "{svg}");
        assert!(svg.contains("class=\"centre on\""), "{svg}");
        assert!(svg.contains("aria-label=\"NET = y, needed\""), "{svg}");
        assert!(svg.contains("aria-label=\"OFFLINE = n, needed\""), "{svg}");
        assert!(svg.contains("aria-label=\"FAST = n, needs it\""), "{svg}");
        assert_eq!(svg.matches("<path class=\"depends\"").count(), 3, "{svg}");
        assert!(svg.contains(&format!("data-symbol=\"{}\"", session.named("FAST").0)), "{svg}");

        let cache = draw(session.config(), session.named("CACHE"), false);
        assert!(cache.contains("aria-label=\"FAST = n, selects it\""), "{cache}");
        assert!(cache.contains("<path class=\"selects\""), "{cache}");
    }

    #[test]
    fn a_symbol_alone_is_one_box() {
        let session = session("config A\n\tstring \"a\"\n", "");
        let svg = draw(session.config(), session.named("A"), false);
        assert_eq!(svg.matches("<rect").count(), 1, "{svg}");
        assert!(svg.contains(">empty</text>") && !svg.contains("<path"), "{svg}");
    }

    #[test]
    fn a_long_column_is_cut_and_says_so() {
        let session = session(&many(200), "");
        let hub = session.named("HUB");
        let short = draw(session.config(), hub, false);
        assert_eq!(short.matches("<path").count(), COLUMN_LIMIT);
        assert!(short.contains("data-all=\"1\"") && short.contains("and 180 more"), "{short}");
        let long = draw(session.config(), hub, true);
        assert_eq!(long.matches("<path").count(), 200);
        assert!(!long.contains("data-all"));
        // The middle stays where the person looks first.
        let middle = TOP + MIDDLE_LIMIT * ROW_HEIGHT;
        assert!(long.contains(&format!("y=\"{middle}\" width=\"{BOX_WIDTH}\"")), "{long}");
    }

    /// The page parses it as XML, which one wrong character would end.
    #[test]
    fn texts_cannot_break_out() {
        let text = "config A\n\tstring \"a\"\n\tdefault \"<b>\\\"&'\"\nconfig B\n\tbool \"b\"\n\tdepends on A = \"x\"\n";
        let mut session = session(text, "");
        let svg = draw(session.config(), session.named("B"), false);
        assert!(svg.contains("&lt;b&gt;&quot;&amp;'") && !svg.contains("<b>"), "{svg}");
        session.set_named("A", "\u{1}\u{202e}\u{ffff}ה日").unwrap();
        let svg = draw(session.config(), session.named("B"), false);
        assert!(svg.contains("= \u{fffd}\u{fffd}\u{fffd}ה日"), "{svg}");
    }

    #[test]
    fn cuts_by_columns() {
        assert_eq!(cut("short", 5), "short");
        assert_eq!(cut("longer", 5), "long…");
        assert_eq!(cut("日本語", 5), "日本…");
        assert_eq!(cut("日本語", 4), "日…");
        assert_eq!(cut("x", 0), "…");
    }
}
