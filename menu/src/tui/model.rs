//! What the menu is showing: everything that a picture of it depends on, and nothing about drawing.
//!
//! [`update`](super::update) changes it, [`view`](super::view) reads it. What is derived from the session (rows,
//! explanation, summary) is kept here until [`Model::refresh`], so that a movement of the cursor costs nothing.

use std::collections::HashMap;

use ratatui::layout::Size;

use super::front::Front;
use super::layout::Areas;
use super::scroll::Scroll;
use super::theme::Theme;
use super::view;
use crate::kconfig::{NodeId, Severity};
use crate::session::{Explanation, Navigator, Row, Session, Shown, Summary};

/// The state of the menu.
pub struct Model {
    /// The configuration.
    pub session: Session,
    /// How it looks.
    pub theme: Theme,
    /// Size of the terminal.
    pub size: Size,
    /// The menu that is open.
    pub menu: Menu,
    /// The explanation of the entry under the cursor.
    pub details: Details,
    /// What the foot shows.
    pub summary: Summary,
    /// What is in front of the menu; the last gets the keys.
    pub fronts: Vec<Front>,
    /// What the last step did, until the next.
    pub message: Option<Message>,
    /// Whether names are shown beside the prompts.
    pub shows_names: bool,
    /// Whether the help text is shown below the row under the cursor.
    pub shows_help: bool,
}

/// The menu that is open.
pub struct Menu {
    /// Where it is.
    pub navigator: Navigator,
    /// The menus from the main menu to it.
    pub path: Vec<(NodeId, String)>,
    /// Its rows.
    pub rows: Vec<Row>,
    /// The cursor.
    pub scroll: Scroll,
    /// Which entries are rows.
    pub shown: Shown,
    /// The first row on the screen, of each menu that was open.
    tops: HashMap<NodeId, usize>,
}

/// The explanation of an entry.
#[derive(Default)]
pub struct Details {
    /// It; none in an empty menu.
    pub of: Option<(NodeId, Explanation)>,
    /// The first line that is shown.
    pub top: usize,
}

/// A line about what happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// How it sounds.
    pub tone: Tone,
    /// It.
    pub text: String,
}

/// How a text sounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// As any text.
    Plain,
    /// Something went well.
    Good,
    /// Something could not be done.
    Bad,
    /// Less important than its neighbours.
    Faint,
}

impl Message {
    /// A message.
    pub fn new(tone: Tone, text: impl Into<String>) -> Self {
        Self { tone, text: text.into() }
    }
}

impl Model {
    /// The main menu of a configuration. Errors in it are listed at once, and warnings are mentioned.
    pub fn new(session: Session, theme: Theme, size: Size) -> Self {
        let menu = Menu {
            navigator: Navigator::new(),
            path: Vec::new(),
            rows: Vec::new(),
            scroll: Scroll::default(),
            shown: Shown::Visible,
            tops: HashMap::new(),
        };
        let mut model = Self {
            session,
            theme,
            size,
            menu,
            details: Details::default(),
            summary: Summary::default(),
            fronts: Vec::new(),
            message: None,
            shows_names: false,
            shows_help: false,
        };
        model.tell_problems();
        model.refresh();
        model
    }

    /// Lists errors at once, and mentions warnings: after something was read.
    pub fn tell_problems(&mut self) {
        let problems = self.session.problems();
        if problems.iter().any(|problem| problem.severity == Severity::Error) {
            self.fronts.push(Front::problems(problems));
        } else if !problems.is_empty() {
            self.say(Tone::Bad, format!("{}: w lists them", count(problems.len(), "problem")));
        }
    }

    /// Where everything is on the screen.
    pub fn areas(&self) -> Areas {
        Areas::new(self.size)
    }

    /// The row under the cursor.
    pub fn row(&self) -> Option<&Row> {
        self.menu.rows.get(self.menu.scroll.cursor)
    }

    /// Says something until the next step.
    pub fn say(&mut self, tone: Tone, text: impl Into<String>) {
        self.message = Some(Message::new(tone, text));
    }

    /// Derives everything anew: after values, the open menu or what is shown of it have changed.
    pub fn refresh(&mut self) {
        let menu = &mut self.menu;
        let open = menu.navigator.menu();
        let is_same = menu.path.last().is_some_and(|(node, _)| *node == open);
        let before = menu.rows.get(menu.scroll.cursor).map(|row| row.node);
        if let (false, Some((left, _))) = (is_same, menu.path.last()) {
            menu.tops.insert(*left, menu.scroll.top);
        }
        menu.rows = self.session.rows(open, menu.shown);
        menu.path = self.session.path(open);
        if !is_same {
            menu.scroll = Scroll {
                cursor: menu.navigator.cursor(&menu.rows),
                top: menu.tops.get(&open).copied().unwrap_or_default(),
            };
        } else if let Some(index) = before.and_then(|node| menu.rows.iter().position(|row| row.node == node))
        {
            menu.scroll.cursor = index;
        }
        self.summary = self.session.summary();
        self.details.of = None;
        self.settle();
    }

    /// Makes cursor, explanation and scrolling fit each other and the screen: after every step.
    pub fn settle(&mut self) {
        let areas = self.areas();
        self.menu.scroll.cursor = self.menu.scroll.cursor.min(self.menu.rows.len().saturating_sub(1));
        if let Some(row) = self.menu.rows.get(self.menu.scroll.cursor) {
            self.menu.navigator.point_at(row.node);
        }
        let explained = self.explained();
        if self.details.of.as_ref().map(|(node, _)| *node) != explained {
            let of = explained.map(|node| (node, self.session.explain_node(node)));
            self.details = Details { of, top: 0 };
        }
        let below = view::menu::help_below(self).len();
        let height = usize::from(areas.list.height).saturating_sub(below).max(1);
        self.menu.scroll.fit(self.menu.rows.len(), height);
        let lines = view::details::lines(self).len();
        let room = areas.details.map_or(0, |area| usize::from(area.height));
        self.details.top = self.details.top.min(lines.saturating_sub(room));
        for index in 0..self.fronts.len() {
            let most = match &self.fronts[index] {
                Front::Dialog(dialog) => view::dialog::most_top(self, dialog, &areas),
                Front::Help(help) => {
                    view::help::lines(self, help.page).len().saturating_sub(usize::from(areas.body.height))
                }
                _ => 0,
            };
            match &mut self.fronts[index] {
                Front::Dialog(dialog) => dialog.top = dialog.top.min(most),
                Front::Help(help) => help.top = help.top.min(most),
                list => list.settle(&areas),
            }
        }
    }

    /// The entry that is explained: under the cursor of the list in front, or of the menu.
    fn explained(&self) -> Option<NodeId> {
        let of_list = self.fronts.iter().rev().find_map(Front::points_at);
        of_list.or_else(|| self.row().map(|row| row.node))
    }

    /// Opens the menu that has `node` as a row, with the cursor there; shows hidden entries if that takes it.
    pub fn jump(&mut self, node: NodeId) {
        if self.session.needs(node) == Shown::All && self.menu.shown == Shown::Visible {
            self.menu.shown = Shown::All;
            self.say(Tone::Plain, "hidden entries are shown: z hides them again");
        }
        self.menu.navigator.jump(&self.session, node);
        self.refresh();
        if let Some(index) = self.menu.rows.iter().position(|row| row.node == node) {
            self.menu.scroll.cursor = index;
            self.settle();
        }
    }
}

/// `1 warning`, `2 warnings`.
pub fn count(number: usize, thing: &str) -> String {
    format!("{number} {thing}{}", if number == 1 { "" } else { "s" })
}
