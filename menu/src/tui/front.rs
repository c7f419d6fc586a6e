//! What can be in front of the menu: lists, lines to type in, and questions.

use std::path::PathBuf;

use super::field::Field;
use super::layout::Areas;
use super::model::Tone;
use super::scroll::Scroll;
use crate::kconfig::{NodeId, SymbolId};
use crate::session::{self, Matches, Plan, Problem, Repair};

/// Something in front of the menu. It gets the keys.
pub enum Front {
    /// A search.
    Search(Search),
    /// A number or text is edited.
    Value(ValueEditor),
    /// The name of a file is asked for.
    File(FilePrompt),
    /// A question, or a message that must be seen.
    Dialog(Dialog),
    /// Errors and warnings.
    Problems(Problems),
    /// Help.
    Help(Help),
}

/// A search that goes on while one types.
#[derive(Default)]
pub struct Search {
    /// What is looked for.
    pub field: Field,
    /// What was found.
    pub matches: Matches,
    /// The cursor in it.
    pub scroll: Scroll,
}

/// A number or text that is edited.
pub struct ValueEditor {
    /// Whose.
    pub symbol: SymbolId,
    /// How its entry is called.
    pub title: String,
    /// What is typed.
    pub field: Field,
    /// What there is to say about it.
    pub verdict: session::Input,
}

/// The name of a file is asked for.
pub struct FilePrompt {
    /// What for.
    pub purpose: FilePurpose,
    /// What is typed.
    pub field: Field,
    /// Why it did not work, or what would happen.
    pub complaint: Option<String>,
    /// The file that will be replaced if Enter is pressed again.
    pub replaces: Option<PathBuf>,
}

/// What a file name is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FilePurpose {
    /// To read it.
    Open,
    /// To write a minimal configuration to it.
    SaveMinimal,
}

/// A question with buttons, or a message with one.
pub struct Dialog {
    /// Its title.
    pub title: String,
    /// Its lines.
    pub body: Vec<(Tone, String)>,
    /// What can be answered.
    pub buttons: &'static [Button],
    /// The button that Enter presses.
    pub chosen: usize,
    /// The first line of the body that is shown.
    pub top: usize,
    /// What it is about.
    pub subject: Subject,
}

/// What a [`Dialog`] is about.
pub enum Subject {
    /// Nothing: it only tells.
    Notice,
    /// Changes that are not saved, before something that would lose them.
    Unsaved(Afterwards),
    /// Values that must be set with the one that was asked for.
    Plan(Plan),
    /// A way out of a problem that sets several values.
    Repair(Repair),
}

/// What follows when changes are saved or given up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Afterwards {
    /// The menu is left.
    Quit,
    /// Another file is opened.
    Open(PathBuf),
}

/// A button of a [`Dialog`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Button {
    /// What it says.
    pub label: &'static str,
    /// The letters that press it.
    pub keys: &'static str,
    /// What it does.
    pub answer: Answer,
}

/// How a [`Dialog`] is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Do it; save first.
    Yes,
    /// Do it without saving.
    Discard,
    /// As if nobody had asked.
    Cancel,
}

/// Buttons of a message.
pub const CLOSE: &[Button] = &[Button { label: "Close", keys: "c", answer: Answer::Cancel }];
/// Buttons of a plan.
pub const APPLY: &[Button] = &[
    Button { label: "Set them", keys: "sy", answer: Answer::Yes },
    Button { label: "Cancel", keys: "cn", answer: Answer::Cancel },
];
/// Buttons of the question before changes are lost.
pub const SAVE: &[Button] = &[
    Button { label: "Save", keys: "sy", answer: Answer::Yes },
    Button { label: "Discard", keys: "dn", answer: Answer::Discard },
    Button { label: "Cancel", keys: "c", answer: Answer::Cancel },
];

/// The list of errors and warnings.
pub struct Problems {
    /// They.
    pub list: Vec<Problem>,
    /// The cursor.
    pub scroll: Scroll,
}

/// The help screen.
pub struct Help {
    /// What it shows.
    pub page: Page,
    /// The first line that is shown.
    pub top: usize,
}

/// A page of the help screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    /// Everything about the entry under the cursor.
    Entry,
    /// The keys.
    Keys,
}

impl Front {
    /// A list of problems.
    pub fn problems(list: Vec<Problem>) -> Self {
        Self::Problems(Problems { list, scroll: Scroll::default() })
    }

    /// A message that must be seen.
    pub fn notice(title: impl Into<String>, text: &str) -> Self {
        let body = text.lines().map(|line| (Tone::Plain, line.to_string())).collect();
        Self::Dialog(Dialog::new(title, body, CLOSE, Subject::Notice))
    }

    /// The entry under the cursor, of what lists entries.
    pub fn points_at(&self) -> Option<NodeId> {
        match self {
            Self::Search(search) => search.matches.hits.get(search.scroll.cursor).map(|hit| hit.node),
            _ => None,
        }
    }

    /// Makes the cursor of a list fit the screen.
    pub fn settle(&mut self, areas: &Areas) {
        match self {
            Self::Search(search) => {
                search.scroll.fit(search.matches.hits.len(), usize::from(areas.results.height).max(1));
            }
            Self::Problems(problems) => {
                problems.scroll.fit(problems.list.len(), usize::from(areas.problems.height).max(1));
            }
            Self::Value(_) | Self::File(_) | Self::Dialog(_) | Self::Help(_) => {}
        }
    }
}

impl Dialog {
    /// A question. Enter gives the first answer.
    pub fn new(
        title: impl Into<String>,
        body: Vec<(Tone, String)>,
        buttons: &'static [Button],
        subject: Subject,
    ) -> Self {
        Self { title: title.into(), body, buttons, chosen: 0, top: 0, subject }
    }

    /// The answer whose button has this letter.
    pub fn answer_of(&self, letter: char) -> Option<Answer> {
        let pressed = letter.to_ascii_lowercase();
        self.buttons.iter().find(|button| button.keys.contains(pressed)).map(|button| button.answer)
    }
}
